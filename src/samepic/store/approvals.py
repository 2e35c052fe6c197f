"""Approvals: pictures that wait until somebody else has looked at them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from samepic.model import PersonId
from samepic.store.page import Page
from samepic.store.portal_schema import approvals
from samepic.store.schema import new_row


class Decided(StrEnum):
    APPROVED = "approved"
    REFUSED = "refused"
    REPLACED = "replaced"  # the person came with another picture before anybody had looked


@dataclass(frozen=True, slots=True)
class Approval:
    """`picture` is a number in the gallery. `decision` is None for as long as it waits; `note` is for the person."""

    id: int
    person: PersonId
    picture: int
    asked_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    decision: Decided | None
    note: str


class Approvals(Page):
    async def ask_approval(self, person: PersonId, picture: int, at: datetime) -> int:
        """The picture waits from now on; one of the same person that still waited is replaced by it."""
        row = {"person": person, "picture": picture, "asked_at": at, "note": ""}
        earlier = update(approvals).where(approvals.c.person == person, _WAITING)
        replaced = earlier.values(decided_at=at, decision=Decided.REPLACED.value)

        def work(connection: Connection) -> int:
            connection.execute(replaced)
            return new_row(connection, approvals, row)

        return await self._database.write(work)

    async def decide_approval(self, number: int, answer: Decided, by: str, note: str, at: datetime) -> bool:
        """False, and nothing is changed, where somebody decided before: of two at once, one is told the other's."""
        decided = update(approvals).where(approvals.c.id == number, _WAITING)
        values = decided.values(decided_at=at, decided_by=by, decision=answer.value, note=note)
        return await self._database.write(lambda connection: connection.execute(values).rowcount > 0)

    async def approval(self, number: int) -> Approval | None:
        found = await self._approvals(select(approvals).where(approvals.c.id == number))
        return found[0] if found else None

    async def waiting_approvals(self) -> list[Approval]:
        """Of everybody, oldest first."""
        return await self._approvals(select(approvals).where(_WAITING).order_by(approvals.c.id))

    async def approvals_of(self, person: PersonId) -> list[Approval]:
        """Decided or not, newest first."""
        return await self._approvals(select(approvals).where(approvals.c.person == person).order_by(_NEWEST))

    async def _approvals(self, wanted: Select[Any]) -> list[Approval]:
        return await self._database.read(lambda connection: [_approval(row) for row in connection.execute(wanted)])


_WAITING = approvals.c.decided_at.is_(None)
_NEWEST = approvals.c.id.desc()


def _approval(row: Row[Any]) -> Approval:
    return Approval(
        id=row.id,
        person=PersonId(row.person),
        picture=row.picture,
        asked_at=row.asked_at,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        decision=None if row.decision is None else Decided(row.decision),
        note=row.note,
    )
