"""Answers given once: what a program was told under an idempotency key, and which deliveries were taken already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from samepic.store.page import Page
from samepic.store.portal_schema import answers, deliveries


@dataclass(frozen=True, slots=True)
class Answered:
    """What was answered to `request`, which is a digest of it; no status: it is being answered right now."""

    request: str
    status: int | None
    body: str | None


class Answers(Page):
    async def begin_answer(self, token: int, key: str, request: str, at: datetime) -> Answered | None:
        """None: nobody asked this before, and whoever gets None answers. Else what was, or is being, answered."""
        mine = (answers.c.token == token, answers.c.key == key)
        row = {"token": token, "key": key, "request": request, "at": at}

        def work(connection: Connection) -> Answered | None:
            if connection.execute(insert(answers).on_conflict_do_nothing(), row).rowcount:
                return None
            found = connection.execute(select(answers).where(*mine)).one()
            return Answered(found.request, found.status, found.body)

        return await self._database.write(work)

    async def end_answer(self, token: int, key: str, status: int, body: str) -> None:
        mine = (answers.c.token == token, answers.c.key == key)
        said = update(answers).where(*mine).values(status=status, body=body)
        await self._database.write(lambda connection: connection.execute(said))

    async def drop_answer(self, token: int, key: str) -> None:
        """Nothing was done after all: the same key may be used again."""
        mine = delete(answers).where(answers.c.token == token, answers.c.key == key, answers.c.status.is_(None))
        await self._database.write(lambda connection: connection.execute(mine))

    async def forget_answers(self, before: datetime) -> None:
        """Forgets answers and deliveries older than that."""

        def work(connection: Connection) -> None:
            connection.execute(delete(answers).where(answers.c.at < before))
            connection.execute(delete(deliveries).where(deliveries.c.at < before))

        await self._database.write(work)

    async def take_delivery(self, number: str, at: datetime) -> bool:
        """False where this delivery has been taken before."""
        fresh = insert(deliveries).on_conflict_do_nothing()
        return await self._database.write(
            lambda connection: connection.execute(fresh, {"id": number, "at": at}).rowcount > 0
        )
