"""What is asked of a directory and what it answers, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Scope = Literal["base", "one level", "subtree"]

Control = tuple[str, bool, bytes | None]
"""(OID, critical?, BER value)."""

EVERYTHING = "(objectClass=*)"
NOTHING = "1.1"
"""In place of attributes: none, please (RFC 4511, 4.5.1.8)."""


@dataclass(frozen=True, slots=True)
class Query:
    """One search. `limit` is how many entries the server may give at most, 0 for as many as it will."""

    base: str
    filter: str = EVERYTHING
    attributes: tuple[str, ...] = (NOTHING,)
    scope: Scope = "subtree"
    controls: tuple[Control, ...] = ()
    limit: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its DN as the server spells it, and its raw values by attribute name in lower case.

    An attribute that the server did not mention is absent; DirSync mentions a removed one with no values.
    """

    dn: str
    values: Mapping[str, Sequence[bytes]]
    controls: Mapping[str, Any] = field(default_factory=dict)

    def all(self, attribute: str) -> Sequence[bytes]:
        return self.values.get(attribute.casefold(), ())

    def mentions(self, attribute: str) -> bool:
        return attribute.casefold() in self.values

    def texts(self, attribute: str) -> list[str]:
        """Values as text; what is no UTF-8 is left out, for no key and no name can be made of it."""
        return [text for value in self.all(attribute) if (text := _text(value))]

    def text(self, attribute: str) -> str:
        """The first value as text; empty where there is none."""
        return next(iter(self.texts(attribute)), "")


@dataclass(frozen=True, slots=True)
class Answer:
    """All that came back on one request.

    referrals  addresses of parts that are kept elsewhere; they are not followed.
    notices    intermediate responses as (OID, value), in the order in which they came.
    controls   of the final result by OID: bytes, or what ldap3 makes of those it knows (paged results, DirSync).
    """

    entries: Sequence[Entry] = ()
    referrals: Sequence[str] = ()
    notices: Sequence[tuple[str, bytes]] = ()
    controls: Mapping[str, Any] = field(default_factory=dict)


def _text(value: bytes) -> str:
    try:
        return value.decode().strip()
    except UnicodeDecodeError:
        return ""
