"""People in front of a real browser: Debian's Chromium, the portal in a process of its own, a practice tenant.

The portal and its tenant serve a whole module, so every test plays with somebody of its own: the tenant has several
people of the usual cases, and `somebody(case)` gives the next one who nobody has been yet.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from samepic.practice.portraits.pictures import phone_picture
from tests.conftest import practice_tenant
from tests.portal import Served, served

PEOPLE = 60
"""Of whom the tenant introduces fifty: many whose pictures agree, eight who are stale, five who never came by."""

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}

expect.set_options(timeout=15_000)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """For a module only: while it is there its event loop counts as running, and no other test could have one."""
    found = shutil.which("chromium")
    assert found, "Debian's chromium is missing: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@dataclass
class Town:
    """A portal, the tenant behind it, and everybody in it by case."""

    portal: Served
    taken: set[str]

    def somebody(self, *cases: str) -> SimpleNamespace:
        """One of these cases who no test has been yet."""
        found = next(one for one in self.portal.tenant.people if one.case in cases and one.id not in self.taken)
        self.taken.add(found.id)
        return found

    def pictures(self, who: SimpleNamespace) -> dict[str, Any]:
        """Digests of what the tenant has for somebody, told by itself."""
        return self.portal.control("GET", f"/people/{who.id}")["pictures"]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Town]:
    """A module may say more about its settings in `SETTINGS`."""
    folder = tmp_path_factory.mktemp("town")
    with ExitStack() as stack:
        tenant = stack.enter_context(practice_tenant(folder / "tenant", people=PEOPLE))
        options = getattr(request.module, "SETTINGS", {})
        yield Town(stack.enter_context(served(folder / "portal", tenant, **options)), set())


@dataclass
class Visitor:
    """Somebody in front of a private window. `page` is what they look at."""

    town: Town
    context: BrowserContext
    page: Page

    def sign_in(self, who: SimpleNamespace, *, private: bool = False) -> Page:
        """From the start page, with the work or school account."""
        page = self.page
        page.goto(f"{self.town.portal.address}/")
        page.get_by_role("button", name=re.compile("Private visit|Приват" if private else "account|записью")).click()
        page.locator("input[name=username]").fill(who.upn)
        page.locator("input[name=password]").fill(who.password)
        page.locator("input[name=password]").press("Enter")
        page.wait_for_url(f"{self.town.portal.address}/**")
        return page

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.town.portal.address}{path}")
        return self.page


@pytest.fixture
def visit(town: Town, chromium: Browser) -> Iterator[Callable[..., Visitor]]:
    """Opens private windows: `visit(phone=True, language="ru", scripts=False)`. What they did wrong fails the test."""
    with ExitStack() as stack:

        def window(*, phone: bool = False, language: str = "en", scripts: bool = True, **more: Any) -> Visitor:
            context = chromium.new_context(
                viewport=PHONE if phone else DESK,
                has_touch=phone,
                locale=language,
                java_script_enabled=scripts,
                **more,
            )
            stack.callback(context.close)
            page = context.new_page()
            troubles: list[str] = []
            page.on("pageerror", lambda error: troubles.append(str(error)))
            page.on("console", lambda said: troubles.append(said.text) if _is_ours(said) else None)
            stack.callback(lambda: _nothing_but(troubles))
            return Visitor(town, context, page)

        yield window


def _is_ours(said: Any) -> bool:
    """Errors of the portal's own pages. A page or a picture that is refused, or not there, is an answer like others."""
    return said.type == "error" and not said.text.startswith("Failed to load resource")


def _nothing_but(troubles: list[str]) -> None:
    assert not troubles, troubles


@pytest.fixture
def phone_file(tmp_path: Path) -> Path:
    """A picture as a phone takes it: upright only by its metadata, which also tell the place."""
    file = tmp_path / "IMG_0042.jpg"
    file.write_bytes(phone_picture("browser"))
    return file
