"""Groups: found by DN or name, and who of the people in scope is in them, those of groups inside them included.

Members are DNs (`member`, `uniqueMember`: RFC 4519) or logins (`memberUid`: RFC 2307). Groups seldom lie where people
do, so a name is looked for in the whole naming context that people are in.

No overlay is needed, and none is trusted: `memberOf` is missing for whoever joined before the overlay was switched on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from typing import ClassVar

from ldap3.core.exceptions import LDAPExceptionError
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import parse_dn

from samepic.connectors.ldap.answers import Elsewhere, InvalidName
from samepic.connectors.ldap.directory import FEW, Directory, lies_in, normal, require_absence
from samepic.connectors.ldap.entry import EVERYTHING, NOTHING, Entry, Query
from samepic.connectors.ldap.options import LdapOptions
from samepic.connectors.ldap.session import LdapSession
from samepic.errors import Denied, Gone, Refused

_KINDS: Mapping[str, str] = {
    "groupOfNames": "member",
    "groupOfMembers": "member",
    "groupOfUniqueNames": "uniqueMember",
    "posixGroup": "memberUid",
}
"""Object class -> what names its members. A class of somebody's own is known by what it holds."""

_MEMBERS = tuple(dict.fromkeys(_KINDS.values()))
_SIGNS = (*(f"(objectClass={kind})" for kind in _KINDS), *(f"({name}=*)" for name in _MEMBERS))

People = Sequence[tuple[str, Entry]]
"""(ref, entry with `uid`) of everybody who fits the filter."""


class Groups:
    """See the module."""

    kind: ClassVar[str] = f"(|{''.join(_SIGNS)})"
    """The filter that groups fit, and nothing else."""

    naming: ClassVar[Sequence[str]] = ("cn",)
    """The attributes by which people call a group."""

    attributes: ClassVar[Sequence[str]] = ("objectClass", *_MEMBERS)
    """What is read of a group."""

    def __init__(self, session: LdapSession, directory: Directory, options: LdapOptions) -> None:
        self._session, self._directory, self._options = session, directory, options

    async def scope(self, people: People) -> frozenset[str]:
        """Refs of those who count: members of the group in the settings, or everybody. Raises Refused without it."""
        group = await self._required()
        return frozenset(ref for ref, _ in people) if group is None else await self._among(people, group)

    async def members(self, group: str) -> frozenset[str]:
        """Refs of those in scope who are in the group. Raises Gone; Refused where several have the name; Denied."""
        found = await self._find(group)
        people = [one async for one in self._directory.people(("uid",))]
        return await self._among(people, found) & await self.scope(people)

    async def _required(self) -> Entry | None:
        """The group in the settings; None where everybody counts."""
        if not (dn := self._options.group):
            return None
        if not (found := await self._at([dn])):
            raise Refused(f"There is no group {dn}.", system=self._session.system, remedy="Check `group`.")
        return found[0]

    async def _find(self, group: str) -> Entry:
        found = await self._at(self._places(group)) or await self._called(group)
        if not found:
            remedy = "Check the name, or name it by its DN; the account that samepic signs in as has to see it."
            raise Gone(f"There is no group {group}.", system=self._session.system, remedy=remedy)
        if len(found) > 1:
            told = "; ".join(sorted(one.dn for one in found))
            said = f"{len(found)} groups are called {group}: {told}."
            raise Refused(said, system=self._session.system, remedy="Name the one that is meant by its DN.")
        return found[0]

    def _places(self, group: str) -> Sequence[str]:
        """Where the group is, if that was said; none for a name."""
        try:
            parse_dn(group, strip=True)
        except LDAPExceptionError:
            return ()
        return (group,)

    async def _at(self, places: Iterable[str]) -> list[Entry]:
        """The groups at these places. What is no group, no DN, or another server's, is left out."""
        found = []
        for place in places:
            with suppress(Elsewhere, InvalidName):
                found.append(await self._session.read(place, self.attributes, self.kind))
        return [one for one in found if one is not None]

    async def _called(self, name: str) -> list[Entry]:
        value = escape_filter_chars(name)
        return await self._fitting("".join(f"({one}={value})" for one in self.naming))

    async def _fitting(self, any_of: str, attributes: Sequence[str] = ()) -> list[Entry]:
        """Every group that fits one of these filters, wherever people are."""
        found = dict[str, Entry]()  # one naming context may lie in another
        for top in await self._tops():
            query = Query(top, f"(&{self.kind}(|{any_of}))", tuple(attributes or self.attributes))
            try:
                found.update({one.dn: one async for one in self._session.search(query)})
            except Gone:
                raise self._unseen(top) from None
        return list(found.values())

    def _unseen(self, top: str) -> Denied:
        """Where nothing may be seen, nobody can say that there is no such group."""
        remedy = "Let the account that samepic signs in as search there, or name groups by their DN."
        return Denied(f"Groups in {top} may not be looked for.", system=self._session.system, remedy=remedy)

    async def _tops(self) -> Sequence[str]:
        """The naming contexts that people are in; where the server does not tell, their bases."""
        contexts = (await self._session.root()).texts("namingContexts")
        bases = list(map(normal, self._options.base))
        holding = [one for one in contexts if any(lies_in(base, normal(one)) for base in bases)]
        return holding or self._options.base

    async def _among(self, people: People, group: Entry) -> frozenset[str]:
        """Refs of those of them who are in the group."""
        placed = {normal(entry.dn): (ref, entry) for ref, entry in people}
        names = await self._names(group, placed.keys())
        return frozenset(
            ref for dn, (ref, entry) in placed.items() if dn in names or not names.isdisjoint(entry.texts("uid"))
        )

    async def _names(self, group: Entry, people: AbstractSet[str]) -> set[str]:
        """What everybody in the group is called there: normalized DNs, or logins.

        `people` are the normalized DNs of whom we know: none of them can be a group in the group.
        """
        names, level = set[str](), [group]
        while level:
            listed = dict[str, str]()
            for entry in level:
                await self._require_sight(entry)
                names.update(entry.texts("memberUid"))
                listed.update({normal(dn): dn for name in ("member", "uniqueMember") for dn in entry.texts(name)})
            level = await self._inside({one: listed[one] for one in listed.keys() - names - people})
            names |= listed.keys()
        return names

    async def _inside(self, dns: Mapping[str, str]) -> list[Entry]:
        """The groups among these entries: normalized DN -> DN as written."""
        if len(dns) > FEW:
            with suppress(Denied):  # where a list is refused, reading each still tells
                dns = await self._narrowed(dns)
        return await self._at(dns.values())

    async def _narrowed(self, dns: Mapping[str, str]) -> dict[str, str]:
        """Without those that a list of all groups lacks. It says nothing of other naming contexts."""
        groups = {normal(one.dn) for one in await self._fitting(EVERYTHING, (NOTHING,))}
        tops = [normal(one) for one in await self._tops()]
        return {one: dn for one, dn in dns.items() if one in groups or not any(lies_in(one, top) for top in tops)}

    async def _require_sight(self, group: Entry) -> None:
        """A group whose members may not be read looks like one without any."""
        if any(group.mentions(name) for name in _MEMBERS):
            return
        classes = {one.casefold() for one in group.texts("objectClass")}
        own = dict.fromkeys(name for kind, name in _KINDS.items() if kind.casefold() in classes)
        await require_absence(self._session, group.dn, tuple(own) or _MEMBERS)
