"""What a program may do: the scopes of its token, and how a token is told from a stranger's guess."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Annotated

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from samepic.store.ledger import Token
from samepic.web.api.problems import Problem
from samepic.web.site import Site

PREFIX = "sp_"
"""What every token begins with, so that one left somewhere by mistake can be recognised."""


class Scope(StrEnum):
    PEOPLE_READ = "people:read"
    PICTURES_READ = "pictures:read"
    PICTURES_WRITE = "pictures:write"
    VISITS_WRITE = "visits:write"
    RUNS_READ = "runs:read"
    RUNS_WRITE = "runs:write"
    AUDIT_READ = "audit:read"


MEANING = {
    Scope.PEOPLE_READ: "who there is, and what every system shows for them, without the pictures",
    Scope.PICTURES_READ: "the pictures themselves",
    Scope.PICTURES_WRITE: "set, remove and undo pictures",
    Scope.VISITS_WRITE: "record visits, and say that somebody's picture changed",
    Scope.RUNS_READ: "runs and the journal",
    Scope.RUNS_WRITE: "start runs",
    Scope.AUDIT_READ: "the audit log",
}


def new_token() -> tuple[str, str]:
    """A token's text, to be shown once, and the digest to keep."""
    text = PREFIX + secrets.token_urlsafe(32)
    return text, digest(text)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def site_of(request: Request) -> Site:
    site = request.app.state.site
    assert isinstance(site, Site)
    return site


async def bearer(request: Request, credentials: HTTPAuthorizationCredentials | None) -> Token:
    """The token that a request carries. Raises Problem(401)."""
    site = site_of(request)
    found = await site.org.ledger.token(digest(credentials.credentials), site.clock()) if credentials else None
    if found is None:
        title = "This token does not work." if credentials else "A token is needed."
        raise Problem(401, title, "An administrator makes tokens in the portal, under API.")
    return found


_BEARER = HTTPBearer(auto_error=False, description="A token made in the portal, under API.")


@dataclass(frozen=True)
class Needs:
    """A dependency: the request's token has this scope. Raises Problem(401) or Problem(403)."""

    scope: Scope

    async def __call__(
        self, request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]
    ) -> Token:
        token = await bearer(request, credentials)
        if self.scope not in token.scopes:
            raise Problem(403, "This token may not do that.", f"It needs the scope {self.scope}.")
        request.state.token = token
        return token
