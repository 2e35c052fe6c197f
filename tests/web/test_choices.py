"""What a person says about each system, until a day of their choice, and what follows from it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

from samepic.store.ledger import Chosen
from tests.web.conftest import House, open_house

ASKED_FIRST = '[[rules]]\nsystems = ["sharepoint"]\nconsent = "required"\n'


async def test_an_opt_out_counts_at_once_and_can_be_forgotten(house: House) -> None:
    browser = await house.browser("never-visited")
    assert "Your picture is brought here" in (await browser.open("/choices")).text
    page = await browser.post("/choices/sharepoint", choice="opt-out", until="")
    assert "No picture is brought here" in page.text
    await house.look("never-visited")
    assert "Your picture is everywhere it should be." in (await browser.open("/")).text
    page = await browser.post("/choices/sharepoint", choice="")
    assert "Your picture is brought here" in page.text
    await house.look("never-visited")
    assert "SharePoint does not show your picture yet." in (await browser.open("/")).text


async def test_a_choice_ends_after_the_day_that_was_named(house: House) -> None:
    browser = await house.browser("never-visited")
    person = await house.person("never-visited")
    day = (house.site.clock() + timedelta(days=10)).date()
    page = await browser.post("/choices/sharepoint", choice="opt-out", until=day.isoformat())
    assert "until" in page.text
    made = (await house.site.org.ledger.choices_of(person))["sharepoint"]
    assert made.kind is Chosen.OPT_OUT
    assert made.until is not None
    assert made.until.date() == day
    assert made.until.hour == 23
    assert made.by == person


async def test_a_day_that_has_passed_is_refused(house: House) -> None:
    browser = await house.browser("never-visited")
    page = await browser.post("/choices/sharepoint", choice="opt-out", until="2020-02-02")
    assert page.status_code == 400
    assert "That day has passed." in page.text
    assert not await house.site.org.ledger.choices_of(await house.person("never-visited"))


async def test_where_people_are_asked_first_a_yes_brings_the_picture(
    tmp_path: Path, fresh_tenant: SimpleNamespace
) -> None:
    async with open_house(tmp_path, fresh_tenant, more=ASKED_FIRST) as house:
        browser = await house.browser("never-visited")
        await house.look("never-visited")
        home = await browser.open("/")
        assert "SharePoint waits for your yes." in home.text
        assert "Waits for your yes" in home.text
        assert 'href="/choices"' in home.text
        page = await browser.open("/choices")
        assert "Here you are asked first" in page.text
        assert "rule 1 (everybody in sharepoint)" in page.text
        await browser.post("/choices/sharepoint", choice="consent", until="")
        await house.look("never-visited")
        assert "SharePoint does not show your picture yet." in (await browser.open("/")).text


async def test_only_systems_that_pictures_are_brought_to_can_be_chosen(house: House) -> None:
    browser = await house.browser("never-visited")
    for system in ("exchange", "nowhere"):
        assert (await browser.post(f"/choices/{system}", choice="opt-out")).status_code == 404
    assert not await house.site.org.ledger.choices_of(await house.person("never-visited"))
