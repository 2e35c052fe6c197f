"""Groups of a domain. A controller follows groups inside groups by itself, loops and any size included.

Whoever has a group as their primary one is in it without being listed there: `primaryGroupID` of the account is the
last part of the group's SID (MS-ADA3). Nearly always that is *Domain Users*, which often lies inside other groups.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

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
        inside = in_chain(found.dn)
        rids = map(self._rid, (found, *await self._fitting(inside)))
        primary = "".join(f"(primaryGroupID={rid})" for rid in rids if rid)
        return frozenset([ref async for ref, _ in self._directory.people((), f"(|{inside}{primary})")])

    def _places(self, group: str) -> Sequence[str]:
        if _GUID.fullmatch(group):
            return (address(group),)
        return (f"<SID={group.upper()}>",) if _SID.fullmatch(group) else super()._places(group)

    def _rid(self, group: Entry) -> str:
        """What accounts with this primary group have in `primaryGroupID`."""
        return self._directory.legible(group).text("objectSid").rpartition("-")[2]
