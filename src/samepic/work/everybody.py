"""Tasks about everybody: the roll, a run over all, the end of a day."""

from __future__ import annotations

import logging
from datetime import timedelta

from samepic.engine.reading import Roll, call_roll
from samepic.engine.status import status
from samepic.engine.sweeping import sweep_in_time
from samepic.engine.sync import Report, sync
from samepic.model import Trigger
from samepic.store.ledger import TRIGGER, Due
from samepic.work.timing import next_morning
from samepic.work.workshop import Again, Workshop

_log = logging.getLogger(__name__)

ANSWERS_KEPT = timedelta(days=2)
"""How long a program may repeat a request to the API and get the first one's answer."""

_HALF_A_DAY = timedelta(hours=12)


async def roll(shop: Workshop, due: Due) -> Again | None:  # noqa: ARG001 -- every task is given what is due
    """Who is where."""
    await call(shop)
    return Again(shop.now + timedelta(minutes=shop.settings.work.roll_minutes))


async def survey(shop: Workshop, due: Due) -> Again | None:  # noqa: ARG001 -- every task is given what is due
    """What every system shows for everybody, so that the figures are those of today; nothing moves."""
    every = shop.settings.work.look_minutes
    if not every:
        return None
    who = await call(shop)
    await status(shop.org, who, list(who.persons))
    shop.bulletin.tell(who.persons)
    return Again(shop.now + timedelta(minutes=every))


async def run(shop: Workshop, due: Due) -> Again | None:
    """A run over everybody; again on schedule, if there is one."""
    who = await call(shop)
    report = await sync(shop.org, who, list(who.persons), Trigger(due.facts.get(TRIGGER, Trigger.SCHEDULE)))
    _tell(report)
    shop.bulletin.tell({one.person for one in report.outcomes})
    every = shop.settings.work.every_minutes
    return Again(shop.now + timedelta(minutes=every), {}) if every else None


async def day(shop: Workshop, due: Due) -> Again | None:
    """Keeps the figures of the day that has ended, and clears away what nobody needs any more."""
    zone = shop.settings.work.tzinfo
    ended = (due.at - _HALF_A_DAY).astimezone(zone).date()  # however late the midnight was served
    await shop.org.ledger.close_day(ended)
    await sweep_in_time(shop.org)
    await shop.org.ledger.forget_answers(shop.now - ANSWERS_KEPT)
    return Again(next_morning(shop.now, zone))


async def call(shop: Workshop) -> Roll:
    """The roll, called by one task at a time."""
    async with shop.rolling:
        found = await call_roll(shop.org)
    for system, trouble in found.troubles.items():
        _log.warning("The accounts of %s could not be read: %s", system, trouble)
    return found


def _tell(report: Report) -> None:
    for one in report.held:
        _log.warning("Run %d holds %d steps: %s", report.run, one.acts, one.message)
    for outcome in report.outcomes:
        if not outcome.good:
            _log.warning("Run %d, %s of %s: %s", report.run, outcome.slot.system, outcome.person, outcome.detail)
