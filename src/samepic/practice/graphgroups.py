"""Graph's groups, and the teams among them (learn.microsoft.com/graph/api/group-list, .../teams-list)."""

from __future__ import annotations

import re
from http import HTTPStatus

from samepic.practice import groups
from samepic.practice.graphpaths import GROUP, READ_GROUPS, TEAM, Named, Route, check_rights, route
from samepic.practice.graphwire import GraphError, no_object
from samepic.practice.groups import Group
from samepic.practice.memberships import Memberships
from samepic.practice.tokens import Caller
from samepic.practice.wire import Answer, Ask
from samepic.practice.world import World

_UNIFIED = re.compile(r"groupTypes/any\((\w+):\1 eq 'Unified'\)", re.IGNORECASE)
_READ_TEAMS = ("Team.ReadBasic.All", *READ_GROUPS)


class GroupsAndTeams:
    """`base` is Graph's address."""

    def __init__(self, world: World, base: str) -> None:
        self._base = base
        self._memberships = Memberships(world.state, world.seed)

    def routes(self) -> list[Route]:
        return [
            route("/groups", GET=self.groups),
            route(f"/{GROUP}", GET=self.group),
            route("/teams", GET=self.teams),
            route(f"/{TEAM}", GET=self.team),
        ]

    def groups(self, ask: Ask, caller: Caller, named: Named) -> Answer:
        check_rights(caller, READ_GROUPS)
        wanted = _chosen(ask.query.get("$filter"), self._memberships.groups())
        found = [groups.entry(group, ask.query.get("$select")) for group in wanted]
        return Answer(content=self._context("groups") | {"value": found})

    def group(self, ask: Ask, caller: Caller, named: Named) -> Answer:
        check_rights(caller, READ_GROUPS)
        group = group_named(self._memberships, named)
        return Answer(content=self._context("groups/$entity") | groups.entry(group, ask.query.get("$select")))

    def teams(self, ask: Ask, caller: Caller, named: Named) -> Answer:
        check_rights(caller, _READ_TEAMS)
        found = [groups.team_entry(group) for group in self._memberships.groups() if group.team]
        return Answer(content=self._context("teams") | {"value": found})

    def team(self, ask: Ask, caller: Caller, named: Named) -> Answer:
        check_rights(caller, _READ_TEAMS)
        return Answer(content=self._context("teams/$entity") | groups.team_entry(team_named(self._memberships, named)))

    def _context(self, what: str) -> dict[str, str]:
        return {"@odata.context": f"{self._base}/v1.0/$metadata#{what}"}


def _chosen(text: str | None, every: list[Group]) -> list[Group]:
    """All, or with the only filter that is known here the unified ones. Raises GraphError."""
    if text is None:
        return every
    if not _UNIFIED.fullmatch(text.strip()):
        message = "Unsupported or invalid query filter clause specified."
        raise GraphError(HTTPStatus.BAD_REQUEST, "Request_UnsupportedQuery", message)
    return [group for group in every if group.unified]


def group_named(memberships: Memberships, named: Named) -> Group:
    """Raises GraphError."""
    name = named.get("group") or named.get("quoted_group") or ""
    found = memberships.find(name)
    if found is None:
        raise no_object(name)
    return found


def team_named(memberships: Memberships, named: Named) -> Group:
    """A team has the id of its group. Raises GraphError."""
    name = named.get("team") or named.get("quoted_team") or ""
    found = memberships.find(name)
    if found is None or not found.team:
        raise no_object(name)
    return found
