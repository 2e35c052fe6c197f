"""The portal's settings: where it is, who may sign in, which tiles it shows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from samepic.settings.table import Table, reference

_ON_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")


def origin(address: str) -> str:
    """The address without a slash at its end. Raises ValueError where it is not https, except on this very machine."""
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("an address is written as https://host")
    if parts.scheme == "http" and parts.hostname not in _ON_THIS_MACHINE:
        raise ValueError("http is for this very machine only; use https")
    return address.rstrip("/")


class Provider(Table):
    """Somebody who says who a person is, by OpenID Connect."""

    name: str
    """A short word for it, part of its address here: letters, digits and hyphens."""
    title: str = ""
    """What the button says. Default: "your work or school account", in the reader's language."""
    kind: Literal["microsoft", "other"] = "other"
    """`microsoft` is Entra ID: people are known by their object id, and may let samepic prompt SharePoint for them."""
    issuer: str
    """The issuer, such as https://login.microsoftonline.com/TENANT-ID/v2.0."""
    tenant: str = ""
    """With Entra's addresses for many tenants (organizations, common): the id of the one whose people may sign in."""
    client_id: str
    """What the portal is registered as there."""
    client_secret: str = ""
    """A reference to the client secret; empty where PKCE alone is enough."""
    domains: tuple[str, ...] = ()
    """Domains whose verified e-mail addresses tell who somebody is. With `microsoft` none are needed."""
    administrators: tuple[str, ...] = ()
    """Who is an administrator: claims, as "roles:Samepic.Administrator" or "groups:0000-...". """
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    """What is asked for."""

    @field_validator("name")
    @classmethod
    def _short_word(cls, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError("a short word of small letters, digits and hyphens")
        return name

    @field_validator("issuer")
    @classmethod
    def _safe(cls, address: str) -> str:
        return origin(address)

    @field_validator("client_secret")
    @classmethod
    def _reference(cls, value: str) -> str:
        return reference(value)

    @field_validator("administrators")
    @classmethod
    def _claims(cls, claims: tuple[str, ...]) -> tuple[str, ...]:
        for one in claims:
            name, _, value = one.partition(":")
            if not name or not value:
                raise ValueError('a claim is written as "name:value", such as "roles:Samepic.Administrator"')
        return claims


class Tile(Table):
    """One tile of a person's page; pressing it is a visit."""

    name: str
    """What it says."""
    address: str
    """Where it leads."""
    system: str = ""
    """The system that fetches the picture when the person comes by, if it does."""


class Portal(Table):
    address: str = "http://127.0.0.1:8470"
    """The portal's address as browsers see it. Outside this machine it begins with https."""
    listen: str = "127.0.0.1:8470"
    """Where `samepic serve` listens: host and port."""
    certificate: Path | None = None
    """A PEM file with the certificate chain, where nothing in front of the portal speaks TLS; relative to the settings
    file."""
    certificate_key: Path | None = None
    """The certificate's private key."""
    start: str = "https://m365.cloud.microsoft"
    """The start page that people sign in to."""
    helpdesk: str = ""
    """Whom to ask, as it should stand in messages to people. Default: "your help desk", in the message's language."""
    key: str = ""
    """A reference to 32 random bytes in base64 that seal what people consented to keep. Without it nothing is kept."""
    hook_secret: str = ""
    """A reference to the secret that deliveries to `/api/hooks/changed` are signed with, as Standard Webhooks has it:
    `whsec_` and base64. Without it nothing is taken there."""
    session_hours: float = Field(default=8, gt=0, le=720)
    """After so long everybody signs in again."""
    idle_minutes: float = Field(default=60, gt=0)
    """After so long without a click, too."""
    upload_megabytes: float = Field(default=15, gt=0, le=15)
    """The largest picture that is taken, and the largest that can be."""
    sign_in: tuple[Provider, ...] = ()
    tiles: tuple[Tile, ...] = ()

    @field_validator("address")
    @classmethod
    def _origin(cls, address: str) -> str:
        return origin(address)

    @field_validator("listen")
    @classmethod
    def _host_and_port(cls, listen: str) -> str:
        host, _, port = listen.rpartition(":")
        if not host or not port.isdecimal() or int(port) > 65535:  # noqa: PLR2004 -- the largest port there is
            raise ValueError("where to listen is written as host:port, such as 127.0.0.1:8470")
        return listen

    @field_validator("key", "hook_secret")
    @classmethod
    def _reference(cls, value: str) -> str:
        return reference(value)

    @model_validator(mode="after")
    def _names_differ(self) -> Portal:
        names = [one.name for one in self.sign_in]
        if len(set(names)) < len(names):
            raise ValueError("two of `sign_in` have the same name")
        if (self.certificate is None) != (self.certificate_key is None):
            raise ValueError("`certificate` and `certificate_key` go together")
        return self
