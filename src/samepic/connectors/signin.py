"""App-only tokens from Entra ID: an application proves itself by a certificate or a secret and gets one token for each
resource.

Tokens are kept in memory only, asked for once however many wait for them, and renewed before they run out.
"""

from __future__ import annotations

import asyncio
import base64
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from joserfc import jwt
from joserfc.jwk import RSAKey

from samepic.connectors.base import Surroundings
from samepic.connectors.http import Session
from samepic.errors import ConnectorError, Denied, Failed, Refused, SettingsError
from samepic.secret import Secret

RENEW_BEFORE = timedelta(minutes=5)
ASSERTION_LASTS = timedelta(minutes=10)
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_NEW_CERTIFICATE = "Make a new one, add it to the application's registration in Entra, and let `certificate` name it."


@dataclass(frozen=True, slots=True)
class Certificate:
    """What an application signs with. `thumbprint` is the SHA-256 of the certificate, base64url without padding."""

    key: RSAPrivateKey = field(repr=False)
    thumbprint: str
    begins: datetime
    ends: datetime


def read_certificate(pem: bytes) -> Certificate:
    """The private key in the PEM text and the certificate that belongs to it. Raises Denied with the reason."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
        certificates = x509.load_pem_x509_certificates(pem)
    except TypeError:
        raise Denied("The private key is protected by a password.", remedy="Store it without one.") from None
    except ValueError:
        raise Denied(
            "The certificate file does not hold a private key and its certificate as PEM.", remedy=_NEW_CERTIFICATE
        ) from None
    if not isinstance(key, RSAPrivateKey):
        raise Denied("The private key is not an RSA key, which Entra requires.", remedy=_NEW_CERTIFICATE)
    for certificate in certificates:
        if certificate.public_key() == key.public_key():
            digest = base64.urlsafe_b64encode(certificate.fingerprint(hashes.SHA256())).rstrip(b"=").decode()
            return Certificate(key, digest, certificate.not_valid_before_utc, certificate.not_valid_after_utc)
    raise Denied("The certificate does not belong to the private key beside it.", remedy=_NEW_CERTIFICATE)


def require_valid(certificate: Certificate, now: datetime) -> None:
    """Raises Denied, with the date, outside the certificate's time."""
    if now >= certificate.ends:
        raise Denied(f"The certificate expired on {certificate.ends:%Y-%m-%d}.", remedy=_NEW_CERTIFICATE)
    if now < certificate.begins:
        raise Denied(
            f"The certificate is valid from {certificate.begins:%Y-%m-%d %H:%M} UTC on only.",
            remedy="Check this machine's clock.",
        )


def assertion(certificate: Certificate, client_id: str, audience: str, now: datetime) -> str:
    """The signed statement that replaces a client secret.

    Header and claims as on Entra's page on certificate credentials; PS256 with `x5t#S256`, since the older RS256 with
    `x5t` rests on SHA-1.
    """
    claims = {
        "aud": audience,
        "iss": client_id,
        "sub": client_id,
        "jti": str(uuid4()),
        "nbf": int(now.timestamp()),
        "iat": int(now.timestamp()),
        "exp": int((now + ASSERTION_LASTS).timestamp()),
    }
    header = {"alg": "PS256", "typ": "JWT", "x5t#S256": certificate.thumbprint}
    return jwt.encode(header, claims, RSAKey.import_key(certificate.key), algorithms=["PS256"])


@dataclass(frozen=True, slots=True)
class _Token:
    value: str = field(repr=False)
    renew: datetime


class AppTokens:
    """Gives tokens, as `http.TokenProvider` asks. Raises Denied with what to do where the sign-in is turned down."""

    def __init__(
        self,
        around: Surroundings,
        *,
        system: str,
        authority: str,
        tenant: str,
        client_id: str,
        certificate: Secret | None = None,
        secret: Secret | None = None,
    ) -> None:
        self._session = Session(authority, around, system=system)
        self._clock = around.clock
        self._path = f"/{quote(tenant)}/oauth2/v2.0/token"
        self._client_id = client_id
        self._certificate = certificate
        self._secret = secret
        self._tokens: dict[str, _Token] = {}
        self._under_way: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def close(self) -> None:
        await self._session.close()

    async def __call__(self, resource: str, *, refused: str | None = None) -> str:
        async with self._under_way[resource]:
            token = self._tokens.get(resource)
            if token is None or token.value == refused or self._clock() >= token.renew:
                token = self._tokens[resource] = await self._ask(resource)
            return token.value

    async def _ask(self, resource: str) -> _Token:
        asked = self._clock()

        async def form() -> bytes:
            """Anew for each try: an assertion is good once, and the first try may have arrived."""
            proof = await asyncio.to_thread(self._proof, self._clock())
            known = {"client_id": self._client_id, "scope": f"{resource}/.default"}
            return urlencode({"grant_type": "client_credentials", **known, **proof}).encode()

        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            answer = await self._session.send("POST", self._path, headers=headers, content=form, reads=True)
            granted = answer.json()
            lasts = timedelta(seconds=int(granted["expires_in"]))
            return _Token(str(granted["access_token"]), asked + max(lasts - RENEW_BEFORE, lasts / 2))
        except (KeyError, TypeError, ValueError):
            raise Failed("The sign-in answered with something that is no token.", system=self._session.system) from None
        except ConnectorError as trouble:
            raise _turned_down(trouble) from None

    def _proof(self, now: datetime) -> dict[str, str]:
        try:
            if self._certificate is None:
                assert self._secret is not None
                return {"client_secret": self._secret.read().decode().strip()}
            certificate = read_certificate(self._certificate.read())
        except SettingsError as trouble:
            raise Denied(trouble.message, system=self._session.system, remedy=trouble.remedy) from None
        require_valid(certificate, now)
        signed = assertion(certificate, self._client_id, self._session.base + self._path, now)
        return {"client_assertion_type": _ASSERTION_TYPE, "client_assertion": signed}


def _turned_down(trouble: ConnectorError) -> ConnectorError:
    """Entra says 400 and 401 for every reason it does not like an application; all of them need a person."""
    if not isinstance(trouble, Refused | Denied):
        return trouble
    remedy = trouble.remedy or "Check tenant, client_id and the application's certificates and secrets in Entra."
    return Denied(f"The application could not sign in: {trouble.message}", system=trouble.system, remedy=remedy)
