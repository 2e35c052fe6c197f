"""The settings of an LDAP directory."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from ldap3.core.exceptions import LDAPExceptionError
from ldap3.operation.search import parse_filter
from ldap3.utils.dn import parse_dn
from pydantic import BeforeValidator, ConfigDict, Field, field_validator, model_validator

from samepic.connectors.base import Options, SecretReference
from samepic.connectors.folder.options import SettingsPath
from samepic.connectors.ldap.entry import Scope
from samepic.connectors.ldap.line import Server
from samepic.model import KEY_STRENGTH

OneOrMore = Annotated[tuple[str, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)]
"""A list in the settings, where one text stands for a list of one."""

ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]*|\d+(\.\d+)+")
FIELD = re.compile(r"\{([A-Za-z][A-Za-z0-9-]*)\}")

KEYS: dict[str, tuple[str, ...]] = {
    "employee": ("employeeNumber",),
    "mail": ("mail",),
    "alias": ("mailAlternateAddress", "mailLocalAddress"),
}


class LdapOptions(Options):
    """Pictures in an LDAP directory: `jpegPhoto` of inetOrgPerson (RFC 2798), or another attribute."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    server: OneOrMore
    """`ldap://name` or `ldaps://name`, with a port where it is not the usual one; several are tried in this order."""

    encryption: Literal["starttls", "none"] = "starttls"
    """For ldap://: `starttls`, or `none`, which is allowed to this machine only."""

    ca: SettingsPath | None = None
    """A PEM file with authorities to trust besides the machine's own, instead of `[network] ca`."""

    user: str = ""
    """Whom to sign in as: a DN, or what else the server takes. Without it, nobody (anonymous)."""

    password: SecretReference | None = None
    """A reference to that account's password."""

    base: OneOrMore
    """Where people are, such as ou=people,dc=example,dc=com; several are read one after the other."""

    scope: Scope = "subtree"
    """`subtree`, or `one level` for what lies directly below each base."""

    filter: str = "(objectClass=inetOrgPerson)"
    """Whom to look at. Whoever does not fit has no account here."""

    group: str = ""
    """The DN of a group: only its members (`member`, `uniqueMember`, `memberUid`), groups in it included."""

    inactive: str = ""
    """A filter for accounts that may not sign in, such as (pwdAccountLockedTime=000001010000Z)."""

    ref: str = "entryUUID"
    """The attribute that never changes for an entry: `entryUUID` (RFC 4530); in 389 Directory Server `nsUniqueId`."""

    keys: dict[str, OneOrMore] = Field(default=KEYS)
    """What people are matched by: for each of id, anchor, employee, upn, mail and alias the attributes to read, or
    texts with attributes in braces, such as "{uid}@example.com"."""

    attribute: str = "jpegPhoto"
    """The attribute that holds the picture."""

    several: Literal["report", "replace"] = "report"
    """What to do about an entry with more than one picture: `report` says so and leaves it alone; with `replace` the
    largest counts, and a write replaces all of them. Undo brings all of them back."""

    side: int = Field(default=400, ge=48)
    """The largest side in pixels of what is written."""

    max_bytes: int = Field(default=50_000, ge=2_000)
    """The largest picture that is written. Address books read whole entries, so this travels with every search."""

    @field_validator("base")
    @classmethod
    def _are_names(cls, bases: tuple[str, ...]) -> tuple[str, ...]:
        for base in bases:
            try:
                parse_dn(base)
            except LDAPExceptionError:
                raise ValueError(f"{base!r} is not a distinguished name such as ou=people,dc=example,dc=com.") from None
        return bases

    @field_validator("filter", "inactive")
    @classmethod
    def _is_a_filter(cls, text: str) -> str:
        if text:
            try:
                parse_filter(text, None, auto_escape=False, auto_encode=False, validator=None, check_names=False)
            except LDAPExceptionError:
                raise ValueError(f"{text!r} is not a filter such as (objectClass=inetOrgPerson).") from None
        return text

    @field_validator("ref", "attribute")
    @classmethod
    def _is_an_attribute(cls, name: str) -> str:
        if not ATTRIBUTE.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of an attribute.")
        return name

    @field_validator("keys")
    @classmethod
    def _have_kinds(cls, keys: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        if unknown := keys.keys() - set(KEY_STRENGTH):
            raise ValueError(f"There are no keys of the kind {', '.join(sorted(unknown))}: {', '.join(KEY_STRENGTH)}.")
        for source in (source for sources in keys.values() for source in sources):
            if not ATTRIBUTE.fullmatch(source) and not FIELD.search(source):
                raise ValueError(f"{source!r} is neither an attribute nor a text with one in braces.")
        return keys

    @model_validator(mode="after")
    def _can_sign_in(self) -> Self:
        self.servers()
        if bool(self.user) != (self.password is not None):
            raise ValueError("`user` and `password` belong together.")
        return self

    def servers(self) -> tuple[Server, ...]:
        return tuple(Server.parse(address, self.encryption) for address in self.server)
