"""The documented story, as a person lives it: private window, start page, sign in, tile, picture there."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

WORDS = {
    "en": {"tile": "OneDrive", "there": "your picture", "leave": "Sign out", "closed": "You are signed out"},
    "ru": {"tile": "OneDrive", "there": "фотографи", "leave": "Выйти", "closed": "Вы вышли"},
}

WINDOWS = [
    pytest.param({"phone": False, "language": "en", "scripts": True}, id="desk-en"),
    pytest.param({"phone": True, "language": "ru", "scripts": True}, id="phone-ru"),
    pytest.param({"phone": False, "language": "ru", "scripts": False}, id="desk-ru-without-scripts"),
    pytest.param({"phone": True, "language": "en", "scripts": False}, id="phone-en-without-scripts"),
]
"""Every pair of language, size and scripts meets once."""


def sharepoint(page: Page):
    """The card of SharePoint among the systems."""
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="SharePoint"))


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("case", ["stale", "never-visited"])
def test_pressing_a_tile_brings_the_picture(town, visit, window, case):
    who, words = town.somebody(case), WORDS[window["language"]]
    before = town.pictures(who)["sharepoint"]
    visitor = visit(**window)
    page = visitor.sign_in(who, private=True)
    expect(sharepoint(page)).to_contain_text(
        re.compile("different|never|другая|никогда|ни разу|none|нет", re.IGNORECASE)
    )
    with visitor.context.expect_page() as opened:
        page.get_by_role("button", name=words["tile"]).click()
    opened.value.wait_for_load_state()
    _until(page, window, lambda: expect(sharepoint(page)).to_contain_text(re.compile("same|совпадает"), timeout=1_500))
    assert town.pictures(who)["sharepoint"] != before
    page.get_by_role("button", name=words["leave"]).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(words["closed"])
    visitor.open("/")
    assert "/welcome" in page.url


def _until(page: Page, window: dict, check) -> None:
    """With scripts the page tells by itself; without them it comes again by itself, which a test need not wait for."""
    if window["scripts"]:
        expect(sharepoint(page)).to_contain_text(re.compile("same|совпадает"))
        return
    for _ in range(20):
        page.reload()
        try:
            check()
        except AssertionError:
            continue
        return
    check()


def test_the_one_button_is_enough(town, visit):
    who = town.somebody("stale")
    visitor = visit()
    page = visitor.sign_in(who)
    expect(page.get_by_role("heading", level=1)).to_contain_text("SharePoint")
    with visitor.context.expect_page():
        page.get_by_role("button", name="Update it").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Every system shows your picture")
    expect(page.get_by_role("button", name="Update it")).to_have_count(0)


def test_a_private_visit_asks_which_account_every_time(town, visit):
    one, other = town.somebody("in-sync"), town.somebody("stale")
    visitor = visit()
    page = visitor.sign_in(one)
    expect(page.get_by_role("banner")).to_contain_text(one.name)
    visitor.context.clear_cookies(name=re.compile("^samepic|__Host"))
    page.goto(f"{town.portal.address}/welcome")
    page.get_by_role("button", name="Private visit").click()
    expect(page.locator("body")).to_contain_text(re.compile("account|Sign in", re.IGNORECASE))
    assert not page.url.startswith(town.portal.address), "signed in again without being asked"
    assert other.upn not in page.url
