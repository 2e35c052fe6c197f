"""A page that is open hears that something changed: a stream of events, each of which says only that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from starlette.responses import Response, StreamingResponse

from samepic.web.access import Access, Door
from samepic.web.ask import Ask

EVERY = 5.0
"""Seconds between two looks at what is known: another process may be the one that is at work."""

LASTS = 24
"""Looks before the stream ends; the script opens another one while something moves."""

CHANGED, NOTHING = b"event: changed\ndata: \n\n", b": \n\n"


async def live(ask: Ask) -> Response:
    """Where too many streams are open, the script asks now and then instead: the server answers few things at once."""
    if ask.site.streams.full:
        return Response(status_code=503, headers={"Retry-After": "15"})
    return StreamingResponse(_events(ask), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _events(ask: Ask) -> AsyncIterator[bytes]:
    """An event for each change; between them, now and then, nothing, so that a connection that broke is noticed."""
    with ask.site.streams.one():
        async with ask.site.work.bulletin.subscribe(ask.person) as bell:
            before = await _known(ask)
            yield NOTHING
            for _ in range(LASTS):
                with suppress(TimeoutError):
                    async with asyncio.timeout(EVERY):
                        await anext(bell)
                after = await _known(ask)
                yield NOTHING if after == before else CHANGED
                before = after


async def _known(ask: Ask) -> object:
    """What the page depends on; two that are equal would draw the same page."""
    ledger = ask.site.org.ledger
    said = await ledger.verdicts_of(ask.person)
    due = await ledger.due_of(ask.person)
    approvals = await ledger.approvals_of(ask.person)
    return said, [(one.task, one.holder) for one in due], [(one.id, one.decision) for one in approvals]


DOORS = (Door("live", "/live", Access.PERSON, live),)
