"""Proof that a form was sent by one of our own pages, in the browser of the one it is for."""

from __future__ import annotations

import hmac

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request

from samepic.settings.portal import Portal
from samepic.web.visitor import Visitor


def require_own_form(request: Request, form: FormData, portal: Portal, visitor: Visitor | None) -> None:
    """Raises HTTPException(403) otherwise.

    A browser says where a form came from (Sec-Fetch-Site, else Origin), and whoever is signed in sends their session's
    own token besides.
    """
    if not _from_here(request, portal):
        raise HTTPException(403)
    if visitor is not None:
        token = form.get("csrf") or request.headers.get("x-csrf-token", "")
        if not isinstance(token, str) or not hmac.compare_digest(token.encode(), visitor.csrf.encode()):
            raise HTTPException(403)


def _from_here(request: Request, portal: Portal) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("origin") == portal.address
