"""The groups of the practice tenant: two of Microsoft 365, which have a mailbox and so may have a picture, and one that
only opens doors. The one with a picture is a team as well. They are the same in a world of any size. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from samepic.practice.origins import DOMAIN
from samepic.practice.people import stable_uuid
from samepic.practice.sources import team


@dataclass(frozen=True, slots=True)
class Group:
    """`unified` ones are Microsoft 365 groups, `team` says that one is a team as well, and `pictured` that the world
    began with a picture of it. Who is in one that `hides` is told only to who may see hidden members.
    """

    id: str
    name: str
    alias: str
    unified: bool
    pictured: bool
    team: bool = False
    hides: bool = False

    @property
    def owner(self) -> str:
        """Under what its picture is kept."""
        return f"group/{self.id}"


_GROUPS = (
    ("Harbour Project", "harbour", True, True, True),
    ("All Company", "allcompany", True, False, False),
    ("Door Openers", "dooropeners", False, False, False),
)
_DEFAULT = (
    *("id", "displayName", "description", "groupTypes", "mail", "mailEnabled", "mailNickname", "securityEnabled"),
    "visibility",
)


def groups_of(seed: int) -> tuple[Group, ...]:
    return tuple(
        Group(stable_uuid(seed, alias, "group"), name, alias, unified, pictured, is_team)
        for name, alias, unified, pictured, is_team in _GROUPS
    )


def grown(seed: int, name: str) -> Group:
    """A group that control brought into being: it only opens doors."""
    alias = "".join(letter for letter in name.casefold() if letter.isalnum())
    return Group(stable_uuid(seed, name, "group"), name, alias, unified=False, pictured=False)


def first_picture(seed: int, group: Group) -> tuple[str, str, int, int] | None:
    """Source, media type, width and height of what its mailbox held when the world began."""
    return (team(seed, group.alias, group.name), "image/jpeg", 648, 648) if group.pictured else None


def team_entry(group: Group) -> dict[str, Any]:
    return {"id": group.id, "displayName": group.name, "description": None, "isArchived": False}


def entry(group: Group, select: str | None) -> dict[str, Any]:
    """The selected properties of a group, or the ones given unasked."""
    every = {
        "id": group.id,
        "displayName": group.name,
        "description": None,
        "groupTypes": ["Unified"] if group.unified else [],
        "mail": f"{group.alias}@{DOMAIN}" if group.unified else None,
        "mailEnabled": group.unified,
        "mailNickname": group.alias,
        "proxyAddresses": [f"SMTP:{group.alias}@{DOMAIN}"] if group.unified else [],
        "resourceProvisioningOptions": ["Team"] if group.team else [],
        "securityEnabled": not group.unified,
        "visibility": _visibility(group),
    }
    wanted = {name.strip().casefold() for name in (select or ",".join(_DEFAULT)).split(",")}
    return {name: value for name, value in every.items() if name.casefold() in wanted}


def _visibility(group: Group) -> str | None:
    if group.hides:
        return "HiddenMembership"
    return "Public" if group.unified else None
