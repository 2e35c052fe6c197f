"""What `control` can change about who people are to applications: roles, groups, consents, optional claims."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from samepic.practice.applications import Application, Applications
from samepic.practice.controlwire import Endpoint, Unable, field_of, object_in, person_in, texts_in
from samepic.practice.entitlements import OPTIONAL, Entitlements
from samepic.practice.groups import Group
from samepic.practice.world import World

HELP = """
GET    /people/{who}/groups        the groups somebody belongs to
PUT    /people/{who}/groups        {"groups": ["Designers", "Harbour Project"]}, all of them; new names, new groups
GET    /groups/{group}/groups      the groups that are inside a group, which is named or given by its id
PUT    /groups/{group}/groups      {"groups": ["Designers"]}, all of them; neither it nor they with a mailbox
PUT    /groups/{group}/membership  {"hidden": true or false}: who is in a group with a mailbox, or is not told
GET    /applications/{name}/people/{who}          application roles and own consent; {name} is portal or practice
PUT    /applications/{name}/people/{who}/roles    {"roles": ["Samepic.Administrator"]}, all of them
PUT    /applications/{name}/people/{who}/consent  {"sharepoint": ["AllSites.Read"]}, all there is of it
DELETE /applications/{name}/people/{who}/consent  nothing is consented to any more
GET    /applications/{name}/claims                optional claims of its ID tokens
PUT    /applications/{name}/claims                {"optional": ["groups", "xms_edov"]}, all of them
"""


class IdentityLevers:
    def __init__(self, world: World, applications: Applications) -> None:
        self._world = world
        self._applications = applications
        self._entitlements = Entitlements(world, applications)
        self._memberships = self._entitlements.memberships

    def routes(self) -> list[tuple[str, str, Endpoint]]:
        one = "/applications/{name}/people/{who}"
        return [
            ("GET", "/people/{who}/groups", self._groups),
            ("PUT", "/people/{who}/groups", self._join),
            ("GET", "/groups/{group}/groups", self._inside),
            ("PUT", "/groups/{group}/groups", self._put_inside),
            ("PUT", "/groups/{group}/membership", self._hide),
            ("GET", one, self._given),
            ("PUT", f"{one}/roles", self._assign),
            ("PUT", f"{one}/consent", self._consent),
            ("DELETE", f"{one}/consent", self._withdraw),
            ("GET", "/applications/{name}/claims", self._claims),
            ("PUT", "/applications/{name}/claims", self._configure),
        ]

    async def _groups(self, request: Request) -> Response:
        return _told(self._memberships.of(person_in(self._world, request)))

    async def _join(self, request: Request) -> Response:
        person, names = person_in(self._world, request), texts_in(object_in(await request.body()), "groups")
        self._memberships.join(person, self._memberships.named(names))
        return await self._groups(request)

    async def _inside(self, request: Request) -> Response:
        return _told(self._memberships.inside(self._group(request)))

    async def _put_inside(self, request: Request) -> Response:
        group, names = self._group(request), texts_in(object_in(await request.body()), "groups")
        groups = self._memberships.named(names)
        if group in groups or any(one.unified for one in (group, *groups)):
            raise Unable("Nothing is inside itself; a group with a mailbox is in no other, and has none inside.")
        self._memberships.put_inside(group, groups)
        return await self._inside(request)

    async def _hide(self, request: Request) -> Response:
        group, hides = self._group(request), field_of(object_in(await request.body()), "hidden", bool)
        if not group.unified:
            raise Unable("Only a group with a mailbox can hide who is in it.")
        self._memberships.hide(group, hides=hides)
        return JSONResponse({"hidden": hides})

    async def _given(self, request: Request) -> Response:
        person, application = person_in(self._world, request), self._application(request)
        roles = self._entitlements.roles(person, application)
        return JSONResponse({"roles": roles, "consent": self._entitlements.consents(person, application)})

    async def _assign(self, request: Request) -> Response:
        roles = texts_in(object_in(await request.body()), "roles")
        self._entitlements.assign(person_in(self._world, request), self._application(request), roles)
        return await self._given(request)

    async def _consent(self, request: Request) -> Response:
        given = object_in(await request.body())
        if not given.keys() <= self._applications.granted().keys():
            raise Unable("Delegated permissions belong to graph or to sharepoint.")
        rights = {api: texts_in(given, api) for api in given}
        self._entitlements.set_consents(person_in(self._world, request), self._application(request), rights)
        return await self._given(request)

    async def _withdraw(self, request: Request) -> Response:
        self._entitlements.set_consents(person_in(self._world, request), self._application(request), {})
        return await self._given(request)

    async def _claims(self, request: Request) -> Response:
        return JSONResponse({"optional": self._entitlements.optional_claims(self._application(request))})

    async def _configure(self, request: Request) -> Response:
        claims = texts_in(object_in(await request.body()), "optional")
        if not OPTIONAL.issuperset(claims):
            raise Unable(f"Optional claims are {', '.join(sorted(OPTIONAL))}.")
        self._entitlements.configure(self._application(request), claims)
        return await self._claims(request)

    def _group(self, request: Request) -> Group:
        name = request.path_params["group"].casefold()
        for group in self._memberships.groups():
            if name in {group.id, group.name.casefold()}:
                return group
        raise Unable("There is no group of that name.", HTTPStatus.NOT_FOUND)

    def _application(self, request: Request) -> Application:
        application = self._applications.named(request.path_params["name"])
        if application is None:
            raise Unable("Applications here are portal and practice.", HTTPStatus.NOT_FOUND)
        return application


def _told(groups: Iterable[Group]) -> Response:
    return JSONResponse({"groups": [{"id": group.id, "name": group.name} for group in groups]})
