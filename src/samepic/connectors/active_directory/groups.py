"""Groups of a domain. A controller finds all groups inside a group by itself, loops and any depth included.

People are asked for by these groups: to follow the chain up from each person, Samba reads every group that the person
is in with all its members, which took 25 times as long for a small group among 6,000 people.

Whoever has a group as their primary one is in it without being listed there: `primaryGroupID` of the account is the
last part of the group's SID (MS-ADA3). Nearly always that is *Domain Users*, which often lies inside other groups.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ldap3.utils.conv import escape_filter_chars

from samepic.connectors.active_directory.directory import address, in_chain
from samepic.connectors.ldap.entry import Entry
from samepic.connectors.ldap.groups import Groups, People

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SID = re.compile(r"S-1(-\d+)+", re.IGNORECASE)


class DomainGroups(Groups):
    """See the module."""

    kind = "(objectCategory=group)"
    naming = ("sAMAccountName", "cn", "mail")
    attributes = ("objectSid",)

    async def scope(self, people: People) -> frozenset[str]:
        """The filter chose them already. Raises Refused where there is no such group."""
        await self._required()
        return frozenset(ref for ref, _ in people)

    async def members(self, group: str) -> frozenset[str]:
        found = await self._find(group)
        groups = (found, *await self._fitting(in_chain(found.dn)))
        belonging = "".join(map(self._belonging, groups))
        return frozenset([ref async for ref, _ in self._directory.people((), f"(|{belonging})")])

    def _places(self, group: str) -> Sequence[str]:
        if _GUID.fullmatch(group):
            return (address(group),)
        return (f"<SID={group.upper()}>",) if _SID.fullmatch(group) else super()._places(group)

    def _belonging(self, group: Entry) -> str:
        """The filters for whoever is listed in the group itself, or has it as the primary group."""
        listed = f"(memberOf={escape_filter_chars(group.dn)})"
        rid = self._directory.legible(group).text("objectSid").rpartition("-")[2]
        return f"{listed}(primaryGroupID={rid})" if rid else listed
