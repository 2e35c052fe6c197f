"""Tokens of programs: what each may do, until when; the token itself is shown once and kept by nobody."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, select, update

from samepic.store.page import Page
from samepic.store.portal_schema import tokens
from samepic.store.schema import new_row

PREFIX = "sp_"
"""What every token begins with, so that one left somewhere by mistake can be recognised."""


class Scope(StrEnum):
    PEOPLE_READ = "people:read"
    PICTURES_READ = "pictures:read"
    PICTURES_WRITE = "pictures:write"
    VISITS_WRITE = "visits:write"
    RUNS_READ = "runs:read"
    RUNS_WRITE = "runs:write"
    CHOICES_WRITE = "choices:write"
    APPROVALS_WRITE = "approvals:write"
    AUDIT_READ = "audit:read"


MEANING = {
    Scope.PEOPLE_READ: "who there is, and what every system shows for them, without the pictures",
    Scope.PICTURES_READ: "the pictures themselves",
    Scope.PICTURES_WRITE: "set, remove and undo pictures",
    Scope.VISITS_WRITE: "record visits, and say that somebody's picture changed",
    Scope.RUNS_READ: "runs and the journal",
    Scope.RUNS_WRITE: "start runs, make plans and have them carried out, take runs back, send letters",
    Scope.CHOICES_WRITE: "note what people chose for a system",
    Scope.APPROVALS_WRITE: "approve and refuse pictures",
    Scope.AUDIT_READ: "the audit log",
}


def new_token() -> tuple[str, str]:
    """A token's text, to be shown once, and the digest to keep."""
    text = PREFIX + secrets.token_urlsafe(32)
    return text, digest(text)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


_USED_EVERY = timedelta(minutes=1)
"""How often a token's last use is written down."""


@dataclass(frozen=True, slots=True)
class Token:
    id: int
    name: str
    scopes: frozenset[Scope]
    made_by: str
    made_at: datetime
    until: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def label(self) -> str:
        """How the audit log calls whoever uses it."""
        return f"api {self.name}"

    def works(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.until


class Tokens(Page):
    async def add_token(
        self, digest: str, name: str, scopes: Collection[Scope], made_by: str, at: datetime, until: datetime
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
        frozenset(map(Scope, row.scopes.split())),
        row.made_by,
        row.made_at,
        row.until,
        row.used_at,
        row.revoked_at,
    )
