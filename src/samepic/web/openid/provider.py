"""One provider: where to send a browser, and what to make of the code it comes back with."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from joserfc.jwk import KeySet

from samepic.connectors.base import ForgetfulMemo, Surroundings
from samepic.connectors.http import Patience, Session
from samepic.errors import ConnectorError, Failed, SettingsError, Throttled
from samepic.services import surroundings
from samepic.settings import Settings, portal
from samepic.web.openid import claims as tokens
from samepic.web.openid.attempt import Attempt
from samepic.web.openid.authority import PATH, Authority, authority
from samepic.web.openid.claims import Expected, UnknownKey
from samepic.web.openid.trouble import Reason, SignInTrouble, of_error

KEPT = timedelta(hours=12)
"""How long a provider's configuration and keys are believed without asking again."""

PATIENCE = 15.0
"""Seconds that a provider may take for one answer: somebody is looking at an empty page meanwhile."""

_CHOOSE = frozenset({"https://accounts.google.com"})
"""Know `select_account` and no `login` (developers.google.com/identity/openid-connect/openid-connect#prompt)."""

_ONCE = Patience(tries=1)
_REFUSALS = (400, 401)
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Tokens:
    """What a code was good for."""

    claims: Mapping[str, Any]
    id_token: str = field(repr=False)
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)


class Provider:
    """`settings` is its table; `read_secret` gives the client secret, or nothing where PKCE alone is enough.

    Everything here raises SignInTrouble.
    """

    def __init__(self, settings: portal.Provider, read_secret: Callable[[], str], around: Surroundings) -> None:
        self.settings = settings
        self._read_secret = read_secret
        self._around = around
        self._authority: tuple[Authority, datetime] | None = None
        self._keys: tuple[KeySet, datetime] | None = None

    async def authority(self) -> Authority:
        now = self._around.clock()
        if self._authority is None or now - self._authority[1] > KEPT:
            _, found = await self._ask("GET", f"{self.settings.issuer}{PATH}")
            self._authority = (authority(found, self.settings.issuer, many=bool(self.settings.tenant)), now)
        return self._authority[0]

    async def way_in(self, attempt: Attempt, back: str, *, scopes: str = "", **more: str) -> str:
        """Where to send the browser; `more` are parameters such as `prompt`."""
        query = {
            "client_id": self.settings.client_id,
            "response_type": "code",
            "response_mode": "query",
            "redirect_uri": back,
            "scope": scopes or " ".join(self.settings.scopes),
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        return _with_query((await self.authority()).authorization_endpoint, query | more)

    async def way_out(self, back: str, hint: Mapping[str, str]) -> str:
        """Where to send the browser to sign out there, too (OpenID Connect RP-Initiated Logout); empty for nowhere."""
        address = (await self.authority()).end_session_endpoint
        query = {"client_id": self.settings.client_id, "post_logout_redirect_uri": back, **hint}
        return _with_query(address, query) if address else ""

    async def asking_prompt(self) -> str:
        """What makes the provider ask who it is, although the browser knows somebody.

        Where it does not publish what it can be asked for it is `login`, which OpenID Connect Core 15.1 demands of all.
        """
        known = (await self.authority()).prompts
        wanted = [one for one in ("select_account", "login") if one in known]
        chooses = self.settings.kind == "microsoft" or self.settings.issuer in _CHOOSE
        return " ".join(wanted) or ("select_account" if chooses else "login")

    async def issues_as(self, issuer: str) -> bool:
        """Whether that is what its ID tokens call it."""
        return issuer == (await self.authority()).issuer.replace("{tenantid}", self.settings.tenant)

    async def require_sender(self, issuer: str | None) -> None:
        """An answer that says who sends it was sent by the one we asked (RFC 9207): nobody mixes two providers up."""
        if issuer is None and not (await self.authority()).names_itself:
            return
        if issuer is None or not await self.issues_as(issuer):
            raise SignInTrouble(Reason.UNTRUSTED, "The answer was sent by another provider.")

    async def redeem(self, code: str, attempt: Attempt, back: str, nonce: str) -> Tokens:
        """What the code is good for, once its ID token is believed. `nonce` is the digest that was kept."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back}
        granted = await self._granted(form | {"code_verifier": attempt.verifier})
        claims = await self._read(granted.id_token)
        known = await self.authority()
        expected = Expected(known.issuer, self.settings.client_id, nonce, self.settings.tenant)
        tokens.require(claims, expected, self._around.clock(), granted.access_token)
        return Tokens(claims, granted.id_token, granted.access_token, granted.refresh_token)

    async def refresh(self, refresh_token: str, scopes: str) -> Tokens:
        """A fresh access token; `refresh_token` is empty where the old one stays good."""
        return await self._granted({"grant_type": "refresh_token", "refresh_token": refresh_token, "scope": scopes})

    async def about(self, known: Tokens) -> Mapping[str, Any]:
        """What the provider says about somebody besides the ID token."""
        address = (await self.authority()).userinfo_endpoint
        if not address:
            return {}
        _, found = await self._ask("GET", address, {"Authorization": f"Bearer {known.access_token}"})
        if found.get("sub") != known.claims["sub"]:
            raise SignInTrouble(Reason.UNTRUSTED, "The provider spoke about somebody else.")
        return found

    async def _granted(self, form: Mapping[str, str]) -> Tokens:
        known = await self.authority()
        proof, headers = self._proof(basic=known.basic)
        status, given = await self._ask("POST", known.token_endpoint, headers, {**form, **proof})
        if status in _REFUSALS:
            raise _refused(str(given.get("error", "")))
        texts = {name: str(given.get(name) or "") for name in ("id_token", "access_token", "refresh_token")}
        return Tokens({}, **texts)

    def _proof(self, *, basic: bool) -> tuple[dict[str, str], dict[str, str]]:
        """What goes into the form, and into the headers, so that the provider knows us (RFC 6749 2.3.1)."""
        try:
            secret = self._read_secret()
        except SettingsError as wrong:
            raise SignInTrouble(Reason.SETUP, str(wrong)) from None
        mine = self.settings.client_id
        if not secret:
            return {"client_id": mine}, {}
        if not basic:
            return {"client_id": mine, "client_secret": secret}, {}
        both = base64.b64encode(f"{quote(mine, safe='')}:{quote(secret, safe='')}".encode()).decode()
        return {}, {"Authorization": f"Basic {both}"}

    async def _read(self, id_token: str) -> Mapping[str, Any]:
        """The claims. A key that was not among the published ones may have been published since."""
        if self._keys is None or self._around.clock() - self._keys[1] > KEPT:
            return tokens.read(id_token, await self._fresh_keys())
        try:
            return tokens.read(id_token, self._keys[0])
        except UnknownKey:
            return tokens.read(id_token, await self._fresh_keys())

    async def _fresh_keys(self) -> KeySet:
        _, found = await self._ask("GET", (await self.authority()).jwks_uri)
        self._keys = (tokens.published(found), self._around.clock())
        return self._keys[0]

    async def _ask(
        self, method: str, address: str, headers: Mapping[str, str] | None = None, form: Mapping[str, str] | None = None
    ) -> tuple[int, Mapping[str, Any]]:
        """The status, which is of success or a refusal of ours, and the JSON object that came with it."""
        parts = urlsplit(address)
        body = None if form is None else urlencode(form).encode()
        more = {"Accept": "application/json"} | ({} if form is None else {"Content-Type": _FORM}) | dict(headers or {})
        session = Session(f"{parts.scheme}://{parts.netloc}", self._around, patience=_ONCE)
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await session.send(method, address, headers=more, content=body, accept=_REFUSALS, reads=True)
                found = answer.json()
        except (Failed, Throttled, TimeoutError) as trouble:
            raise SignInTrouble(Reason.DOWN, f"{parts.netloc}: {trouble or 'no answer'}") from None
        except (ConnectorError, SettingsError) as trouble:
            raise SignInTrouble(Reason.SETUP, f"{parts.netloc}{parts.path}: {trouble}") from None
        finally:
            await session.close()
        if not isinstance(found, Mapping):
            raise SignInTrouble(Reason.SETUP, f"{parts.netloc}{parts.path} answered with something else.")
        return answer.status, found


def open_providers(settings: Settings, clock: Callable[[], datetime]) -> dict[str, Provider]:
    """Everybody whom the settings name, by name. Raises SettingsError where the proxy's login cannot be read."""
    around = surroundings(settings, ForgetfulMemo(), clock)
    return {
        one.name: Provider(one, partial(settings.secret, one.client_secret), around) for one in settings.portal.sign_in
    }


def _refused(error: str) -> SignInTrouble:
    """A code that is not good any more is an attempt that took too long; the rest is how things are set up."""
    known = of_error(error)
    return SignInTrouble(Reason.EXPIRED, known.detail) if error == "invalid_grant" else known


def _with_query(address: str, query: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"
