"""Runs: what was started, by what, under which settings, how far it has come, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from samepic.store import schema
from samepic.store.page import Page


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come: what it is doing, how many are done, how many there are."""

    what: str
    done: int
    total: int


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
    progress: Progress | None = None


class Runs(Page):
    async def begin_run(self, what: str, trigger: str, settings: str, at: datetime) -> int:
        """The new run's number; numbers rise and are never given twice."""
        row = {"what": what, "trigger": trigger, "settings": settings, "started": at, "outcome": {}}
        return await self._database.write(lambda connection: schema.new_row(connection, schema.runs, row))

    async def note_progress(self, run: int, what: str, done: int, total: int) -> None:
        """What another process may show of a run that goes on; nothing once it has ended."""
        progress = {"what": what, "done": done, "total": total}
        going_on = update(schema.runs).where(schema.runs.c.id == run, schema.runs.c.ended.is_(None))
        await self._database.write(lambda connection: connection.execute(going_on.values(progress=progress)))

    async def end_run(self, run: int, outcome: Mapping[str, int | str], at: datetime) -> None:
        values = {"ended": at, "outcome": dict(outcome), "progress": None}
        ended = update(schema.runs).where(schema.runs.c.id == run).values(values)
        await self._database.write(lambda connection: connection.execute(ended))

    async def runs(self, limit: int = 50, before: int | None = None) -> list[Run]:
        """The newest runs, newest first, or those before `before`; `ended` is None for one that goes on, or died."""
        newest = select(schema.runs).order_by(schema.runs.c.id.desc()).limit(limit)
        if before is not None:
            newest = newest.where(schema.runs.c.id < before)
        return await self._database.read(lambda connection: [_run(row) for row in connection.execute(newest)])

    async def run(self, run: int) -> Run | None:
        """The one of this number."""
        wanted = select(schema.runs).where(schema.runs.c.id == run)
        found = await self._database.read(lambda connection: connection.execute(wanted).first())
        return None if found is None else _run(found)

    async def last_begun(self, what: str) -> datetime | None:
        """When the newest run of this kind was started; None where there never was one."""
        newest = select(schema.runs.c.started).where(schema.runs.c.what == what).order_by(schema.runs.c.id.desc())
        return await self._database.read(lambda connection: connection.scalar(newest.limit(1)))


def _run(row: Row[Any]) -> Run:
    progress = None if row.progress is None else Progress(**row.progress)
    return Run(row.id, row.what, row.trigger, row.settings, row.started, row.ended, row.outcome, progress)
