"""Sessions: who is signed in, kept on the server; of what opens one only the digest is here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from samepic.model import PersonId
from samepic.store.page import Page
from samepic.store.portal_schema import sessions


@dataclass(frozen=True, slots=True)
class Session:
    """`person` is empty for an administrator who is nobody in any system. `content` is the portal's own."""

    digest: str
    person: PersonId
    issuer: str
    subject: str
    content: Mapping[str, Any]
    began_at: datetime
    seen_at: datetime
    until: datetime


class Sessions(Page):
    async def open_session(self, session: Session) -> None:
        row = {
            "digest": session.digest,
            "person": session.person,
            "issuer": session.issuer,
            "subject": session.subject,
            "content": dict(session.content),
            "began_at": session.began_at,
            "seen_at": session.seen_at,
            "until": session.until,
        }
        await self._database.write(lambda connection: connection.execute(insert(sessions), row))

    async def session(self, digest: str, now: datetime) -> Session | None:
        """The session, unless it is over."""
        wanted = select(sessions).where(sessions.c.digest == digest, sessions.c.until > now)
        row = await self._database.read(lambda connection: connection.execute(wanted).first())
        return None if row is None else _session(row)

    async def sessions_of(self, person: PersonId, now: datetime) -> list[Session]:
        """Where somebody is signed in, what was used last first."""
        wanted = select(sessions).where(sessions.c.person == person, sessions.c.until > now)
        newest = wanted.order_by(sessions.c.seen_at.desc(), sessions.c.digest)
        return await self._database.read(lambda connection: [_session(row) for row in connection.execute(newest)])

    async def note_in_session(self, digest: str, content: Mapping[str, Any]) -> None:
        """Sets what the portal keeps with a session."""
        noted = update(sessions).where(sessions.c.digest == digest).values(content=dict(content))
        await self._database.write(lambda connection: connection.execute(noted))

    async def touch_session(self, digest: str, at: datetime) -> None:
        seen = update(sessions).where(sessions.c.digest == digest).values(seen_at=at)
        await self._database.write(lambda connection: connection.execute(seen))

    async def end_session(self, digest: str) -> None:
        ended = delete(sessions).where(sessions.c.digest == digest)
        await self._database.write(lambda connection: connection.execute(ended))

    async def end_sessions(self, person: PersonId) -> None:
        """Signs somebody out everywhere."""
        ended = delete(sessions).where(sessions.c.person == person)
        await self._database.write(lambda connection: connection.execute(ended))

    async def forget_sessions(self, now: datetime) -> None:
        """Removes those that are over."""
        over = delete(sessions).where(sessions.c.until <= now)
        await self._database.write(lambda connection: connection.execute(over))


def _session(row: Row[Any]) -> Session:
    return Session(
        row.digest, PersonId(row.person), row.issuer, row.subject, row.content, row.began_at, row.seen_at, row.until
    )
