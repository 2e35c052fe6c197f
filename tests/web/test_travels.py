"""How a picture travels: drawn from the routes as they are, and the same in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

from samepic.model import Digest, Emptied, Route, Slot, Way
from samepic.web.pages.myself import follows_a_removal
from tests.web.conftest import House, open_house

PICTURE = Digest("0" * 64)


async def test_the_route_is_told_with_what_starts_it(house: House) -> None:
    page = await (await house.browser("in-sync")).open("/travels")
    assert "From Outlook to SharePoint" in page.text
    assert "only after you came by in your own browser" in page.text
    assert "You: you press a tile, or the button on your page." in page.text
    assert "Nobody has measured it here yet. It may take up to 3 days." in page.text
    assert "<svg" in page.text
    assert len(page.content) < 60_000


async def test_what_was_measured_is_said(house: House) -> None:
    ledger, now = house.site.org.ledger, house.site.clock()
    slot = Slot("sharepoint", "somebody")
    await ledger.begin_arrival(slot, await house.person("in-sync"), PICTURE, Way.PULL, now - timedelta(minutes=7))
    await ledger.end_arrivals([slot], now)
    browser = await house.browser("in-sync")
    assert "Usually 7 minutes; nine times out of ten no longer than 7 minutes." in (await browser.open("/travels")).text
    ru = await house.browser("in-sync", **{"accept-language": "ru"})
    assert "Обычно — 7 минут" in (await ru.open("/travels")).text


async def test_another_way_is_told_as_it_is(tmp_path: Path, fresh_tenant: SimpleNamespace) -> None:
    async with open_house(tmp_path, fresh_tenant, way="write", when=("schedule", "change")) as house:
        page = await (await house.browser("in-sync")).open("/travels")
        assert "The picture is written into SharePoint for you." in page.text
        assert "An administrator has not started this yet." in page.text
        assert "A new picture in Outlook." in page.text
        assert "The clock" in page.text
        assert "You: you press a tile" not in page.text
        assert "What is shown here stays." in page.text


async def test_a_rule_for_this_person_is_told(tmp_path: Path, fresh_tenant: SimpleNamespace) -> None:
    rule = f'[[rules]]\npeople = ["{fresh_tenant.person("in-sync").upn}"]\nemptied = "remove"\n'
    async with open_house(tmp_path, fresh_tenant, way="write", more=rule) as house:
        concerned, other = await house.browser("in-sync"), await house.browser("stale")
        assert "It is taken away here, too." in (await concerned.open("/travels")).text
        assert "What is shown here stays." in (await other.open("/travels")).text
        assert "SharePoint will lose it, too." in (await concerned.open("/photo")).text
        assert "SharePoint will go on showing what is there now." in (await other.open("/photo")).text


async def test_nothing_travels_where_somebody_has_no_account(house: House) -> None:
    page = await (await house.browser("guest")).open("/travels")
    assert "You have no account in SharePoint, so nothing travels there." in page.text


def test_only_what_was_written_is_taken_away_again() -> None:
    written = Route(("exchange",), "sharepoint", Way.WRITE, emptied=Emptied.REMOVE)
    assert follows_a_removal(written)
    assert not follows_a_removal(replace(written, way=Way.PULL))
    assert not follows_a_removal(replace(written, emptied=Emptied.KEEP))
