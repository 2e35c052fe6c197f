"""Arrivals: how long pictures take to be seen in a system, from the write or the ask to the first right look."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from samepic.model import Digest, PersonId, Slot, Way
from samepic.store.page import Page
from samepic.store.portal_schema import arrivals
from samepic.store.schema import at_slot, execute_all, in_parts, place, slot_values

COUNTED = 500
"""How many of the newest arrivals say what is usual."""


@dataclass(frozen=True, slots=True)
class Usual:
    """How long it took lately: half of `count` pictures came within `median`, nine in ten within `p90`."""

    count: int
    median: timedelta
    p90: timedelta


class Arrivals(Page):
    async def begin_arrival(self, slot: Slot, person: PersonId, want: Digest, way: Way, at: datetime) -> None:
        """The picture is under way since `at`; if it was already, since then. Another one for the slot is given up."""
        row = slot_values(slot) | {"person": person, "want": want, "way": way.value, "began_at": at}

        def work(connection: Connection) -> None:
            connection.execute(_GIVE_UP, {**place(slot), "other_than": want})
            connection.execute(_BEGIN, row)

        await self._database.write(work)

    async def end_arrivals(self, slots: Collection[Slot], at: datetime) -> None:
        """These slots show what they should; fine where nothing was under way."""
        under_way = list(await self.under_way(slots))
        if under_way:
            rows = [{**place(slot), "seen_at": at} for slot in under_way]
            await self._database.write(lambda connection: execute_all(connection, _END, rows))

    async def under_way(self, slots: Collection[Slot]) -> dict[Slot, datetime]:
        """Those of the slots that a picture is on its way to, and since when."""
        wanted = select(arrivals.c.system, arrivals.c.ref, arrivals.c.began_at).where(arrivals.c.arrived_at.is_(None))
        parts = [wanted.where(some) for some in in_parts(arrivals, slots)]
        return await self._database.read(
            lambda connection: {
                Slot(row.system, row.ref): row.began_at for part in parts for row in connection.execute(part)
            }
        )

    async def usual(self, system: str, way: Way) -> Usual | None:
        """What to expect of this system; None where nothing has arrived yet."""
        wanted = (
            select(arrivals.c.began_at, arrivals.c.arrived_at)
            .where(arrivals.c.arrived_at.is_not(None), arrivals.c.system == system, arrivals.c.way == way.value)
            .order_by(arrivals.c.arrived_at.desc())
            .limit(COUNTED)
        )
        took = await self._database.read(
            lambda connection: sorted(row.arrived_at - row.began_at for row in connection.execute(wanted))
        )
        return Usual(len(took), _within(took, 0.5), _within(took, 0.9)) if took else None


_GIVE_UP = delete(arrivals).where(
    at_slot(arrivals), arrivals.c.arrived_at.is_(None), arrivals.c.want != bindparam("other_than")
)
_BEGIN = insert(arrivals).on_conflict_do_nothing()  # one is under way to a slot at a time
_END = (
    update(arrivals).where(at_slot(arrivals), arrivals.c.arrived_at.is_(None)).values(arrived_at=bindparam("seen_at"))
)


def _within(took: Sequence[timedelta], share: float) -> timedelta:
    """The time within which that share of them came; `took` is sorted and not empty."""
    return took[ceil(len(took) * share) - 1]
