"""Microsoft Graph v1.0 as far as people and their pictures go (learn.microsoft.com/graph/api/resources/profilephoto).

Paths are lenient where the service is: doubled slashes collapse, letters' case does not matter, a person is named by
object id, by UPN, or as `users('...')`. Decided here because the documentation leaves it open:

* somebody without a picture is a 404 ImageNotFound for half the people and metadata of 1x1 for the others (both forms
  are documented), by whether their index is even; bytes and deletions are 404 for all;
* a mailbox takes no picture under 48 pixels (ValidationWidthTooSmall has been seen for 23x23);
* where photos come from on premises only, writing is refused as ForbiddenByPolicy (seen for other policies);
* Entra takes no more than 100 kB and answers 404 beyond (seen in 2020).
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from samepic.practice import userlist
from samepic.practice.graphwire import GraphError, denied, not_found, stamped
from samepic.practice.origins import Origins, audiences
from samepic.practice.people import Person
from samepic.practice.pictures import SIDES, NotAPicture, inspect
from samepic.practice.tokens import BadToken, Caller, Tokens
from samepic.practice.wire import Answer, Ask
from samepic.practice.world import Picture, Store, World

_LARGEST = 4_000_000
_LARGEST_IN_ENTRA = 100_000
_READ_PEOPLE = ("User.Read.All", "User.ReadBasic.All", "User.ReadWrite.All", "Directory.Read.All")
_READ = (*_READ_PEOPLE, "ProfilePhoto.Read.All", "ProfilePhoto.ReadWrite.All")
_WRITE = ("ProfilePhoto.ReadWrite.All", "User.ReadWrite.All")
_READ_OWN = ("User.Read", "User.ReadWrite")
_WRITE_OWN = ("User.ReadWrite",)

_WHO = r"/(?:me|users/(?P<who>[^/]+)|users\('(?P<quoted>[^']+)'\))"
_SIZE = re.compile(r"(\d+)x(\d+)", re.IGNORECASE)

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
            message = f"Resource '{name}' does not exist or one of its queried reference-property objects are not"
            raise GraphError(HTTPStatus.NOT_FOUND, "Request_ResourceNotFound", f"{message} present.")
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
        person = self._person(caller, {})
        return Answer(content={"sub": person.id, "name": person.name, "email": person.mail})

    def photo_settings(self, ask: Ask, caller: Caller, named: dict[str, str]) -> Answer:
        """In beta only, with a right of its own (learn.microsoft.com/graph/api/resources/photoupdatesettings)."""
        if not ask.path.casefold().lstrip("/").startswith("beta/"):
            raise _no_resource(ask.path)
        if not caller.may("PeopleSettings.Read.All", "PeopleSettings.ReadWrite.All"):
            raise denied()
        return Answer(content={"source": self._world.photo_source, "allowedRoles": {}})

    def photo(self, ask: Ask, caller: Caller, named: dict[str, str]) -> Answer:
        """Metadata of the largest picture, or of one size; a size the picture does not have is 1x1 (documented)."""
        person, picture = self._seen(caller, named)
        if picture is None:
            if person.index % 2 == 0:
                raise not_found()
            return Answer(content=_no_size())
        size = _size(named["size"]) if named.get("size") else list(picture.renditions())[-1]
        if size not in picture.renditions():
            return Answer(content=_no_size())
        return Answer(content=self._context(person, "photo/$entity") | _metadata(picture, size))

    def photos(self, ask: Ask, caller: Caller, named: dict[str, str]) -> Answer:
        person, picture = self._seen(caller, named)
        if picture is None and person.index % 2 == 0:
            raise not_found()
        sizes = [_metadata(picture, size) for size in picture.renditions()] if picture else []
        return Answer(content=self._context(person, "photos") | {"value": sizes})

    def photo_bytes(self, ask: Ask, caller: Caller, named: dict[str, str]) -> Answer:
        _, picture = self._seen(caller, named)
        if picture is None:
            raise not_found()
        size = _size(named["size"]) if named.get("size") else list(picture.renditions())[-1]
        source = picture.renditions().get(size)
        if source is None:
            raise not_found()
        kind = picture.media_type if picture.store is Store.ENTRA else "image/jpeg"
        return Answer(content=self._world.read(source), headers={"Content-Type": kind, "ETag": f'"{picture.etag}"'})

    def put_photo(self, ask: Ask, caller: Caller, named: dict[str, str]) -> Answer:
        """The declared media type is ignored, as clients declare all sorts of things; the bytes decide."""
        person = self._writable(caller, named)
        store = self._world.home(person)
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
        self._world.put(person, store, ask.body)
        return Answer(HTTPStatus.OK)

    def delete_photo(self, ask: Ask, caller: Caller, named: dict[str, str]) -> Answer:
        person = self._writable(caller, named)
        if not self._world.remove(person, self._world.home(person)):
            raise not_found()
        return Answer(HTTPStatus.OK)

    def _seen(self, caller: Caller, named: Mapping[str, str | None]) -> tuple[Person, Picture | None]:
        person = self._person(caller, named)
        if not caller.may(*_READ) and not (caller.person == person.id and caller.may(*_READ_OWN)):
            raise denied("ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        return person, self._world.visible(person)

    def _writable(self, caller: Caller, named: Mapping[str, str | None]) -> Person:
        """Delegated rights reach only the person's own picture: nobody here holds an administrator's role."""
        person = self._person(caller, named)
        own = caller.person == person.id and caller.may(*_WRITE_OWN, *_WRITE)
        if not own and not (caller.app_only and caller.may(*_WRITE)):
            raise denied("ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        if self._world.photo_source != "cloud":
            raise denied("ForbiddenByPolicy", "Photos of this organization are not updated in the cloud.")
        return person

    def _context(self, person: Person, what: str) -> dict[str, str]:
        return {"@odata.context": f"{self._origins.graph}/v1.0/$metadata#users('{person.id}')/{what}"}


def _no_resource(path: str) -> GraphError:
    return GraphError(HTTPStatus.BAD_REQUEST, "BadRequest", f"Resource not found for the segment '{path}'.")


def _size(text: str) -> tuple[int, int]:
    match = _SIZE.fullmatch(text)
    if match is None:
        raise GraphError(HTTPStatus.BAD_REQUEST, "ErrorInvalidImageId", "Unrecognized photo size requested.")
    return int(match[1]), int(match[2])


def _metadata(picture: Picture, size: tuple[int, int]) -> dict[str, Any]:
    return {
        "@odata.mediaContentType": picture.media_type if picture.store is Store.ENTRA else "image/jpeg",
        "@odata.mediaEtag": f'"{picture.etag}"',
        "id": f"{size[0]}x{size[1]}",
        "width": size[0],
        "height": size[1],
    }


def _no_size() -> dict[str, Any]:
    return {"@odata.mediaContentType": "image/gif", "@odata.mediaEtag": "", "id": "1x1", "width": 1, "height": 1}


def _route(pattern: str, **methods: Handler) -> tuple[re.Pattern[str], dict[str, Handler]]:
    return re.compile(pattern, re.IGNORECASE), dict(methods)


_ROUTES = (
    _route("/oidc/userinfo", GET=Graph.userinfo, POST=Graph.userinfo),
    _route("/admin/people/photoUpdateSettings", GET=Graph.photo_settings),
    _route("/users", GET=Graph.users),
    _route(_WHO, GET=Graph.user),
    _route(rf"{_WHO}/photo", GET=Graph.photo, DELETE=Graph.delete_photo),
    _route(rf"{_WHO}/photos", GET=Graph.photos),
    _route(rf"{_WHO}/photos/(?P<size>[^/$]+)", GET=Graph.photo),
    _route(rf"{_WHO}/photos/(?P<size>[^/$]+)/\$value", GET=Graph.photo_bytes),
    _route(
        rf"{_WHO}/photo/\$value",
        GET=Graph.photo_bytes,
        PUT=Graph.put_photo,
        PATCH=Graph.put_photo,
        DELETE=Graph.delete_photo,
    ),
)
