"""Following what systems say by themselves: each change makes its person due."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from samepic.connectors.base import Connector
from samepic.engine.organisation import Organisation
from samepic.errors import ConnectorError
from samepic.model import Change, Slot
from samepic.store.ledger import Task

_log = logging.getLogger(__name__)

MARK = "(feed)"
"""Where in the connector's memo it stands how far its feed was read; no connector's own name looks like this."""

PAUSE = 30.0
"""Seconds between one reading of a feed and the next."""


async def follow(
    org: Organisation, connector: Connector, wake: Callable[[], None], sleep: Callable[[float], Awaitable[None]]
) -> None:
    """Reads the feed again and again, until cancelled. Trouble is logged, and the feed read on from where it stood."""
    while True:
        try:
            if await read_on(org, connector):
                wake()
        except ConnectorError as trouble:
            _log.warning("The changes of %s could not be read: %s", connector.name, trouble)
        await sleep(PAUSE)


async def read_on(org: Organisation, connector: Connector) -> int:
    """Everything since the last time; how many people it made due. The token is kept last: doubt reads twice."""
    memo, people = connector.around.memo, 0
    since = (await memo.load()).get(MARK)
    async for change in connector.changes(since):
        people += await _note(org, connector.name, change)
        await memo.save({MARK: change.token})
    return people


async def _note(org: Organisation, system: str, change: Change) -> int:
    person = None if change.ref is None else await org.people.owner(Slot(system, change.ref))
    if person is None:  # it begins now, or it is about somebody whom the next roll will find
        return 0
    await org.ledger.plan_due(Task.CHANGE, person, org.clock())
    return 1
