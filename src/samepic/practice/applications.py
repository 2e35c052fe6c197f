"""The applications registered in the practice tenant, and the certificate of the one that is there to be used.

*practice* is what a client under test signs in as: with a secret, or with the certificate whose key is in the state
folder. *portal* signs people in to a web portal of this machine, with a secret that is a file in the state folder.
*start* and *sharepoint* are the cloud's own; they redeem codes with PKCE alone.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from samepic.practice.origins import SITES, Origins, api_of
from samepic.practice.people import stable_uuid
from samepic.practice.state import State

ADMINISTRATOR = "Samepic.Administrator"
"""An application role of *portal*."""

DEFAULT_ROLES: Mapping[str, tuple[str, ...]] = {
    "graph": ("User.Read.All", "ProfilePhoto.Read.All", "ProfilePhoto.ReadWrite.All", "PeopleSettings.Read.All"),
    "sharepoint": ("Sites.FullControl.All", "User.ReadWrite.All"),
}
"""Application permissions with admin consent, by API. The three SharePoint hosts are one API."""

_LOOPBACK = re.compile(r"https?://(localhost|127\.0\.0\.1)(:\d+)?(/.*)?")
_CERTIFICATE = "application.pem"
_PORTAL_FILE = "portal-secret"
_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Application:
    """`secret` is None for an application that cannot keep one: PKCE is its proof.

    `asks` is whether everybody is asked to consent to what goes beyond signing in; `first_roles` are the application
    roles that the first person has at first.
    """

    client_id: str
    name: str
    redirects: tuple[str, ...] = ()
    loopback: bool = False
    secret: str | None = field(default=None, repr=False)
    asks: bool = False
    first_roles: tuple[str, ...] = ()

    def allows(self, redirect: str) -> bool:
        return redirect in self.redirects or (self.loopback and _LOOPBACK.fullmatch(redirect) is not None)


class Applications:
    def __init__(self, state: State, origins: Origins) -> None:
        self._state = state
        seed, faces = state.setting("seed"), origins.faces()
        if state.setting("client_secret") is None:
            state.set("client_secret", secrets.token_urlsafe(24))
        self.practice = Application(
            stable_uuid(seed, "practice"), "Practice", (), True, str(state.setting("client_secret"))
        )
        self.portal_secret_file = state.folder / _PORTAL_FILE
        self.portal = Application(
            stable_uuid(seed, "portal"),
            "Portal",
            loopback=True,
            secret=_secret_in(self.portal_secret_file),
            asks=True,
            first_roles=(ADMINISTRATOR,),
        )
        self.start = Application(stable_uuid(seed, "start"), "Start page", (f"{origins.start}/signed-in",))
        forms = tuple(f"{faces[site]}/_forms/default.aspx" for site in SITES)
        self.sharepoint = Application(stable_uuid(seed, "sharepoint"), "SharePoint", forms)
        self.certificate_file = state.folder / _CERTIFICATE
        self.certificate = _certificate_in(self.certificate_file)

    def find(self, client_id: str) -> Application | None:
        return next((found for found in self._all if found.client_id == client_id.casefold()), None)

    def named(self, name: str) -> Application | None:
        """One of the two that clients sign in as, by the name it has here."""
        return {"practice": self.practice, "portal": self.portal}.get(name)

    def allows_return(self, address: str) -> bool:
        """Whether any application is registered with this address."""
        return any(application.allows(address) for application in self._all)

    @property
    def _all(self) -> tuple[Application, ...]:
        return self.practice, self.portal, self.start, self.sharepoint

    def roles(self, face: str) -> list[str]:
        """The application permissions of *practice* at this face; none without consent, as in the cloud."""
        if not self.standing()["consent"]:
            return []
        granted: dict[str, list[str]] = self.granted()
        return granted.get(api_of(face), [])

    def granted(self) -> dict[str, list[str]]:
        return dict(self._state.setting("roles", {api: list(roles) for api, roles in DEFAULT_ROLES.items()}))

    def grant(self, roles: dict[str, list[str]]) -> None:
        """Counts from the next token on, as in the cloud."""
        self._state.set("roles", self.granted() | roles)

    def standing(self) -> dict[str, bool]:
        """Whether *practice* is enabled, and whether an administrator's consent to it still stands."""
        return {"enabled": True, "consent": True} | dict(self._state.setting("standing", {}))

    def set_standing(self, changes: dict[str, bool]) -> None:
        self._state.set("standing", self.standing() | changes)

    def thumbprints(self) -> dict[str, str]:
        """Header name -> how an assertion names our certificate."""
        prints = {
            "x5t": self.certificate.fingerprint(hashes.SHA1()),  # noqa: S303 -- x5t is defined as SHA-1 (RFC 7515)
            "x5t#S256": self.certificate.fingerprint(hashes.SHA256()),
        }
        return {name: base64.urlsafe_b64encode(value).rstrip(b"=").decode() for name, value in prints.items()}


def _secret_in(file: Path) -> str:
    """A file, so that settings can refer to it instead of holding it."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(24), encoding="ascii")
    return file.read_text(encoding="ascii")


def _certificate_in(file: Path) -> x509.Certificate:
    if not file.exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        file.touch(mode=0o600)
        file.write_bytes(_pem(key) + _self_signed(key).public_bytes(serialization.Encoding.PEM))
    return x509.load_pem_x509_certificate(file.read_bytes())


def _pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _self_signed(key: rsa.RSAPrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "samepic practice")])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder(name, name, key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=_DAYS))
        .sign(key, hashes.SHA256())
    )
