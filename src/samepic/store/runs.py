"""Runs: what was started, by what, under which settings, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from samepic.store import schema
from samepic.store.page import Page


@dataclass(frozen=True, slots=True)
class Run:
    """`settings` is a digest of them. `outcome` counts and says what happened; it is empty until the run has ended."""

    id: int
    what: str
    trigger: str
    settings: str
    started: datetime
    ended: datetime | None
    outcome: Mapping[str, int | str]


class Runs(Page):
    async def begin_run(self, what: str, trigger: str, settings: str, at: datetime) -> int:
        """The new run's number; numbers rise and are never given twice."""
        row = {"what": what, "trigger": trigger, "settings": settings, "started": at, "outcome": {}}
        return await self._database.write(lambda connection: schema.new_row(connection, schema.runs, row))

    async def end_run(self, run: int, outcome: Mapping[str, int | str], at: datetime) -> None:
        ended = update(schema.runs).where(schema.runs.c.id == run).values(ended=at, outcome=dict(outcome))
        await self._database.write(lambda connection: connection.execute(ended))

    async def runs(self, limit: int = 50) -> list[Run]:
        """The newest runs, newest first; `ended` is None for one that is going on, or died."""
        newest = select(schema.runs).order_by(schema.runs.c.id.desc()).limit(limit)
        return await self._database.read(lambda connection: [Run(*row) for row in connection.execute(newest)])
