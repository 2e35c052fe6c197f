"""Setting a person's picture where it counts, or taking it away: by themselves, or for them by an administrator.

The picture goes into the source that has authority, by the same way as every other write: leased, journalled, with what
was there before kept. Then the person's routes move at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from samepic.connectors.base import look
from samepic.engine.apply import Outcome, Result, carry_out
from samepic.engine.organisation import Organisation
from samepic.engine.plan import Decision
from samepic.engine.planning import Line
from samepic.engine.reading import Roll
from samepic.engine.reasons import Code, Reason, because, sentence
from samepic.engine.rules import Question, Ruling, Said, declined
from samepic.engine.sync import Report, sync
from samepic.errors import Busy, UserError
from samepic.model import (
    Authority,
    Consent,
    Digest,
    PersonId,
    Put,
    Remove,
    Sighting,
    Slot,
    Trigger,
    Unseen,
    Verdict,
    Why,
)
from samepic.store.ledger import SINCE, TRIGGER, Approval, Chosen, Decided, Task

FIRST_LOOK = timedelta(seconds=5)
"""When somebody looks whether the picture has arrived, should this process not come to it itself."""


class CannotSet(UserError):
    """A picture that cannot be set from here: no account, a system that takes none, a rule, a choice."""

    def __init__(self, reason: Reason, remedy: str) -> None:
        super().__init__(sentence(reason), remedy)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Effect:
    """What came of it.

    outcome   of the write to the source, a refusal in the system's own words among them; None where it waits.
    moved     what the person's routes did then; None where another run is at it, which will do it, or nothing was set.
    approval  the number under which the picture waits for somebody to look at it.
    """

    outcome: Outcome | None = None
    moved: Report | None = None
    approval: int | None = None

    @property
    def good(self) -> bool:
        return self.outcome is None or self.outcome.good


@dataclass(frozen=True, slots=True)
class _Act:
    """One setting: whose picture, where, on whose behalf. `visits`: it counts as the person's own coming by."""

    org: Organisation
    roll: Roll
    person: PersonId
    slot: Slot
    by: str
    visits: bool


def source_of_authority(org: Organisation, roll: Roll, person: PersonId) -> Slot:
    """The first of the routes' sources that takes pictures and has an account of this person. Raises CannotSet."""
    accounts = [roll.persons[person][system] for system in _sources(org) if system in roll.persons[person]]
    for slot in accounts:
        if org.systems[slot.system].traits.writes:
            return slot
    systems = " or ".join(dict.fromkeys(_sources(org)))
    if not systems:
        raise CannotSet(because(Code.NO_ROUTE), "An administrator adds one to the settings.")
    if not accounts:
        no_account = because(Code.NO_ACCOUNT_AT_SOURCE, name=roll.name(person), source=systems)
        raise CannotSet(no_account, "An administrator has to look.")
    where = " and ".join(dict.fromkeys(slot.system for slot in accounts))
    raise CannotSet(because(Code.SOURCE_READ_ONLY, source=where), "Change the picture there.")


async def require_permission(org: Organisation, roll: Roll, person: PersonId, slot: Slot, *, own: bool) -> Ruling:
    """The ruling for the slot. Raises CannotSet where a rule, or what the person chose, forbids to set it.

    A lock binds the person only. Setting one's own picture is consent; an opt-out has to be taken back first.
    """
    for reason in (roll.held.get(one) for one in roll.persons[person].values()):
        if reason is not None:
            raise CannotSet(reason, "An administrator has to look.")
    ruling, now = org.rules.ruling(roll.texts(person), slot.system, org.clock()), org.clock()
    if own and ruling.picture is Authority.LOCKED:
        locked = because(Code.LOCKED, source=slot.system, rule=ruling.rule_for(Question.PICTURE))
        raise CannotSet(locked, "Ask an administrator.")
    choice = (await org.ledger.choices_of(person)).get(slot.system)
    said = None if choice is None else Said(choice.kind is Chosen.CONSENT, choice.at, choice.until)
    asked = replace(ruling, consent=Consent.ASSUMED) if own else ruling
    if (no := declined(asked, said, now)) is not None:
        raise CannotSet(no.reason, "The person changes that on their own page.")
    return ruling


async def set_picture(org: Organisation, roll: Roll, person: PersonId, digest: Digest, *, by: str) -> Effect:
    """Sets the portrait, whose bytes are kept already, where it counts. `by` is the person's id for themselves.

    Raises CannotSet, and Busy where another run works on this very slot. What the system itself refuses is an outcome.
    """
    slot, own = source_of_authority(org, roll, person), by == person
    ruling = await require_permission(org, roll, person, slot, own=own)
    await _require_first_rank(org, roll, person, slot)
    if own and ruling.approval:
        number = await _gallery_number(org, person, digest)
        return Effect(approval=await org.ledger.ask_approval(person, number, org.clock()))
    return await _put(_Act(org, roll, person, slot, by, visits=own), digest)


async def remove_picture(org: Organisation, roll: Roll, person: PersonId, *, by: str) -> Effect:
    """Takes the picture away where it counts; what that means elsewhere is for each route's rule. Raises CannotSet."""
    slot, own = source_of_authority(org, roll, person), by == person
    await require_permission(org, roll, person, slot, own=own)
    if not org.systems[slot.system].traits.removes:
        raise CannotSet(because(Code.NOT_REMOVABLE, source=slot.system), "Remove it there.")
    act = _Act(org, roll, person, slot, by, visits=own)
    return await _carry_out(act, lambda shown: Remove(slot, shown.version))


async def approve(org: Organisation, roll: Roll, number: int, *, by: str) -> Effect:
    """Sets a picture that waits. Raises CannotSet, and UserError where it does not wait any more."""
    waiting = await _waiting(org, number)
    if waiting.person not in roll.persons:
        raise UserError("Whoever asked for this has no account any more.")
    slot = source_of_authority(org, roll, waiting.person)
    await require_permission(org, roll, waiting.person, slot, own=False)
    picture = await org.ledger.gallery_picture(waiting.picture)
    if picture is None:
        raise UserError("The picture is not there any more.")
    effect = await _put(_Act(org, roll, waiting.person, slot, by, visits=True), picture.digest)
    if effect.good:  # in this order a crash asks for another look, and never loses a picture
        await org.ledger.decide_approval(number, Decided.APPROVED, by, "", org.clock())
    return effect


async def refuse(org: Organisation, number: int, *, by: str, note: str) -> None:
    """Refuses a picture that waits; `note` is for the person. Raises UserError where it does not wait any more."""
    await _waiting(org, number)
    if not await org.ledger.decide_approval(number, Decided.REFUSED, by, note, org.clock()):
        raise _decided_already()


async def _put(act: _Act, digest: Digest) -> Effect:
    return await _carry_out(act, lambda shown: Put(act.slot, digest, shown.version, overwrites=shown.present))


async def _carry_out(act: _Act, step: Callable[[Sighting], Put | Remove]) -> Effect:
    """A run of its own for the one write, and then the person's routes."""
    org, slot = act.org, act.slot
    run = await org.ledger.begin_run("set", Trigger.MANUAL, org.settings, org.clock())
    outcome = await _write(act, run, step)
    await org.ledger.end_run(run, {str(outcome.result): 1}, org.clock())
    if not outcome.good:
        return Effect(outcome)
    await org.ledger.release(slot)  # a new picture ends what an undo of an earlier one kept out
    return Effect(outcome, await _move_on(act))


async def _write(act: _Act, run: int, step: Callable[[Sighting], Put | Remove]) -> Outcome:
    name = act.roll.name(act.person)
    shown = await look(act.org.systems[act.slot.system], act.slot.ref)
    if isinstance(shown, Unseen):
        result = Result.REFUSED if shown.why in {Why.DENIED, Why.GONE} else Result.FAILED
        return Outcome(act.person, name, act.slot, result, shown.detail or str(shown.why))
    reason = because(Code.CHOSEN, by=name if act.by == act.person else act.by)
    decision = Decision(act.slot, step(shown), Verdict.WAITING, reason, "set by hand")
    (outcome,) = await carry_out(act.org, run, [Line(act.person, name, "", decision)])
    return outcome


async def _move_on(act: _Act) -> Report | None:
    """The routes of this one person: for whom it was done by an administrator, those that one may start.

    What is due is noted first: a crash, or a busy run, only makes it later.
    """
    org, now = act.org, act.org.clock()
    if act.visits:
        await org.ledger.record_visit(act.person, now, "set")
    task, trigger = (Task.VISIT, Trigger.CHANGE) if act.visits else (Task.CHANGE, Trigger.MANUAL)
    facts = {SINCE: now.isoformat(), TRIGGER: trigger.value}
    await org.ledger.plan_due(task, act.person, now + FIRST_LOOK, facts)
    try:
        return await sync(org, act.roll, [act.person], trigger)
    except Busy:
        return None


async def _waiting(org: Organisation, number: int) -> Approval:
    found = await org.ledger.approval(number)
    if found is None or found.decision is not None:
        raise _decided_already()
    return found


def _decided_already() -> UserError:
    return UserError("This picture does not wait any more.", "Somebody has decided, or there is a newer picture.")


def _sources(org: Organisation) -> Iterator[str]:
    for route in org.routes:
        yield from route.sources


async def _require_first_rank(org: Organisation, roll: Roll, person: PersonId, slot: Slot) -> None:
    """A source that comes before this one, and shows a picture, would win over whatever is set here."""
    for route in org.routes:
        before = route.sources[: route.sources.index(slot.system)] if slot.system in route.sources else ()
        for system in before:
            higher = roll.persons[person].get(system)
            if higher is not None and not _empty(await look(org.systems[system], higher.ref)):
                outranked = because(Code.SOURCE_OUTRANKED, source=system, target=slot.system)
                raise CannotSet(outranked, "Change the picture there.")


def _empty(shown: Sighting | Unseen) -> bool:
    return isinstance(shown, Sighting) and not shown.present


async def _gallery_number(org: Organisation, person: PersonId, digest: Digest) -> int:
    """The picture's place in the gallery, where whoever decides finds it."""
    kept = (one.id for one in await org.ledger.gallery_of(person) if one.digest == digest)
    number = next(kept, None)
    if number is None:
        return await org.ledger.add_to_gallery(person, digest, digest, {}, "set", person, org.clock())
    return number
