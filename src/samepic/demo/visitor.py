"""A person at a browser without JavaScript: for the demonstration, and for tests that walk through pages.

    async with Visitor() as visitor:
        page = await visitor.open(start)
        page = await visitor.submit(page, username="ada@contoso.example", password="...")
        page = await visitor.press(page, "OneDrive")

Cookies are kept as a browser keeps them: by host and path, whatever the port. Redirects are followed, and the images
of a page are loaded when it is opened, as that is what some sites wait for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx2

from samepic.demo.markup import Button, Form, Markup, read

Upload = tuple[str, bytes, str]
"""File name, bytes and media type of a file field."""

_REDIRECTS = 20


@dataclass(frozen=True)
class Loaded:
    """An image of a page as it came: status, media type, bytes."""

    status: int
    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Page:
    """What the visitor looks at. `address` is where the redirects led; `images` are by absolute address."""

    address: str
    status: int
    headers: Mapping[str, str]
    html: str = field(repr=False)
    markup: Markup = field(repr=False)
    images: Mapping[str, Loaded] = field(repr=False)

    @property
    def title(self) -> str:
        return self.markup.title

    @property
    def text(self) -> str:
        """The words on the page, without mark-up, in single spaces."""
        return self.markup.text


class Visitor:
    """One private browser window: it begins without cookies and forgets them when closed.

    `transport` replaces the network, as in httpx2. Raises LookupError, with what is there, where a page has no such
    link, button or form; httpx2's errors where a site cannot be reached.
    """

    def __init__(self, transport: httpx2.AsyncBaseTransport | None = None, *, language: str = "en") -> None:
        self._client = httpx2.AsyncClient(
            transport=transport,
            follow_redirects=True,
            max_redirects=_REDIRECTS,
            trust_env=False,
            headers={"User-Agent": "samepic visitor", "Accept-Language": language},
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    async def open(self, address: str) -> Page:
        """Goes to an address as if it had been typed."""
        return await self._arrive(
            await self._client.get(address, headers={"Accept": "text/html", "Sec-Fetch-Site": "none"})
        )

    async def submit(self, page: Page, button: str | None = None, **filled: str | Upload) -> Page:
        """Fills in the form that has these fields, and presses its button (the first, or the one of that text)."""
        form = _form_with(page, filled.keys(), button)
        return await self._send(page, form, _button_of(form, button), filled)

    async def press(self, page: Page, text: str) -> Page:
        """Follows the link, or presses the button, of that text."""
        for link in page.markup.links:
            if link.text == text:
                return await self._arrive(await self._client.get(link.href, headers=_from(page, link.href)))
        for form in page.markup.forms:
            for button in form.buttons:
                if button.text == text:
                    return await self._send(page, form, button, {})
        there = [link.text for link in page.markup.links] + _button_texts(page)
        raise LookupError(f"{page.address} has no link or button {text!r}, but {there}")

    async def _send(self, page: Page, form: Form, button: Button | None, filled: Mapping[str, str | Upload]) -> Page:
        address = button.action if button and button.action else form.action
        pressed = {button.name: button.value} if button and button.name else {}
        texts = {name: value for name, value in filled.items() if isinstance(value, str)}
        files = {name: value for name, value in filled.items() if not isinstance(value, str)}
        values: dict[str, Any] = form.fields | texts | pressed
        if form.method == "get":
            return await self._arrive(await self._client.get(address, params=values, headers=_from(page, address)))
        headers = _from(page, address, sending=True)
        return await self._arrive(await self._client.post(address, data=values, files=files or None, headers=headers))

    async def _arrive(self, answer: httpx2.Response) -> Page:
        address = str(answer.url)
        html = answer.text if "html" in answer.headers.get("content-type", "") else ""
        markup = read(html, address)
        images = {image: await self._load(image, address) for image in dict.fromkeys(markup.images) if _loadable(image)}
        return Page(address, answer.status_code, answer.headers, html, markup, images)

    async def _load(self, image: str, page: str) -> Loaded:
        answer = await self._client.get(image, headers={"Accept": "image/*", "Referer": page})
        return Loaded(answer.status_code, answer.headers.get("content-type", ""), answer.content)


def _loadable(image: str) -> bool:
    return image.startswith(("http://", "https://"))


def _from(page: Page, to: str, *, sending: bool = False) -> dict[str, str]:
    """What a browser says about where a request comes from; sites check it to keep out forged ones."""
    here, there = httpx2.URL(page.address), httpx2.URL(to)
    origin = f"{here.scheme}://{here.netloc.decode()}"
    same = "same-origin" if origin == f"{there.scheme}://{there.netloc.decode()}" else "same-site"
    site = same if here.host == there.host else "cross-site"
    about = {"Accept": "text/html", "Referer": page.address, "Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"}
    return about | ({"Origin": origin} if sending else {})


def _form_with(page: Page, names: Iterable[str], button: str | None) -> Form:
    wanted = set(names)
    for form in page.markup.forms:
        if wanted <= form.names and (button is None or any(each.text == button for each in form.buttons)):
            return form
    there = [sorted(form.names) for form in page.markup.forms]
    raise LookupError(f"{page.address} has no form with {sorted(wanted)}, but {there}. It says: {page.text[:300]}")


def _button_of(form: Form, text: str | None) -> Button | None:
    return next((button for button in form.buttons if text is None or button.text == text), None)


def _button_texts(page: Page) -> list[str]:
    return [button.text for form in page.markup.forms for button in form.buttons]
