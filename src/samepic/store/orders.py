"""Orders: what administrators asked for that takes longer than a page, and what came of each.

An order is carried out by the work beside the portal, by one process at a time. A plan waits in between, until somebody
has read it and decided; of two who decide at once, one is told the other's decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, func, select, update

from samepic.store.page import Page
from samepic.store.portal_schema import orders
from samepic.store.schema import new_row


class What(StrEnum):
    PLAN = "plan"  # what a run would do, for somebody to read; carried out once it is approved
    UNDO = "undo"  # a run is taken back
    LETTERS = "letters"  # people are asked by mail for their visit


class State(StrEnum):
    ASKED = "asked"
    READY = "ready"  # a plan that waits to be read
    APPROVED = "approved"
    REFUSED = "refused"
    DONE = "done"
    FAILED = "failed"


TO_DO = (State.ASKED, State.APPROVED)


@dataclass(frozen=True, slots=True)
class Order:
    """One order.

    ask       what was asked for: small and readable.
    summary   what came of it, for a list of orders.
    run       the run that did it, or does.
    """

    id: int
    what: What
    ask: Mapping[str, Any]
    state: State
    made_at: datetime
    made_by: str
    summary: Mapping[str, Any]
    decided_at: datetime | None
    decided_by: str | None
    run: int | None


class Orders(Page):
    async def give_order(self, what: What, ask: Mapping[str, Any], by: str, at: datetime) -> int:
        """Its number; numbers rise and are never given twice."""
        row = {"what": what.value, "ask": dict(ask), "state": State.ASKED.value, "made_at": at, "made_by": by}
        row |= {"summary": {}, "content": {}}
        return await self._database.write(lambda connection: new_row(connection, orders, row))

    async def order(self, number: int) -> Order | None:
        wanted = _ORDERS.where(orders.c.id == number)
        found = await self._database.read(lambda connection: connection.execute(wanted).first())
        return None if found is None else _order(found)

    async def order_content(self, number: int) -> Mapping[str, Any]:
        """The plan itself, as a plan file has it; empty where none was made."""
        wanted = select(orders.c.content).where(orders.c.id == number)
        return await self._database.read(lambda connection: connection.scalar(wanted)) or {}

    async def orders(self, what: What, limit: int = 50) -> list[Order]:
        """The newest of a kind, newest first."""
        wanted = _ORDERS.where(orders.c.what == what.value).order_by(orders.c.id.desc()).limit(limit)
        return await self._database.read(lambda connection: [_order(row) for row in connection.execute(wanted)])

    async def orders_to_do(self) -> list[Order]:
        """Asked for or approved, and not done; oldest first."""
        wanted = _ORDERS.where(orders.c.state.in_([one.value for one in TO_DO])).order_by(orders.c.id)
        return await self._database.read(lambda connection: [_order(row) for row in connection.execute(wanted)])

    async def orders_waiting(self) -> int:
        """How many wait for somebody's decision."""
        wanted = select(func.count()).where(orders.c.state == State.READY.value)
        return await self._database.read(lambda connection: connection.scalar(wanted) or 0)

    async def decide_order(self, number: int, state: State, by: str, at: datetime, ask: Mapping[str, Any]) -> bool:
        """Approves or refuses what waits; `ask` replaces what was asked for. False where somebody decided before."""
        decided = {"state": state.value, "decided_by": by, "decided_at": at, "ask": dict(ask)}
        waits = update(orders).where(orders.c.id == number, orders.c.state == State.READY.value)
        return await self._database.write(lambda connection: connection.execute(waits.values(decided)).rowcount > 0)

    async def begin_order(self, number: int, run: int) -> None:
        """Notes which run is at it."""
        begun = update(orders).where(orders.c.id == number).values(run=run)
        await self._database.write(lambda connection: connection.execute(begun))

    async def close_order(
        self, number: int, state: State, summary: Mapping[str, Any], content: Mapping[str, Any] | None = None
    ) -> None:
        """What came of it; `content` where that is a plan."""
        values: dict[str, Any] = {"state": state.value, "summary": dict(summary)}
        values |= {} if content is None else {"content": dict(content)}
        closed = update(orders).where(orders.c.id == number).values(values)
        await self._database.write(lambda connection: connection.execute(closed))


_ORDERS = select(*(column for column in orders.c if column is not orders.c.content))
"""Without the plans themselves: a list of them would be heavy."""


def _order(row: Row[Any]) -> Order:
    return Order(
        id=row.id,
        what=What(row.what),
        ask=row.ask,
        state=State(row.state),
        made_at=row.made_at,
        made_by=row.made_by,
        summary=row.summary,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        run=row.run,
    )
