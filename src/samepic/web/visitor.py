"""Who is asking: the session's cookie, what is known about its owner, and when it ends."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from samepic.model import Language, PersonId
from samepic.settings.portal import Portal
from samepic.store.ledger import Ledger
from samepic.store.sessions import Session

_TOUCHED_EVERY = timedelta(minutes=1)
"""How often a session's last use is written down; more often would be a write for every picture of a page."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is signed in. `person` is None for an administrator who is nobody in any system.

    `provider` is the name of whom they signed in with; `private` is the documented private window, whose `language` is
    kept here and not in the browser. `hint` tells the provider whom to sign out.
    """

    person: PersonId | None
    name: str
    address: str | None
    administrator: bool
    provider: str
    issuer: str
    subject: str
    csrf: str
    private: bool
    session: str
    language: Language | None = None
    hint: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def label(self) -> str:
        """How the audit log calls them."""
        return self.person or f"{self.issuer} {self.subject}"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What signing in found out. `browser` is what its owner may recognise it by in a list."""

    person: PersonId | None
    name: str
    address: str | None
    administrator: bool
    provider: str
    issuer: str
    subject: str
    private: bool = False
    language: Language | None = None
    hint: Mapping[str, str] = field(default_factory=dict, repr=False)
    browser: str = ""


class Visitors:
    """Opens, finds and ends sessions. Where the portal speaks https, its cookie belongs to this very host."""

    def __init__(self, ledger: Ledger, portal: Portal, clock: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._clock = clock
        self.secure = portal.address.startswith("https:")
        self._life = timedelta(hours=portal.session_hours)
        self._idle = timedelta(minutes=portal.idle_minutes)

    @property
    def cookie(self) -> str:
        return "__Host-samepic" if self.secure else "samepic"

    async def of(self, request: Request) -> Visitor | None:
        token = request.cookies.get(self.cookie)
        if not token:
            return None
        now = self._clock()
        session = await self._ledger.session(_digest(token), now)
        if session is None:
            return None
        if now - session.seen_at > self._idle:
            await self._ledger.end_session(session.digest)
            return None
        if now - session.seen_at > _TOUCHED_EVERY:
            await self._ledger.touch_session(session.digest, now)
        return _visitor(session)

    async def enter(self, response: Response, found: Newcomer) -> Visitor:
        """A new session, under a cookie nobody knew before. A private one's cookie goes when the window is closed."""
        token, now = secrets.token_urlsafe(32), self._clock()
        session = Session(
            _digest(token),
            found.person or PersonId(""),
            found.issuer,
            found.subject,
            _content(found),
            now,
            now,
            now + self._life,
        )
        await self._ledger.forget_sessions(now)
        await self._ledger.open_session(session)
        life = None if found.private else int(self._life.total_seconds())
        response.set_cookie(
            self.cookie, token, max_age=life, path="/", secure=self.secure, httponly=True, samesite="lax"
        )
        return _visitor(session)

    async def leave(self, response: Response, visitor: Visitor) -> None:
        """Ends the session; what pages were kept goes with it, and of a private visit everything else, too."""
        await self._ledger.end_session(visitor.session)
        response.delete_cookie(self.cookie, path="/", secure=self.secure, httponly=True, samesite="lax")
        response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"' if visitor.private else '"cache"'

    async def speak(self, visitor: Visitor, language: Language) -> None:
        """Notes a private visitor's language."""
        session = await self._ledger.session(visitor.session, self._clock())
        if session is not None:
            await self._ledger.note_in_session(session.digest, {**session.content, "language": language.value})


def _content(found: Newcomer) -> dict[str, Any]:
    return {
        "name": found.name,
        "address": found.address,
        "administrator": found.administrator,
        "provider": found.provider,
        "private": found.private,
        "language": found.language and found.language.value,
        "hint": dict(found.hint),
        "browser": found.browser,
        "csrf": secrets.token_urlsafe(24),
    }


def _visitor(session: Session) -> Visitor:
    content = session.content
    return Visitor(
        person=session.person or None,
        name=content["name"],
        address=content["address"],
        administrator=content["administrator"],
        provider=content["provider"],
        issuer=session.issuer,
        subject=session.subject,
        csrf=content["csrf"],
        private=content["private"],
        session=session.digest,
        language=Language(content["language"]) if content["language"] else None,
        hint=content["hint"],
    )


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
