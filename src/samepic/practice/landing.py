"""One SharePoint host as a browser and a client meet it: pages behind a cookie, the interface under `/_api`, files.

Opening a page signs the person in (without a word where the authority knows them already) and shows their picture in
the suite bar; loading that picture is what prompts the pull.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import quote, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from samepic.practice.applications import Applications
from samepic.practice.grants import Grants, Refusal
from samepic.practice.library import UserPhotos
from samepic.practice.odata import SharePointError
from samepic.practice.origins import TENANT_NAME, Origins
from samepic.practice.pages import page, see
from samepic.practice.people import Person
from samepic.practice.sessions import Session
from samepic.practice.sharepoint import SharePoint
from samepic.practice.tokens import Tokens
from samepic.practice.userphoto import user_photo
from samepic.practice.userphotos import LIBRARY
from samepic.practice.visits import Visits
from samepic.practice.wire import METHODS, Answer, Face, ask_of, response_of
from samepic.practice.world import World

_TITLES = {"sharepoint": "SharePoint", "sharepoint_my": "OneDrive", "sharepoint_admin": "SharePoint admin center"}


class Site:
    """`app` serves the host."""

    def __init__(
        self,
        world: World,
        tokens: Tokens,
        applications: Applications,
        grants: Grants,
        origins: Origins,
        face: str,
        counting: Callable[[Face], Face],
    ) -> None:
        self._world = world
        self._title = _TITLES[face]
        self._start = origins.start
        self._api = SharePoint(world, tokens, origins, face, counting)
        self._photos = UserPhotos(world, origins.faces()[face] + "/_api/") if face == "sharepoint_my" else None
        self._session = Session(world, tokens, face, f"FedAuth-{face}")
        redirect = f"{origins.faces()[face]}/_forms/default.aspx"
        self._visits = Visits(tokens, grants, applications.sharepoint, redirect, face)
        self.app = Starlette(
            routes=[
                Route("/", self._landing),
                Route("/_forms/default.aspx", self._arrived),
                Route("/_layouts/15/userphoto.aspx", self._photo),
                Route("/_layouts/15/signout.aspx", self._signed_out),
                Route("/_api/{path:path}", self._answered, methods=METHODS),
                Route(f"/{LIBRARY}/{{path:path}}", self._file),
            ],
            exception_handlers={Refusal: _refused},
        )

    async def _landing(self, request: Request) -> Response:
        person = self._session.person(request)
        if person is None:
            return self._visits.leave("/")
        photo = f"/_layouts/15/userphoto.aspx?{urlencode({'size': 'L', 'accountname': person.upn})}"
        return page("landing.html", title=self._title, person=person, photo=photo, start=self._start)

    async def _arrived(self, request: Request) -> Response:
        person, back_to = self._visits.arrive(request.query_params, request.cookies)
        response = see(back_to)
        self._session.begin(response, self._session.new(person))
        self._visits.forget(response)
        return response

    async def _signed_out(self, request: Request) -> Response:
        response = page("signed_out.html")
        self._session.end(response)
        return response

    async def _answered(self, request: Request) -> Response:
        ask = await ask_of(request)
        self._world.settle()
        return response_of(self._api.answer(ask, self._session.person(request)))

    async def _photo(self, request: Request) -> Response:
        query = {name.casefold(): value for name, value in request.query_params.items()}
        account = query.get("accountname") or query.get("username") or ""
        allowed, asking = await self._asking(request)
        if not allowed:
            return self._visits.leave(_own_address(request))
        return response_of(user_photo(self._world, asking, account, query.get("size", "S")))

    async def _file(self, request: Request) -> Response:
        allowed, _ = await self._asking(request)
        if not allowed:
            return self._visits.leave(_own_address(request))
        file = self._photos.at_path(request.url.path) if self._photos else None
        if self._photos is None or file is None:
            return Response("404 FILE NOT FOUND", HTTPStatus.NOT_FOUND, media_type="text/plain")
        return response_of(self._photos.download(file))

    async def _asking(self, request: Request) -> tuple[bool, Person | None]:
        """Whether this request may look, and for whom. Raises Refusal for a token that is not good here."""
        self._world.settle()
        ask, cookie = await ask_of(request), self._session.person(request)
        if ask.bearer is None:
            return cookie is not None, cookie
        try:
            caller = self._api.caller(ask, cookie)
        except SharePointError as error:
            raise Refusal("invalid_token", 50000, error.message, error.status) from None
        return True, self._world.people.find(caller.person) if caller.person else None


def _own_address(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{quote(request.url.path)}{query}"


async def _refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    if request.headers.get("authorization"):
        headers = {"WWW-Authenticate": f'Bearer realm="{TENANT_NAME}"', "Content-Type": "text/plain"}
        return response_of(Answer(refusal.status, refusal.message.encode(), headers))
    return page("refused.html", refusal.status, number=refusal.number, message=refusal.message)
