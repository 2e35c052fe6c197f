"""Every face of one world at one set of addresses: what counts, what breaks on purpose, and what answers."""

from __future__ import annotations

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route
from starlette.types import ASGIApp

from samepic.practice.applications import Applications
from samepic.practice.batch import batching
from samepic.practice.control import Control
from samepic.practice.faults import Faults
from samepic.practice.faulty import Faulty
from samepic.practice.grants import Grants
from samepic.practice.graph import Graph
from samepic.practice.graphwire import EXPOSED
from samepic.practice.landing import Site
from samepic.practice.origins import SITES, Origins
from samepic.practice.requests import Requests
from samepic.practice.signin import SignIn
from samepic.practice.start import StartPage
from samepic.practice.throttling import Throttling
from samepic.practice.tokens import Tokens
from samepic.practice.wire import METHODS, Face, serving
from samepic.practice.world import World


class Faces:
    """`at` other addresses the same world answers, is counted and breaks together."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._faults = faults
        self._requests = Requests()
        self._throttling = Throttling(world)
        self._faulty = Faulty(faults, world.state)

    def at(self, origins: Origins) -> dict[str, ASGIApp]:
        world, requests, faulty = self._world, self._requests, self._faulty
        applications = Applications(world.state, origins)
        tokens = Tokens(world, origins.authority)
        grants = Grants(world, tokens, applications, origins)
        graph = self._throttling.graph(Graph(world, tokens, origins).answer)
        apps: dict[str, ASGIApp] = {
            "authority": SignIn(world, tokens, applications, grants, origins).app,
            "graph": _open_to_scripts(batching(graph, requests.counting_items(faulty.around_items("graph", graph)))),
            "start": StartPage(world, tokens, applications, grants, origins).app,
        }
        for site in SITES:
            around = self._around_items(site)
            apps[site] = Site(world, tokens, applications, grants, origins, site, around).app
        counted = {
            face: requests.counting(face, self._throttling.around(face, faulty.around(face, app)))
            for face, app in apps.items()
        }
        control = Control(world, applications, requests, origins, self._faults, self._throttling)
        return counted | {"control": control.app}

    def _around_items(self, face: str) -> Callable[[Face], Face]:
        """What every item of one face's batches goes through: trouble inside, counting outside."""
        return lambda inside: self._requests.counting_items(self._faulty.around_items(face, inside))


def _open_to_scripts(face: Face) -> ASGIApp:
    """Graph, unlike the others, answers scripts of any origin."""
    everything = ["*"]
    cors = Middleware(
        CORSMiddleware,
        allow_origins=everything,
        allow_methods=METHODS,
        allow_headers=everything,
        expose_headers=EXPOSED,
    )
    return Starlette(routes=[Route("/{path:path}", serving(face), methods=METHODS)], middleware=[cors])
