"""Whether an ID token is believed (OpenID Connect Core 3.1.3.7), and what of it counts. Pure."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from samepic.web.openid.attempt import digest
from samepic.web.openid.trouble import Reason, SignInTrouble

ALGORITHMS = ("RS256", "PS256", "ES256")
"""Signatures that are believed: of public keys only, all of them over SHA-256."""

SKEW = timedelta(minutes=5)
"""How far two clocks may be apart."""

LONGEST_SUBJECT = 255
"""Characters; OpenID Connect Core 2 allows no more."""

_TENANT = "{tenantid}"


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token has to say. `nonce` is a digest; `tenant` the one whose people may sign in, empty where the issuer
    is one tenant's own.
    """

    issuer: str
    client_id: str
    nonce: str
    tenant: str = ""


class UnknownKey(SignInTrouble):
    """Signed with a key that was not published when the keys were last read."""


def published(content: Mapping[str, Any]) -> KeySet:
    """The keys for signing in a published set; those of kinds that we do not know are none of our business."""
    signing = [one for one in content.get("keys", ()) if isinstance(one, dict) and one.get("use", "sig") == "sig"]
    return KeySet([key for one in signing if (key := _public_key(one)) is not None])


def _public_key(content: dict[str, Any]) -> RSAKey | ECKey | None:
    kinds: dict[object, type[RSAKey | ECKey]] = {"RSA": RSAKey, "EC": ECKey}
    kind = kinds.get(content.get("kty"))
    try:
        return None if kind is None else kind.import_key(content)
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def read(token: str, keys: KeySet) -> dict[str, Any]:
    """The claims under a signature that is believed. Raises SignInTrouble."""
    try:
        return dict(jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims)
    except InvalidKeyIdError:
        raise UnknownKey(Reason.UNTRUSTED, "The ID token is signed with a key that the provider has not.") from None
    except (JoseError, ValueError, TypeError) as why:
        raise _untrusted(f"its signature does not hold ({type(why).__name__})") from None


def require(claims: Mapping[str, Any], expected: Expected, now: datetime, access_token: str = "") -> None:
    """Raises SignInTrouble unless the token is from whom we asked, for us, about this attempt, and of this time."""
    _require_issuer(claims, expected)
    _require_audience(claims, expected.client_id)
    _require_time(claims, now)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(digest(nonce), expected.nonce):
        raise _untrusted("it belongs to another attempt")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise _untrusted("it names nobody")
    if "at_hash" in claims and claims["at_hash"] != half_digest(access_token):
        raise _untrusted("it came with another access token")


def issuer_of(issuer: str, claims: Mapping[str, Any], tenant: str) -> str:
    """The issuer that a token must name. Entra's addresses for many tenants publish one with a place for the tenant
    (learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer): there only `tenant` fits.
    """
    if _TENANT not in issuer:
        return issuer
    if not tenant or claims.get("tid") != tenant:
        raise _untrusted("it is of another tenant")
    return issuer.replace(_TENANT, tenant)


def half_digest(token: str) -> str:
    """`at_hash`: the left half of the token's SHA-256, as all of `ALGORITHMS` use."""
    return base64.urlsafe_b64encode(sha256(token.encode()).digest()[:16]).rstrip(b"=").decode()


def _require_issuer(claims: Mapping[str, Any], expected: Expected) -> None:
    if claims.get("iss") != issuer_of(expected.issuer, claims, expected.tenant):
        raise _untrusted("it is from another issuer")


def _require_audience(claims: Mapping[str, Any], client_id: str) -> None:
    audience = claims.get("aud")
    several = audience if isinstance(audience, list) else [audience]
    if client_id not in several:
        raise _untrusted("it is for somebody else")
    if claims.get("azp", None if len(several) > 1 else client_id) != client_id:
        raise _untrusted("somebody else asked for it")


def _require_time(claims: Mapping[str, Any], now: datetime) -> None:
    times = [claims.get("exp"), claims.get("iat"), claims.get("nbf", 0)]
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in times):
        raise _untrusted("it does not say when it counts")
    ends, *begins = times
    if now.timestamp() >= ends + SKEW.total_seconds():
        raise SignInTrouble(Reason.CLOCK, "The ID token has run out.")
    if any(now.timestamp() < begin - SKEW.total_seconds() for begin in begins):
        raise SignInTrouble(Reason.CLOCK, "The ID token counts only later.")


def _untrusted(why: str) -> SignInTrouble:
    return SignInTrouble(Reason.UNTRUSTED, f"The ID token is not believed: {why}.")
