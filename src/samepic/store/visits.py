"""Visits: what persons did themselves to get their picture, each served by exactly one run."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from samepic.model import PersonId
from samepic.store.page import Page
from samepic.store.schema import execute_all, new_row, visits


@dataclass(frozen=True, slots=True)
class Visit:
    """`via` is how they came, such as a tile or a link; `served_by` the run that acted on it."""

    id: int
    person: PersonId
    at: datetime
    via: str
    served_by: int | None = None


class Visits(Page):
    async def record_visit(self, person: PersonId, at: datetime, via: str) -> int:
        row = {"person": person, "at": at, "via": via}
        return await self._database.write(lambda connection: new_row(connection, visits, row))

    async def pending_visits(self) -> list[Visit]:
        """Those that no run has served, oldest first."""
        wanted = select(visits).where(visits.c.served_by.is_(None)).order_by(visits.c.id)
        return await self._database.read(lambda connection: [Visit(*row) for row in connection.execute(wanted)])

    async def serve_visits(self, ids: Collection[int], run: int) -> bool:
        """Gives all of these visits to `run`; False, and none given, where another run has one of them already."""
        serve = update(visits).where(visits.c.id == bindparam("visit")).values(served_by=run)

        def work(connection: Connection) -> bool:
            pending = set(connection.scalars(select(visits.c.id).where(visits.c.served_by.is_(None))))
            if not pending.issuperset(ids):
                return False
            execute_all(connection, serve, [{"visit": visit} for visit in set(ids)])
            return True

        return await self._database.write(work)
