"""The portal as one application: every door, what guards them, and what every answer carries."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from http import HTTPStatus
from importlib.resources import files

from starlette.applications import Starlette
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from samepic.errors import ConnectorError, SamepicError, UserError
from samepic.web import admin, pages, welcome
from samepic.web.access import DIGITS, SMALL, Access, Door
from samepic.web.api.app import api
from samepic.web.api.problems import problem_of
from samepic.web.ask import Ask
from samepic.web.policy import content_policy
from samepic.web.proof import require_own_form
from samepic.web.signin import doors as signin
from samepic.web.site import Site
from samepic.web.visitor import Visitor
from samepic.web.words import COOKIE, Words, preferred

DOORS: tuple[Door, ...] = (*welcome.DOORS, *signin.DOORS, *pages.DOORS, *admin.DOORS)
"""Every door of the portal's pages. The API has its own, below `/api`."""

_log = logging.getLogger(__name__)

_FOR_EVER = int(timedelta(days=365).total_seconds())


class _Number(IntegerConvertor):
    """`{...:int}` of every door: a number that no row can have is an address that there is not."""

    regex = f"[0-9]{{1,{DIGITS}}}"


register_url_convertor("int", _Number())


def portal(site: Site) -> Starlette:
    """The application over an open organisation."""
    return Starlette(
        routes=[
            *(_route(site, door) for door in DOORS),
            Mount("/api", api(site)),
            Mount("/static", _Kept(directory=str(files("samepic.web") / "static")), name="static"),
        ],
        middleware=[Middleware(Headers, policy=content_policy(site.settings.portal), secure=site.visitors.secure)],
        exception_handlers={
            HTTPException: _telling(site),
            SamepicError: _telling(site),
            500: _telling(site),
        },
    )


def _route(site: Site, door: Door) -> Route:
    largest = int(site.settings.portal.upload_megabytes * 1_000_000) + SMALL if door.uploads else SMALL
    limit = Middleware(RequestBodyLimitMiddleware, max_body_size=largest)
    return Route(door.path, _endpoint(site, door), methods=list(door.methods), name=door.name, middleware=[limit])


def _endpoint(site: Site, door: Door) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        visitor = await site.visitors.of(request)
        ask = Ask(site, request, visitor, _words(site, request, visitor), FormData())
        if (turned_away := _turn_away(ask, door)) is not None:
            return turned_away
        if request.method in {"GET", "HEAD"}:
            return await door.answer(ask)
        async with request.form(max_files=1, max_fields=100) as form:
            if not door.foreign:
                require_own_form(request, form, site.settings.portal, visitor)
            return await door.answer(Ask(site, request, visitor, ask.words, form))

    return answer


def _turn_away(ask: Ask, door: Door) -> Response | None:
    """None for whoever may come in. Nobody learns what is behind an administrator's door, not even that it is one."""
    match door.access:
        case Access.ANYBODY:
            return None
        case Access.ADMINISTRATOR if ask.visitor is None or not ask.visitor.administrator:
            raise HTTPException(404)
        case Access.ADMINISTRATOR:
            return None
        case Access.PERSON if ask.visitor is None:
            return _to_sign_in(ask)
        case Access.PERSON if ask.who.person is None:
            return RedirectResponse(ask.door("stranger"), status_code=303)
        case _:
            return None


def _to_sign_in(ask: Ask) -> Response:
    """Signing in leads back to a page, never to the posting of a form."""
    if ask.request.method != "GET":
        return RedirectResponse(ask.door("welcome"), status_code=303)
    query = f"?{ask.request.url.query}" if ask.request.url.query else ""
    address = ask.request.url_for("welcome").include_query_params(to=f"{ask.request.url.path}{query}")
    return RedirectResponse(f"{address.path}?{address.query}", status_code=303)


def _words(site: Site, request: Request, visitor: Visitor | None) -> Words:
    chosen = visitor.language if visitor and visitor.private else request.cookies.get(COOKIE)
    return Words(preferred(request.headers.get("accept-language", ""), chosen), site.zone)


def _telling(site: Site) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Errors as pages: what is wrong and what to do, in the reader's language where we know more than a sentence."""

    async def tell(request: Request, trouble: Exception) -> Response:
        if request.url.path.startswith("/api/"):  # an address so odd that it never came to the API
            return problem_of(trouble).response()
        status, message, remedy = _trouble(trouble)
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            _log.error("%s %s broke", request.method, request.url.path, exc_info=trouble)
        visitor = await site.visitors.of(request)
        ask = Ask(site, request, visitor, _words(site, request, visitor), FormData())
        return ask.page("trouble.html", status, status=status, message=message, remedy=remedy)

    return tell


def _trouble(trouble: Exception) -> tuple[int, str, str]:
    match trouble:
        case HTTPException():
            status = trouble.status_code
            return 404 if status == 405 else status, "", ""  # noqa: PLR2004 -- a door of another method is no door
        case UserError():
            return 400, trouble.message, trouble.remedy
        case ConnectorError():
            where = f"{trouble.system}: " if trouble.system else ""
            return 502, f"{where}{trouble}", trouble.remedy
        case SamepicError():
            return 400, str(trouble), ""
        case _:
            return 500, "", ""


class Headers:
    """What every answer carries. Pages of somebody who is signed in are kept by nobody.

    `secure`: whoever came over https once comes no other way for a year.
    """

    def __init__(self, app: ASGIApp, policy: str, *, secure: bool) -> None:
        self._app = app
        self._always: Sequence[tuple[bytes, bytes]] = [
            (b"content-security-policy", policy.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"cross-origin-resource-policy", b"same-origin"),
            (b"permissions-policy", b"camera=(self), microphone=(), geolocation=()"),
            *([(b"strict-transport-security", f"max-age={_FOR_EVER}".encode())] if secure else []),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name for name, _ in message["headers"]}
                more = [pair for pair in (*self._always, (b"cache-control", b"no-store")) if pair[0] not in given]
                message["headers"] = [*message["headers"], *more]
            await send(message)

        await self._app(scope, receive, sending if scope["type"] == "http" else send)


class _Kept(StaticFiles):
    """Files whose address changes with their content."""

    def file_response(self, *arguments: object, **more: object) -> Response:
        response = super().file_response(*arguments, **more)  # type: ignore[arg-type]  # passed on as they came
        response.headers["Cache-Control"] = f"public, max-age={_FOR_EVER}, immutable"
        return response
