"""Graph's groups, who is in them, and the teams among them.

See learn.microsoft.com/graph/api/group-list, .../group-list-members, .../group-list-transitivemembers, .../teams-list.
Decided here because the documentation leaves it open: members come in an order of their own, the groups first; a group
in a circle of groups is no member of itself; one that hides its members has none for who may not see them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from http import HTTPStatus
from itertools import islice
from typing import Any

from samepic.practice import groups, userlist
from samepic.practice.graphpages import expired, link_to, place_of, size_of
from samepic.practice.graphpaths import (
    GROUP,
    READ_GROUPS,
    READ_HIDDEN,
    READ_MEMBERSHIPS,
    READ_PEOPLE,
    TEAM,
    Named,
    Route,
    check_rights,
    route,
)
from samepic.practice.graphwire import GraphError, no_object
from samepic.practice.groups import Group
from samepic.practice.memberships import Memberships, Place, is_place
from samepic.practice.tokens import Caller
from samepic.practice.wire import Answer, Ask
from samepic.practice.world import World

_UNIFIED = re.compile(r"groupTypes/any\((\w+):\1 eq 'Unified'\)", re.IGNORECASE)
_TERM = r"\s*(id|displayName|mailNickname|mail)\s+eq\s+'((?:[^']|'')*)'\s*"
_EQUAL = re.compile(_TERM, re.IGNORECASE)
_ONE_EQUAL = re.compile(rf"{_TERM}(?:or\s{_TERM})*", re.IGNORECASE)
_READ_TEAMS = ("Team.ReadBasic.All", *READ_GROUPS)


class GroupsAndTeams:
    """`base` is Graph's address."""

    def __init__(self, world: World, base: str) -> None:
        self._world = world
        self._base = base
        self._memberships = Memberships(world.state, world.seed)

    def routes(self) -> list[Route]:
        return [
            route("/groups", GET=self.groups),
            route(f"/{GROUP}", GET=self.group),
            route(f"/{GROUP}/members", GET=partial(self.members, nested=False)),
            route(f"/{GROUP}/transitiveMembers", GET=partial(self.members, nested=True)),
            route("/teams", GET=self.teams),
            route(f"/{TEAM}", GET=self.team),
        ]

    def groups(self, ask: Ask, caller: Caller, named: Named) -> Answer:
        check_rights(caller, READ_MEMBERSHIPS)
        wanted = _chosen(ask.query.get("$filter"), self._memberships.groups())
        found = [groups.entry(group, ask.query.get("$select")) for group in wanted]
        return Answer(content=self._context("groups") | {"value": found})

    def group(self, ask: Ask, caller: Caller, named: Named) -> Answer:
        check_rights(caller, READ_MEMBERSHIPS)
        group = group_named(self._memberships, named)
        return Answer(content=self._context("groups/$entity") | groups.entry(group, ask.query.get("$select")))

    def members(self, ask: Ask, caller: Caller, named: Named, *, nested: bool) -> Answer:
        check_rights(caller, READ_MEMBERSHIPS)
        group, top, after = group_named(self._memberships, named), size_of(ask), place_of(ask)
        if not is_place(after):
            raise expired()
        shown = self._shown(group, after, ask.query.get("$select"), caller, nested=nested)
        found = list(islice(shown, top + 1))
        page: dict[str, Any] = self._context("directoryObjects")
        if len(found) > top:
            address = f"{self._base}/v1.0/groups/{group.id}/{'transitiveMembers' if nested else 'members'}"
            page["@odata.nextLink"] = link_to(address, ask, found[top - 1][0])
        return Answer(content=page | {"value": [entry for _, entry in found[:top]]})

    def _shown(
        self, group: Group, after: Place, select: str | None, caller: Caller, *, nested: bool
    ) -> Iterator[tuple[Place, dict[str, Any]]]:
        """Of people whom the caller may not read only the id is told, as documented for members of any kind."""
        if group.hides and not caller.may(READ_HIDDEN):
            return
        for place, member in self._memberships.members(group, after, nested=nested):
            if isinstance(member, Group):
                yield place, {"@odata.type": "#microsoft.graph.group"} | groups.entry(member, select)
            elif (person := self._world.people.at(member)) is not None:
                entry = userlist.entry(person, select)
                told = entry if caller.may(*READ_PEOPLE) else dict.fromkeys(entry) | {"id": person.id}
                yield place, {"@odata.type": "#microsoft.graph.user"} | told

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
    """All, the unified ones, or those with a name; no other filter is known here. Raises GraphError."""
    if text is None:
        return every
    if _UNIFIED.fullmatch(text.strip()):
        return [group for group in every if group.unified]
    terms = _terms(text)
    return [group for group in every if not terms.isdisjoint(_names(group))]


def _terms(text: str) -> set[tuple[str, str]]:
    """What a name has to be equal to one of, as (property, value) without regard to case. Raises GraphError."""
    if not _ONE_EQUAL.fullmatch(text):
        message = "Unsupported or invalid query filter clause specified."
        raise GraphError(HTTPStatus.BAD_REQUEST, "Request_UnsupportedQuery", message)
    return {(name.casefold(), value.replace("''", "'").casefold()) for name, value in _EQUAL.findall(text)}


def _names(group: Group) -> set[tuple[str, str]]:
    shown = groups.entry(group, "id,displayName,mail,mailNickname")
    return {(name.casefold(), value.casefold()) for name, value in shown.items() if value is not None}


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
