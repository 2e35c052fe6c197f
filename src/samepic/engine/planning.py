"""From the world to a plan: gathers each slot's situation, decides, and compares pictures where the decision asks.

Everything that can be read is read here; nothing is written to any system.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from samepic.engine.choosing import Choice, Wanted
from samepic.engine.guard import Alarm, Supply, alarms
from samepic.engine.organisation import Organisation
from samepic.engine.plan import Decision, Evidence, Look, OpenIntent, Prompted, Refusal, Situation, decide
from samepic.engine.portraits import Portraits
from samepic.engine.reading import Roll, View, view
from samepic.engine.reasons import Code, because
from samepic.engine.rules import Declined, Said, declined
from samepic.engine.together import each
from samepic.engine.wanting import Choices
from samepic.model import (
    Baseline,
    Conflict,
    Digest,
    Hold,
    PersonId,
    Pull,
    Put,
    Remove,
    Route,
    Sighting,
    Slot,
    Trigger,
    Unseen,
    Verdict,
)
from samepic.store.blobs import Spoiled
from samepic.store.ledger import Ask, Chosen, Intent, Pin


@dataclass(frozen=True, slots=True)
class Occasion:
    """What set this run off: a trigger for everybody, and the people whose visit waits to be served."""

    trigger: Trigger
    visitors: frozenset[PersonId] = frozenset()

    def starts(self, route: Route, person: PersonId) -> bool:
        return self.trigger in route.when or (Trigger.VISIT in route.when and person in self.visitors)


@dataclass(frozen=True, slots=True)
class Grounds:
    """What comparing has shown, and of which pictures: the same ones need not be compared again."""

    version: str
    want: Digest
    baseline: Digest | None
    evidence: Evidence

    @classmethod
    def of(cls, situation: Situation) -> Grounds | None:
        """What a situation rests on; None where the target's picture has no version to know it by."""
        seen, choice = situation.seen, situation.choice
        if not isinstance(choice, Wanted) or not isinstance(seen, Sighting) or seen.version is None:
            return None
        baseline = situation.baseline.want if situation.baseline else None
        return cls(seen.version, choice.digest, baseline, situation.evidence)


@dataclass(frozen=True, slots=True)
class Line:
    """The decision for one person on one route, and what it rests on where the target's picture was looked at."""

    person: PersonId
    name: str
    route: str
    decision: Decision
    grounds: Grounds | None = None

    @property
    def acts(self) -> bool:
        """Does this line send anything to a system that changes it?"""
        return isinstance(self.decision.step, Put | Remove | Pull)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would do, and why. `settings` is the digest it was made under."""

    made_at: datetime
    settings: str
    trigger: Trigger
    lines: tuple[Line, ...]
    alarms: tuple[Alarm, ...] = ()

    @property
    def acts(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.acts)

    @property
    def writes(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if isinstance(line.decision.step, Put | Remove))


@dataclass(frozen=True, slots=True)
class Memory:
    """What the ledger knows about the target of a route, and the pins on its sources."""

    baselines: Mapping[str, Baseline]
    versions: Mapping[str, frozenset[str]]
    pins: Mapping[str, Pin]
    asks: Mapping[str, Ask]
    intents: Mapping[Slot, Intent]
    source_pins: Mapping[Slot, Pin]
    said: Mapping[tuple[PersonId, str], Said]


async def recall(org: Organisation, route: Route, seen: View, people: Collection[PersonId]) -> Memory:
    """What is remembered of a route, of the people looked at where these are few."""
    ledger, system, refs = org.ledger, route.target, seen.refs(route.target)
    source_pins = [one for name in route.sources for one in (await ledger.pins(name, seen.refs(name))).values()]
    choices = await ledger.choices(people=people if seen.scope is not None else None)
    return Memory(
        await ledger.baselines(system, refs),
        await ledger.versions(system, refs),
        await ledger.pins(system, refs),
        await ledger.asks(system, refs),
        await ledger.open_intents(system),
        {pin.slot: pin for pin in source_pins},
        {of: Said(one.kind is Chosen.CONSENT, one.at, one.until) for of, one in choices.items()},
    )


async def make_plan(
    choices: Choices, people: Sequence[PersonId], occasion: Occasion, earlier: Iterable[Line] = ()
) -> Plan:
    """The plan for these people on every route, from a look at them that has the routes' systems in it.

    What `earlier` lines rest on still holds where the pictures are the same.
    """
    org, seen = choices.org, choices.seen
    grounds = {line.decision.slot: line.grounds for line in earlier if line.grounds is not None}
    lines: list[Line] = []
    for route in org.routes:
        desk = _Desk(choices, route, await recall(org, route, seen, people), grounds)
        lines += await _plan_route(desk, people, occasion)
    plan = Plan(seen.at, org.settings, occasion.trigger, tuple(lines))
    return replace(plan, alarms=tuple(await _alarms(choices, plan)))


async def look(org: Organisation, roll: Roll, people: Sequence[PersonId]) -> Choices:
    """A fresh view of the systems on the routes."""
    systems = dict.fromkeys(name for route in org.routes for name in (*route.sources, route.target))
    return Choices(org, roll, await view(org, roll, people, systems))


async def look_and_plan(
    org: Organisation, roll: Roll, people: Sequence[PersonId], occasion: Occasion, earlier: Iterable[Line] = ()
) -> Plan:
    """A fresh view, and the plan from it."""
    return await make_plan(await look(org, roll, people), people, occasion, earlier)


async def _alarms(choices: Choices, plan: Plan) -> list[Alarm]:
    org = choices.org
    accounts = Counter(slot.system for slot in choices.roll.accounts)
    sources = {name for route in org.routes for name in route.sources}
    supplies = {name: await _supply(org, name, choices.seen) for name in sorted(sources)}
    return alarms([line.decision.step for line in plan.lines], accounts, supplies, org.brakes)


async def _supply(org: Organisation, system: str, seen: View) -> Supply:
    """How many had a picture at the last look, and lost it since."""
    had = [slot for slot, one in seen.before.items() if slot.system == system and one.sighting.present]
    now = (seen.seen.get(slot) for slot in had)
    lost = sum(1 for one in now if isinstance(one, Sighting) and not one.present)
    if seen.scope is None or lost < org.brakes.at_least:  # so few are never alarming
        return Supply(len(had), lost)
    return Supply(lost + await org.ledger.pictures_in(system), lost)


@dataclass(frozen=True, slots=True)
class _Desk:
    """Everything needed to decide on one route."""

    choices: Choices
    route: Route
    memory: Memory
    grounds: Mapping[Slot, Grounds]

    @property
    def org(self) -> Organisation:
        return self.choices.org

    @property
    def roll(self) -> Roll:
        return self.choices.roll

    @property
    def seen(self) -> View:
        return self.choices.seen

    @property
    def portraits(self) -> Portraits:
        return self.choices.portraits


async def _plan_route(desk: _Desk, people: Iterable[PersonId], occasion: Occasion) -> list[Line]:
    async def line(person: PersonId) -> Line | None:
        slot = desk.roll.persons[person].get(desk.route.target)
        if slot is None:
            return None
        decision, situation = await _settle_on(desk, person, slot, occasion)
        grounds = Grounds.of(situation) if situation.evidence.like_want is not None else None
        return Line(person, desk.roll.name(person), desk.route.name, decision, grounds)

    lines = await each(people, line, desk.org.at_once)
    return [one for one in lines if one is not None]


async def _settle_on(desk: _Desk, person: PersonId, slot: Slot, occasion: Occasion) -> tuple[Decision, Situation]:
    """Decides, compares where asked to, and decides again."""
    choice = await desk.choices.of(person, desk.route)
    situation = _situation(desk, person, slot, choice, occasion)
    try:
        while isinstance(answer := decide(situation), Look):
            situation = await _with_evidence(desk, person, situation, answer)
    except Spoiled as spoiled:  # what we keep for this person cannot be compared with; nobody else is touched by it
        reason = because(Code.TARGET_UNREADABLE, detail=spoiled)
        return Decision(slot, Hold(slot), Verdict.CANNOT_READ, reason), situation
    return answer, situation


def _situation(desk: _Desk, person: PersonId, slot: Slot, choice: Choice, occasion: Occasion) -> Situation:
    memory, ref = desk.memory, slot.ref
    intent, pin, ask = memory.intents.get(slot), memory.pins.get(ref), memory.asks.get(ref)
    held = (desk.roll.held.get(one) for one in desk.roll.persons[person].values())
    source = choice.slot if isinstance(choice, Wanted) else None
    return Situation(
        slot=slot,
        route=desk.route,
        choice=choice,
        seen=desk.seen.seen[slot],
        traits=desk.org.systems[slot.system].traits,
        now=desk.seen.at,
        triggered=occasion.starts(desk.route, person),
        baseline=memory.baselines.get(ref),
        versions=memory.versions.get(ref, frozenset()),
        intent=None if intent is None else OpenIntent(intent.step, intent.want, intent.expect),
        pin=_refusal(pin),
        prompted=None if ask is None else Prompted(ask.want, ask.at),
        held=next((reason for reason in held if reason is not None), None),
        declined=_declined(desk, person, slot),
        source_writes=source is not None and desk.org.systems[source.system].traits.writes,
        source_pin=_refusal(memory.source_pins.get(source)) if source is not None else None,
        source_declined=_declined(desk, person, source) if source is not None else None,
    )


def _declined(desk: _Desk, person: PersonId, slot: Slot) -> Declined | None:
    ruling = desk.choices.ruling(person, slot.system)
    return declined(ruling, desk.memory.said.get((person, slot.system)), desk.seen.at)


def _refusal(pin: Pin | None) -> Refusal | None:
    return None if pin is None else Refusal(pin.refused, pin.at)


async def _with_evidence(desk: _Desk, person: PersonId, situation: Situation, look: Look) -> Situation:
    """The situation with what comparing has shown, or with the target unseen where it could not be fetched."""
    baseline = situation.baseline
    assert isinstance(situation.choice, Wanted)
    want = situation.choice.digest
    if look is Look.SOURCE:
        assert baseline is not None
        return replace(situation, evidence=await desk.portraits.look_at_source(want, baseline.want))
    if (known := await _known(desk, situation)) is not None:
        return replace(situation, evidence=known)
    found = await desk.portraits.look_at_target(
        situation.slot,
        want,
        baseline.want if baseline else None,
        await _earlier(desk, person),
        keep=desk.route.conflict is Conflict.ADOPT_BACK,
    )
    if isinstance(found, Unseen):
        return replace(situation, seen=found)
    return replace(situation, evidence=found)


async def _known(desk: _Desk, situation: Situation) -> Evidence | None:
    """What comparing these very pictures has shown already."""
    now, before = Grounds.of(situation), desk.grounds.get(situation.slot)
    if now is None or before is None or now != replace(before, evidence=now.evidence):
        return None
    shown = before.evidence.shown
    return before.evidence if shown is None or await desk.org.blobs.has(shown) else None


async def _earlier(desk: _Desk, person: PersonId) -> list[Digest]:
    """Every picture the route's sources have shown for this person, newest first."""
    slots = (desk.roll.persons[person].get(source) for source in desk.route.sources)
    dated = [one for slot in slots if slot is not None for one in await desk.org.ledger.portraits_of(slot)]
    return [digest for digest, _ in sorted(dated, key=lambda one: one[1], reverse=True)]
