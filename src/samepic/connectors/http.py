"""One way to speak HTTP for every connector: requests out, answers or our errors back.

A `Session` speaks to one origin. It signs requests with a token and asks for a fresh one once after a 401, repeats what
is worth repeating within bounds, honours Retry-After, reads no more than a ceiling, follows no redirect and never sends
its token to another origin. Whoever needs a status of their own (404 for "no picture") names it in `accept`.

A write whose answer was lost may have happened. It is repeated, since repeating our writes is harmless; if the repeat
does not succeed either, whatever its error, the outcome is Unclear.
"""

from __future__ import annotations

import ipaddress
import random
import ssl
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx2

from samepic.connectors.answers import Answer, error_from
from samepic.connectors.base import Surroundings
from samepic.connectors.layers import refuse_writes
from samepic.errors import (
    ConnectorError,
    Failed,
    Refused,
    SettingsError,
    Throttled,
    Unclear,
)

USER_AGENT = f"NONISV|samepic|samepic/{version('samepic')}"
"""The shape SharePoint asks for, so that its throttling can tell who is who."""

READS = frozenset({"GET", "HEAD", "OPTIONS"})
MEBIBYTE = 1 << 20

_TIMEOUT = httpx2.Timeout(60, connect=10, pool=60)
_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)


class TokenProvider(Protocol):
    """Gives a bearer token for a resource. `refused` is the token the system has just turned away: give another."""

    async def __call__(self, resource: str, *, refused: str | None = None) -> str: ...


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and for how long something is tried again. Seconds; `total` bounds the waits of one request together.

    A wait that the system asks for and that does not fit is not begun: the caller learns of it as Throttled.
    """

    tries: int = 8
    first: float = 1.0
    longest: float = 30.0
    total: float = 120.0

    def pause(self, attempt: int, trouble: ConnectorError, jitter: float) -> float:
        """Seconds to wait after the attempt (1, 2, ...). `jitter` in [0, 1) keeps clients from marching in step."""
        asked = trouble.wait if isinstance(trouble, Throttled) else None
        backoff = min(self.first * 2.0 ** (attempt - 1), self.longest) * (0.5 + jitter / 2)
        return backoff if asked is None else asked.total_seconds() + jitter


def require_address(address: str) -> str:
    """The address without a trailing slash. Raises SettingsError unless it is https, or http to this very machine."""
    parts = urlsplit(address)
    if not parts.hostname or parts.scheme not in ("http", "https") or parts.username or parts.query or parts.fragment:
        raise SettingsError(f"{address!r} is not the address of a service.", "Write it as https://host.")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise SettingsError(f"{address} is not encrypted.", "Use https; http is for this very machine only.")
    return address.rstrip("/")


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def origin(address: str) -> tuple[str, str, int]:
    """Scheme, host and port: who a token may be shown to."""
    parts = urlsplit(address)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80)


class _Borrowed(httpx2.AsyncBaseTransport):
    """A transport that others use too: whoever made it closes it."""

    def __init__(self, transport: httpx2.AsyncBaseTransport) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return await self._transport.handle_async_request(request)


@cache
def trust(ca: Path | None = None, setting: str = "network.ca") -> ssl.SSLContext:
    """Whom to trust: the machine's authorities, and those in `ca`, which is from that setting.

    Raises SettingsError where it cannot be read.

    One for all sessions: reading the machine's authorities takes longer than most requests.
    """
    context = httpx2.create_ssl_context()
    if ca is not None:
        try:
            context.load_verify_locations(ca)
        except OSError as why:  # ssl.SSLError is one
            said = "it holds no certificate as PEM" if isinstance(why, ssl.SSLError) else why.strerror
            raise SettingsError(f"{setting}: {ca} cannot be used: {said}.", "Name a PEM file.") from None
    return context


def _proxy(around: Surroundings) -> httpx2.Proxy | None:
    return httpx2.Proxy(around.proxy, auth=around.proxy_login) if around.proxy else None


class Session:
    """Speaks to one origin. Closing it gives back its connections.

    base      what paths are appended to, without a trailing slash.
    system    the name errors carry.
    resource  what tokens are asked for; with `tokens` None nothing is signed.
    """

    def __init__(
        self,
        base: str,
        around: Surroundings,
        *,
        system: str = "",
        tokens: TokenProvider | None = None,
        resource: str = "",
        patience: Patience | None = None,
    ) -> None:
        self.base = require_address(base)
        self.system = system
        self.patience = patience or Patience(total=around.patience)
        self._origin = origin(base)
        self._tokens = tokens
        self._resource = resource or self.base
        self.around = around
        self._client = httpx2.AsyncClient(
            transport=_Borrowed(around.transport) if around.transport else None,
            headers={"User-Agent": USER_AGENT},
            timeout=_TIMEOUT,
            verify=trust(around.ca),
            proxy=None if is_loopback(self._origin[1]) else _proxy(around),
            trust_env=not is_loopback(self._origin[1]),
            event_hooks={"request": [refuse_writes] if around.reads_only else []},
        )

    def __repr__(self) -> str:
        return f"Session({self.base!r})"

    async def close(self) -> None:
        await self._client.aclose()

    async def json(self, path: str, *, headers: Mapping[str, str] | None = None) -> Any:
        """What a GET of JSON brings."""
        return (await self.send("GET", path, headers={"Accept": "application/json", **(headers or {})})).json()

    async def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | Callable[[], Awaitable[bytes]] | None = None,
        accept: Collection[int] = (),
        reads: bool | None = None,
        ceiling: int = 16 * MEBIBYTE,
    ) -> Answer:
        """Sends until it works, is hopeless, or patience ends. A `content` that may be sent only once is a function.

        `path` is appended to the base; a full address has to be of the same origin. `accept` names statuses that come
        back as answers although they are not 2xx. `reads` says that a POST changes nothing, so that a lost answer is
        only Failed. `ceiling` is the largest body read, in bytes.
        """
        reads = method in READS if reads is None else reads
        address = self._address(path)
        if self._tokens is not None:  # whoever gives tokens has patience of its own; ours must not multiply it
            await self._tokens(self._resource, refused=None)

        async def attempt() -> Answer:
            body = await content() if callable(content) else content
            request = self._client.build_request(method, address, headers=headers, content=body)
            return await self._signed(request, accept, ceiling, reads=reads)

        return await self.patiently(attempt)

    async def patiently(self, attempt: Callable[[], Awaitable[Answer]]) -> Answer:
        """Runs one attempt again and again as `Patience` allows; an Unclear once met stays unless a try succeeds."""
        lost: Unclear | None = None
        waited = 0.0
        for number in range(1, self.patience.tries + 1):
            try:
                return await attempt()
            except ConnectorError as trouble:
                trouble.system = trouble.system or self.system
                lost = trouble if isinstance(trouble, Unclear) else lost
                pause = self.patience.pause(number, trouble, random.random())  # noqa: S311 -- jitter, no secret
                spent = number == self.patience.tries or waited + pause > self.patience.total
                if spent or not isinstance(trouble, Throttled | Failed):
                    raise (lost or trouble) from None
            quiet = self.around.traffic.quiet_until
            await self.around.sleep(pause)
            self.around.traffic.waited(quiet)
            waited += pause
        raise AssertionError("patience allows at least one try")

    def _address(self, path: str) -> str:
        if not path.startswith(("http://", "https://")):
            return self.base + path
        if origin(path) != self._origin:
            raise Refused(f"{self.base} points to another host, which is not followed.", system=self.system)
        return path

    async def _signed(self, request: httpx2.Request, accept: Collection[int], ceiling: int, *, reads: bool) -> Answer:
        answer = await self._once(request, ceiling, reads=reads)
        if answer.status == httpx2.codes.UNAUTHORIZED and self._tokens is not None:
            answer = await self._once(request, ceiling, reads=reads, again=True)
        if answer.ok or answer.status in accept:
            return answer
        trouble = error_from(answer, self.around.clock(), reads=reads)
        if isinstance(trouble, Throttled):
            self.around.traffic.hush(self.around.clock() + (trouble.wait or timedelta(0)))
        raise trouble

    async def _once(self, request: httpx2.Request, ceiling: int, *, reads: bool, again: bool = False) -> Answer:
        if self._tokens is not None:
            refused = request.headers["Authorization"].removeprefix("Bearer ") if again else None
            token = await self._tokens(self._resource, refused=refused)
            request.headers["Authorization"] = f"Bearer {token}"
        await self.around.traffic.turn(self.around.clock, self.around.sleep, self.patience.total)
        try:
            response = await self._client.send(request, stream=True)
            try:
                body = await _read(response, ceiling)
            finally:
                await response.aclose()
        except httpx2.RequestError as trouble:
            raise _broken(trouble, request, reads=reads) from None
        self.around.traffic.count(len(request.content), len(body))
        return Answer(response.status_code, {name.lower(): value for name, value in response.headers.items()}, body)


async def _read(response: httpx2.Response, ceiling: int) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > ceiling:
            raise Refused(f"{response.url.host} answered with more than the {ceiling:,} bytes that are read.")
    return bytes(body)


def _broken(trouble: httpx2.RequestError, request: httpx2.Request, *, reads: bool) -> ConnectorError:
    said = str(trouble) or type(trouble).__name__
    if reads or isinstance(trouble, _NEVER_SENT):
        return Failed(f"{request.url.host} did not answer: {said}.")
    return Unclear(f"{request.url.host} took the request, then the answer was lost: {said}.")
