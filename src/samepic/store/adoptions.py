"""Adoptions: what slots show is right as it is.

Nothing is written to any system for that, so that no lease has to be held: one transaction finds that nobody else is at
the slots, and notes them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from samepic.errors import Busy
from samepic.model import Baseline, Slot
from samepic.store.asks import end_asks
from samepic.store.baselines import note_baselines
from samepic.store.leases import make_way
from samepic.store.page import Page
from samepic.store.schema import baselines, in_parts, leased_slots


@dataclass(frozen=True, slots=True)
class Adopted:
    """The slots that are right now, and those that another run holds. The rest have a baseline newer than the plan."""

    slots: frozenset[Slot]
    busy: Mapping[Slot, Busy]


class Adoptions(Page):
    async def adopt(self, run: int, right: Mapping[Slot, Baseline], planned_at: datetime, now: datetime) -> Adopted:
        """Notes these baselines, and that whatever the slots were asked has been judged."""

        def work(connection: Connection) -> Adopted:
            busy = _busy(connection, right.keys(), run, now)
            moved = _moved(connection, right.keys(), planned_at)
            free = {slot: one for slot, one in right.items() if slot not in busy and slot not in moved}
            note_baselines(connection, free, run)
            end_asks(connection, free.keys())
            return Adopted(frozenset(free), busy)

        return await self._database.write(work)


def _busy(connection: Connection, slots: Collection[Slot], run: int, now: datetime) -> dict[Slot, Busy]:
    """Slots on which a lease lasts. One that has run out, or whose process is dead, ends here."""
    busy: dict[Slot, Busy] = {}
    for some in in_parts(leased_slots, slots):
        for row in connection.execute(select(leased_slots).where(some)).all():
            slot = Slot(row.system, row.ref)
            try:
                make_way(connection, {slot}, run, now)
            except Busy as other:
                busy[slot] = other
    return busy


def _moved(connection: Connection, slots: Collection[Slot], planned_at: datetime) -> frozenset[Slot]:
    moved: set[Slot] = set()
    for some in in_parts(baselines, slots):
        newer = select(baselines.c.system, baselines.c.ref).where(some, baselines.c.at > planned_at)
        moved |= {Slot(row.system, row.ref) for row in connection.execute(newer)}
    return frozenset(moved)
