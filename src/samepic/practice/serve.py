"""The practice tenant as a process: one world, a listening socket for each face, until it is told to stop."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from rich.console import Console
from rich.table import Column, Table
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from samepic.errors import UserError
from samepic.practice.applications import Applications
from samepic.practice.batch import batching
from samepic.practice.control import Control
from samepic.practice.faults import NONE, Faults, Plan
from samepic.practice.faulty import Connection, Faulty
from samepic.practice.grants import Grants
from samepic.practice.graph import Graph
from samepic.practice.graphwire import EXPOSED
from samepic.practice.landing import Site
from samepic.practice.origins import DOMAIN, FACES, SITES, Origins
from samepic.practice.people import password_of
from samepic.practice.requests import Requests
from samepic.practice.signin import SignIn
from samepic.practice.start import StartPage
from samepic.practice.state import open_state
from samepic.practice.tokens import Tokens
from samepic.practice.userphotos import FOLDER
from samepic.practice.wire import METHODS, Face, serving
from samepic.practice.world import World, open_world

_HOST = "127.0.0.1"
_SHOWN = 50
_BACKLOG = 256


@dataclass(frozen=True)
class Practice:
    """A tenant that is bound to its addresses; `server` answers there."""

    world: World
    origins: Origins
    sockets: list[socket.socket]
    applications: Applications
    app: ASGIApp

    def server(self, ready: Callable[[], None]) -> uvicorn.Server:
        """Runs with `serve(sockets=practice.sockets)`; calls `ready` once it answers."""
        config = uvicorn.Config(
            self.app,
            http=Connection,
            log_level="warning",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=2,
        )
        return _Server(config, ready)

    def close(self) -> None:
        """Gives back the ports and the state folder. Harmless after the server has ended."""
        for listening in self.sockets:
            listening.close()
        self.world.state.close()

    def describe(self) -> dict[str, Any]:
        """Everything a client needs to know, secrets included: they open nothing but this tenant."""
        practice = self.applications.practice
        people, _ = self.world.people.page(-1, _SHOWN)
        return self.origins.faces() | {
            "tenant": self.world.tenant,
            "domain": DOMAIN,
            "application": {
                "client_id": practice.client_id,
                "client_secret": practice.secret,
                "certificate": str(self.applications.certificate_file),
            },
            "people": [
                {
                    "id": person.id,
                    "upn": person.upn,
                    "name": person.name,
                    "password": password_of(self.world.seed, person.index),
                    "kind": person.kind,
                    "case": person.case,
                }
                for person in people
            ],
            "count": self.world.people.count(),
        }


def open_practice(
    state: Path, port: int = 0, people: int = 12, seed: int = 1, faults: Plan = NONE, folder: str = FOLDER
) -> Practice:
    """Opens the world and binds the ports; `faults` are what goes wrong at first. Raises UserError."""
    with contextlib.ExitStack() as undo:
        sockets = _bound(port)
        for listening in sockets:
            undo.callback(listening.close)
        opened = open_state(state.absolute())
        undo.callback(opened.close)
        world = open_world(opened, people, seed, folder)
        undo.pop_all()
    origins = Origins.on([listening.getsockname()[1] for listening in sockets])
    applications = Applications(world.state, origins)
    faces = _faces(world, origins, applications, Faults(faults))
    return Practice(world, origins, sockets, applications, _dispatching(faces, sockets))


def run(
    state: Path,
    port: int = 0,
    people: int = 12,
    seed: int = 1,
    faults: Plan = NONE,
    *,
    as_json: bool = False,
    ready: Callable[[Mapping[str, Any]], None] | None = None,
) -> None:
    """Serves until SIGINT or SIGTERM; `ready` is told what is printed, before it is. Raises UserError."""
    practice = open_practice(state, port, people, seed, faults)

    def show(practice: Practice) -> None:
        if ready is not None:
            ready(practice.describe())
        (_show_json if as_json else _show_table)(practice)

    for stopping in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stopping, lambda *_: None)  # the server raises the signal again for us when it has ended
    try:
        practice.server(lambda: show(practice)).run(sockets=practice.sockets)
    finally:
        practice.close()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def _bound(port: int) -> list[socket.socket]:
    """One socket for each face, on consecutive ports from `port`, or on free ones."""
    sockets: list[socket.socket] = []
    for offset, _ in enumerate(FACES):
        wanted = port + offset if port else 0
        # named as TCP, or asyncio leaves Nagle's algorithm on and answers wait 40 ms for an acknowledgement
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        sockets.append(listening)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((_HOST, wanted))
            listening.listen(_BACKLOG)
        except (OSError, OverflowError) as why:
            for opened in sockets:
                opened.close()
            raise UserError(
                f"Port {wanted} is not free: {getattr(why, 'strerror', None) or why}.",
                f"The practice tenant takes {len(FACES)} ports in a row from --port; name others, or 0 for free ones.",
            ) from None
    return sockets


def _faces(world: World, origins: Origins, applications: Applications, faults: Faults) -> dict[str, ASGIApp]:
    requests, faulty = Requests(), Faulty(faults, world.state)
    tokens = Tokens(world, origins.authority)
    grants = Grants(world, tokens, applications, origins)
    graph = Graph(world, tokens, origins).answer
    apps: dict[str, ASGIApp] = {
        "authority": SignIn(world, tokens, applications, grants, origins).app,
        "graph": _open_to_scripts(batching(graph, requests.counting_items(faulty.around_items(graph)))),
        "start": StartPage(world, tokens, applications, grants, origins).app,
    }
    for site in SITES:
        apps[site] = Site(world, tokens, applications, grants, origins, site, requests.counting_items).app
    counted = {face: requests.counting(face, faulty.around(face, app)) for face, app in apps.items()}
    return counted | {"control": Control(world, applications, requests, origins, faults).app}


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


def _dispatching(faces: Mapping[str, ASGIApp], sockets: list[socket.socket]) -> ASGIApp:
    """Which face answers is told by the port a request came in at."""
    by_port = {listening.getsockname()[1]: faces[face] for face, listening in zip(FACES, sockets, strict=True)}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await by_port[scope["server"][1]](scope, receive, send)

    return app


def _show_json(practice: Practice) -> None:
    sys.stdout.write(json.dumps(practice.describe()) + "\n")
    sys.stdout.flush()


def _show_table(practice: Practice) -> None:
    described = practice.describe()
    console = Console()
    faces = Table("face", "address", title=f"The practice tenant {DOMAIN} is ready", title_justify="left")
    for face in FACES:
        faces.add_row(face, described[face])
    people = Table(Column("sign in as", overflow="fold"), Column("password", no_wrap=True), "name", "case")
    for person in described["people"]:
        people.add_row(person["upn"], person["password"], person["name"], person["case"])
    console.print(faces, people)
    if described["count"] > len(described["people"]):
        console.print(f"and {described['count'] - len(described['people'])} more people.")
    console.print(f"Start at {described['start']}. Change the world at {described['control']}. Stop with Ctrl+C.")
