"""The people of a directory: who there is, what each entry holds, and where an entry is now.

An entry is known by its ref; its DN is only where it was last. Most servers have no index for `entryUUID`, so an entry
is read where it was, and searched for only when it is not there any more.

A directory does not say that an attribute may not be read: the entry looks as if it had none. But a filter on such an
attribute is neither true nor false (RFC 4511, 4.5.1.7), so an entry that fits neither `(a=*)` nor `(!(a=*))` is one
whose picture we may not see.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from ldap3.core.exceptions import LDAPExceptionError
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import parse_dn

from samepic.connectors.ldap.entry import NOTHING, Answer, Entry, Query
from samepic.connectors.ldap.options import LdapOptions
from samepic.connectors.ldap.remembered import STAMPS, stamp
from samepic.connectors.ldap.session import PAGE, LdapSession
from samepic.errors import Denied, Failed, Gone, Refused

FEW = 32
"""Up to so many are looked at one by one; for more, everybody is listed."""

_PAGE_OF_PICTURES = 50


@dataclass(frozen=True, slots=True)
class Held:
    """What an entry held when it was read: its stamp, and the picture's values."""

    dn: str
    stamp: str
    values: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry in a listing: its stamp, and whether it has a picture."""

    stamp: str
    present: bool


class Directory:
    """See the module. Knows where each entry was last, and `elsewhere`: addresses of parts that other servers have."""

    stamps: Sequence[str] = STAMPS
    """The attributes that `stamp_of` reads."""

    def __init__(self, session: LdapSession, options: LdapOptions) -> None:
        self._session = session
        self._options = options
        self._places: dict[str, str] = {}
        self._filter = options.filter
        self.elsewhere: set[str] = set()

    def stamp_of(self, entry: Entry) -> str:
        """When the entry, or its picture, was changed last; empty where the server does not say."""
        return stamp(entry)

    def legible(self, entry: Entry) -> Entry:
        """The entry with values that are no text put into words."""
        return entry

    async def people(
        self, attributes: Sequence[str], also: str = "", page: int = PAGE
    ) -> AsyncGenerator[tuple[str, Entry], None]:
        """(ref, entry) of everybody in scope who fits `also`. Raises on the first trouble."""
        found = f"(&{self._filter}{also})" if also else self._filter
        wanted = tuple(dict.fromkeys((self._options.ref, *attributes)))
        given = set[str]()  # bases may overlap, and entries move while they are read
        for base in self._options.base:
            query = Query(base, found, wanted, self._options.scope)
            async with aclosing(self._session.pages(query, page)) as pages:
                async for answer in _there(pages, base):
                    self.elsewhere.update(answer.referrals)
                    for entry in map(self.legible, answer.entries):
                        ref = self._ref(entry)
                        self._places[ref] = entry.dn
                        if ref not in given:
                            given.add(ref)
                            yield ref, entry

    async def listing(self) -> dict[str, Listed]:
        """Everybody whose picture, or the lack of one, may be seen."""
        attribute, found = self._options.attribute, dict[str, Listed]()
        for present, stamps, also in (
            (False, (), f"(!({attribute}=*))"),
            (True, self.stamps, f"({attribute}=*)"),
        ):
            async with aclosing(self.people(stamps, also)) as people:
                async for ref, entry in people:
                    found[ref] = Listed(self.stamp_of(entry), present)
        return found

    async def pictures(self) -> AsyncGenerator[tuple[str, Held], None]:
        """(ref, what the entry holds) of everybody with a picture, a few at a time: pages are kept in memory."""
        attribute = self._options.attribute
        async with aclosing(self.people((*self.stamps, attribute), f"({attribute}=*)", _PAGE_OF_PICTURES)) as people:
            async for ref, entry in people:
                yield ref, self._held(entry)

    def _held(self, entry: Entry) -> Held:
        """Some programs write a value of no bytes for "none"."""
        values = [value for value in entry.all(self._options.attribute) if value]
        return Held(entry.dn, self.stamp_of(entry), values)

    async def stamp(self, ref: str) -> str:
        """When the entry was changed last. Raises Gone."""
        return self.stamp_of(await self._find(ref, self.stamps))

    async def held(self, ref: str) -> Held:
        """What the entry holds. Raises Gone; Denied where its picture may not be read."""
        entry = await self._find(ref, (*self.stamps, self._options.attribute))
        if not entry.mentions(self._options.attribute):
            await require_absence(self._session, entry.dn, (self._options.attribute,))
        return self._held(entry)

    def forget(self, ref: str) -> None:
        """The entry is not where it was."""
        self._places.pop(ref, None)

    async def _find(self, ref: str, attributes: Sequence[str]) -> Entry:
        wanted = (self._options.ref, *attributes)
        if (place := self._places.get(ref)) is not None:
            entry = await self._session.read(place, wanted, self._filter)
            if entry is not None and self._ref(entry) == ref:
                return entry
        return await self._searched(ref, wanted)

    async def _searched(self, ref: str, wanted: Sequence[str]) -> Entry:
        fits = f"(&{self._filter}({self._options.ref}={escape_filter_chars(ref)}))"
        for base in self._options.base:
            answer = await self._session.ask(Query(base, fits, tuple(wanted), self._options.scope))
            for entry in answer.entries:
                self._places[ref] = entry.dn
                return entry
        self.forget(ref)
        raise Gone("There is no such entry any more, or it is out of scope.", system=self._session.system)

    def _ref(self, entry: Entry) -> str:
        if not (ref := entry.text(self._options.ref)):
            raise Failed(
                f"{entry.dn} has no {self._options.ref}.",
                system=self._session.system,
                remedy="Name in `ref` the attribute that never changes for an entry, and let the account read it.",
            )
        return ref


async def _there(pages: AsyncGenerator[Answer, None], base: str) -> AsyncGenerator[Answer, None]:
    """The pages; a base that is not there is a mistake, never an empty directory."""
    try:
        async for page in pages:
            yield page
    except Gone as why:
        raise Refused(
            f"There is no {base}, or it may not be seen.", system=why.system, remedy="Check `base`, and the rights."
        ) from None


async def require_absence(session: LdapSession, dn: str, attributes: Sequence[str]) -> None:
    """Raises Denied where the entry seems to have none of these attributes, and that cannot be said."""
    none = "".join(f"(!({name}=*))" for name in attributes)
    if await session.read(dn, (NOTHING,), f"(&{none})") is None:
        named = " or ".join(attributes)
        raise Denied(
            f"{dn}: its {named} may not be read.",
            system=session.system,
            remedy=f"Let the account that samepic signs in as read {named}.",
        )


def normal(dn: str) -> str:
    """A DN in one spelling: without case and without spaces around its parts."""
    try:
        return ",".join(f"{name}={value}".casefold() for name, value, _ in parse_dn(dn, strip=True))
    except LDAPExceptionError:
        return dn.casefold()


def lies_in(name: str, top: str) -> bool:
    """Is that entry this one, or below it? Both are normalized."""
    return f",{name}".endswith(f",{top}")
