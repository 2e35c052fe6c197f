"""The practice tenant as a process: one world, a listening socket for each face, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from rich.console import Console
from rich.table import Column, Table
from starlette.types import ASGIApp, Receive, Scope, Send

from samepic.errors import UserError
from samepic.practice.applications import ADMINISTRATOR, Applications
from samepic.practice.entitlements import Entitlements
from samepic.practice.faces import Faces
from samepic.practice.faults import NONE, Faults, Plan
from samepic.practice.faulty import Connection
from samepic.practice.origins import DOMAIN, FACES, Origins
from samepic.practice.people import Person, introduction
from samepic.practice.state import open_state
from samepic.practice.tls import Secure, by_host, cloud_origins, local_origins, open_tls
from samepic.practice.world import World, open_world

_HOST = "127.0.0.1"
_SHOWN = 50
_BACKLOG = 256
_TAKEN = f"The practice tenant takes {len(FACES)} ports in a row from --port; name others, or 0 for free ones."
_TLS_TAKEN = "Name another one with --tls, or 0 for a free one."


@dataclass(frozen=True)
class Practice:
    """A tenant that is bound to its addresses; `server` answers there."""

    world: World
    origins: Origins
    sockets: list[socket.socket]
    applications: Applications
    app: ASGIApp
    secure: tuple[Secure, socket.socket] | None = None

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
        return _Server(config, ready, self.secure)

    def close(self) -> None:
        """Gives back the ports and the state folder. Harmless after the server has ended."""
        for listening in (*self.sockets, *(() if self.secure is None else self.secure[1:])):
            listening.close()
        self.world.state.close()

    def describe(self) -> dict[str, Any]:
        """Everything a client needs to know, secrets included: they open nothing but this tenant."""
        practice = self.applications.practice
        people, _ = self.world.people.page(-1, _SHOWN)
        secure = {} if self.secure is None else {"tls": self.secure[0].address, "ca": str(self.secure[0].ca)}
        return self.origins.faces() | {
            "tenant": self.world.tenant,
            "domain": DOMAIN,
            "application": {
                "client_id": practice.client_id,
                "client_secret": practice.secret,
                "certificate": str(self.applications.certificate_file),
            },
            "portal": {
                "client_id": self.applications.portal.client_id,
                "client_secret_file": str(self.applications.portal_secret_file),
                "administrator": self._administrator(people),
            },
            "people": [introduction(self.world.seed, person) for person in people],
            "count": self.world.people.count(),
            **secure,
        }

    def _administrator(self, people: Iterable[Person]) -> str:
        """The first of these who is an administrator of the portal; nobody is an empty text."""
        given, portal = Entitlements(self.world, self.applications), self.applications.portal
        return next((person.upn for person in people if ADMINISTRATOR in given.roles(person, portal)), "")


def open_practice(
    state: Path,
    port: int = 0,
    people: int = 12,
    seed: int = 1,
    faults: Plan = NONE,
    folder: str | None = None,
    tls: int | None = None,
) -> Practice:
    """Opens the world and binds the ports. Raises UserError.

    `faults` are what goes wrong at first; `tls` is the port where it goes by the cloud's names, 0 for a free one.
    """
    with contextlib.ExitStack() as undo:
        sockets = _bound(port)
        for listening in sockets:
            undo.callback(listening.close)
        extra = None if tls is None else undo.enter_context(contextlib.closing(_listening(tls, _TLS_TAKEN)))
        opened = open_state(state.absolute())
        undo.callback(opened.close)
        world = open_world(opened, people, seed, folder)
        undo.pop_all()
    origins = Origins.on([_port_of(listening) for listening in sockets])
    faces = Faces(world, Faults(faults))
    by_port = dict(zip(map(_port_of, sockets), map(faces.at(origins).__getitem__, FACES), strict=True))
    secure = None
    if extra is not None:
        secure = open_tls(world.state.folder, _port_of(extra)), extra
        at = [faces.at(named(origins, secure[0].port)) for named in (cloud_origins, local_origins)]
        by_port[secure[0].port] = by_host(*at)
    applications = Applications(world.state, origins)
    return Practice(world, origins, sockets, applications, _dispatching(by_port), secure)


def run(
    state: Path,
    port: int = 0,
    people: int = 12,
    seed: int = 1,
    faults: Plan = NONE,
    tls: int | None = None,
    folder: str | None = None,
    *,
    as_json: bool = False,
    ready: Callable[[Mapping[str, Any]], None] | None = None,
) -> None:
    """Serves until SIGINT or SIGTERM; `ready` is told what is printed, before it is. Raises UserError."""
    practice = open_practice(state, port, people, seed, faults, folder, tls)

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
    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], secure: tuple[Secure, socket.socket] | None
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._secure = secure

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._secure is not None:
            secure, listening = self._secure
            loop = asyncio.get_running_loop()
            self.servers.append(await loop.create_server(self._connection, sock=listening, ssl=secure.context))
        self._ready()

    def _connection(self) -> asyncio.Protocol:
        """As uvicorn makes them; it would speak TLS on all of its sockets or on none."""
        return Connection(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)


def _bound(port: int) -> list[socket.socket]:
    """One socket for each face, on consecutive ports from `port`, or on free ones."""
    with contextlib.ExitStack() as undo:
        sockets = [
            undo.enter_context(contextlib.closing(_listening(port + offset if port else 0, _TAKEN)))
            for offset, _ in enumerate(FACES)
        ]
        undo.pop_all()
    return sockets


def _listening(port: int, remedy: str) -> socket.socket:
    # named as TCP, or asyncio leaves Nagle's algorithm on and answers wait 40 ms for an acknowledgement
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((_HOST, port))
        listening.listen(_BACKLOG)
    except (OSError, OverflowError) as why:
        listening.close()
        raise UserError(f"Port {port} is not free: {getattr(why, 'strerror', None) or why}.", remedy) from None
    return listening


def _port_of(listening: socket.socket) -> int:
    return int(listening.getsockname()[1])


def _dispatching(by_port: Mapping[int, ASGIApp]) -> ASGIApp:
    """Which face answers is told by the port a request came in at."""

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
    if practice.secure is not None:
        console.print(f"By the cloud's names at {described['tls']}, for who trusts {described['ca']}.")
    console.print(f"Start at {described['start']}. Change the world at {described['control']}. Stop with Ctrl+C.")
