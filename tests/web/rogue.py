"""An identity provider that answers whatever a test wants, and a portal with a few people who sign in with it.

Nothing here listens: provider and portal are called in this process, and the time is what the test says.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from samepic.connectors.base import Surroundings
from samepic.model import Account, Kind, PersonId, key
from samepic.services import open_organisation
from samepic.settings import check
from samepic.store.people import Link
from samepic.web.app import portal
from samepic.web.openid.provider import Provider
from samepic.web.site import Site, open_site
from samepic.work import Work

ISSUER = "https://rogue.example"
CLIENT = "the-portal"
TENANT = "11111111-2222-3333-4444-555555555555"
OID = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

KEYS = {
    "now": RSAKey.generate_key(2048, {"kid": "now", "use": "sig"}),
    "next": RSAKey.generate_key(2048, {"kid": "next"}),
}
CURVE = ECKey.generate_key("P-256", {"kid": "curve", "use": "sig"})


@dataclass
class Rogue:
    """`claims` and `header` change what it signs with `key`; `sign` replaces the signing; `publishes` are its keys.

    `configuration` changes what it says about itself, `down` makes it break. `asked` is what came for tokens.
    """

    clock: Callable[[], datetime]
    issuer: str = ISSUER
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    key: RSAKey | ECKey = field(default_factory=lambda: KEYS["now"])
    sign: Callable[[dict[str, Any], dict[str, Any]], str] | None = None
    publishes: tuple[RSAKey | ECKey, ...] = (KEYS["now"], CURVE)
    configuration: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    down: bool = False
    nonce: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    userinfo: dict[str, Any] = field(default_factory=dict)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._configuration),
                Route("/{tenant}/v2.0/.well-known/openid-configuration", self._configuration),
                Route("/keys", self._keys),
                Route("/token", self._token, methods=["POST"]),
                Route("/userinfo", self._userinfo),
            ]
        )

    async def _configuration(self, request: Request) -> JSONResponse:
        if self.down:
            return JSONResponse({"error": "broken"}, 503)
        plain = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "end_session_endpoint": f"{ISSUER}/leave",
            "userinfo_endpoint": f"{ISSUER}/userinfo",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }
        return JSONResponse({name: value for name, value in (plain | self.configuration).items() if value is not None})

    async def _keys(self, request: Request) -> JSONResponse:
        return JSONResponse(KeySet(list(self.publishes)).as_dict(private=False))

    async def _token(self, request: Request) -> JSONResponse:
        form = await request.form()
        self.asked.append({name: str(value) for name, value in form.items()})
        self.authorizations.append(request.headers.get("authorization", ""))
        return JSONResponse({"access_token": "access", "id_token": self.token(), **self.answer}, self.status)

    async def _userinfo(self, request: Request) -> JSONResponse:
        return JSONResponse(self.userinfo)

    def token(self) -> str:
        now = int(self.clock().timestamp())
        plain = {
            "iss": self.issuer,
            "sub": "ada",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 3600,
            "nonce": self.nonce,
            "name": "Ada",
            "email": "ada@contoso.example",
            "email_verified": True,
        }
        claims = {name: value for name, value in (plain | self.claims).items() if value is not None}
        header = {"alg": "RS256", "kid": self.key.kid} | self.header
        if self.sign is not None:
            return self.sign(header, claims)
        return jwt.encode(header, claims, self.key, algorithms=["RS256", "PS256", "ES256", "RS512"])


@dataclass
class Stage:
    """`now` is the time, everywhere. `person` is Ada's id, `other` Bruno's."""

    rogue: Rogue
    site: Site
    app: Starlette
    times: list[datetime]
    address: str

    person = PersonId("ada-id")
    other = PersonId("bruno-id")

    def later(self, by: timedelta) -> None:
        self.times[0] += by

    def browser(self, **headers: str) -> httpx2.AsyncClient:
        own = {"origin": self.address, "sec-fetch-site": "same-origin", "accept-language": "en", **headers}
        return httpx2.AsyncClient(transport=httpx2.ASGITransport(self.app), base_url=self.address, headers=own)

    async def set_out(self, browser: httpx2.AsyncClient, path: str = "/sign-in/rogue", **fields: str) -> dict[str, str]:
        """What the browser is sent to the provider with."""
        answer = await browser.post(path, data=fields | await self.csrf(browser))
        assert answer.status_code == 303, answer.text
        asked = query_of(answer)
        self.rogue.nonce = asked["nonce"]
        return asked

    async def csrf(self, browser: httpx2.AsyncClient) -> dict[str, str]:
        """What the forms of somebody who is signed in carry besides."""
        page = await browser.get("/nowhere")
        found = re.search(r'name="csrf" value="([^"]+)"', page.text)
        return {"csrf": found.group(1)} if found else {}

    async def come_back(self, browser: httpx2.AsyncClient, provider: str = "rogue", **query: str) -> httpx2.Response:
        return await browser.get(f"/signed-in/{provider}", params=query, headers={"sec-fetch-site": "cross-site"})

    async def sign_in(self, browser: httpx2.AsyncClient, provider: str = "rogue", **fields: str) -> httpx2.Response:
        asked = await self.set_out(browser, f"/sign-in/{provider}", **fields)
        return await self.come_back(browser, provider, code="the-code", state=asked["state"])

    async def audited(self) -> list[str]:
        return [one.what for one in await self.site.org.ledger.audit()]


def query_of(answer: httpx2.Response) -> dict[str, str]:
    """What a redirect carries."""
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def settings_of(folder: Path, address: str, provider: Mapping[str, Any], **portal_table: Any) -> Any:
    table = {"name": "rogue", "issuer": ISSUER, "client_id": CLIENT, "domains": ["Contoso.example"], **provider}
    second = {"name": "second", "issuer": ISSUER, "client_id": CLIENT, "domains": ["contoso.example"]}
    content = {"portal": {"address": address, "sign_in": [table, second], **portal_table}}
    return check(content, folder / "samepic.toml")


@asynccontextmanager
async def staged(
    folder: Path,
    *,
    address: str = "http://127.0.0.1:8470",
    provider: Mapping[str, Any] | None = None,
    secret: str = "a-secret",
    **more: Any,
) -> AsyncIterator[Stage]:
    """A portal whose organisation knows Ada and Bruno, and no system at all."""
    times = [NOON]
    settings = settings_of(folder, address, provider or {}, **more)
    rogue = Rogue(lambda: times[0], settings.portal.sign_in[0].issuer)
    async with open_organisation(settings, clock=lambda: times[0]) as org:
        await org.people.save([
            _link(Stage.person, "a", times[0], key("mail", "ada@contoso.example"), key("id", OID)),
            _link(Stage.other, "b", times[0], key("mail", "bruno@contoso.example"), key("id", "another-oid")),
        ])  # fmt: skip
        around = Surroundings(transport=httpx2.ASGITransport(rogue.app()), clock=lambda: times[0])
        site = open_site(settings, org, Work(org, settings))
        providers = {name: Provider(one.settings, lambda: secret, around) for name, one in site.providers.items()}
        site = replace(site, providers=providers)
        yield Stage(rogue, site, portal(site), times, address)


def _link(person: PersonId, ref: str, at: datetime, *keys: str) -> Link:
    return Link(person, "directory", Account(ref, frozenset(keys), Kind.PERSON, ref), "id", at)
