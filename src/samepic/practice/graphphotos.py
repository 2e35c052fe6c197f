"""Graph's pictures of people, groups and teams (learn.microsoft.com/graph/api/resources/profilephoto).

Decided here because the documentation leaves it open:

* somebody without a picture is a 404 ImageNotFound for half the people and metadata of 1x1 for the others (both forms
  are documented), by whether their index is even; bytes and deletions are 404 for all;
* a mailbox takes no picture under 48 pixels (ValidationWidthTooSmall has been seen for 23x23);
* where photos come from on premises only, writing is refused as ForbiddenByPolicy (seen for other policies);
* Entra takes no more than 100 kB and answers 404 beyond (seen in 2020);
* a group without a mailbox has no picture, and a write to it is answered as for a mailbox that is not there;
* a team's picture is its group's; its sizes are written 240X240, as the documentation does for teams.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from samepic.practice import groups
from samepic.practice.graphgroups import group_named, team_named
from samepic.practice.graphpaths import (
    GROUP,
    READ_GROUPS,
    READ_OWN,
    READ_PEOPLE,
    TEAM,
    WHO,
    Named,
    Route,
    person_named,
    route,
)
from samepic.practice.graphwire import GraphError, access_denied, denied, no_mailbox, not_found
from samepic.practice.groups import Group
from samepic.practice.memberships import Memberships
from samepic.practice.pictures import SIDES, NotAPicture, inspect
from samepic.practice.profilephoto import Whose, metadata, no_size, size_of
from samepic.practice.tokens import Caller
from samepic.practice.wire import Answer, Ask
from samepic.practice.world import Picture, Store, World

_LARGEST = 4_000_000
_LARGEST_IN_ENTRA = 100_000
_WRITE_OWN = ("User.ReadWrite",)
_PHOTOS = ("ProfilePhoto.Read.All", "ProfilePhoto.ReadWrite.All")
_READ = {
    "users": (*READ_PEOPLE, *_PHOTOS),
    "groups": (*READ_GROUPS, *_PHOTOS),
    "teams": ("Team.ReadBasic.All", "TeamSettings.ReadWrite.All", *READ_GROUPS),
}
_WRITE = {
    "users": ("ProfilePhoto.ReadWrite.All", "User.ReadWrite.All"),
    "groups": ("ProfilePhoto.ReadWrite.All", "Group.ReadWrite.All"),
    "teams": ("TeamSettings.ReadWrite.All", "Group.ReadWrite.All"),
}


class Photos:
    """`base` is Graph's address."""

    def __init__(self, world: World, base: str) -> None:
        self._world = world
        self._base = base
        self._memberships = Memberships(world.state, world.seed)

    def routes(self) -> list[Route]:
        whose = f"(?:{WHO}|{GROUP})"
        reading_and_writing = {"GET": self.value, "PUT": self.put, "PATCH": self.put}
        return [
            route(f"/{whose}/photo", GET=self.photo, DELETE=self.delete),
            route(f"/{whose}/photos", GET=self.photos),
            route(rf"/{whose}/photos/(?P<size>[^/$]+)", GET=self.photo),
            route(rf"/{whose}/photos/(?P<size>[^/$]+)/\$value", GET=self.value),
            route(rf"/{whose}/photo/\$value", **reading_and_writing, DELETE=self.delete),
            route(f"/{TEAM}/photo", GET=self.photo),
            route(rf"/{TEAM}/photo/\$value", **reading_and_writing),
        ]

    def photo(self, ask: Ask, caller: Caller, named: Named) -> Answer:
        """Metadata of the largest picture, or of one size; a size the picture does not have is 1x1 (documented)."""
        whose, picture = self._seen(caller, named)
        if picture is None:
            if whose.without_is_missing:
                raise not_found()
            return Answer(content=no_size())
        size = _size(named, picture)
        if size not in picture.renditions():
            return Answer(content=no_size())
        told = metadata(picture, size)
        if whose.of == "teams":
            told["id"] = str(told["id"]).upper()
        return Answer(content=self._context(whose, "photo/$entity") | told)

    def photos(self, ask: Ask, caller: Caller, named: Named) -> Answer:
        whose, picture = self._seen(caller, named)
        if picture is None and whose.without_is_missing:
            raise not_found()
        sizes = [metadata(picture, size) for size in picture.renditions()] if picture else []
        return Answer(content=self._context(whose, "photos") | {"value": sizes})

    def value(self, ask: Ask, caller: Caller, named: Named) -> Answer:
        _, picture = self._seen(caller, named)
        if picture is None:
            raise not_found()
        source = picture.renditions().get(_size(named, picture))
        if source is None:
            raise not_found()
        kind = picture.media_type if picture.store is Store.ENTRA else "image/jpeg"
        return Answer(content=self._world.read(source), headers={"Content-Type": kind, "ETag": f'"{picture.etag}"'})

    def put(self, ask: Ask, caller: Caller, named: Named) -> Answer:
        whose = self._writable(caller, named)
        _check_bytes(ask.body, whose.home)
        self._world.store(whose.owner, whose.home, ask.body)
        return Answer(HTTPStatus.OK)

    def delete(self, ask: Ask, caller: Caller, named: Named) -> Answer:
        whose = self._writable(caller, named)
        if self._held(whose, whose.home) is None:
            raise not_found()
        self._world.clear(whose.owner, whose.home)
        return Answer(HTTPStatus.OK)

    def _seen(self, caller: Caller, named: Named) -> tuple[Whose, Picture | None]:
        whose = self._whose(caller, named)
        own = whose.person is not None and caller.person == whose.person.id and caller.may(*READ_OWN)
        if not own and not caller.may(*_READ[whose.of]):
            raise access_denied()
        return whose, self._world.visible(whose.person) if whose.person else self._held(whose, whose.home)

    def _held(self, whose: Whose, store: Store) -> Picture | None:
        if whose.person is not None:
            return self._world.picture(whose.person, store)
        return self._world.stored(whose.owner, store, whose.first)

    def _whose(self, caller: Caller, named: Named) -> Whose:
        if named.get("team") or named.get("quoted_team"):
            return self._of_group("teams", team_named(self._memberships, named))
        if named.get("group") or named.get("quoted_group"):
            return self._of_group("groups", group_named(self._memberships, named))
        person = person_named(self._world, caller, named)
        return Whose("users", person.id, str(person.index), self._world.home(person), person)

    def _of_group(self, of: str, group: Group) -> Whose:
        first = groups.first_picture(self._world.seed, group)
        return Whose(of, group.id, group.owner, Store.MAILBOX, None, first, mailbox=group.unified)

    def _writable(self, caller: Caller, named: Named) -> Whose:
        """Delegated rights reach only the person's own picture: nobody here holds an administrator's role."""
        whose = self._whose(caller, named)
        rights = _WRITE[whose.of]
        own = whose.person is not None and caller.person == whose.person.id and caller.may(*_WRITE_OWN, *rights)
        if not own and not (caller.app_only and caller.may(*rights)):
            raise access_denied()
        if self._world.photo_source != "cloud":
            raise denied("ForbiddenByPolicy", "Photos of this organization are not updated in the cloud.")
        if not whose.mailbox:
            raise no_mailbox()
        return whose

    def _context(self, whose: Whose, what: str) -> dict[str, Any]:
        return {"@odata.context": f"{self._base}/v1.0/$metadata#{whose.of}('{whose.id}')/{what}"}


def _size(named: Named, picture: Picture) -> tuple[int, int]:
    """The size a path asks for, or the largest."""
    size = named.get("size")
    return size_of(size) if size else list(picture.renditions())[-1]


def _check_bytes(data: bytes, store: Store) -> None:
    """The declared media type is ignored, as clients declare all sorts of things. Raises GraphError."""
    if len(data) > _LARGEST:
        message = "The size of the request exceeds the limit of 4 MB."
        raise GraphError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "RequestEntityTooLarge", message)
    if store is Store.ENTRA and len(data) > _LARGEST_IN_ENTRA:
        raise GraphError(
            HTTPStatus.NOT_FOUND, "ResourceNotFound", "The directory does not take a picture of this size."
        )
    try:
        shape = inspect(data)
    except NotAPicture:
        message = "The request body is not a picture in a supported format."
        raise GraphError(HTTPStatus.BAD_REQUEST, "ErrorInvalidImage", message) from None
    if store is Store.MAILBOX and min(shape.width, shape.height) < SIDES[0]:
        message = f"The picture has to be at least {SIDES[0]} pixels wide and high."
        raise GraphError(HTTPStatus.BAD_REQUEST, "ValidationWidthTooSmall", message)
