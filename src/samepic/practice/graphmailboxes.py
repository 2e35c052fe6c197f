"""What tells a person's mailbox from one that several share and from a room's: mailbox settings and places.

See learn.microsoft.com/graph/api/user-get-mailboxsettings and .../place-list. Decided here because the documentation
leaves it open: whoever has no mailbox is answered MailboxNotEnabledForRESTAPI; a place has an id of its own, and leads
to its account by its address; nobody but an application may list places.
"""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from samepic.model import Kind
from samepic.practice.graphpaths import WHO, Named, Route, check_rights, person_named, route
from samepic.practice.graphwire import GraphError, access_denied, no_mailbox, no_object
from samepic.practice.people import Person, stable_uuid
from samepic.practice.tokens import Caller
from samepic.practice.wire import Answer, Ask
from samepic.practice.world import World

PURPOSES = ("user", "linked", "shared", "room", "equipment", "others")
_BORN = {Kind.ROOM: "room", Kind.SHARED: "shared"}
_READ_SETTINGS = ("MailboxSettings.Read", "MailboxSettings.ReadWrite")
_READ_PLACES = ("Place.Read.All", "Place.ReadWrite.All")
_DEFAULT_TOP, _LARGEST_TOP = 100, 1000
_UNKNOWN = ("nickname", "phone", "building", "floorNumber", "floorLabel", "label", "audioDeviceName", "address")


class Mailboxes:
    """`base` is Graph's address."""

    def __init__(self, world: World, base: str) -> None:
        self._world = world
        self._base = base

    def routes(self) -> list[Route]:
        return [
            route(f"/{WHO}/mailboxSettings", GET=self.settings),
            route(f"/{WHO}/mailboxSettings/userPurpose", GET=self.purpose),
            route(r"/places/microsoft\.graph\.room", GET=self.rooms),
            route("/places/(?P<place>[^/]+)", GET=self.place),
        ]

    def settings(self, ask: Ask, caller: Caller, named: Named) -> Answer:
        person = self._owner(caller, named)
        every = {
            "archiveFolder": None,
            "timeZone": "UTC",
            "delegateMeetingMessageDeliveryOptions": "sendToDelegateOnly",
            "dateFormat": "yyyy-MM-dd",
            "timeFormat": "HH:mm",
            "userPurpose": purpose_of(self._world, person),
        }
        wanted = {name.strip().casefold() for name in ask.query.get("$select", ",".join(every)).split(",")}
        shown = {name: value for name, value in every.items() if name.casefold() in wanted}
        return Answer(content=self._context(f"users('{person.id}')/mailboxSettings") | shown)

    def purpose(self, ask: Ask, caller: Caller, named: Named) -> Answer:
        person = self._owner(caller, named)
        context = self._context(f"users('{person.id}')/mailboxSettings/userPurpose")
        return Answer(content=context | {"value": purpose_of(self._world, person)})

    def rooms(self, ask: Ask, caller: Caller, named: Named) -> Answer:
        check_rights(caller, _READ_PLACES)
        top, skip = _whole(ask, "$top", _DEFAULT_TOP, _LARGEST_TOP), _whole(ask, "$skip", 0, None)
        found = list(islice(self._rooms(), skip, skip + top + 1))
        page: dict[str, Any] = self._context("places/microsoft.graph.room")
        if len(found) > top:
            query = dict(ask.query) | {"$skip": str(skip + top)}
            page["@odata.nextLink"] = f"{self._base}/v1.0/places/microsoft.graph.room?{urlencode(query, safe='$')}"
        return Answer(content=page | {"value": [_room(room) for room in found[:top]]})

    def place(self, ask: Ask, caller: Caller, named: Named) -> Answer:
        """By its id or its address."""
        check_rights(caller, _READ_PLACES)
        name = (named["place"] or "").casefold()
        found = next((room for room in self._rooms() if name in {_place_id(room), (room.mail or "").casefold()}), None)
        if found is None:
            raise no_object(name)
        kind = {"@odata.type": "#microsoft.graph.room"}
        return Answer(content=self._context("places/$entity") | kind | _room(found))

    def _rooms(self) -> Iterator[Person]:
        return self._world.people.rooms()

    def _owner(self, caller: Caller, named: Named) -> Person:
        """Whose mailbox it is. Raises GraphError."""
        person = person_named(self._world, caller, named)
        own = caller.person == person.id
        if not caller.may(*_READ_SETTINGS) or not (own or caller.app_only):
            raise access_denied()
        if not person.mailbox:
            raise no_mailbox()
        return person

    def _context(self, what: str) -> dict[str, str]:
        return {"@odata.context": f"{self._base}/v1.0/$metadata#{what}"}


def purpose_of(world: World, person: Person) -> str:
    """What a mailbox is for: by its kind, or as control said."""
    return str(world.state.setting(f"purpose/{person.index}", _BORN.get(person.kind, "user")))


def set_purpose(world: World, person: Person, purpose: str) -> None:
    """One of PURPOSES."""
    world.state.set(f"purpose/{person.index}", purpose)


def _place_id(room: Person) -> str:
    return stable_uuid(room.id, "place")


def _room(room: Person) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": _place_id(room),
        "displayName": room.name,
        "emailAddress": room.mail,
        "capacity": None,
        "bookingType": "standard",
        "tags": [],
        "isWheelChairAccessible": False,
    }
    return told | dict.fromkeys(_UNKNOWN)


def _whole(ask: Ask, name: str, default: int, most: int | None) -> int:
    text = ask.query.get(name, str(default))
    if not text.isdecimal() or (most is not None and not 1 <= int(text) <= most):
        raise GraphError(HTTPStatus.BAD_REQUEST, "Request_UnsupportedQuery", f"Invalid value for {name}: '{text}'.")
    return int(text)
