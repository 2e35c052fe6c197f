"""Who belongs to a group in Entra, whoever belongs to a group inside it too.

See learn.microsoft.com/graph/api/group-list-transitivemembers. Any group will do: of Microsoft 365, for access or mail.
Members that are no users (devices, contacts, applications) are left out here. An OData cast would have Graph do it, but
that takes an advanced query, which is answered from an index that lags behind.

Groups may hide their members, as those of school classes do. Whoever may not see hidden members is told of no members
instead of a refusal, so that nobody in such a group is not believed. Only groups of Microsoft 365 can hide them, and
these are never inside another group.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from samepic.connectors.http import Session
from samepic.connectors.paging import PAGE, entries
from samepic.errors import Denied, Gone, Refused

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NAMES = ("displayName", "mailNickname", "mail")
_SELECT = "id,displayName,visibility"
_MOST_TOLD = 5


@dataclass(frozen=True, slots=True)
class _Group:
    id: str
    name: str
    hides_members: bool


async def members_of(session: Session, group: str) -> frozenset[str]:
    """The object ids of the users in the group, which is named by id, display name, mail nickname or mail address.

    Raises Gone where there is none, Refused where there are several, Denied where its members may not be read.
    """
    try:
        found = await _find(session, group)
        path = f"/groups/{found.id}/transitiveMembers?$select=id&$top={PAGE}"
        members = [ref async for ref in entries(session, path, _user_from, "members") if ref is not None]
    except Gone:
        raise Gone(f"There is no group {group}.", system=session.system) from None
    except Denied:
        raise _denied(session, group, "GroupMember.Read.All") from None
    if found.hides_members and not members:
        raise _denied(session, group, "Member.Read.Hidden")
    return frozenset(members)


def _denied(session: Session, group: str, right: str) -> Denied:
    remedy = f"Grant the application {right} with admin consent."
    return Denied(f"Who belongs to {group} may not be read.", system=session.system, remedy=remedy)


async def _find(session: Session, group: str) -> _Group:
    path = f"/groups?$filter={quote(_filter(group), safe='')}&$select={_SELECT}"
    found = [one async for one in entries(session, path, _group_from, "groups")]
    if not found:
        raise Gone
    if len(found) > 1:
        remedy = "Name the one that is meant by its id."
        raise Refused(f"Several groups are called {group}: {_told(found)}.", system=session.system, remedy=remedy)
    return found[0]


def _filter(group: str) -> str:
    """Entra compares without regard to case."""
    names = ("id",) if _ID.fullmatch(group) else _NAMES
    value = group.replace("'", "''")
    return " or ".join(f"{name} eq '{value}'" for name in names)


def _group_from(entry: Mapping[str, Any]) -> _Group:
    hides_members = str(entry.get("visibility") or "").casefold() == "hiddenmembership"
    return _Group(entry["id"], entry.get("displayName") or "", hides_members)


def _user_from(entry: Mapping[str, Any]) -> str | None:
    """The ref of a member, None for one who is no user."""
    return str(entry["id"]) if entry.get("@odata.type") == "#microsoft.graph.user" else None


def _told(groups: Sequence[_Group]) -> str:
    told = [f"{one.name} ({one.id})" for one in groups[:_MOST_TOLD]]
    more = len(groups) - len(told)
    return ", ".join([*told, *([f"and {more} more"] if more else [])])
