"""What a path of Graph leads to: whom or what it names, and who answers there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from samepic.practice.graphwire import GraphError, denied, no_object
from samepic.practice.people import Person
from samepic.practice.tokens import Caller
from samepic.practice.wire import Answer, Ask
from samepic.practice.world import World

WHO = r"(?:me|users/(?P<who>[^/]+)|users\('(?P<quoted>[^']+)'\))"
GROUP = r"(?:groups/(?P<group>[^/]+)|groups\('(?P<quoted_group>[^']+)'\))"
TEAM = r"(?:teams/(?P<team>[^/]+)|teams\('(?P<quoted_team>[^']+)'\))"

READ_PEOPLE = ("User.Read.All", "User.ReadBasic.All", "User.ReadWrite.All", "Directory.Read.All")
READ_GROUPS = ("Group.Read.All", "Group.ReadWrite.All", "Directory.Read.All")
READ_MEMBERSHIPS = ("GroupMember.Read.All", "GroupMember.ReadWrite.All", *READ_GROUPS)
READ_HIDDEN = "Member.Read.Hidden"
READ_OWN = ("User.Read", "User.ReadWrite")
"""Permissions of which one is enough (permissions.json of microsoftgraph/microsoft-graph-devx-content)."""

Named = Mapping[str, str | None]
"""The parts of a path that name something."""
Handler = Callable[[Ask, Caller, Named], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """Paths below `v1.0` and `beta`, and what answers them, by method."""

    pattern: re.Pattern[str]
    methods: Mapping[str, Handler]


def route(pattern: str, **methods: Handler) -> Route:
    return Route(re.compile(pattern, re.IGNORECASE), methods)


def person_named(world: World, caller: Caller, named: Named) -> Person:
    """The person a path speaks of; `me` where it names nobody. Raises GraphError."""
    name = named.get("who") or named.get("quoted") or caller.person
    if name is None:
        message = "/me request is only valid with delegated authentication flow."
        raise GraphError(HTTPStatus.BAD_REQUEST, "BadRequest", message)
    person = world.people.find(name)
    if person is None:
        raise no_object(name)
    return person


def check_rights(caller: Caller, rights: tuple[str, ...], own: Person | None = None) -> None:
    """One of these, or the right to read one's own where it is about them. Raises GraphError."""
    about_themselves = own is not None and caller.person == own.id and caller.may(*READ_OWN)
    if not about_themselves and not caller.may(*rights):
        raise denied()
