"""What a browser without JavaScript sees in a page: its links, forms, images and words. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

_UNSEEN = frozenset({"script", "style", "template", "head"})
_BREAKS = frozenset({"p", "div", "li", "tr", "td", "th", "h1", "h2", "h3", "br", "main", "header", "section", "label"})
_CHOSEN = frozenset({"checkbox", "radio"})
_PRESSED = frozenset({"submit", "image", "button", "reset"})


@dataclass
class Button:
    text: str = ""
    name: str | None = None
    value: str = ""
    action: str | None = None


@dataclass
class Form:
    """`fields` are what would be sent as it stands; `names` are all that can be filled in."""

    action: str
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    buttons: list[Button] = field(default_factory=list)


@dataclass
class Link:
    href: str
    text: str = ""


@dataclass
class Markup:
    title: str = ""
    text: str = ""
    links: list[Link] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    images: list[str] = field(default_factory=list)


def read(html: str, address: str) -> Markup:
    """The page at `address`; every address in it made absolute."""
    reader = _Reader(address)
    reader.feed(html)
    reader.close()
    return reader.done()


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address
        self._page = Markup()
        self._words: list[str] = []
        self._hidden = 0
        self._titled = False
        self._link: Link | None = None
        self._button: Button | None = None
        self._form: Form | None = None
        self._select: str | None = None
        self._area: str | None = None

    def done(self) -> Markup:
        self._page.title = _tidy(self._page.title)
        self._page.text = _tidy("".join(self._words))
        return self._page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._hidden += tag in _UNSEEN
        if tag in _BREAKS:
            self._words.append(" ")
        begin = getattr(self, f"_begin_{tag}", None)
        if begin:
            begin(given)

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in _UNSEEN
        if tag in _BREAKS:
            self._words.append(" ")
        match tag:
            case "a":
                self._link = None
            case "button":
                self._button = None
            case "form":
                self._form = None
            case "select":
                self._select = None
            case "textarea":
                self._area = None
            case "title":
                self._titled = False

    def handle_data(self, data: str) -> None:
        if self._titled:
            self._page.title += data
        if self._area and self._form:
            self._form.fields[self._area] += data
        if self._hidden:
            return
        self._words.append(data)
        for named in (self._link, self._button):
            if named:
                named.text = _tidy(f"{named.text} {data}")

    def _begin_title(self, _: dict[str, str]) -> None:
        self._titled = True

    def _begin_a(self, given: dict[str, str]) -> None:
        if "href" in given:
            self._link = Link(urljoin(self._address, given["href"]), given.get("aria-label", ""))
            self._page.links.append(self._link)

    def _begin_img(self, given: dict[str, str]) -> None:
        if given.get("src"):
            self._page.images.append(urljoin(self._address, given["src"]))
        if self._link:
            self._link.text = _tidy(f"{self._link.text} {given.get('alt', '')}")

    def _begin_form(self, given: dict[str, str]) -> None:
        action = urljoin(self._address, given.get("action") or self._address)
        self._form = Form(action, given.get("method", "get").casefold())
        self._page.forms.append(self._form)

    def _begin_button(self, given: dict[str, str]) -> None:
        if self._form and given.get("type", "submit") == "submit":
            self._button = Button("", given.get("name"), given.get("value", ""), self._action(given))
            self._form.buttons.append(self._button)

    def _begin_input(self, given: dict[str, str]) -> None:
        kind, name = given.get("type", "text").casefold(), given.get("name")
        if self._form is None:
            return
        if kind == "submit":
            label = given.get("value", "Submit")
            self._form.buttons.append(Button(label, name, given.get("value", ""), self._action(given)))
        if not name or kind in _PRESSED:
            return
        self._form.names.add(name)
        if kind in _CHOSEN and "checked" not in given:
            return
        if kind != "file":
            self._form.fields[name] = given.get("value", "on" if kind in _CHOSEN else "")

    def _begin_select(self, given: dict[str, str]) -> None:
        self._select = given.get("name")
        if self._form and self._select:
            self._form.names.add(self._select)

    def _begin_option(self, given: dict[str, str]) -> None:
        if self._form and self._select and ("selected" in given or self._select not in self._form.fields):
            self._form.fields[self._select] = given.get("value", "")

    def _begin_textarea(self, given: dict[str, str]) -> None:
        self._area = given.get("name")
        if self._form and self._area:
            self._form.names.add(self._area)
            self._form.fields[self._area] = ""

    def _action(self, given: dict[str, str]) -> str | None:
        return urljoin(self._address, given["formaction"]) if given.get("formaction") else None


def _tidy(text: str) -> str:
    return " ".join(text.split())
