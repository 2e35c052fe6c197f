"""Identities: which person somebody is who signs in, once it is known; by issuer and subject, which never change."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select

from samepic.model import PersonId
from samepic.store.page import Page
from samepic.store.portal_schema import identities
from samepic.store.schema import upsert


@dataclass(frozen=True, slots=True)
class Identity:
    """`linked_by` is what decided whose it is: "object id", "e-mail", or "connected" by the person.

    `name` and `address` are what the provider said last; `at` is when it was bound, `last_at` when it was last used.
    """

    issuer: str
    subject: str
    person: PersonId
    name: str
    address: str | None
    linked_by: str
    at: datetime
    last_at: datetime


class Identities(Page):
    async def identity(self, issuer: str, subject: str) -> Identity | None:
        wanted = select(identities).where(identities.c.issuer == issuer, identities.c.subject == subject)
        row = await self._database.read(lambda connection: connection.execute(wanted).first())
        return None if row is None else _identity(row)

    async def identities_of(self, person: PersonId) -> list[Identity]:
        """Oldest first."""
        wanted = select(identities).where(identities.c.person == person).order_by(identities.c.at)
        return await self._database.read(lambda connection: [_identity(row) for row in connection.execute(wanted)])

    async def bind_identity(self, identity: Identity) -> None:
        """Sets it as given, whoever's it was before."""
        await self._database.write(lambda connection: connection.execute(upsert(identities), asdict(identity)))

    async def unbind_identity(self, issuer: str, subject: str) -> None:
        gone = delete(identities).where(identities.c.issuer == issuer, identities.c.subject == subject)
        await self._database.write(lambda connection: connection.execute(gone))


def _identity(row: Row[Any]) -> Identity:
    return Identity(
        row.issuer,
        row.subject,
        PersonId(row.person),
        row.name,
        row.address,
        row.linked_by,
        row.at,
        row.last_at,
    )
