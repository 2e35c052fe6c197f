"""Mailings: who was written to about which system, and when, so that nobody is asked twice too soon.

They lie among the memos, in a drawer whose name no system can have: losing one costs a message, never a picture.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from samepic.model import PersonId
from samepic.store.page import Page
from samepic.store.schema import memos, upsert

DRAWER = "(mailings)"


class Mailings(Page):
    async def claim_mailing(self, person: PersonId, system: str, at: datetime, interval: timedelta) -> datetime | None:
        """Notes the message, and returns None; where one went less than `interval` ago, notes nothing and says when.

        Whoever gets None has to send it, or give it back: of two who ask at the same moment, one is told the other's.
        """
        name = _name(person, system)

        def work(connection: Connection) -> datetime | None:
            before = connection.scalar(select(memos.c.value).where(memos.c.system == DRAWER, memos.c.name == name))
            if before is not None and at < (earlier := datetime.fromisoformat(before)) + interval:
                return earlier
            connection.execute(upsert(memos), {"system": DRAWER, "name": name, "value": at.isoformat()})
            return None

        return await self._database.write(work)

    async def give_back_mailing(self, person: PersonId, system: str) -> None:
        """The message was not sent after all."""
        forget = delete(memos).where(memos.c.system == DRAWER, memos.c.name == _name(person, system))
        await self._database.write(lambda connection: connection.execute(forget))


def _name(person: PersonId, system: str) -> str:
    return f"{person} {system}"
