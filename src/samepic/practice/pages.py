"""Web pages of the practice tenant: templates, and cookies that tell which face they are for.

A browser sends a cookie to every port of a host, so a name alone keeps nothing apart: each face has its own cookie name
and the value is sealed for that face.
"""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from jinja2 import Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from samepic.practice.people import Person
from samepic.practice.tokens import BadToken, Tokens
from samepic.practice.world import World

_SESSION = timedelta(hours=12)
_TEMPLATES = Environment(loader=PackageLoader("samepic.practice"), autoescape=True)
_POLICY = "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; frame-ancestors 'none'"


def page(template: str, status: int = HTTPStatus.OK, **values: Any) -> HTMLResponse:
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff"}
    return HTMLResponse(_TEMPLATES.get_template(template).render(values), status, headers)


def see(address: str) -> RedirectResponse:
    return RedirectResponse(address, HTTPStatus.FOUND, {"Cache-Control": "no-store"})


class Session:
    """Who is signed in at one face, by a cookie."""

    def __init__(self, world: World, tokens: Tokens, face: str, cookie: str) -> None:
        self._world = world
        self._tokens = tokens
        self._purpose = f"session/{face}"
        self._cookie = cookie

    def person(self, request: Request) -> Person | None:
        """Nobody, once the person is blocked or their sessions were revoked."""
        try:
            held = self._tokens.unseal(self._purpose, request.cookies.get(self._cookie, ""))
        except BadToken:
            return None
        person = self._world.people.find(held["person"])
        if person is None or not person.enabled or held["era"] != self._world.session_era(person):
            return None
        return person

    def begin(self, response: Response, person: Person) -> None:
        value = self._tokens.seal(
            self._purpose, {"person": person.id, "era": self._world.session_era(person)}, _SESSION
        )
        response.set_cookie(self._cookie, value, httponly=True, samesite="lax")

    def end(self, response: Response) -> None:
        response.delete_cookie(self._cookie, httponly=True, samesite="lax")
