"""The start page: where the documented steps send a person to sign in and click the OneDrive or SharePoint tile."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from samepic.practice.applications import Applications
from samepic.practice.grants import Grants, Refusal
from samepic.practice.origins import Origins
from samepic.practice.pages import page, see
from samepic.practice.sessions import Session
from samepic.practice.tokens import Tokens
from samepic.practice.visits import Visits
from samepic.practice.world import World


class StartPage:
    """`app` serves it."""

    def __init__(
        self, world: World, tokens: Tokens, applications: Applications, grants: Grants, origins: Origins
    ) -> None:
        self._origins = origins
        self._tenant = world.tenant
        self._session = Session(world, tokens, "start", "practice-start")
        self._visits = Visits(tokens, grants, applications.start, f"{origins.start}/signed-in", "start")
        self.app = Starlette(
            routes=[
                Route("/", self._tiles),
                Route("/signed-in", self._arrived),
                Route("/sign-out", self._left),
            ],
            exception_handlers={Refusal: _refused},
        )

    async def _tiles(self, request: Request) -> Response:
        person = self._session.person(request)
        if person is None:
            return self._visits.leave("/")
        tiles = {"OneDrive": f"{self._origins.sharepoint_my}/", "SharePoint": f"{self._origins.sharepoint}/"}
        return page("start.html", person=person, tiles=tiles)

    async def _arrived(self, request: Request) -> Response:
        person, back_to = self._visits.arrive(request.query_params, request.cookies)
        response = see(back_to)
        self._session.begin(response, self._session.new(person))
        self._visits.forget(response)
        return response

    async def _left(self, request: Request) -> Response:
        response = see(f"{self._origins.authority}/{self._tenant}/oauth2/v2.0/logout")
        self._session.end(response)
        return response


async def _refused(_: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    return page("refused.html", refusal.status, number=refusal.number, message=refusal.message)
