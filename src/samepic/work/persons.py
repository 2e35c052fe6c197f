"""Tasks about one person: serving a visit until the picture is there, a fresh look, a change at a system."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from samepic.engine.advice import Advice
from samepic.engine.nudging import what_helps
from samepic.engine.organisation import Organisation
from samepic.engine.plan import Decision
from samepic.engine.reading import Roll, one_roll
from samepic.engine.reasons import Code, Reason
from samepic.engine.status import Row, status
from samepic.engine.sync import sync
from samepic.model import Adopt, By, PersonId, Route, Slot, Trigger, Verdict, Way
from samepic.store.ledger import SINCE, TRIGGER, Due, Spoken, Task
from samepic.work.timing import LOOKS, next_look
from samepic.work.workshop import Again, Workshop


async def visit(shop: Workshop, due: Due) -> Again | None:
    """Brings one person's pictures up to date at once, then looks again until every system shows what it should."""
    org, person = shop.org, due.person
    roll = await one_roll(org, person)
    if person not in roll.persons:
        return None
    since = _since(shop, due)
    if await _came_by(org, person) or _has_to_move(org, await status(org, roll, [person])):
        await sync(org, roll, [person], Trigger.VISIT)
    await _plan_notices(shop, person)
    if not (await under_way(org, person) or await _source_lags(org, roll, person)):
        return None
    return _look_again(shop, since)


def _since(shop: Workshop, due: Due) -> datetime:
    return datetime.fromisoformat(due.facts[SINCE]) if SINCE in due.facts else shop.now


def _look_again(shop: Workshop, since: datetime) -> Again | None:
    deadline = max((route.deadline for route in shop.org.routes), default=timedelta(0))
    again = next_look(since, shop.now, deadline)
    return None if again is None else Again(again, {SINCE: since.isoformat()})


async def look(shop: Workshop, due: Due) -> Again | None:
    """A fresh look at one person, for whoever has their page open."""
    roll = await one_roll(shop.org, due.person)
    if due.person in roll.persons:
        await status(shop.org, roll, [due.person])
        await _plan_notices(shop, due.person)
    return None


async def change(shop: Workshop, due: Due) -> Again | None:
    """A system said that something changed for this person: what starts on a change moves."""
    org, person = shop.org, due.person
    roll = await one_roll(org, person)
    if person not in roll.persons:  # somebody new, perhaps: the roll finds out
        return None
    await sync(org, roll, [person], Trigger(due.facts.get(TRIGGER, Trigger.CHANGE)))
    await _plan_notices(shop, person)
    if await _source_lags(org, roll, person):
        return _look_again(shop, _since(shop, due))
    if await under_way(org, person):
        await org.ledger.plan_due(Task.VISIT, person, shop.now + LOOKS[0], {SINCE: shop.now.isoformat()})
    return None


async def under_way(org: Organisation, person: PersonId) -> bool:
    """Is there a system that will show something else before long, if all goes well?"""
    routes = {route.target: route for route in org.routes}
    said = [one for one in await org.ledger.verdicts_of(person) if one.slot.system in routes]
    return any(_is_moving(one, routes[one.slot.system]) for one in said)


def _is_moving(said: Spoken, route: Route) -> bool:
    helps = what_helps(Reason(Code(said.code), said.facts), route)
    return said.verdict is not Verdict.SAME and route.way is not Way.WATCH and helps in {Advice.WAIT, Advice.VISIT}


async def _source_lags(org: Organisation, roll: Roll, person: PersonId) -> bool:
    """A picture that was set here is not to be seen yet where it was set: only then will anything move."""
    sources = {source for route in org.routes for source in route.sources}
    slots = [slot for system, slot in roll.persons[person].items() if system in sources]
    return any([await _lags(org, slot) for slot in slots])


async def _lags(org: Organisation, slot: Slot) -> bool:
    left = await org.ledger.baseline(slot)
    if left is None or left.by is not By.US or org.clock() >= left.at + org.systems[slot.system].traits.settles:
        return False
    seen = (await org.ledger.remembered(slot.system, [slot.ref])).get(slot.ref)
    return seen is not None and seen.sighting.version != left.version


def _has_to_move(org: Organisation, rows: Sequence[Row]) -> bool:
    """A look has found something for a run to do."""
    decisions = [cell.decision for row in rows for cell in row.cells.values() if cell.decision is not None]
    return any(_moves(one, org.route_to(one.slot.system)) for one in decisions)


def _moves(decision: Decision, route: Route | None) -> bool:
    """The right picture has come and is to be noted, a write to be finished, or what the visit is for has come late."""
    code = decision.reason.code
    if isinstance(decision.step, Adopt) or code is Code.INTERRUPTED:
        return True
    late = code is Code.WAITS_FOR_TRIGGER
    return late and route is not None and route.way is Way.WRITE and Trigger.VISIT in route.when


async def _came_by(org: Organisation, person: PersonId) -> bool:
    """A visit of theirs that no run has served."""
    return any(one.person == person for one in await org.ledger.pending_visits())


async def _plan_notices(shop: Workshop, person: PersonId) -> None:
    """Whoever wants to be told may have something to be told by now."""
    if await shop.org.ledger.notices(person):
        await shop.org.ledger.plan_due(Task.NOTICES, person, shop.now)
