"""Groups of Microsoft 365, and the teams among them, as accounts of their own kind.

A ref says what it is, `group:ID` or `team:ID` with the object id that a team shares with its group, and a person's is
the bare id: so one account is looked at without a roster. Only groups with a mailbox, "unified" ones, have a picture
(learn.microsoft.com/graph/api/group-list, .../resources/profilephoto).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from samepic.connectors.http import Session
from samepic.connectors.microsoft import aliases
from samepic.connectors.paging import PAGE, entries
from samepic.errors import Denied
from samepic.model import Account, Kind, key

_SELECT = "id,displayName,mail,mailNickname,proxyAddresses,groupTypes,resourceProvisioningOptions"
_LIST = f"/groups?$filter=groupTypes/any(c:c%20eq%20'Unified')&$select={_SELECT}&$top={PAGE}"
_RESOURCES: Mapping[str, str] = {"group": "groups", "team": "teams"}


def resource(ref: str) -> str:
    """Where Graph keeps what the ref names: `/users/{id}`, `/groups/{id}` or `/teams/{id}`."""
    sort, _, name = ref.partition(":")
    found = _RESOURCES.get(sort) if name else None
    return f"/{found}/{quote(name, safe='')}" if found else f"/users/{quote(ref, safe='')}"


def is_group(ref: str) -> bool:
    """A group's or a team's?"""
    return not resource(ref).startswith("/users/")


def is_team(ref: str) -> bool:
    return resource(ref).startswith("/teams/")


async def listed(session: Session, sorts: Collection[str]) -> list[Account]:
    """Every group once: with "groups" all of them, with "teams" the teams under a team's ref.

    Raises on the first trouble, Denied where groups may not be listed.
    """
    read = partial(account_from, sorts=sorts)
    try:
        found = [one async for one in entries(session, _LIST, read, "groups") if one is not None]
    except Denied:
        remedy = "Grant the application Group.Read.All, or leave groups and teams out of `include`."
        raise Denied("Groups may not be listed.", system=session.system, remedy=remedy) from None
    return list({account.ref: account for account in found}.values())


def account_from(entry: Mapping[str, Any], sorts: Collection[str]) -> Account | None:
    """None where it has no mailbox, or is not asked for.

    It has no address to write to: that would reach everybody in it.
    """
    team = "teams" in sorts and "Team" in (entry.get("resourceProvisioningOptions") or ())
    if "Unified" not in (entry.get("groupTypes") or ()) or not (team or "groups" in sorts):
        return None
    ref = f"{'team' if team else 'group'}:{entry['id']}"
    return Account(ref, frozenset(_keys(entry)), Kind.GROUP, entry.get("displayName") or "")


def _keys(entry: Mapping[str, Any]) -> Iterable[str]:
    yield key("id", entry["id"])
    if mail := entry.get("mail"):
        yield key("mail", mail)
    if nickname := entry.get("mailNickname"):
        yield key("alias", nickname)
    yield from (key("alias", address) for address in aliases(entry))
