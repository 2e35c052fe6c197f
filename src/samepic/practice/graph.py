"""Microsoft Graph v1.0 as far as people and their pictures go (learn.microsoft.com/graph/api/resources/profilephoto).

Paths are lenient where the service is: doubled slashes collapse, letters' case does not matter, a person is named by
object id, by UPN, or as `users('...')`. Decided here because the documentation leaves it open:

* somebody without a picture is a 404 ImageNotFound for half the people and metadata of 1x1 for the others (both forms
  are documented), by whether their index is even; bytes and deletions are 404 for all;
* a mailbox takes no picture under 48 pixels (ValidationWidthTooSmall has been seen for 23x23);
* where photos come from on premises only, writing is refused as ForbiddenByPolicy (seen for other policies);
* Entra takes no more than 100 kB and answers 404 beyond (seen in 2020);
* a group without a mailbox has no picture, and a write to it is answered as for a mailbox that is not there.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from samepic.practice import groups, userlist
from samepic.practice.delta import delta
from samepic.practice.graphwire import GraphError, denied, not_found, stamped
from samepic.practice.groups import Group
from samepic.practice.identity import subject
from samepic.practice.origins import Origins, audiences
from samepic.practice.people import Person
from samepic.practice.pictures import SIDES, NotAPicture, inspect
from samepic.practice.profilephoto import Whose, metadata, no_size, size_of
from samepic.practice.subscriptions import renew, subscribe, subscription, subscriptions, unsubscribe
from samepic.practice.tokens import BadToken, Caller, Tokens
from samepic.practice.wire import Answer, Ask
from samepic.practice.world import Picture, Store, World

_LARGEST = 4_000_000
_LARGEST_IN_ENTRA = 100_000
_READ_PEOPLE = ("User.Read.All", "User.ReadBasic.All", "User.ReadWrite.All", "Directory.Read.All")
_WRITE = ("ProfilePhoto.ReadWrite.All", "User.ReadWrite.All")
_PHOTOS = ("ProfilePhoto.Read.All", "ProfilePhoto.ReadWrite.All")
_READ = (*_READ_PEOPLE, *_PHOTOS)
_READ_GROUPS = ("Group.Read.All", "Group.ReadWrite.All", "Directory.Read.All")
_WRITE_GROUPS = ("ProfilePhoto.ReadWrite.All", "Group.ReadWrite.All")
_READ_OWN = ("User.Read", "User.ReadWrite")
_WRITE_OWN = ("User.ReadWrite",)

_WHO = r"(?:me|users/(?P<who>[^/]+)|users\('(?P<quoted>[^']+)'\))"
_GROUP = r"(?:groups/(?P<group>[^/]+)|groups\('(?P<quoted_group>[^']+)'\))"
_WHOSE = f"(?:{_WHO}|{_GROUP})"


Handler = Callable[["Graph", Ask, Caller, dict[str, str]], Answer]


class Graph:
    def __init__(self, world: World, tokens: Tokens, origins: Origins) -> None:
        self._world = world
        self._tokens = tokens
        self._origins = origins
        self._audiences = audiences(origins, "graph")

    def answer(self, ask: Ask) -> Answer:
        """One request, alone or out of a batch."""
        request = ask.headers.get("client-request-id", str(uuid.uuid4()))
        try:
            answer = self._routed(ask, self._caller(ask))
        except GraphError as error:
            answer = error.answer(request, self._world.machine())
        return stamped(answer, request)

    def _caller(self, ask: Ask) -> Caller:
        if ask.bearer is None:
            raise GraphError(HTTPStatus.UNAUTHORIZED, "InvalidAuthenticationToken", "Access token is empty.")
        try:
            return self._tokens.check(ask.bearer, self._audiences)
        except BadToken as why:
            raise GraphError(HTTPStatus.UNAUTHORIZED, "InvalidAuthenticationToken", str(why)) from None

    def _routed(self, ask: Ask, caller: Caller) -> Answer:
        path = re.sub("/+", "/", ask.path).rstrip("/")
        inner = re.sub(r"^/(v1\.0|beta)(?=/)", "", path, flags=re.IGNORECASE)
        known = [(match, methods) for pattern, methods in _ROUTES if (match := pattern.fullmatch(inner))]
        if not known or (inner == path and not path.startswith("/oidc/")):
            raise _no_resource(path)
        match, methods = known[0]
        if ask.method not in methods:
            message = "Specified HTTP method is not allowed for the request target."
            raise GraphError(HTTPStatus.METHOD_NOT_ALLOWED, "Request_BadRequest", message)
        return methods[ask.method](self, ask, caller, match.groupdict())

    def _person(self, caller: Caller, named: Mapping[str, str | None]) -> Person:
        """The person a path speaks of; `me` where it names nobody."""
        name = named.get("who") or named.get("quoted") or caller.person
        if name is None:
            raise GraphError(
                HTTPStatus.BAD_REQUEST, "BadRequest", "/me request is only valid with delegated authentication flow."
            )
        person = self._world.people.find(name)
        if person is None:
            raise _no_object(name)
        return person

    def users(self, ask: Ask, caller: Caller, named: dict[str, str]) -> Answer:
        if not caller.may(*_READ_PEOPLE):
            raise denied()
        return Answer(content=userlist.listing(self._world.people, ask, self._origins.graph))

    def user(self, ask: Ask, caller: Caller, named: dict[str, str]) -> Answer:
        person = self._person(caller, named)
        if not caller.may(*_READ_PEOPLE) and not (caller.person == person.id and caller.may(*_READ_OWN)):
            raise denied()
        context = {"@odata.context": f"{self._origins.graph}/v1.0/$metadata#users/$entity"}
        return Answer(content=context | userlist.entry(person, ask.query.get("$select")))

    def userinfo(self, ask: Ask, caller: Caller, named: dict[str, str]) -> Answer:
        """Of the same subject as the ID token (learn.microsoft.com/entra/identity-platform/userinfo)."""
        person = self._person(caller, {})
        said = {
            "sub": subject(self._world.seed, person, caller.app),
            "name": person.name,
            "given_name": person.given,
            "family_name": person.surname,
            "picture": f"{self._origins.graph}/v1.0/me/photo/$value",
            "email": person.mail,
        }
        return Answer(content={name: value for name, value in said.items() if value is not None})

    def photo_settings(self, ask: Ask, caller: Caller, named: dict[str, str]) -> Answer:
        """In beta only, with a right of its own (learn.microsoft.com/graph/api/resources/photoupdatesettings)."""
        if not ask.path.casefold().lstrip("/").startswith("beta/"):
            raise _no_resource(ask.path)
        if not caller.may("PeopleSettings.Read.All", "PeopleSettings.ReadWrite.All"):
            raise denied()
        return Answer(content={"source": self._world.photo_source, "allowedRoles": {}})

    def delta(self, ask: Ask, caller: Caller, named: dict[str, str]) -> Answer:
        if not caller.may(*_READ_PEOPLE):
            raise denied()
        return Answer(content=delta(self._world, ask, self._origins.graph))

    def groups(self, ask: Ask, caller: Caller, named: dict[str, str]) -> Answer:
        if not caller.may(*_READ_GROUPS):
            raise denied()
        found = [groups.entry(group, ask.query.get("$select")) for group in groups.groups_of(self._world.seed)]
        return Answer(content={"@odata.context": f"{self._origins.graph}/v1.0/$metadata#groups", "value": found})

    def group(self, ask: Ask, caller: Caller, named: dict[str, str]) -> Answer:
        if not caller.may(*_READ_GROUPS):
            raise denied()
        context = {"@odata.context": f"{self._origins.graph}/v1.0/$metadata#groups/$entity"}
        return Answer(content=context | groups.entry(self._group(named), ask.query.get("$select")))

    def subscribe(self, ask: Ask, caller: Caller, named: dict[str, str]) -> Answer:
        wanted = _object(ask.body)
        self._may_subscribe(caller, str(wanted.get("resource", "")))
        return Answer(HTTPStatus.CREATED, self._subscribed(subscribe(self._world, caller, wanted)))

    def subscriptions(self, ask: Ask, caller: Caller, named: dict[str, str]) -> Answer:
        return Answer(content=self._subscribed({"value": subscriptions(self._world)}))

    def subscription(self, ask: Ask, caller: Caller, named: dict[str, str]) -> Answer:
        found = subscription(self._world, named["id"])
        if ask.method == "DELETE":
            unsubscribe(self._world, named["id"])
            return Answer(HTTPStatus.NO_CONTENT)
        if ask.method == "PATCH":
            found = renew(self._world, found, _object(ask.body).get("expirationDateTime"))
        return Answer(content=self._subscribed(found))

    def _subscribed(self, shown: dict[str, Any]) -> dict[str, Any]:
        return {"@odata.context": f"{self._origins.graph}/v1.0/$metadata#subscriptions/$entity"} | shown

    def _may_subscribe(self, caller: Caller, resource: str) -> None:
        rights = _READ_GROUPS if resource.strip("/").casefold().startswith("groups") else _READ_PEOPLE
        if not caller.may(*rights):
            raise denied()

    def photo(self, ask: Ask, caller: Caller, named: dict[str, str]) -> Answer:
        """Metadata of the largest picture, or of one size; a size the picture does not have is 1x1 (documented)."""
        whose, picture = self._seen(caller, named)
        if picture is None:
            if whose.without_is_missing:
                raise not_found()
            return Answer(content=no_size())
        size = size_of(named["size"]) if named.get("size") else list(picture.renditions())[-1]
        if size not in picture.renditions():
            return Answer(content=no_size())
        return Answer(content=self._context(whose, "photo/$entity") | metadata(picture, size))

    def photos(self, ask: Ask, caller: Caller, named: dict[str, str]) -> Answer:
        whose, picture = self._seen(caller, named)
        if picture is None and whose.without_is_missing:
            raise not_found()
        sizes = [metadata(picture, size) for size in picture.renditions()] if picture else []
        return Answer(content=self._context(whose, "photos") | {"value": sizes})

    def photo_bytes(self, ask: Ask, caller: Caller, named: dict[str, str]) -> Answer:
        _, picture = self._seen(caller, named)
        if picture is None:
            raise not_found()
        size = size_of(named["size"]) if named.get("size") else list(picture.renditions())[-1]
        source = picture.renditions().get(size)
        if source is None:
            raise not_found()
        kind = picture.media_type if picture.store is Store.ENTRA else "image/jpeg"
        return Answer(content=self._world.read(source), headers={"Content-Type": kind, "ETag": f'"{picture.etag}"'})

    def put_photo(self, ask: Ask, caller: Caller, named: dict[str, str]) -> Answer:
        """The declared media type is ignored, as clients declare all sorts of things; the bytes decide."""
        whose = self._writable(caller, named)
        store = whose.home
        if len(ask.body) > _LARGEST:
            message = "The size of the request exceeds the limit of 4 MB."
            raise GraphError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "RequestEntityTooLarge", message)
        if store is Store.ENTRA and len(ask.body) > _LARGEST_IN_ENTRA:
            message = "The directory does not take a picture of this size."
            raise GraphError(HTTPStatus.NOT_FOUND, "ResourceNotFound", message)
        try:
            shape = inspect(ask.body)
        except NotAPicture:
            message = "The request body is not a picture in a supported format."
            raise GraphError(HTTPStatus.BAD_REQUEST, "ErrorInvalidImage", message) from None
        if store is Store.MAILBOX and min(shape.width, shape.height) < SIDES[0]:
            message = f"The picture has to be at least {SIDES[0]} pixels wide and high."
            raise GraphError(HTTPStatus.BAD_REQUEST, "ValidationWidthTooSmall", message)
        self._world.store(whose.owner, store, ask.body)
        return Answer(HTTPStatus.OK)

    def delete_photo(self, ask: Ask, caller: Caller, named: dict[str, str]) -> Answer:
        whose = self._writable(caller, named)
        if self._held(whose, whose.home) is None:
            raise not_found()
        self._world.clear(whose.owner, whose.home)
        return Answer(HTTPStatus.OK)

    def _seen(self, caller: Caller, named: Mapping[str, str | None]) -> tuple[Whose, Picture | None]:
        whose = self._whose(caller, named)
        rights = _READ if whose.person else (*_READ_GROUPS, *_PHOTOS)
        own = whose.person is not None and caller.person == whose.person.id and caller.may(*_READ_OWN)
        if not own and not caller.may(*rights):
            raise denied("ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        return whose, self._world.visible(whose.person) if whose.person else self._held(whose, whose.home)

    def _held(self, whose: Whose, store: Store) -> Picture | None:
        if whose.person is not None:
            return self._world.picture(whose.person, store)
        return self._world.stored(whose.owner, store, whose.first)

    def _whose(self, caller: Caller, named: Mapping[str, str | None]) -> Whose:
        if named.get("group") or named.get("quoted_group"):
            group = self._group(named)
            first = groups.first_picture(self._world.seed, group)
            return Whose(f"groups('{group.id}')", group.owner, Store.MAILBOX, None, first, mailbox=group.unified)
        person = self._person(caller, named)
        return Whose(f"users('{person.id}')", str(person.index), self._world.home(person), person)

    def _group(self, named: Mapping[str, str | None]) -> Group:
        name = (named.get("group") or named.get("quoted_group") or "").casefold()
        found = next((group for group in groups.groups_of(self._world.seed) if group.id == name), None)
        if found is None:
            raise _no_object(name)
        return found

    def _writable(self, caller: Caller, named: Mapping[str, str | None]) -> Whose:
        """Delegated rights reach only the person's own picture: nobody here holds an administrator's role."""
        whose = self._whose(caller, named)
        own = whose.person is not None and caller.person == whose.person.id and caller.may(*_WRITE_OWN, *_WRITE)
        if not own and not (caller.app_only and caller.may(*(_WRITE if whose.person else _WRITE_GROUPS))):
            raise denied("ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        if self._world.photo_source != "cloud":
            raise denied("ForbiddenByPolicy", "Photos of this organization are not updated in the cloud.")
        if not whose.mailbox:
            message = "The mailbox is either inactive, soft-deleted, or is hosted on-premise."
            raise GraphError(HTTPStatus.NOT_FOUND, "MailboxNotEnabledForRESTAPI", message)
        return whose

    def _context(self, whose: Whose, what: str) -> dict[str, str]:
        return {"@odata.context": f"{self._origins.graph}/v1.0/$metadata#{whose.path}/{what}"}


def _no_object(name: str) -> GraphError:
    message = f"Resource '{name}' does not exist or one of its queried reference-property objects are not present."
    return GraphError(HTTPStatus.NOT_FOUND, "Request_ResourceNotFound", message)


def _object(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise GraphError(HTTPStatus.BAD_REQUEST, "BadRequest", "Unable to read JSON request payload.")
    return given


def _no_resource(path: str) -> GraphError:
    return GraphError(HTTPStatus.BAD_REQUEST, "BadRequest", f"Resource not found for the segment '{path}'.")


def _route(pattern: str, **methods: Handler) -> tuple[re.Pattern[str], dict[str, Handler]]:
    return re.compile(pattern, re.IGNORECASE), dict(methods)


_ROUTES = (
    _route("/oidc/userinfo", GET=Graph.userinfo, POST=Graph.userinfo),
    _route("/admin/people/photoUpdateSettings", GET=Graph.photo_settings),
    _route("/users", GET=Graph.users),
    _route(r"/users/delta(?:\(\))?", GET=Graph.delta),
    _route(f"/{_WHO}", GET=Graph.user),
    _route("/groups", GET=Graph.groups),
    _route(f"/{_GROUP}", GET=Graph.group),
    _route(rf"/{_WHOSE}/photo", GET=Graph.photo, DELETE=Graph.delete_photo),
    _route(rf"/{_WHOSE}/photos", GET=Graph.photos),
    _route(rf"/{_WHOSE}/photos/(?P<size>[^/$]+)", GET=Graph.photo),
    _route(rf"/{_WHOSE}/photos/(?P<size>[^/$]+)/\$value", GET=Graph.photo_bytes),
    _route(
        rf"/{_WHOSE}/photo/\$value",
        GET=Graph.photo_bytes,
        PUT=Graph.put_photo,
        PATCH=Graph.put_photo,
        DELETE=Graph.delete_photo,
    ),
    _route("/subscriptions", GET=Graph.subscriptions, POST=Graph.subscribe),
    _route("/subscriptions/(?P<id>[^/]+)", GET=Graph.subscription, PATCH=Graph.subscription, DELETE=Graph.subscription),
)
