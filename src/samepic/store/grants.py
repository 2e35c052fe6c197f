"""Grants: what people consented to let samepic keep, sealed; this module never sees what is inside."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select

from samepic.model import PersonId
from samepic.store.page import Page
from samepic.store.portal_schema import grants
from samepic.store.schema import upsert


@dataclass(frozen=True, slots=True)
class Grant:
    """One person's consent at one issuer, since `at`, for these scopes."""

    person: PersonId
    issuer: str
    sealed: str = field(repr=False)
    scopes: str
    at: datetime


class Grants(Page):
    async def keep_grant(self, grant: Grant) -> None:
        """Replaces an earlier one."""
        await self._database.write(lambda connection: connection.execute(upsert(grants), asdict(grant)))

    async def renew_grant(self, grant: Grant, sealed: str) -> bool:
        """What the provider gave in place of what was sealed; False where the person has taken it back meanwhile."""
        same = grants.update().where(
            grants.c.person == grant.person, grants.c.issuer == grant.issuer, grants.c.sealed == grant.sealed
        )
        return await self._database.write(
            lambda connection: connection.execute(same.values(sealed=sealed)).rowcount > 0
        )

    async def grants(self) -> list[Grant]:
        """Everybody's, oldest first."""
        wanted = select(grants).order_by(grants.c.at)
        return await self._database.read(lambda connection: [_grant(row) for row in connection.execute(wanted)])

    async def grants_of(self, person: PersonId) -> list[Grant]:
        wanted = select(grants).where(grants.c.person == person).order_by(grants.c.at)
        return await self._database.read(lambda connection: [_grant(row) for row in connection.execute(wanted)])

    async def drop_grants(self, person: PersonId, issuer: str | None = None) -> bool:
        """Takes back what the person consented to, everywhere or at one issuer; False where there was nothing."""
        gone = delete(grants).where(grants.c.person == person)
        gone = gone if issuer is None else gone.where(grants.c.issuer == issuer)
        return await self._database.write(lambda connection: connection.execute(gone).rowcount > 0)


def _grant(row: Row[Any]) -> Grant:
    return Grant(PersonId(row.person), row.issuer, row.sealed, row.scopes, row.at)
