"""Runs: read, plan, guard, apply. What a run is not allowed to do yet is held, said, and left for a person."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from samepic.engine.apply import Outcome, Result, carry_out
from samepic.engine.guard import released
from samepic.engine.organisation import Organisation
from samepic.engine.planfile import Moved, recheck
from samepic.engine.planning import Line, Occasion, Plan, look, make_plan
from samepic.engine.progress import recorded
from samepic.engine.reading import Roll
from samepic.engine.rules import Question
from samepic.engine.sweeping import sweep_in_time
from samepic.engine.undo import resume_undos
from samepic.engine.verdicts import note_plan
from samepic.errors import SamepicError
from samepic.model import PersonId, Route, Trigger
from samepic.store.ledger import Trouble


@dataclass(frozen=True, slots=True)
class Held:
    """Why some acts were not done. `confirm` is the count that would let them pass; None where it takes a plan file."""

    message: str
    acts: int
    confirm: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did. `plan` is what it decided; `held` what waits for a person; `moved` what the world overtook."""

    run: int
    plan: Plan
    outcomes: Sequence[Outcome] = ()
    held: Sequence[Held] = ()
    moved: Sequence[Moved] = ()
    troubles: Mapping[str, str] = field(default_factory=dict)
    rehearsed: bool = False

    @property
    def good(self) -> bool:
        return not self.troubles and not self.moved and all(one.good for one in self.outcomes)


async def occasion_now(org: Organisation, trigger: Trigger) -> Occasion:
    """The trigger, and everybody whose visit has not been served."""
    return Occasion(trigger, frozenset(visit.person for visit in await org.ledger.pending_visits()))


async def sync(
    org: Organisation,
    roll: Roll,
    people: Sequence[PersonId],
    trigger: Trigger,
    *,
    confirmed: frozenset[int] = frozenset(),
    rehearse: bool = False,
) -> Report:
    """One run over these people. A route's first run writes nothing: its plan has to be read and applied first.

    A rehearsal goes the same way up to the first write, and stops there. Raises Busy where other runs are at work on
    everything that there was to do.
    """
    async with _begun(org, "rehearsal" if rehearse else "sync", trigger) as (run, at_work):
        resumed = [] if rehearse else await resume_undos(at_work, run, roll, people)
        plan = await _plan(at_work, roll, people, trigger)
        allowed, held = await _brake(org, plan, confirmed)
        if rehearse:
            await org.ledger.end_run(run, {"planned": len(plan.acts)}, org.clock())
            return Report(run, plan, (), held, (), _troubles(roll), rehearsed=True)
        outcomes = [*resumed, *await carry_out(at_work, run, allowed, plan.made_at)]
        report = await _close(org, run, Report(run, plan, outcomes, held, (), _troubles(roll)))
    if trigger is Trigger.SCHEDULE:
        await sweep_in_time(org)
    return report


async def apply_plan(
    org: Organisation,
    roll: Roll,
    plan: Plan,
    *,
    confirmed: frozenset[int] = frozenset(),
    rehearse: bool = False,
) -> Report:
    """Carries out a plan that somebody has read, as far as the world still agrees with it. Raises PlanRefused, Busy."""
    async with _begun(org, "apply", plan.trigger) as (run, at_work):
        people = dict.fromkeys(line.person for line in plan.lines if line.person in roll.persons)
        today = await _plan(at_work, roll, list(people), plan.trigger, plan.lines)
        kept, moved = recheck(plan, today)
        if rehearse:
            await org.ledger.end_run(run, {"planned": len(kept)}, org.clock())
            return Report(run, replace(today, lines=tuple(kept)), (), (), moved, _troubles(roll), rehearsed=True)
        if alarmed := released(today.alarms, confirmed):
            held = [Held(one.message, len(kept), one.count) for one in alarmed]
            return await _close(org, run, Report(run, today, (), held, moved, _troubles(roll)))
        for route in _routes_of(org, plan.lines):
            await org.ledger.confirm_route(fingerprint(org, route), org.clock())
        still = [line for line in today.lines if not line.acts]
        outcomes = await carry_out(at_work, run, [*kept, *still], today.made_at)
        return await _close(org, run, Report(run, today, outcomes, (), moved, _troubles(roll)))


@asynccontextmanager
async def _begun(org: Organisation, what: str, trigger: Trigger) -> AsyncIterator[tuple[int, Organisation]]:
    """A run, and the organisation whose progress is written down as the run's. Ends it where it breaks off."""
    run = await org.ledger.begin_run(what, trigger, org.settings, org.clock())
    try:
        async with recorded(org, run) as at_work:
            yield run, at_work
    except SamepicError as trouble:
        await org.ledger.end_run(run, {"broke off": type(trouble).__name__}, org.clock())
        raise


async def _plan(
    org: Organisation, roll: Roll, people: Sequence[PersonId], trigger: Trigger, earlier: Sequence[Line] = ()
) -> Plan:
    """A look, the plan from it, and what it says about everybody, noted. For `earlier` see `make_plan`."""
    choices = await look(org, roll, people)
    plan = await make_plan(choices, people, await occasion_now(org, trigger), earlier)
    await note_plan(choices, plan)
    return plan


def fingerprint(org: Organisation, route: Route) -> str:
    """What makes a route a new one whose first run is a plan; rules that say when to remove are part of it."""
    removing = (str(rule) for rule in org.rules.about(Question.EMPTIED, route.target))
    parts = (route.name, route.way, route.conflict, route.emptied, *removing)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


async def unconfirmed(org: Organisation, plan: Plan) -> list[Route]:
    """Routes that would write and have never been confirmed."""
    routes = _routes_of(org, plan.writes)
    return [route for route in routes if await org.ledger.route_seen(fingerprint(org, route)) is None]


async def _brake(org: Organisation, plan: Plan, confirmed: frozenset[int]) -> tuple[list[Line], list[Held]]:
    """The lines that may be carried out, and what is held back. Adopting writes to no system and is always allowed."""
    fresh = {route.name for route in await unconfirmed(org, plan)}
    alarmed = released(plan.alarms, confirmed) if plan.writes else []
    stopped = [line for line in plan.writes if alarmed or line.route in fresh]
    counts = Counter(line.route for line in stopped)
    held = [
        Held(f"This is the first run of {name}: read its plan, then apply it.", counts[name]) for name in sorted(fresh)
    ]
    held += [Held(one.message, len(stopped), one.count) for one in alarmed]
    barred = {line.decision.slot for line in stopped}
    return [line for line in plan.lines if line.decision.slot not in barred], held


def _routes_of(org: Organisation, lines: Sequence[Line]) -> list[Route]:
    names = {line.route for line in lines}
    return [route for route in org.routes if route.name in names]


def _troubles(roll: Roll) -> dict[str, str]:
    return {name: str(trouble) for name, trouble in roll.troubles.items()}


def came_to_nothing(outcomes: Sequence[Outcome], moved: Sequence[Moved] = ()) -> list[Trouble]:
    """What was to be done and was not: refused, failed, or overtaken by the world."""
    failed = [Trouble(one.person, one.slot, one.result, one.detail, one.remedy) for one in outcomes if not one.good]
    overtaken = [(one.planned.person, one.planned.decision.slot, one.reason) for one in moved]
    return [*failed, *(Trouble(person, slot, Result.MOVED, reason, "") for person, slot, reason in overtaken)]


async def _close(org: Organisation, run: int, report: Report) -> Report:
    """Serves the visits that are dealt with, and closes the run."""
    unserved = {one.person for one in report.outcomes if not one.good}
    if report.held:
        unserved |= {line.person for line in report.plan.acts} - {one.person for one in report.outcomes}
    planned = {line.person for line in report.plan.lines}
    visits = await org.ledger.pending_visits()
    await org.ledger.serve_visits([v.id for v in visits if v.person in planned - unserved], run)
    await org.ledger.note_troubles(run, came_to_nothing(report.outcomes, report.moved))
    counts = Counter(str(one.result) for one in report.outcomes)
    await org.ledger.end_run(run, {**counts, "held": len(report.held), "moved": len(report.moved)}, org.clock())
    return report
