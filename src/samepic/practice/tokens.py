"""Tokens: what the authority signs for others, and what a face seals for itself.

Access and ID tokens are RS256 JWTs that anybody can check against the published keys. Cookies, codes and refresh tokens
are *sealed*: HS256 with a key that never leaves the state folder, each good for one purpose only. All of them go by the
machine's clock, not by the world's: the clients that hold them live on the machine.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey, RSAKey

from samepic.practice.world import World

_ERA = "practice_era"  # the one claim that no cloud has: control ends an era, and its tokens have run out
_EXPIRED = "Lifetime validation failed, the token is expired."
CERTIFICATE = "2"  # appidacr: how the application proved itself; "1" is a secret, "0" not at all


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a checked access token speaks for. `person` is the object id, None for an application on its own."""

    app: str
    person: str | None
    rights: frozenset[str]
    proof: str

    @property
    def app_only(self) -> bool:
        return self.person is None

    def may(self, *rights: str) -> bool:
        """Whether any of these was granted."""
        return not self.rights.isdisjoint(right.casefold() for right in rights)


class BadToken(ValueError):
    """A token that is not good here; the message says why."""


class Tokens:
    def __init__(self, world: World, authority: str) -> None:
        self._world = world
        self.issuer = f"{authority}/{world.tenant}/v2.0"
        self._signing = RSAKey.import_key(_kept(world, "signing_key", _new_signing_key), {"use": "sig", "alg": "RS256"})
        self._sealing = OctKey.import_key(_kept(world, "sealing_key", secrets.token_urlsafe))

    def published_keys(self) -> dict[str, Any]:
        return {"keys": [self._signing.as_dict(private=False) | {"kid": self._kid, "issuer": self.issuer}]}

    @property
    def _kid(self) -> str:
        return self._signing.thumbprint()

    def sign(self, claims: Mapping[str, Any]) -> str:
        now = int(self._world.machine().timestamp())
        times = {"iat": now, "nbf": now, "exp": now + int(self._world.token_life.total_seconds())}
        times[_ERA] = self._world.token_era
        every = {"iss": self.issuer, "tid": self._world.tenant, "ver": "2.0"} | times | dict(claims)
        return jwt.encode({"alg": "RS256", "kid": self._kid}, every, self._signing)

    def check(self, token: str, audiences: frozenset[str]) -> Caller:
        """Raises BadToken."""
        claims = self.verified(token)
        if claims.get(_ERA) != self._world.token_era:
            raise BadToken(_EXPIRED)
        if claims.get("aud") not in audiences:
            raise BadToken("Invalid audience.")
        person = None if claims.get("idtyp") == "app" else str(claims["oid"])
        rights = claims.get("roles", []) if person is None else str(claims.get("scp", "")).split()
        return Caller(
            str(claims["appid"]), person, frozenset(right.casefold() for right in rights), str(claims["appidacr"])
        )

    def verified(self, token: str) -> dict[str, Any]:
        """The claims of something `sign` made. Raises BadToken."""
        return self._claims(token, self._signing, "RS256")

    def seal(self, purpose: str, claims: Mapping[str, Any], life: timedelta) -> str:
        until = int((self._world.machine() + life).timestamp())
        return jwt.encode({"alg": "HS256"}, {**claims, "purpose": purpose, "exp": until}, self._sealing)

    def unseal(self, purpose: str, sealed: str) -> dict[str, Any]:
        """Raises BadToken where it was sealed for something else, changed, or is too old."""
        claims = self._claims(sealed, self._sealing, "HS256")
        if claims.get("purpose") != purpose:
            raise BadToken("Made for something else.")
        return claims

    def _claims(self, token: str, key: RSAKey | OctKey, algorithm: str) -> dict[str, Any]:
        try:
            claims = jwt.decode(token, key, algorithms=[algorithm]).claims
        except (JoseError, ValueError):
            raise BadToken("Signature validation failed.") from None
        if claims["exp"] <= self._world.machine().timestamp():
            raise BadToken(_EXPIRED)
        return claims


def _new_signing_key() -> str:
    return RSAKey.generate_key(2048).as_pem(private=True).decode()


def _kept(world: World, name: str, make: Any) -> str:
    if world.state.setting(name) is None:
        world.state.set(name, make())
    return str(world.state.setting(name))
