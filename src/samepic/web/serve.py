"""The portal's server: pages, API and the work between them in one process, until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress

from granian.constants import Interfaces
from granian.server.embed import Server
from granian.utils.proxies import wrap_asgi_with_proxy_headers
from starlette.types import ASGIApp

from samepic.errors import SettingsError
from samepic.settings import Settings
from samepic.web.app import portal
from samepic.web.site import Site

_ON_THIS_MACHINE = ["127.0.0.1", "::1"]

BACKPRESSURE = 256
"""Requests at work at once; more wait in the server, where they cost little."""


async def serve(site: Site, ready: Callable[[], None] = lambda: None) -> None:
    """Answers until SIGINT or SIGTERM, or until cancelled; what has begun is finished. Raises SettingsError."""
    server = _server(site)
    stop = asyncio.Event()
    with suppress(NotImplementedError):  # another system's event loop; there, cancelling is the way
        for one in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(one, stop.set)
    serving = asyncio.create_task(server.serve())
    stopping = asyncio.create_task(stop.wait())
    ready()
    try:
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            _explain(serving, site.settings)
    finally:
        stopping.cancel()
        server.stop()  # type: ignore[no-untyped-call]  # the library has no types there
        await asyncio.wait({serving}, timeout=10)


def _server(site: Site) -> Server:
    settings = site.settings
    host, _, port = settings.portal.listen.rpartition(":")
    certificate, key = settings.portal.certificate, settings.portal.certificate_key
    return Server(
        behind_proxy(portal(site)),
        address=host.strip("[]"),
        port=int(port),
        interface=Interfaces.ASGINL,
        websockets=False,
        backpressure=BACKPRESSURE,
        log_enabled=False,
        ssl_cert=settings.folder / certificate if certificate else None,
        ssl_key=settings.folder / key if key else None,
    )


def behind_proxy(app: ASGIApp) -> ASGIApp:
    """The application as it sees people through a proxy on this very machine, which says for whom it asks.

    Who connects from elsewhere is taken for whoever they are: anybody can write such a header.
    """
    wrapped: ASGIApp = wrap_asgi_with_proxy_headers(app, _ON_THIS_MACHINE)
    return wrapped


def _explain(serving: asyncio.Task[None], settings: Settings) -> None:
    """Why the server ended by itself, as a sentence."""
    trouble = serving.exception()
    if isinstance(trouble, OSError | RuntimeError):
        raise SettingsError(
            f"The portal cannot listen on {settings.portal.listen}: {trouble}.",
            "Is another one running? Set portal.listen to another port.",
        ) from None
    if trouble is not None:
        raise trouble
