"""More of what `control` can change: how SharePoint behaves, who is there, what tokens and consent are worth."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from samepic.practice.applications import Applications
from samepic.practice.controlwire import Endpoint, Unable, duration_of, field_of, object_in, person_in
from samepic.practice.graphmailboxes import PURPOSES, set_purpose
from samepic.practice.people import Synced, introduction
from samepic.practice.userphotos import NAME_RULE, is_name
from samepic.practice.world import World

HELP = """
GET    /pull                       how SharePoint pulls, in seconds: at most once in an interval, shown after a delay
PUT    /pull                       {"interval": 86400, "delay": 259200}, or one of the two
GET    /library                    what SharePoint calls the folder it puts pictures into; follows its language
PUT    /library                    {"folder": "Profielafbeeldingen"}; pictures that are there stay where they are
GET    /display                    what people without a mailbox are shown: since MC653734 the shared picture
PUT    /display                    {"era": "before" or "after"}
POST   /people                     somebody joins
DELETE /people/{who}               somebody leaves for good
POST   /people/{who}/sessions/revoke   their cookies and refresh tokens are worth nothing any more
PUT    /people/{who}/purpose       {"purpose": "equipment"}, or another that mailbox settings know
PUT    /people/{who}/synced        from which account of an Active Directory they come, {} for the cloud alone:
                                   {"immutableId": "<base64>", "samAccountName": "ada", "securityIdentifier": "S-1-5-…"}
GET    /tokens                     how long new access tokens are good, in seconds
PUT    /tokens                     {"life": 60}
POST   /tokens/expire              every access token given so far has run out
GET    /application/consent        whether the practice application is enabled, and has its consent
PUT    /application/consent        {"enabled": false}, {"consent": false}, or both
"""

_SYNCED = {
    "immutableId": "immutable_id",
    "samAccountName": "sam_account_name",
    "securityIdentifier": "security_identifier",
}
_SHORTEST_LIFE = timedelta(seconds=1)


class Levers:
    def __init__(self, world: World, applications: Applications) -> None:
        self._world = world
        self._applications = applications

    def routes(self) -> list[tuple[str, str, Endpoint]]:
        return [
            ("GET", "/pull", self._pull),
            ("PUT", "/pull", self._set_pull),
            ("GET", "/library", self._library),
            ("PUT", "/library", self._set_library),
            ("GET", "/display", self._display),
            ("PUT", "/display", self._set_display),
            ("POST", "/people", self._join),
            ("DELETE", "/people/{who}", self._leave),
            ("POST", "/people/{who}/sessions/revoke", self._revoke),
            ("PUT", "/people/{who}/purpose", self._set_purpose),
            ("PUT", "/people/{who}/synced", self._set_synced),
            ("GET", "/tokens", self._tokens),
            ("PUT", "/tokens", self._set_tokens),
            ("POST", "/tokens/expire", self._expire),
            ("GET", "/application/consent", self._consent),
            ("PUT", "/application/consent", self._set_consent),
        ]

    async def _pull(self, request: Request) -> Response:
        world = self._world
        return JSONResponse({"interval": world.interval.total_seconds(), "delay": world.delay.total_seconds()})

    async def _set_pull(self, request: Request) -> Response:
        given = object_in(await request.body())
        wanted = {name: duration_of(given, name) for name in ("interval", "delay") if name in given}
        if not wanted:
            raise Unable("Say `interval` or `delay`.")
        self._world.set_interval(wanted.get("interval", self._world.interval))
        self._world.set_delay(wanted.get("delay", self._world.delay))
        return await self._pull(request)

    async def _library(self, request: Request) -> Response:
        return JSONResponse({"folder": self._world.folder})

    async def _set_library(self, request: Request) -> Response:
        folder = field_of(object_in(await request.body()), "folder", str)
        if not is_name(folder):
            raise Unable(f"A folder has {NAME_RULE}.")
        self._world.set_folder(folder)
        return await self._library(request)

    async def _display(self, request: Request) -> Response:
        return JSONResponse({"era": "after" if self._world.shared_display else "before"})

    async def _set_display(self, request: Request) -> Response:
        era = field_of(object_in(await request.body()), "era", str)
        if era not in {"before", "after"}:
            raise Unable("`era` is before or after.")
        self._world.set_shared_display(era == "after")
        return await self._display(request)

    async def _join(self, request: Request) -> Response:
        return JSONResponse(introduction(self._world.seed, self._world.people.join()), HTTPStatus.CREATED)

    async def _leave(self, request: Request) -> Response:
        self._world.people.remove(person_in(self._world, request))
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def _revoke(self, request: Request) -> Response:
        self._world.revoke_sessions(person_in(self._world, request))
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def _set_purpose(self, request: Request) -> Response:
        purpose = field_of(object_in(await request.body()), "purpose", str)
        if purpose not in PURPOSES:
            raise Unable(f"`purpose` is one of {', '.join(PURPOSES)}.")
        set_purpose(self._world, person_in(self._world, request), purpose)
        return JSONResponse({"purpose": purpose})

    async def _set_synced(self, request: Request) -> Response:
        given = object_in(await request.body())
        if not given.keys() <= _SYNCED.keys():
            raise Unable(f"Synced is said by {', '.join(_SYNCED)}.")
        told = {_SYNCED[name]: str(field_of(given, name, str)) for name in given}
        self._world.people.set_synced(person_in(self._world, request), Synced(**told) if told else None)
        return JSONResponse(given)

    async def _tokens(self, request: Request) -> Response:
        return JSONResponse({"life": self._world.token_life.total_seconds()})

    async def _set_tokens(self, request: Request) -> Response:
        life = duration_of(object_in(await request.body()), "life")
        if life < _SHORTEST_LIFE:
            raise Unable("A token lives for a second at least; to end those there are, post to /tokens/expire.")
        self._world.set_token_life(life)
        return await self._tokens(request)

    async def _expire(self, request: Request) -> Response:
        self._world.expire_tokens()
        return await self._tokens(request)

    async def _consent(self, request: Request) -> Response:
        return JSONResponse(self._applications.standing())

    async def _set_consent(self, request: Request) -> Response:
        given = object_in(await request.body())
        wanted: dict[str, bool] = {
            name: field_of(given, name, bool) for name in ("enabled", "consent") if name in given
        }
        if not wanted:
            raise Unable("Say `enabled` or `consent`.")
        self._applications.set_standing(wanted)
        return await self._consent(request)
