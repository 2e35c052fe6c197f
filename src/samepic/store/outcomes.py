"""Outcomes: what a run could not do for whom, why, and what helps. What it did stands in the journal."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select

from samepic.model import PersonId, Slot
from samepic.store.page import Page
from samepic.store.portal_schema import outcomes
from samepic.store.schema import execute_all, slot_values, upsert


@dataclass(frozen=True, slots=True)
class Trouble:
    """One step that came to nothing. `result` is the engine's word: refused, moved or failed."""

    person: PersonId
    slot: Slot
    result: str
    detail: str
    remedy: str


class Outcomes(Page):
    async def note_troubles(self, run: int, troubles: Collection[Trouble]) -> None:
        rows = [
            {"run": run, **slot_values(one.slot), "person": one.person, "result": one.result}
            | {"detail": one.detail, "remedy": one.remedy}
            for one in troubles
        ]
        if rows:
            await self._database.write(lambda connection: execute_all(connection, _NOTE, rows))

    async def troubles(self, run: int, limit: int = 200) -> list[Trouble]:
        """Of one run, by system."""
        wanted = select(outcomes).where(outcomes.c.run == run).order_by(outcomes.c.system, outcomes.c.ref).limit(limit)
        return await self._database.read(lambda connection: [_trouble(row) for row in connection.execute(wanted)])

    async def count_troubles(self, run: int) -> int:
        wanted = select(func.count()).select_from(outcomes).where(outcomes.c.run == run)
        return await self._database.read(lambda connection: connection.scalar(wanted) or 0)


_NOTE = upsert(outcomes)


def _trouble(row: Row[Any]) -> Trouble:
    return Trouble(PersonId(row.person), Slot(row.system, row.ref), row.result, row.detail, row.remedy)
