"""Undo: puts back what a write replaced, byte-exact, and pins the slot so that the next run does not write again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from samepic.engine.apply import Change, Outcome, Result, leased, make_change, originals
from samepic.engine.organisation import Organisation
from samepic.engine.reading import Roll
from samepic.engine.verdicts import note_undone
from samepic.errors import ConnectorError
from samepic.model import Baseline, Digest, PersonId, Sighting, Trigger
from samepic.store.blobs import Spoiled
from samepic.store.ledger import DONE, Intent, Pin

UNDO = "undo"
"""The journal's word for the step."""

UNDOABLE = frozenset({"put", "remove"})


@dataclass(frozen=True, slots=True)
class Undoing:
    """One write to take back. `force` puts the original back even where somebody changed the slot since."""

    intent: Intent
    name: str
    force: bool = False


async def undoable(
    org: Organisation, *, run: int | None = None, people: Collection[PersonId] | None = None
) -> list[Intent]:
    """The newest settled write of each slot that has not been undone: of a run, or of these people, or of everybody.

    Left out are those whose originals have been given up.
    """
    newest = await org.ledger.last_done(run, people)
    return [one for one in newest if one.step in UNDOABLE and one.undone_by is None and one.retired_at is None]


async def undo(org: Organisation, run: int, roll: Roll, intents: Sequence[Intent], *, force: bool) -> list[Outcome]:
    """Takes these writes back, one lease for all of their slots."""
    async with leased(org, run, [one.slot for one in intents]) as token:
        return [await _undo(org, run, token, Undoing(one, _name(roll, one), force)) for one in intents]


async def undo_at_once(
    org: Organisation, roll: Roll, intents: Sequence[Intent], *, force: bool
) -> tuple[int, list[Outcome]]:
    """`undo` in a run of its own, which ends whatever happens: its number, and what came of each. Raises Busy."""
    run, outcomes = await org.ledger.begin_run(UNDO, Trigger.MANUAL, org.settings, org.clock()), list[Outcome]()
    try:
        outcomes = await undo(org, run, roll, intents, force=force)
    finally:
        await org.ledger.end_run(run, Counter(str(one.result) for one in outcomes), org.clock())
    return run, outcomes


async def resume_undos(org: Organisation, run: int, roll: Roll, people: Collection[PersonId]) -> list[Outcome]:
    """Finishes the undos of these people that a crash interrupted; their pins were set before they began."""
    concerned = frozenset(people)
    interrupted = [
        one for one in (await org.ledger.open_intents()).values() if one.step == UNDO and one.person in concerned
    ]
    if not interrupted:
        return []
    async with leased(org, run, [one.slot for one in interrupted]) as token:
        undoings = [Undoing(await _undone_by(org, one), _name(roll, one), force=True) for one in interrupted]
        return [await _undo(org, run, token, one) for one in undoings]


async def _undone_by(org: Organisation, undo: Intent) -> Intent:
    """The write that an undo takes back: the newest settled one of its slot before it."""
    history = await org.ledger.journal(slot=undo.slot, limit=None)
    return next(one for one in history if one.id < undo.id and one.step in UNDOABLE and one.outcome == DONE)


async def _undo(org: Organisation, run: int, token: int, undoing: Undoing) -> Outcome:
    intent, slot = undoing.intent, undoing.intent.slot
    connector = org.systems[slot.system]
    try:
        shown = await connector.peek(slot.ref)
    except ConnectorError as trouble:
        return Outcome(intent.person, undoing.name, slot, Result.FAILED, str(trouble), trouble.remedy)
    baseline = await org.ledger.baseline(slot)
    if not undoing.force and not _ours(shown, baseline):
        message = "Somebody changed this picture after we did; it is left alone."
        return Outcome(
            intent.person, undoing.name, slot, Result.MOVED, message, "Use --force to put the original back."
        )
    try:
        photos = await originals(org, intent)
    except Spoiled as spoiled:
        return Outcome(intent.person, undoing.name, slot, Result.FAILED, spoiled.message, spoiled.remedy)
    # The pin comes first: a crash between pin and undo leaves a picture that is held, never one that is written again.
    pin = Pin(slot, intent.want, f"undo of run {intent.run}", org.clock())
    await org.ledger.pin(pin)
    restored: Digest | None = next(iter(intent.replaced.values()), None)
    change = Change(UNDO, intent.person, undoing.name, slot, restored, shown.version, photos, pin=pin, undoes=intent.id)
    outcome = await make_change(org, run, token, change)
    if outcome.good:
        await note_undone(org, intent.person, pin, present=restored is not None)
    return outcome


def _ours(shown: Sighting, baseline: Baseline | None) -> bool:
    return baseline is not None and shown.version == baseline.version


def _name(roll: Roll, intent: Intent) -> str:
    return roll.name(intent.person) if intent.person in roll.persons else intent.person
