"""Notices: people who want a message once their picture is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select

from samepic.model import Language, PersonId
from samepic.store.page import Page
from samepic.store.portal_schema import notices
from samepic.store.schema import upsert


@dataclass(frozen=True, slots=True)
class Notice:
    """Write to `address` once the person's picture is right in `system`; asked for `at`."""

    person: PersonId
    system: str
    address: str
    language: Language
    at: datetime


class Notices(Page):
    async def want_notice(self, notice: Notice) -> None:
        """Notes the wish; an earlier one for the same system is replaced."""
        row = {
            "person": notice.person,
            "system": notice.system,
            "address": notice.address,
            "language": notice.language.value,
            "at": notice.at,
        }
        await self._database.write(lambda connection: connection.execute(_WANT, row))

    async def notices(self, person: PersonId | None = None) -> list[Notice]:
        """Of one person or of everybody, oldest first."""
        wanted = select(notices).order_by(notices.c.at, notices.c.person, notices.c.system)
        if person is not None:
            wanted = wanted.where(notices.c.person == person)
        return await self._database.read(
            lambda connection: [
                Notice(PersonId(row.person), row.system, row.address, Language(row.language), row.at)
                for row in connection.execute(wanted)
            ]
        )

    async def end_notice(self, person: PersonId, system: str) -> bool:
        """Takes the wish away. True for exactly one caller, who then sends the message: nobody gets it twice."""
        place = {"whose": person, "where": system}
        return await self._database.write(lambda connection: connection.execute(_END, place).rowcount > 0)


_WANT = upsert(notices)
_END = delete(notices).where(notices.c.person == bindparam("whose"), notices.c.system == bindparam("where"))
