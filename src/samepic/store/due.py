"""What is due: work that must not be forgotten, and must not be done twice at once.

There is one row for each kind of work and person, however often it is planned. Whoever takes it holds a lease; one that
ran out, or whose process is provably dead, is taken again. Planned anew while somebody works on it, it stays and comes
again: what led to the planning may have happened after they looked.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, case, delete, func, literal, or_, select, update
from sqlalchemy.dialects.sqlite import Insert, insert

from samepic.model import PersonId
from samepic.store.page import Page
from samepic.store.portal_schema import due
from samepic.store.process import is_dead, this_process
from samepic.store.schema import Instant, Json

EVERYBODY = PersonId("")
"""In place of a person where the work is about everybody."""


SINCE = "since"
"""The fact of a visit that says when it began."""


TRIGGER = "trigger"
"""The fact that says what started it, where that is not what usually does."""


class Task(StrEnum):
    """What can be due."""

    VISIT = "visit"  # a person came by: bring their picture up to date, and look until it is there
    LOOK = "look"  # somebody wants a fresh look at one person
    CHANGE = "change"  # a system said that something changed for one person
    NOTICES = "notices"  # a person is told that their picture is there
    ROLL = "roll"  # who is where
    SURVEY = "survey"  # everybody is looked at, and nothing moves
    EVERYBODY = "everybody"  # a run over all
    REMINDERS = "reminders"  # people are asked for their visit
    DAY = "day"  # a day has ended
    ORDERS = "orders"  # an administrator ordered something that takes longer than a page


@dataclass(frozen=True, slots=True)
class Due:
    """One thing to do. `attempts` counts how often it was taken since it was last planned; `holder` names the lease."""

    id: int
    task: Task
    person: PersonId
    at: datetime
    facts: Mapping[str, Any]
    attempts: int = 0
    holder: str = ""


class DueWork(Page):
    async def plan_due(
        self, task: Task, person: PersonId, at: datetime, facts: Mapping[str, Any] | None = None
    ) -> None:
        """It will be done `at`; where it is planned already the earlier instant wins, and each newer fact."""
        row = {"what": task.value, "person": person, "at": at, "facts": dict(facts or {}), "attempts": 0}
        await self._database.write(lambda connection: connection.execute(_PLAN, row))

    async def take_due(self, now: datetime, lease: timedelta, limit: int) -> list[Due]:
        """What is due, oldest first, leased to the caller; never two things of one person at a time."""

        def work(connection: Connection) -> list[Due]:
            _free_dead(connection, now)
            rows = connection.execute(_waiting(now, limit)).all()
            return [_take(connection, row, now + lease) for row in rows]

        return await self._database.write(work)

    async def renew_due(self, taken: Due, until: datetime) -> bool:
        """Keeps the lease; False where somebody else has it by now."""
        unplanned = due.c.attempts == taken.attempts
        at = case((unplanned, literal(until, Instant)), else_=due.c.at)
        longer = _held_by(taken).values(leased_until=until, at=at)
        return await self._database.write(lambda connection: connection.execute(longer).rowcount > 0)

    async def done_due(self, taken: Due) -> None:
        """It is done, unless it was planned anew meanwhile; nothing where somebody else has taken over."""
        mine = due.c.id == taken.id, due.c.holder == taken.holder

        def work(connection: Connection) -> None:
            connection.execute(delete(due).where(*mine, due.c.attempts == taken.attempts))
            connection.execute(update(due).where(*mine).values(leased_until=None, holder=None))

        await self._database.write(work)

    async def later_due(self, taken: Due, at: datetime, facts: Mapping[str, Any] | None = None) -> None:
        """Again `at`, with other facts where they are given. Planned anew meanwhile, that stays as it was planned."""
        anew = due.c.attempts != taken.attempts
        instant, content = literal(at, Instant), literal(dict(taken.facts if facts is None else facts), Json)
        again = _held_by(taken).values(
            at=case((anew, func.min(due.c.at, instant)), else_=instant),
            facts=case((anew, due.c.facts), else_=content),
            leased_until=None,
            holder=None,
        )
        await self._database.write(lambda connection: connection.execute(again))

    async def next_due(self, after: datetime) -> datetime | None:
        """The first instant after this one at which something is due that is not now, or a lease runs out."""
        free = select(func.min(due.c.at)).where(due.c.leased_until.is_(None), due.c.at > after)
        leased = select(func.min(due.c.leased_until)).where(due.c.leased_until > after)

        def work(connection: Connection) -> datetime | None:
            found = [connection.scalar(free), connection.scalar(leased)]
            return min((one for one in found if one is not None), default=None)

        return await self._database.read(work)

    async def due_of(self, person: PersonId) -> list[Due]:
        """Everything that is planned or under way for one person, earliest first."""
        wanted = select(due).where(due.c.person == person).order_by(due.c.at, due.c.id)
        return await self._database.read(lambda connection: [_due(row) for row in connection.execute(wanted)])


def _plan() -> Insert:
    fresh = insert(due)
    new = fresh.excluded
    return fresh.on_conflict_do_update(
        index_elements=["what", "person"],
        set_={"at": func.min(due.c.at, new.at), "facts": func.json_patch(due.c.facts, new.facts), "attempts": 0},
    )


_PLAN = _plan()


def _waiting(now: datetime, limit: int) -> Any:
    """The first due thing of each person; what is about everybody stands for itself."""
    busy = select(due.c.person).where(due.c.leased_until > now, due.c.person != EVERYBODY)
    whose = case((due.c.person == EVERYBODY, due.c.what), else_=due.c.person)
    turn = func.row_number().over(partition_by=whose, order_by=(due.c.at, due.c.id)).label("turn")
    free = or_(due.c.leased_until.is_(None), due.c.leased_until <= now)
    ready = select(due, turn).where(due.c.at <= now, free, due.c.person.not_in(busy)).subquery()
    return select(ready).where(ready.c.turn == 1).order_by(ready.c.at, ready.c.id).limit(limit)


def _take(connection: Connection, row: Row[Any], until: datetime) -> Due:
    """Its `at` moves to the lease's end, so that what is planned meanwhile for earlier than that is earlier."""
    holder = json.dumps(this_process() | {"lease": str(uuid.uuid4())})
    taken = {"attempts": row.attempts + 1, "at": until, "leased_until": until, "holder": holder}
    connection.execute(update(due).where(due.c.id == row.id).values(taken))
    return Due(row.id, Task(row.what), PersonId(row.person), row.at, row.facts, row.attempts + 1, holder)


def _free_dead(connection: Connection, now: datetime) -> None:
    """What a dead process held is due as of now."""
    holders = connection.scalars(select(due.c.holder).where(due.c.holder.is_not(None)).distinct()).all()
    for holder in holders:
        if is_dead(json.loads(holder)):
            freed = {"at": func.min(due.c.at, literal(now, Instant)), "leased_until": None, "holder": None}
            connection.execute(update(due).where(due.c.holder == holder).values(freed))


def _held_by(taken: Due) -> Any:
    return update(due).where(due.c.id == taken.id, due.c.holder == taken.holder)


def _due(row: Row[Any]) -> Due:
    return Due(row.id, Task(row.what), PersonId(row.person), row.at, row.facts, row.attempts, row.holder or "")
