"""Entries as accounts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from samepic.connectors.ldap.entry import Entry
from samepic.connectors.ldap.options import FIELD
from samepic.model import Account, key

Sources = Mapping[str, Sequence[str]]
"""Kind of key -> attributes, or texts with attributes in braces."""

_NAMES = ("displayName", "cn", "uid")


def attributes(sources: Sources) -> tuple[str, ...]:
    """What to ask for so that `account` has all it reads."""
    wanted = (name for texts in sources.values() for text in texts for name in FIELD.findall(text) or (text,))
    return tuple(dict.fromkeys((*wanted, *_NAMES, "mail")))


def account(ref: str, entry: Entry, sources: Sources, *, active: bool = True) -> Account:
    return Account(
        ref,
        keys(entry, sources),
        name=next((text for name in _NAMES if (text := entry.text(name))), entry.dn),
        address=entry.text("mail") or None,
        active=active,
    )


def keys(entry: Entry, sources: Sources) -> frozenset[str]:
    """Matching keys. The first mail address is `mail`, what more there is are aliases: a directory may hold several."""
    found: set[str] = set()
    for kind, texts in sources.items():
        values = [value for text in texts for value in _values(entry, text)]
        if kind == "mail":
            found.update(key("alias", value) for value in values[1:])
            values = values[:1]
        found.update(key(kind, value) for value in values)
    return frozenset(found)


def _values(entry: Entry, text: str) -> Iterable[str]:
    """The attribute's values; or the text with attributes filled in, nothing where one of them is missing."""
    names = FIELD.findall(text)
    if not names:
        return entry.texts(text)
    if not all(entry.text(name) for name in names):
        return ()
    return (FIELD.sub(lambda found: entry.text(found[1]), text),)
