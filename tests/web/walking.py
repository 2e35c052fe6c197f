"""A person who walks between the portal in this process and providers on the network, in one browser."""

from __future__ import annotations

import httpx2
from starlette.applications import Starlette

from samepic.demo.visitor import Page, Visitor
from tests.web.conftest import ADDRESS


class Town(httpx2.AsyncBaseTransport):
    """Leads to the portal in this process, and to everything else over the network. `asked` is every address."""

    def __init__(self, app: Starlette, address: str = ADDRESS) -> None:
        self._address = httpx2.URL(address)
        self._portal = httpx2.ASGITransport(app)
        self._network = httpx2.AsyncHTTPTransport()
        self.asked: list[httpx2.URL] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request.url)
        here = (request.url.host, request.url.port) == (self._address.host, self._address.port)
        return await (self._portal if here else self._network).handle_async_request(request)

    async def aclose(self) -> None:
        await self._network.aclose()


async def sign_in(visitor: Visitor, person, *, to: str = "/account", private: bool = False) -> Page:
    """The whole way in at the practice tenant: welcome page, button, form, and back."""
    page = await visitor.open(f"{ADDRESS}/welcome?to={to}")
    page = await visitor.press(page, "Private visit" if private else "Sign in with your work or school account")
    return await visitor.submit(page, username=person.upn, password=person.password)
