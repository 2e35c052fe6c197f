"""The portal in this very process, over a real organisation on a practice tenant of the test's own.

`house.browser()` is a browser that nobody has signed in with, `house.browser("stale")` one of somebody whose case that
is, `house.browser(administrator=True)` an administrator's. Signing in itself has tests of its own; here a session is
opened behind the door.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.responses import Response

from samepic.engine.reading import call_roll, one_roll
from samepic.engine.status import status
from samepic.model import PersonId
from samepic.services import open_organisation
from samepic.settings import load
from samepic.web.app import portal
from samepic.web.site import Site, open_site
from samepic.web.visitor import Newcomer, Visitor
from samepic.work import Work
from tests.portal import settings_text
from tests.web.rogue import Stage, staged

ADDRESS = "http://127.0.0.1:8470"


@dataclass
class Browser:
    """A browser with its own cookies. `csrf` is what the session's own forms carry; `visitor` who is signed in."""

    client: httpx2.AsyncClient
    visitor: Visitor | None = None

    async def open(self, path: str, **more: Any) -> httpx2.Response:
        return await self.client.get(path, **more)

    async def post(self, path: str, *, follow: bool = True, **fields: Any) -> httpx2.Response:
        """A form of one of our own pages; `files` goes along as uploads."""
        files = fields.pop("files", None)
        csrf = {"csrf": self.visitor.csrf} if self.visitor else {}
        return await self.client.post(path, data={**csrf, **fields}, files=files, follow_redirects=follow)


@dataclass
class House:
    """The portal and what is behind it. `tenant` is the practice tenant, as `fresh_tenant` says."""

    site: Site
    app: Starlette
    tenant: SimpleNamespace
    stack: AsyncExitStack = field(repr=False)

    async def browser(self, case: str = "", *, administrator: bool = False, **headers: str) -> Browser:
        """Somebody's browser; nobody's where there is neither a case nor an administrator."""
        transport = httpx2.ASGITransport(self.app)
        own = {"origin": ADDRESS, "sec-fetch-site": "same-origin", "accept-language": "en", **headers}
        client = httpx2.AsyncClient(transport=transport, base_url=ADDRESS, headers=own)
        browser = Browser(await self.stack.enter_async_context(client))
        if case or administrator:
            browser.visitor = await self._enter(browser, case, administrator=administrator)
        return browser

    async def _enter(self, browser: Browser, case: str, *, administrator: bool) -> Visitor:
        who = self.tenant.person(case) if case else None
        newcomer = Newcomer(
            person=await self.person(case) if case else None,
            name=who.name if who else "Administrator",
            address=who.upn if who else None,
            administrator=administrator,
            provider="microsoft",
            issuer=self.site.settings.portal.sign_in[0].issuer,
            subject=case or "administrator",
        )
        response = Response()
        visitor = await self.site.visitors.enter(response, newcomer)
        cookie = response.headers["set-cookie"].partition(";")[0].partition("=")
        browser.client.cookies.set(cookie[0], cookie[2], domain="127.0.0.1", path="/")
        return visitor

    async def person(self, case: str) -> PersonId:
        """Whoever is of this case, by samepic's own id."""
        (found,) = await self.site.org.people.find(self.tenant.person(case).id)
        return found

    async def look(self, case: str) -> None:
        """samepic looks at whoever is of this case, as it does when they open their page."""
        person = await self.person(case)
        await status(self.site.org, await one_roll(self.site.org, person), [person])

    def control(self, method: str, path: str, **request: Any) -> Any:
        """Changes the tenant's world."""
        answer = httpx2.request(method, f"{self.tenant.control}{path}", trust_env=False, **request)
        answer.raise_for_status()
        return answer.json() if answer.content else None


@asynccontextmanager
async def open_house(folder: Path, tenant: SimpleNamespace, **options: Any) -> AsyncIterator[House]:
    """`options` as `settings_text` has them."""
    file = folder / "samepic.toml"
    file.write_text(settings_text(tenant, ADDRESS.partition("//")[2], **options), encoding="utf-8")
    settings = load(file)
    async with AsyncExitStack() as stack:
        org = await stack.enter_async_context(open_organisation(settings))
        await call_roll(org)
        site = open_site(settings, org, Work(org, settings))
        yield House(site, portal(site), tenant, stack)


@pytest.fixture
async def house(tmp_path: Path, fresh_tenant: SimpleNamespace) -> AsyncIterator[House]:
    async with open_house(tmp_path, fresh_tenant) as house:
        yield house


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """The portal before a provider that says whatever a test wants."""
    async with staged(tmp_path) as stage:
        yield stage


@pytest.fixture
async def browser(stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    """One that nobody has signed in with."""
    async with stage.browser() as browser:
        yield browser
