"""The people of a domain. An object answers to `<GUID=...>` wherever it is moved, so nobody has to be searched for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from ldap3.utils.conv import escape_filter_chars

from samepic.connectors import anchors
from samepic.connectors.active_directory import replication
from samepic.connectors.ldap.directory import Directory, lies_in, normal
from samepic.connectors.ldap.entry import Entry
from samepic.connectors.ldap.options import LdapOptions
from samepic.connectors.ldap.session import LdapSession
from samepic.errors import Gone

_RDN = re.compile(r"(\\.|[^\\,])*,?")
"""The first part of a DN. Names such as `CN=Hopper\\, Grace` are common."""

_IN_CHAIN = "1.2.840.113556.1.4.1941"
"""LDAP_MATCHING_RULE_IN_CHAIN: members of members, too (MS-ADTS, 3.1.1.3.4.4.3)."""


class DomainDirectory(Directory):
    """See the module."""

    stamps = (replication.METADATA, "uSNCreated", "uSNChanged")

    def __init__(self, session: LdapSession, options: LdapOptions) -> None:
        super().__init__(session, options)
        if options.group:
            self._filter = f"(&{options.filter}{in_chain(options.group)})"
        self._bases = tuple(map(normal, options.base))

    def stamp_of(self, entry: Entry) -> str:
        """The picture's last change; where that may not be read, the object's.

        Controllers count changes each by itself, but two of them hardly gave an object the same number twice.
        """
        metadata = next(iter(entry.all(replication.METADATA)), b"")
        if found := replication.stamp(metadata, self._options.attribute):
            return found
        created, changed = entry.text("uSNCreated"), entry.text("uSNChanged")
        return f"{created}.{changed}" if created and changed else ""

    def legible(self, entry: Entry) -> Entry:
        """With GUIDs and SIDs as text and of the addresses only those for mail."""
        told = {name: tuple(tell(entry.all(name))) for name, tell in _IN_WORDS.items() if entry.mentions(name)}
        return Entry(entry.dn, {**entry.values, **told}, entry.controls)

    async def _find(self, ref: str, attributes: Sequence[str]) -> Entry:
        entry = await self._session.read(address(ref), (self._options.ref, *attributes), self._filter)
        if entry is None or not self._within(entry.dn):
            raise Gone("There is no such account any more, or it is out of scope.", system=self._session.system)
        return self.legible(entry)

    def _within(self, dn: str) -> bool:
        name = normal(dn)
        if self._options.scope == "one level":
            return _RDN.sub("", name, count=1) in self._bases
        return any(lies_in(name, base) for base in self._bases)


def address(ref: str) -> str:
    """What stands for the DN of an object, wherever it is."""
    return f"<GUID={ref}>"


def in_chain(group: str) -> str:
    """The filter for whatever is in the group of this DN, or in a group inside it."""
    return f"(memberOf:{_IN_CHAIN}:={escape_filter_chars(group)})"


def _guids(values: Iterable[bytes]) -> Iterable[bytes]:
    """`mS-DS-ConsistencyGuid` may hold anything; what is no GUID identifies nobody."""
    return (found.encode() for value in values if (found := anchors.guid(value)))


def _sids(values: Iterable[bytes]) -> Iterable[bytes]:
    return (found.encode() for value in values if (found := anchors.sid(value)))


def _mail(values: Iterable[bytes]) -> Iterable[bytes]:
    """Of `SMTP:ada@...` (the first address), `smtp:...` (others), `X500:...`: those for mail."""
    return (value[5:] for value in values if value[:5].lower() == b"smtp:")


_IN_WORDS: Mapping[str, Callable[[Iterable[bytes]], Iterable[bytes]]] = {
    "objectguid": _guids,
    "ms-ds-consistencyguid": _guids,
    "objectsid": _sids,
    "proxyaddresses": _mail,
}
