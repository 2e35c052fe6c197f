"""An open page hears of changes: a stream of events, and the part of the page that changes."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from starlette.datastructures import FormData
from starlette.requests import Request

from samepic.model import Language
from samepic.web.ask import Ask
from samepic.web.limits import STREAMS
from samepic.web.pages.live import CHANGED, NOTHING, live
from samepic.web.words import Words
from tests.web.conftest import House


async def ask_of(house: House, case: str) -> Ask:
    """What the answer of a door is given; a stream that has no end cannot be read through a browser here."""
    browser = await house.browser(case)
    scope = {"type": "http", "method": "GET", "path": "/live", "headers": [], "query_string": b"", "app": house.app}
    return Ask(house.site, Request(scope), browser.visitor, Words(Language.EN, house.site.zone), FormData())


async def test_a_change_is_heard_at_once(house: House) -> None:
    ask = await ask_of(house, "stale")
    response = await live(ask)
    async with aclosing(response.body_iterator) as events:
        assert await anext(events) == NOTHING
        await house.look("stale")
        house.site.work.bulletin.tell([ask.person])
        assert await asyncio.wait_for(anext(events), 2) == CHANGED
    assert house.site.streams.taken == 0


async def test_somebody_elses_change_is_not_heard(house: House) -> None:
    ask = await ask_of(house, "stale")
    response = await live(ask)
    async with aclosing(response.body_iterator) as events:
        assert await anext(events) == NOTHING
        heard = asyncio.ensure_future(anext(events))
        house.site.work.bulletin.tell([await house.person("in-sync")])
        await asyncio.sleep(0)
        assert not heard.done()
        heard.cancel()
        await asyncio.wait({heard})


async def test_where_too_many_listen_the_next_one_has_to_ask(house: House) -> None:
    browser = await house.browser("stale")
    house.site.streams.taken = STREAMS
    refused = await browser.open("/live")
    assert refused.status_code == 503
    assert "retry-after" in refused.headers


async def test_the_part_that_changes_comes_without_the_frame(house: House) -> None:
    await house.look("never-visited")
    part = await (await house.browser("never-visited")).open("/now")
    assert "SharePoint does not show your picture yet." in part.text
    assert "<html" not in part.text
    assert len(part.content) < 30_000
