"""Sightings: what each slot showed last, since when, and how often in a row it was empty."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, case, func, select
from sqlalchemy.dialects.sqlite import Insert, insert

from samepic.model import Sighting
from samepic.store.page import Page
from samepic.store.schema import execute_all, rows_of, sightings


@dataclass(frozen=True, slots=True)
class Remembered:
    """The last sighting of one slot.

    `first_at` is when this very state, presence and version, was first seen without another in between; `last_at` when
    it was last seen. `absences` is how many times in a row the slot was empty, 0 where there is a picture.
    """

    sighting: Sighting
    first_at: datetime
    last_at: datetime
    absences: int


class Sightings(Page):
    async def remember(self, system: str, seen: Mapping[str, Sighting], at: datetime) -> None:
        """Notes what the refs showed `at`. Once for each look: an absence counts with every call."""
        rows = [_row(system, ref, sighting, at) for ref, sighting in seen.items()]
        await self._database.write(lambda connection: execute_all(connection, _REMEMBER, rows))

    async def remembered(self, system: str, refs: Collection[str] | None = None) -> dict[str, Remembered]:
        """By ref: of these refs, or of the whole system."""
        return await self._database.read(
            lambda connection: {
                row.ref: _remembered(row) for row in rows_of(connection, select(sightings), sightings, system, refs)
            }
        )

    async def pictures_in(self, system: str) -> int:
        """How many slots of the system had a picture when they were last looked at."""
        wanted = select(func.count()).where(sightings.c.system == system, sightings.c.present)
        return await self._database.read(lambda connection: connection.scalar(wanted) or 0)


def _remember() -> Insert:
    fresh = insert(sightings)
    new = fresh.excluded
    as_before = and_(
        sightings.c.present == new.present,
        sightings.c.version.is_not_distinct_from(new.version),
    )
    return fresh.on_conflict_do_update(
        index_elements=["system", "ref"],
        set_={
            "present": new.present,
            "version": new.version,
            "untouched": new.untouched,
            "first_at": case((as_before, sightings.c.first_at), else_=new.first_at),
            "last_at": new.last_at,
            "absences": case((new.present == True, 0), else_=sightings.c.absences + 1),  # noqa: E712 -- SQL, not Python
        },
    )


_REMEMBER = _remember()


def _row(system: str, ref: str, sighting: Sighting, at: datetime) -> dict[str, Any]:
    return {
        "system": system,
        "ref": ref,
        "present": sighting.present,
        "version": sighting.version,
        "untouched": sighting.untouched,
        "first_at": at,
        "last_at": at,
        "absences": 0 if sighting.present else 1,
    }


def _remembered(row: Row[Any]) -> Remembered:
    return Remembered(Sighting(row.present, row.version, row.untouched), row.first_at, row.last_at, row.absences)
