"""The journal: what we are about to do to a slot, written down before, and what came of it.

An intent is open until it is settled. One that stays open tells of a crash or a lost answer: the write may or may not
have happened, so the next one for that slot takes over what the first one found there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, select, update

from samepic.model import Baseline, By, Digest, PersonId, Slot
from samepic.store.baselines import note_baseline
from samepic.store.leases import require_lease
from samepic.store.page import Page
from samepic.store.pins import Pin, note_pin
from samepic.store.schema import AT_ONCE, at_slot, journal, new_row, place, slot_values

DONE = "done"
REFUSED = "refused"
SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Intent:
    """One entry.

    step        "put", "remove" or "undo".
    want        the picture to be there after; None for none.
    expect      the version to be there before, where it matters.
    replaced    demand name -> the picture that was there first; empty where there was none.
    before      the slot's baseline at that time.
    outcome     "done", "refused" or "superseded"; None while open.
    undone_by   the intent that put `replaced` back.
    retired_at  when the pictures in `replaced` were given up, so that they cannot be put back any more.
    """

    id: int
    run: int
    person: PersonId
    slot: Slot
    step: str
    want: Digest | None
    expect: str | None
    replaced: Mapping[str, Digest]
    before: Baseline | None
    opened_at: datetime
    settled_at: datetime | None
    outcome: str | None
    detail: str
    undone_by: int | None
    retired_at: datetime | None = None


class Journal(Page):
    async def open_intent(  # noqa: PLR0917 -- an entry has that many fields
        self,
        run: int,
        token: int,
        person: PersonId,
        step: str,
        slot: Slot,
        want: Digest | None,
        expect: str | None,
        replaced: Mapping[str, Digest],
        before: Baseline | None,
        at: datetime,
    ) -> int:
        """Writes the intent down; returns its number. Raises Busy where `token` no longer holds the slot.

        An intent of the slot that is still open is superseded, and its `replaced` and `before` go into the new one
        instead of those given: what was really there first must survive a crash.
        """
        row = slot_values(slot) | {
            "run": run,
            "person": person,
            "step": step,
            "want": want,
            "expect": expect,
            "replaced": dict(replaced),
            "opened_at": at,
            "detail": "",
            **_columns(before),
        }

        def work(connection: Connection) -> int:
            require_lease(connection, slot, token)
            return new_row(connection, journal, row | _supersede(connection, slot, run, at))

        return await self._database.write(work)

    async def settle(
        self,
        intent: int,
        token: int,
        outcome: str,
        detail: str,
        baseline: Baseline | None,
        at: datetime,
        pin: Pin | None = None,
        undoes: int | None = None,
    ) -> None:
        """Closes the intent, pins, and where it is "done" sets the slot's baseline (None clears it): all at once.

        `undoes` is the intent that this one, when done, has undone. Raises Busy where `token` no longer holds the slot,
        ValueError where the intent is not open.
        """
        closed = {"settled_at": at, "outcome": outcome, "detail": detail}

        def work(connection: Connection) -> None:
            found = connection.execute(_ONE, {"number": intent}).first()
            if found is None or found.settled_at is not None:
                raise ValueError(f"intent {intent} is not open")
            slot = Slot(found.system, found.ref)
            require_lease(connection, slot, token)
            _change(connection, intent, closed)
            if outcome == DONE:
                note_baseline(connection, slot, baseline, found.run)
            if outcome == DONE and undoes is not None:
                _change(connection, undoes, {"undone_by": intent})
            if pin is not None:
                note_pin(connection, pin)

        await self._database.write(work)

    async def open_intents(self, system: str | None = None) -> dict[Slot, Intent]:
        """What was begun and never settled, in one system or in all."""
        wanted = select(journal).where(journal.c.settled_at.is_(None))
        if system is not None:
            wanted = wanted.where(journal.c.system == system)
        found = await self._database.read(lambda connection: [_intent(row) for row in connection.execute(wanted)])
        return {intent.slot: intent for intent in found}

    async def journal(
        self,
        person: PersonId | None = None,
        run: int | None = None,
        limit: int | None = 200,
        *,
        slot: Slot | None = None,
    ) -> list[Intent]:
        """The newest entries, newest first; of one person, of one run, of one slot, or of all."""
        wanted = select(journal).order_by(journal.c.id.desc()).limit(limit)
        if person is not None:
            wanted = wanted.where(journal.c.person == person)
        if run is not None:
            wanted = wanted.where(journal.c.run == run)
        if slot is not None:
            wanted = wanted.where(journal.c.system == slot.system, journal.c.ref == slot.ref)
        return await self._database.read(lambda connection: [_intent(row) for row in connection.execute(wanted)])

    async def last_done(self, run: int | None = None, people: Collection[PersonId] | None = None) -> list[Intent]:
        """Of each slot what was done last, newest first: where that was by this run and for one of these people."""
        wanted = select(journal).where(journal.c.outcome == DONE, ~_DONE_LATER).order_by(journal.c.id.desc())
        if run is not None:
            wanted = wanted.where(journal.c.run == run)
        parts = [wanted] if people is None else [wanted.where(some) for some in _of(people)]

        def work(connection: Connection) -> list[Intent]:
            return [_intent(row) for part in parts for row in connection.execute(part)]

        return await self._database.read(work)


_ONE = select(journal).where(journal.c.id == bindparam("number"))
_CHANGE = update(journal).where(journal.c.id == bindparam("number"))
_LEFT_OPEN = select(journal).where(at_slot(journal), journal.c.settled_at.is_(None))
_LATER = journal.alias("later")
_DONE_LATER = (
    select(_LATER.c.id)
    .where(
        _LATER.c.system == journal.c.system,
        _LATER.c.ref == journal.c.ref,
        _LATER.c.outcome == DONE,
        _LATER.c.id > journal.c.id,
    )
    .exists()
)
_BEFORE = ("before_want", "before_version", "before_by", "before_at")


def _of(people: Collection[PersonId]) -> Iterator[ColumnElement[bool]]:
    everybody = sorted(people)
    for start in range(0, len(everybody), AT_ONCE):
        yield journal.c.person.in_(everybody[start : start + AT_ONCE])


def _supersede(connection: Connection, slot: Slot, run: int, at: datetime) -> dict[str, Any]:
    """Closes the slot's open intent, if there is one; what the intent that follows it must carry on."""
    left = connection.execute(_LEFT_OPEN, place(slot)).mappings().first()
    if left is None:
        return {}
    closed = {
        "settled_at": at,
        "outcome": SUPERSEDED,
        "detail": f"Left open by run {left['run']}, repeated by run {run}.",
    }
    _change(connection, left["id"], closed)
    return {name: left[name] for name in ("replaced", *_BEFORE)}


def _change(connection: Connection, intent: int, values: Mapping[str, Any]) -> None:
    connection.execute(_CHANGE, {"number": intent, **values})


def _columns(before: Baseline | None) -> dict[str, Any]:
    if before is None:
        return dict.fromkeys(_BEFORE)
    return dict(zip(_BEFORE, (before.want, before.version, before.by.value, before.at), strict=True))


def _before(row: Row[Any]) -> Baseline | None:
    if row.before_want is None:
        return None
    return Baseline(Digest(row.before_want), row.before_version, By(row.before_by), row.before_at)


def _intent(row: Row[Any]) -> Intent:
    return Intent(
        id=row.id,
        run=row.run,
        person=PersonId(row.person),
        slot=Slot(row.system, row.ref),
        step=row.step,
        want=row.want,
        expect=row.expect,
        replaced=row.replaced,
        before=_before(row),
        opened_at=row.opened_at,
        settled_at=row.settled_at,
        outcome=row.outcome,
        detail=row.detail,
        undone_by=row.undone_by,
        retired_at=row.retired_at,
    )
