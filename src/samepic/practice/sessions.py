"""Who is signed in at a face, by a cookie.

A browser sends a cookie to every port of a host, so a name alone keeps nothing apart: each face has its own cookie name
and the value is sealed for that face.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from samepic.practice.people import Person
from samepic.practice.tokens import BadToken, Tokens
from samepic.practice.world import World

_SESSION = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who proved themselves `at` seconds since 1970; `sid` is the session, in one browser."""

    person: Person
    at: int
    sid: str


class Session:
    """One face's cookie."""

    def __init__(self, world: World, tokens: Tokens, face: str, cookie: str) -> None:
        self._world = world
        self._tokens = tokens
        self._purpose = f"signed-in/{face}"
        self._cookie = cookie

    def held(self, request: Request) -> SignedIn | None:
        """Nobody, once the person is blocked or their sessions were revoked."""
        try:
            held = self._tokens.unseal(self._purpose, request.cookies.get(self._cookie, ""))
        except BadToken:
            return None
        person = self._world.people.find(held["person"])
        if person is None or not person.enabled or held["era"] != self._world.session_era(person):
            return None
        return SignedIn(person, held["at"], held["sid"])

    def person(self, request: Request) -> Person | None:
        held = self.held(request)
        return held.person if held else None

    def new(self, person: Person, before: SignedIn | None = None) -> SignedIn:
        """The person has proved themselves now; the session goes on where it was theirs before."""
        same = before is not None and before.person.id == person.id
        sid = before.sid if before and same else str(uuid.uuid4())
        return SignedIn(person, int(self._world.machine().timestamp()), sid)

    def begin(self, response: Response, signed_in: SignedIn) -> None:
        era = self._world.session_era(signed_in.person)
        held = {"person": signed_in.person.id, "at": signed_in.at, "sid": signed_in.sid, "era": era}
        value = self._tokens.seal(self._purpose, held, _SESSION)
        response.set_cookie(self._cookie, value, httponly=True, samesite="lax")

    def end(self, response: Response) -> None:
        response.delete_cookie(self._cookie, httponly=True, samesite="lax")
