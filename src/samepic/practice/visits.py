"""How the start page and the SharePoint hosts sign a person in: authorization code with PKCE against the authority.

The trip through the browser is the real one; only the code is redeemed inside the process instead of over HTTP.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlencode

from starlette.responses import Response

from samepic.practice.applications import Application
from samepic.practice.grants import Grants, Refusal
from samepic.practice.pages import see
from samepic.practice.people import Person
from samepic.practice.tokens import BadToken, Tokens

_TRIP = timedelta(minutes=30)


class Visits:
    """One face's way to the authority and back to its own `redirect`."""

    def __init__(self, tokens: Tokens, grants: Grants, application: Application, redirect: str, face: str) -> None:
        self._tokens = tokens
        self._grants = grants
        self._application = application
        self._redirect = redirect
        self._purpose = f"trip/{face}"
        self._cookie = f"practice-trip-{face}"

    def leave(self, back_to: str) -> Response:
        """To the authority; `back_to` is the path of this face to end up at."""
        verifier, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(16)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        trip = {"verifier": verifier, "nonce": nonce, "back_to": back_to}
        query = {
            "client_id": self._application.client_id,
            "response_type": "code",
            "redirect_uri": self._redirect,
            "scope": "openid profile",
            "state": nonce,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        response = see(f"{self._grants.authorize_endpoint}?{urlencode(query)}")
        response.set_cookie(self._cookie, self._tokens.seal(self._purpose, trip, _TRIP), httponly=True, samesite="lax")
        return response

    def arrive(self, query: Mapping[str, str], cookies: Mapping[str, str]) -> tuple[Person, str]:
        """Who came back, and where to. Raises Refusal where this is not the end of a trip begun here."""
        try:
            trip = self._tokens.unseal(self._purpose, cookies.get(self._cookie, ""))
        except BadToken:
            raise Refusal("invalid_request", 165000, "This sign-in was not begun here, or long ago.") from None
        if query.get("state") != trip["nonce"]:
            raise Refusal("invalid_request", 165000, "This is the answer to another sign-in.")
        if "code" not in query:
            raise Refusal(query.get("error", "invalid_request"), 50058, query.get("error_description", "No code came."))
        form = {
            "grant_type": "authorization_code",
            "client_id": self._application.client_id,
            "redirect_uri": self._redirect,
            "code": query["code"],
            "code_verifier": trip["verifier"],
        }
        claims = self._tokens.verified(self._grants.redeem(form)["id_token"])
        if claims.get("nonce") != trip["nonce"]:
            raise Refusal("invalid_request", 165000, "This is the answer to another sign-in.")
        return self._grants.person(claims["oid"]), trip["back_to"]

    def forget(self, response: Response) -> None:
        response.delete_cookie(self._cookie, httponly=True, samesite="lax")
