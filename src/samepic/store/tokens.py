"""Tokens of programs: what each may do, until when; the token itself is shown once and kept by nobody."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select, update

from samepic.store.page import Page
from samepic.store.portal_schema import tokens
from samepic.store.schema import new_row

_USED_EVERY = timedelta(minutes=1)
"""How often a token's last use is written down."""


@dataclass(frozen=True, slots=True)
class Token:
    id: int
    name: str
    scopes: frozenset[str]
    made_by: str
    made_at: datetime
    until: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None

    def works(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.until


class Tokens(Page):
    async def add_token(  # noqa: PLR0917 -- a token has that many facts
        self, digest: str, name: str, scopes: Collection[str], made_by: str, at: datetime, until: datetime
    ) -> int:
        """`digest` is that of the token's text. Returns its number."""
        row = {
            "digest": digest,
            "name": name,
            "scopes": " ".join(sorted(scopes)),
            "made_by": made_by,
            "made_at": at,
            "until": until,
        }
        return await self._database.write(lambda connection: new_row(connection, tokens, row))

    async def token(self, digest: str, now: datetime) -> Token | None:
        """The token, if it still works; notes that it was used."""
        wanted = select(tokens).where(tokens.c.digest == digest)
        row = await self._database.read(lambda connection: connection.execute(wanted).first())
        if row is None or not (found := _token(row)).works(now):
            return None
        if found.used_at is None or now - found.used_at > _USED_EVERY:
            used = update(tokens).where(tokens.c.id == found.id).values(used_at=now)
            await self._database.write(lambda connection: connection.execute(used))
        return found

    async def tokens(self) -> list[Token]:
        """All of them, newest first, those that no longer work included."""
        wanted = select(tokens).order_by(tokens.c.id.desc())
        return await self._database.read(lambda connection: [_token(row) for row in connection.execute(wanted)])

    async def revoke_token(self, number: int, at: datetime) -> bool:
        """False where there is none that could be revoked."""
        revoked = update(tokens).where(tokens.c.id == number, tokens.c.revoked_at.is_(None)).values(revoked_at=at)
        return await self._database.write(lambda connection: connection.execute(revoked).rowcount > 0)


def _token(row: Row[Any]) -> Token:
    return Token(
        row.id,
        row.name,
        frozenset(row.scopes.split()),
        row.made_by,
        row.made_at,
        row.until,
        row.used_at,
        row.revoked_at,
    )
