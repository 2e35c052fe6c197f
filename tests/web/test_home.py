"""A person's first page: one sentence, one button, every system."""

from __future__ import annotations

from samepic.engine.reading import one_roll
from samepic.engine.status import status
from tests.web.conftest import Browser, House


async def looked(house: House, case: str) -> Browser:
    """A browser of somebody of this case, after samepic has looked at them."""
    browser = await house.browser(case)
    person = await house.person(case)
    await status(house.site.org, await one_roll(house.site.org, person), [person])
    return browser


async def test_a_page_nobody_looked_for_yet_comes_at_once(house: House) -> None:
    browser = await house.browser("stale")
    page = await browser.open("/")
    assert page.status_code == 200
    assert "We are looking for your picture" in page.text
    assert len(page.content) < 60_000


async def test_an_old_picture_is_said_with_the_button_that_helps(house: House) -> None:
    browser = await looked(house, "never-visited")
    page = await browser.open("/")
    assert "SharePoint does not show your picture yet." in page.text
    assert "Update it" in page.text
