"""A person's first page: one sentence, one button, every system."""

from __future__ import annotations

from tests.web.conftest import House


async def test_a_page_nobody_looked_for_yet_comes_at_once(house: House) -> None:
    browser = await house.browser("stale")
    page = await browser.open("/")
    assert page.status_code == 200
    assert "We are looking for your picture" in page.text
    assert len(page.content) < 60_000
