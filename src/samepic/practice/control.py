"""The face that no cloud has: changes the world from outside, and tells what happened in it. No sign-in, loopback only.

`GET /` says what there is. A page of another site cannot use it: requests that a browser marks as foreign are refused.
"""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from samepic.model import digest_of
from samepic.practice import identitylevers, levers
from samepic.practice.applications import Applications
from samepic.practice.controlwire import Endpoint, Unable, duration_of, field_of, number_of, object_in, person_in
from samepic.practice.faults import NONE, Faults, plan_of
from samepic.practice.identitylevers import IdentityLevers
from samepic.practice.levers import Levers
from samepic.practice.limits import LIMITS
from samepic.practice.origins import Origins
from samepic.practice.people import Person, introduction
from samepic.practice.pictures import THUMBNAILS, NotAPicture
from samepic.practice.requests import Requests
from samepic.practice.sources import portrait
from samepic.practice.throttling import Throttling
from samepic.practice.userphoto import thumbnail
from samepic.practice.world import Store, World

HELP = """The practice tenant's control. No sign-in. {who} is a UPN or an object id, {store} is mailbox or entra.

GET    /people?after=&top=         people, their cases, and digests of their pictures in each place (50 at a time)
GET    /people/{who}               one of them
PUT    /people/{who}/{store}/picture   a picture's bytes, or {"portrait": "any text"}: them, drawn on that occasion
DELETE /people/{who}/{store}/picture
PUT    /people/{who}/licence       {"exchange": true or false}; the mailbox comes and goes with it
PUT    /people/{who}/sign-in       {"blocked": true or false}
GET    /clock                      the world's time; sign-in and tokens go by the machine's
PUT    /clock                      {"now": "2030-01-31T08:00:00Z"}
POST   /clock/advance              {"seconds": 86400}
GET    /photo-source               where pictures may be written: cloud, or onPremises only
PUT    /photo-source               {"source": "onPremises"}
GET    /application/roles          application permissions of the practice application, by API
PUT    /application/roles          {"graph": ["User.Read.All"]}; counts from the next token on
GET    /requests                   requests since the last reset, by face, method and status
POST   /requests/reset
GET    /faults                     what goes wrong on purpose, and how often each rule has struck
PUT    /faults                     {"seed": 1, "latency": 0, "rules": [{"path": "*", "share": 0.5, "fault": 429}]}
DELETE /faults
GET    /throttling                 the published limits, and what is used of them
PUT    /throttling                 {"scale": 0.01}: every limit a hundredth of the published one; or {"limits":
                                   {"sharepoint day": 0.001}}: some of them
POST   /throttling/reset           nothing is used
"""

_TOP = 50
_LARGEST_SCALE = 1_000_000
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)


class Control:
    """`app` serves it."""

    def __init__(
        self,
        world: World,
        applications: Applications,
        requests: Requests,
        origins: Origins,
        faults: Faults,
        throttling: Throttling,
    ) -> None:
        self._world = world
        self._applications = applications
        self._requests = requests
        self._plan = faults
        self._throttling = throttling
        self._hosts = {urlsplit(origins.control).netloc, f"localhost:{urlsplit(origins.control).port}"}
        levers = (*self._own(), *Levers(world, applications).routes(), *IdentityLevers(world, applications).routes())
        self.app = Starlette(routes=[self._route(*lever) for lever in levers], exception_handlers={Unable: _unable})

    def _own(self) -> list[tuple[str, str, Endpoint]]:
        return [
            ("GET", "/", self._help),
            ("GET", "/people", self._people),
            ("GET", "/people/{who}", self._one),
            ("PUT", "/people/{who}/{store}/picture", self._put_picture),
            ("DELETE", "/people/{who}/{store}/picture", self._remove_picture),
            ("PUT", "/people/{who}/licence", self._licence),
            ("PUT", "/people/{who}/sign-in", self._sign_in),
            ("GET", "/clock", self._clock),
            ("PUT", "/clock", self._set_clock),
            ("POST", "/clock/advance", self._advance),
            ("GET", "/photo-source", self._photo_source),
            ("PUT", "/photo-source", self._set_photo_source),
            ("GET", "/application/roles", self._roles),
            ("PUT", "/application/roles", self._grant),
            ("GET", "/requests", self._asked),
            ("POST", "/requests/reset", self._reset),
            ("GET", "/faults", self._faults),
            ("PUT", "/faults", self._set_faults),
            ("DELETE", "/faults", self._no_faults),
            ("GET", "/throttling", self._limits),
            ("PUT", "/throttling", self._set_limits),
            ("POST", "/throttling/reset", self._unused),
        ]

    def _route(self, method: str, path: str, endpoint: Endpoint) -> Route:
        async def guarded(request: Request) -> Response:
            foreign = request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}
            if foreign or request.headers.get("host") not in self._hosts:
                raise Unable("Only programs on this machine may control the world.", HTTPStatus.FORBIDDEN)
            return await endpoint(request)

        return Route(path, guarded, methods=[method])

    async def _help(self, request: Request) -> Response:
        return PlainTextResponse(HELP + levers.HELP + identitylevers.HELP)

    async def _people(self, request: Request) -> Response:
        after, top = number_of(request, "after", -1), number_of(request, "top", _TOP)
        people, more = self._world.people.page(after, max(1, top))
        shown = {"people": [self._shown(person) for person in people], "count": self._world.people.count()}
        return JSONResponse(shown | ({"after": people[-1].index} if more else {}))

    async def _one(self, request: Request) -> Response:
        return JSONResponse(self._shown(person_in(self._world, request)))

    async def _put_picture(self, request: Request) -> Response:
        person, store = person_in(self._world, request), _store(request)
        body = await request.body()
        if body.lstrip().startswith(b"{"):
            drawn = portrait(self._world.seed, person, str(field_of(object_in(body), "portrait", str)))
            body = self._world.read(drawn)
        try:
            self._world.put(person, store, body)
        except NotAPicture:
            raise Unable("These bytes are not a picture.") from None
        return JSONResponse(self._shown(person))

    async def _remove_picture(self, request: Request) -> Response:
        person = person_in(self._world, request)
        self._world.remove(person, _store(request))
        return JSONResponse(self._shown(person))

    async def _licence(self, request: Request) -> Response:
        person = person_in(self._world, request)
        self._world.people.set_exchange(person, field_of(object_in(await request.body()), "exchange", bool))
        return await self._one(request)

    async def _sign_in(self, request: Request) -> Response:
        person = person_in(self._world, request)
        self._world.people.set_enabled(person, not field_of(object_in(await request.body()), "blocked", bool))
        return await self._one(request)

    async def _clock(self, request: Request) -> Response:
        return JSONResponse({"now": self._world.now().isoformat()})

    async def _set_clock(self, request: Request) -> Response:
        text = field_of(object_in(await request.body()), "now", str)
        try:
            now = datetime.fromisoformat(text)
        except ValueError:
            raise Unable(f"{text!r} is no instant; write 2030-01-31T08:00:00Z.") from None
        return self._turned_to(now if now.tzinfo else now.replace(tzinfo=UTC))

    async def _advance(self, request: Request) -> Response:
        by = duration_of(object_in(await request.body()), "seconds")
        return self._turned_to(min(self._world.now(), _LATEST - by) + by)

    def _turned_to(self, now: datetime) -> Response:
        if not _EARLIEST <= now < _LATEST:
            raise Unable("The clock runs from 1970 to 2999.")
        self._world.set_clock(now)
        return JSONResponse({"now": now.isoformat()})

    async def _photo_source(self, request: Request) -> Response:
        return JSONResponse({"source": self._world.photo_source})

    async def _set_photo_source(self, request: Request) -> Response:
        source = field_of(object_in(await request.body()), "source", str)
        if source not in {"cloud", "onPremises"}:
            raise Unable("`source` is cloud or onPremises.")
        self._world.set_photo_source(source)
        return await self._photo_source(request)

    async def _roles(self, request: Request) -> Response:
        return JSONResponse(self._applications.granted())

    async def _grant(self, request: Request) -> Response:
        given = object_in(await request.body())
        if not given.keys() <= self._applications.granted().keys():
            raise Unable("Application permissions belong to graph or to sharepoint.")
        self._applications.grant({api: [str(role) for role in roles] for api, roles in given.items()})
        return await self._roles(request)

    async def _asked(self, request: Request) -> Response:
        return JSONResponse(self._requests.summary())

    async def _reset(self, request: Request) -> Response:
        self._requests.reset()
        return await self._asked(request)

    async def _faults(self, request: Request) -> Response:
        return JSONResponse(self._plan.summary())

    async def _set_faults(self, request: Request) -> Response:
        try:
            self._plan.set(plan_of(object_in(await request.body())))
        except ValueError as why:
            raise Unable(str(why)) from None
        return await self._faults(request)

    async def _no_faults(self, request: Request) -> Response:
        self._plan.set(NONE)
        return await self._faults(request)

    async def _limits(self, request: Request) -> Response:
        return JSONResponse(self._throttling.summary())

    async def _set_limits(self, request: Request) -> Response:
        given = object_in(await request.body())
        scales: dict[str, Any] = field_of(given, "limits", dict) if "limits" in given else {}
        if not given.keys() & {"scale", "limits"} or not scales.keys() <= {limit.name for limit in LIMITS}:
            raise Unable("Say `scale`, or `limits` with a scale for some of those that there are.")
        wanted = {name: _scale_in(scales, name) for name in scales}
        if "scale" in given:
            self._throttling.scale = _scale_in(given, "scale")
        self._throttling.scales |= wanted
        return await self._limits(request)

    async def _unused(self, request: Request) -> Response:
        self._throttling.reset()
        return await self._limits(request)

    def _shown(self, person: Person) -> dict[str, Any]:
        """A person as they are now. Digests are of bytes as a client would get them, the largest of a mailbox."""
        self._world.settle()
        places = {store.value: self._digest(person, store) for store in Store}
        return introduction(self._world.seed, person) | {
            "blocked": not person.enabled,
            "mailbox": person.mailbox,
            "exchange": person.exchange,
            "pictures": places | {"sharepoint": self._thumbnails(person)},
            "profile": self._world.profile(person),
        }

    def _digest(self, person: Person, store: Store) -> str | None:
        picture = self._world.picture(person, store)
        return None if picture is None else digest_of(self._world.read(list(picture.renditions().values())[-1]))

    def _thumbnails(self, person: Person) -> dict[str, str]:
        files = {letter: thumbnail(self._world, person, letter) for letter in THUMBNAILS}
        return {letter: digest_of(self._world.read(file.source)) for letter, file in files.items() if file}


def _scale_in(given: dict[str, Any], name: str) -> float:
    scale = field_of(given, name, int, float)
    if not 0 <= scale <= _LARGEST_SCALE:
        raise Unable(f"`{name}` is a number from 0 to {_LARGEST_SCALE:,}.")
    return float(scale)


def _store(request: Request) -> Store:
    try:
        return Store(request.path_params["store"])
    except ValueError:
        raise Unable("Pictures are kept in mailbox and in entra.", HTTPStatus.NOT_FOUND) from None


async def _unable(_: Request, unable: Exception) -> Response:
    assert isinstance(unable, Unable)
    return JSONResponse({"error": unable.message}, unable.status)
