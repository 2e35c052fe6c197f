"""Verdicts: what was last said about every slot, since when, and how many there were of each on every day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, literal, select, update

from samepic.model import PersonId, Slot, Verdict
from samepic.store.page import Page
from samepic.store.portal_schema import days, verdicts
from samepic.store.schema import execute_all, in_parts, slot_values, upsert

_AT_ONCE = 5_000
"""Rows in one transaction, so that everybody's verdicts keep nobody waiting for long."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What is said about one slot: the verdict, the reason as a code and its facts, whether a picture is there."""

    person: PersonId
    slot: Slot
    verdict: Verdict
    code: str
    facts: Mapping[str, str]
    present: bool


@dataclass(frozen=True, slots=True)
class Spoken(Judged):
    """What was last said, `at`; `since` is when this verdict was first given without another one in between."""

    since: datetime
    at: datetime

    def as_judged(self) -> Judged:
        return Judged(self.person, self.slot, self.verdict, self.code, self.facts, self.present)


Counts = Mapping[tuple[str, Verdict], int]
"""By system and verdict: how many slots."""


class Verdicts(Page):
    async def note_verdicts(self, judged: Iterable[Judged], at: datetime) -> dict[Slot, datetime]:
        """Keeps what is said now; returns since when each slot has had its verdict."""
        everything, since = list(judged), dict[Slot, datetime]()
        for start in range(0, len(everything), _AT_ONCE):
            some = everything[start : start + _AT_ONCE]
            since |= await self._database.write(partial(_note, judged=some, at=at))
        return since

    async def verdicts_of(self, person: PersonId) -> list[Spoken]:
        """What was last said about each slot of a person, by system."""
        wanted = select(verdicts).where(verdicts.c.person == person).order_by(verdicts.c.system, verdicts.c.ref)
        return await self._database.read(lambda connection: [spoken(row) for row in connection.execute(wanted)])

    async def forget_verdicts(self, slots: Collection[Slot]) -> None:
        """These accounts are gone: nothing is said about them any more."""
        gone = [delete(verdicts).where(some) for some in in_parts(verdicts, slots)]

        def work(connection: Connection) -> None:
            for statement in gone:
                connection.execute(statement)

        if gone:
            await self._database.write(work)

    async def verdict_counts(self) -> Counts:
        """How many slots have each verdict now; whoever has no account in a system is not counted there."""
        return await self._database.read(
            lambda connection: {(row.system, Verdict(row.verdict)): row.people for row in connection.execute(_COUNTED)}
        )

    async def looked_at(self) -> dict[str, datetime]:
        """By system: when anybody was last looked at there."""
        newest = select(verdicts.c.system, func.max(verdicts.c.at).label("at")).group_by(verdicts.c.system)
        return await self._database.read(lambda connection: {row.system: row.at for row in connection.execute(newest)})

    async def close_day(self, day: date) -> None:
        """Keeps the counts of this moment as those of the day, in place of any kept for it before."""
        now = _COUNTED.subquery()
        counted = select(literal(day.isoformat()), now.c.system, now.c.verdict, now.c.people)

        def work(connection: Connection) -> None:
            connection.execute(delete(days).where(days.c.day == day.isoformat()))
            connection.execute(insert(days).from_select(["day", "system", "verdict", "people"], counted))

        await self._database.write(work)

    async def trend(self, newest: int = 90) -> dict[date, Counts]:
        """The counts of the newest days that were closed, oldest day first."""
        closed = select(days.c.day).distinct().order_by(days.c.day.desc()).limit(newest)
        wanted = select(days).where(days.c.day.in_(closed)).order_by(days.c.day)

        def work(connection: Connection) -> dict[date, Counts]:
            found: dict[date, dict[tuple[str, Verdict], int]] = defaultdict(dict)
            for row in connection.execute(wanted):
                found[date.fromisoformat(row.day)][row.system, Verdict(row.verdict)] = row.people
            return dict(found)

        return await self._database.read(work)


_COUNTED = select(verdicts.c.system, verdicts.c.verdict, func.count().label("people")).group_by(
    verdicts.c.system, verdicts.c.verdict
)
_SET = upsert(verdicts)


def spoken(row: Row[Any]) -> Spoken:
    """From a row of the table."""
    slot, verdict = Slot(row.system, row.ref), Verdict(row.verdict)
    return Spoken(PersonId(row.person), slot, verdict, row.code, row.facts, row.present, row.since, row.at)


def _note(connection: Connection, judged: Sequence[Judged], at: datetime) -> dict[Slot, datetime]:
    """What is as before only gets the new instant: of a run in which nothing happened, that is everything."""
    before = _known(connection, [one.slot for one in judged])
    since: dict[Slot, datetime] = {}
    changed, unchanged = [], []
    for one in judged:
        known = before.get(one.slot)
        if known is not None and known.at > at:  # a look that took longer than another one after it
            since[one.slot] = known.since
            continue
        since[one.slot] = known.since if known is not None and known.verdict is one.verdict else at
        if known is not None and known.as_judged() == one:
            unchanged.append(one.slot)
        else:
            changed.append(_row(one, since[one.slot], at))
    execute_all(connection, _SET, changed)
    for some in in_parts(verdicts, unchanged):
        connection.execute(update(verdicts).where(some).values(at=at))
    return since


def _known(connection: Connection, slots: Iterable[Slot]) -> dict[Slot, Spoken]:
    rows = (row for some in in_parts(verdicts, slots) for row in connection.execute(select(verdicts).where(some)))
    return {one.slot: one for one in map(spoken, rows)}


def _row(one: Judged, since: datetime, at: datetime) -> dict[str, Any]:
    return slot_values(one.slot) | {
        "person": one.person,
        "verdict": one.verdict.value,
        "code": one.code,
        "facts": dict(one.facts),
        "present": one.present,
        "since": since,
        "at": at,
    }
