"""What a program may do: the token that a request carries, and the scope that a route needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from samepic.store.tokens import Scope, Token, digest
from samepic.web.api.problems import Problem
from samepic.web.site import Site


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
