"""Tasks that write to people: their picture is there, or only their visit is missing."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from samepic.engine import nudging
from samepic.engine.mailing import post, why_not
from samepic.engine.nudging import Nudge
from samepic.engine.reading import Roll, known_roll, one_roll
from samepic.engine.wording import wording
from samepic.errors import UserError
from samepic.mail import Letter, Mailer, MailServer
from samepic.model import Verdict
from samepic.store.ledger import Due, Notice
from samepic.work.timing import next_morning
from samepic.work.workshop import Again, Workshop

_log = logging.getLogger(__name__)

REMINDING_HOUR = 9
"""When reminders are sent, in the organisation's own time: letters of the night look like fraud."""


async def notices(shop: Workshop, due: Due) -> Again | None:
    """Tells one person that their picture is there, in one letter for all systems that are ready."""
    ledger = shop.org.ledger
    there = {one.slot.system for one in await ledger.verdicts_of(due.person) if one.verdict is Verdict.SAME}
    ready = [one for one in await ledger.notices(due.person) if one.system in there]
    if not ready or shop.mail is None:
        return None
    async with Mailer(shop.mail) as mailer:  # before anything is claimed: a server that is away costs no letter
        claimed = [one for one in ready if await ledger.end_notice(one.person, one.system)]
        if claimed:
            await _send(shop, mailer, claimed)
    return None


async def _send(shop: Workshop, mailer: Mailer, claimed: Sequence[Notice]) -> None:
    first, roll = claimed[0], await one_roll(shop.org, claimed[0].person)
    words = wording(first.language)
    name = roll.name(first.person) if first.person in roll.persons else first.address
    helpdesk = shop.settings.portal.helpdesk or words.helpdesk
    text = words.arrived.format(name=name, systems=", ".join(one.system for one in claimed), helpdesk=helpdesk)
    try:
        refusal = await mailer.send(Letter(first.address, words.arrived_subject, text, first.language), shop.now)
    except UserError:  # the server went away: the wish stands, and the task is tried again
        for one in claimed:
            await shop.org.ledger.want_notice(one)
        raise
    if refusal:
        _log.warning("The letter to %s was refused: %s", first.person, refusal)


async def reminders(shop: Workshop, due: Due) -> Again | None:  # noqa: ARG001 -- every task is given what is due
    """Writes to everybody who only has to come by, or has no picture at all; to each once in `remind_days`."""
    work = shop.settings.work
    if not work.remind_days or shop.mail is None:
        return None
    wanted = await _wanted(shop, await known_roll(shop.org))
    if wanted:
        await _remind(shop, shop.mail, wanted)
    return Again(next_morning(shop.now, work.tzinfo, REMINDING_HOUR))


async def _wanted(shop: Workshop, roll: Roll) -> list[Nudge]:
    portal = shop.settings.portal
    found = await nudging.reminders(
        shop.org, roll, list(roll.persons), portal.start, portal.helpdesk, portal=portal.address
    )
    return [one for one in found if not why_not(one)]


async def _remind(shop: Workshop, server: MailServer, wanted: Sequence[Nudge]) -> None:
    every = timedelta(days=shop.settings.work.remind_days)
    async with Mailer(server) as mailer:
        async for one in post(shop.org, mailer, wanted, shop.settings.mail.language, every=every):
            if one.result == "refused":
                _log.warning("The reminder to %s was refused: %s", one.address, one.detail)
