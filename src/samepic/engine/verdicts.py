"""What was last said about every slot: kept after each look and each act, so that a page can show it unasked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from samepic.engine.choosing import Wanted
from samepic.engine.organisation import Organisation
from samepic.engine.planning import Line, Plan
from samepic.engine.reading import View
from samepic.engine.reasons import Code, Reason, because
from samepic.engine.wanting import Choices
from samepic.model import PersonId, Pull, Put, Remove, Route, Sighting, Slot, Verdict
from samepic.store.ledger import Judged, Pin


async def note(org: Organisation, judged: Sequence[Judged], at: datetime) -> dict[Slot, datetime]:
    """Keeps what is said, and that what was under way to a right slot has arrived; since when it is so."""
    since = await org.ledger.note_verdicts(judged, at)
    await org.ledger.end_arrivals([one.slot for one in judged if one.verdict is Verdict.SAME], at)
    return since


async def note_plan(choices: Choices, plan: Plan) -> None:
    """Keeps what was decided about everybody, and what was seen of their sources in passing.

    What is done about it is noted when it is done.
    """
    decided = [_decided(line, choices.seen) for line in plan.lines]
    told = choices.roll.held.keys() | {one.slot for one in decided}
    sources = [one for one in _sources_seen(choices) if one.slot not in told]
    await note(choices.org, [*decided, *sources], choices.seen.at)


def _decided(line: Line, seen: View) -> Judged:
    one = line.decision
    return _judged(line.person, one.slot, one.verdict, one.reason, present=_shows(seen, one.slot))


def _sources_seen(choices: Choices) -> Iterator[Judged]:
    """Where the picture that is wanted for each person first is, as a look at it would say."""
    wanted: dict[PersonId, Slot] = {}
    for person, choice in choices.made():
        if isinstance(choice, Wanted):
            wanted.setdefault(person, choice.slot)
    for person, slot in wanted.items():
        yield _judged(person, slot, Verdict.SAME, because(Code.IS_SOURCE), present=True)


async def note_done(org: Organisation, lines: Sequence[Line]) -> None:
    """Keeps what has become of slots now that their steps have been done."""
    now = org.clock()
    await note(org, [_achieved(org, line, now) for line in lines], now)


async def note_undone(org: Organisation, person: PersonId, pin: Pin, *, present: bool) -> None:
    """Keeps that a slot has its earlier picture back and is pinned; where no route leads to, a look has to tell."""
    route = org.route_to(pin.slot.system)
    if route is None:
        return
    if pin.refused is None:
        reason = because(Code.PINNED_REMOVAL, at=pin.at)
    else:
        reason = because(Code.PINNED, at=pin.at, source=_sources(route))
    await note(org, [_judged(person, pin.slot, Verdict.HELD, reason, present=present)], org.clock())


def _achieved(org: Organisation, line: Line, now: datetime) -> Judged:
    decision = line.decision
    slot, verdict, reason = decision.slot, decision.verdict, decision.reason
    match decision.step:
        case Put(into) if into != slot:  # carried back: the source has what this slot shows
            return _judged(line.person, slot, Verdict.SAME, because(Code.ALIKE, source=into.system), present=True)
        case Put():
            return _judged(line.person, slot, *_written(org, slot, reason, now), present=True)
        case Remove():
            return _judged(line.person, slot, Verdict.NONE, reason, present=False)
        case Pull():
            asked = because(Code.ASKED, at=now, until=now + _deadline(org, slot))
            present = verdict not in {Verdict.NONE, Verdict.NEVER_VISITED}
            return _judged(line.person, slot, Verdict.WAITING, asked, present=present)
        case _:
            return _judged(line.person, slot, verdict, reason, present=True)


def _written(org: Organisation, slot: Slot, reason: Reason, now: datetime) -> tuple[Verdict, Reason]:
    """What we wrote is right, but not judged before the system has had its time to show it."""
    route = org.route_to(slot.system)
    if route is None:  # pictures come from here
        return Verdict.SAME, because(Code.IS_SOURCE)
    settles = org.systems[slot.system].traits.settles
    if settles:
        return Verdict.WAITING, because(Code.SETTLING, at=now, until=now + settles)
    source = reason.facts.get("source") or _sources(route)
    return Verdict.SAME, because(Code.AS_LEFT, source=source, at=now)


def _deadline(org: Organisation, slot: Slot) -> timedelta:
    route = org.route_to(slot.system)
    assert route is not None, f"a pull without a route: {slot}"
    return route.deadline


def _sources(route: Route) -> str:
    return " or ".join(route.sources)


def _shows(seen: View, slot: Slot) -> bool:
    shown = seen.seen[slot]
    return isinstance(shown, Sighting) and shown.present


def _judged(person: PersonId, slot: Slot, verdict: Verdict, reason: Reason, *, present: bool) -> Judged:
    return Judged(person, slot, verdict, reason.code, reason.facts, present)
