"""Graph's users: the list, one of them, what changed, their groups; and the policy about their pictures.

Groups that hide their members are left out where Member.Read.Hidden is missing, as people who met them report
(github.com/microsoftgraph/microsoft-graph-docs/issues/12552).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from http import HTTPStatus

from samepic.practice import groups, userlist
from samepic.practice.delta import delta
from samepic.practice.graphpaths import (
    READ_HIDDEN,
    READ_MEMBERSHIPS,
    READ_PEOPLE,
    WHO,
    Named,
    Route,
    check_rights,
    person_named,
    route,
)
from samepic.practice.graphwire import GraphError, json_of, no_resource
from samepic.practice.groups import Group
from samepic.practice.identity import subject
from samepic.practice.memberships import Memberships
from samepic.practice.people import Person
from samepic.practice.tokens import Caller
from samepic.practice.wire import Answer, Ask
from samepic.practice.world import World

_READ_MEMBERSHIP = (*READ_PEOPLE, *READ_MEMBERSHIPS)
_READ_POLICY = ("PeopleSettings.Read.All", "PeopleSettings.ReadWrite.All")


class People:
    """`base` is Graph's address."""

    def __init__(self, world: World, base: str) -> None:
        self._world = world
        self._base = base
        self._memberships = Memberships(world.state, world.seed)

    def routes(self) -> list[Route]:
        return [
            route("/oidc/userinfo", GET=self.userinfo, POST=self.userinfo),
            route("/admin/people/photoUpdateSettings", GET=self.photo_settings),
            route("/users", GET=self.users),
            route(r"/users/delta(?:\(\))?", GET=self.delta),
            route(f"/{WHO}", GET=self.user),
            route(f"/{WHO}/memberOf", GET=partial(self.member_of, self._memberships.of)),
            route(f"/{WHO}/transitiveMemberOf", GET=partial(self.member_of, self._memberships.around)),
            route(f"/{WHO}/getMemberObjects", POST=self.member_objects),
        ]

    def users(self, ask: Ask, caller: Caller, named: Named) -> Answer:
        check_rights(caller, READ_PEOPLE)
        return Answer(content=userlist.listing(self._world.people, ask, self._base))

    def user(self, ask: Ask, caller: Caller, named: Named) -> Answer:
        person = person_named(self._world, caller, named)
        check_rights(caller, READ_PEOPLE, person)
        context = {"@odata.context": f"{self._base}/v1.0/$metadata#users/$entity"}
        return Answer(content=context | userlist.entry(person, ask.query.get("$select")))

    def userinfo(self, ask: Ask, caller: Caller, named: Named) -> Answer:
        """Of the same subject as the ID token (learn.microsoft.com/entra/identity-platform/userinfo)."""
        person = person_named(self._world, caller, {})
        said = {
            "sub": subject(self._world.seed, person, caller.app),
            "name": person.name,
            "given_name": person.given,
            "family_name": person.surname,
            "picture": f"{self._base}/v1.0/me/photo/$value",
            "email": person.mail,
        }
        return Answer(content={name: value for name, value in said.items() if value is not None})

    def photo_settings(self, ask: Ask, caller: Caller, named: Named) -> Answer:
        """In beta only, with a right of its own (learn.microsoft.com/graph/api/resources/photoupdatesettings)."""
        if not ask.path.casefold().lstrip("/").startswith("beta/"):
            raise no_resource(ask.path)
        check_rights(caller, _READ_POLICY)
        return Answer(content={"source": self._world.photo_source, "allowedRoles": {}})

    def delta(self, ask: Ask, caller: Caller, named: Named) -> Answer:
        check_rights(caller, READ_PEOPLE)
        return Answer(content=delta(self._world, ask, self._base))

    def member_of(self, groups_of: Callable[[Person], list[Group]], ask: Ask, caller: Caller, named: Named) -> Answer:
        person = person_named(self._world, caller, named)
        check_rights(caller, _READ_MEMBERSHIP, person)
        select, kind = ask.query.get("$select"), {"@odata.type": "#microsoft.graph.group"}
        found = [kind | groups.entry(group, select) for group in _shown(groups_of(person), caller)]
        context = f"{self._base}/v1.0/$metadata#directoryObjects"
        return Answer(content={"@odata.context": context, "value": found})

    def member_objects(self, ask: Ask, caller: Caller, named: Named) -> Answer:
        """Where a token leads that has too many groups to name; the body has to say `securityEnabledOnly`."""
        person = person_named(self._world, caller, named)
        check_rights(caller, READ_PEOPLE, person)
        only = json_of(ask.body).get("securityEnabledOnly")
        if not isinstance(only, bool):
            raise GraphError(HTTPStatus.BAD_REQUEST, "Request_BadRequest", "securityEnabledOnly is missing.")
        every = _shown(self._memberships.around(person), caller)
        ids = [group.id for group in every if not (only and group.unified)]
        context = f"{self._base}/v1.0/$metadata#Collection(Edm.String)"
        return Answer(content={"@odata.context": context, "value": ids})


def _shown(every: Iterable[Group], caller: Caller) -> Iterable[Group]:
    """Without those that hide who is in them, where the caller may not see that."""
    return (group for group in every if not group.hides or caller.may(READ_HIDDEN))
