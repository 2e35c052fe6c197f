"""What an application may do, as its access token says.

To report, never to decide: a token is its resource's business.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass

from samepic.model import Finding, Level


@dataclass(frozen=True, slots=True)
class Right:
    """Something that any of these roles allows; `level` is how bad it is without them."""

    to: str
    roles: frozenset[str]
    level: Level
    remedy: str


GRAPH_RIGHTS = (
    Right(
        "change pictures",
        frozenset({"ProfilePhoto.ReadWrite.All", "User.ReadWrite.All"}),
        Level.WARNING,
        "Grant ProfilePhoto.ReadWrite.All with admin consent, if this system is a target.",
    ),
)

_READ_GROUPS = frozenset({"Group.Read.All", "Group.ReadWrite.All", "Directory.Read.All"})
_LIST_GROUPS = _READ_GROUPS | {"GroupMember.Read.All", "GroupMember.ReadWrite.All"}
GROUP_RIGHTS = (
    Right("list groups", _LIST_GROUPS, Level.PROBLEM, "Grant Group.Read.All with admin consent."),
    Right(
        "change groups' pictures",
        frozenset({"ProfilePhoto.ReadWrite.All", "Group.ReadWrite.All"}),
        Level.WARNING,
        "Grant ProfilePhoto.ReadWrite.All with admin consent, if this system is a target.",
    ),
)
ROOM_RIGHTS = (
    Right(
        "list rooms, which is how those with a licence are told from people",
        frozenset({"Place.Read.All", "Place.ReadWrite.All"}),
        Level.WARNING,
        "Grant Place.Read.All with admin consent, if rooms have licences of their own.",
    ),
)
TEAM_RIGHTS = (
    Right("list teams", _LIST_GROUPS, Level.PROBLEM, "Grant Group.Read.All with admin consent."),
    Right(
        "read teams' pictures",
        _READ_GROUPS | {"Team.ReadBasic.All", "TeamSettings.ReadWrite.All"},
        Level.PROBLEM,
        "Grant Team.ReadBasic.All with admin consent.",
    ),
    Right(
        "change teams' pictures",
        frozenset({"TeamSettings.ReadWrite.All", "Group.ReadWrite.All"}),
        Level.WARNING,
        "Grant TeamSettings.ReadWrite.All with admin consent, if this system is a target.",
    ),
)

_WHOLE_SITES = frozenset({"Sites.ReadWrite.All", "Sites.Manage.All", "Sites.FullControl.All"})
SHAREPOINT_RIGHTS = (
    Right(
        "read profiles",
        frozenset({"User.Read.All", "User.ReadWrite.All", "Sites.FullControl.All"}),
        Level.PROBLEM,
        "Grant SharePoint's User.Read.All with admin consent.",
    ),
    Right(
        "read files",
        _WHOLE_SITES | {"Sites.Read.All"},
        Level.PROBLEM,
        "Grant SharePoint's Sites.Read.All with admin consent.",
    ),
    Right(
        "change files",
        _WHOLE_SITES,
        Level.WARNING,
        "Grant SharePoint's Sites.FullControl.All with admin consent, if this system is a target.",
    ),
    Right(
        "change profiles",
        frozenset({"User.ReadWrite.All"}),
        Level.WARNING,
        "Grant SharePoint's User.ReadWrite.All with admin consent, if this system is a target.",
    ),
)


def roles_in(token: str) -> frozenset[str] | None:
    """The roles an access token carries, or None where it is not one we can look into."""
    try:
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        return frozenset(claims.get("roles", ()))
    except (IndexError, ValueError, AttributeError, TypeError):
        return None


def report(roles: frozenset[str] | None, rights: Sequence[Right]) -> list[Finding]:
    """A finding for each right that is missing; a single one where none is, or where it cannot be told."""
    if roles is None:
        return [Finding(Level.WARNING, "rights", "The token does not show which rights the application has.")]
    missing = [right for right in rights if not roles & right.roles]
    if missing:
        return [Finding(one.level, "rights", f"The application may not {one.to}.", one.remedy) for one in missing]
    return [Finding(Level.GOOD, "rights", f"The application may {_listed([one.to for one in rights])}.")]


def _listed(words: Sequence[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
