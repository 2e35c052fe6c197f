"""Wrappers with a connector's own interface: behaviour that belongs to no single system.

`Paced`, `Retrying` and `Watched` are what every connector wears; `stacked` says in which order.
`ReadOnly` is what a plan, a doctor or a route that only watches is given: nothing it is asked can change the system.
`ReadOnlyTransport` says the same below the HTTP client, where no connector can get around it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import httpx2

from samepic.connectors.base import Connector, Options
from samepic.errors import ConnectorError, Failed, Refused, Throttled, Unclear
from samepic.model import Account, Asked, Change, Finding, Photo, Sighting, Unseen

_log = logging.getLogger(__name__)

_Result = TypeVar("_Result")

_REQUEST_LINE = re.compile(rb"^([A-Za-z]+) \S+ HTTP/", re.MULTILINE)


class Layer(Connector):
    """Passes everything on. Every method is written out: one left to the base class would be dropped in silence."""

    def __init__(self, inner: Connector) -> None:
        super().__init__(inner.name, Options(), inner.around)
        self.inner = inner
        self.traits = inner.traits

    async def close(self) -> None:
        await self.inner.close()

    def roster(self) -> AsyncIterator[Account]:
        return self.inner.roster()

    async def fetch(self, ref: str) -> Photo | None:
        return await self.inner.fetch(ref)

    async def fetch_all(self, ref: str) -> Mapping[str, Photo]:
        return await self.inner.fetch_all(ref)

    async def peek(self, ref: str) -> Sighting:
        return await self.inner.peek(ref)

    def survey(self, refs: Sequence[str]) -> AsyncIterator[tuple[str, Sighting | Unseen]]:
        return self.inner.survey(refs)

    async def put(self, ref: str, photos: Mapping[str, Photo], *, expect: str | None = None) -> Sighting:
        return await self.inner.put(ref, photos, expect=expect)

    async def remove(self, ref: str, *, expect: str | None = None) -> None:
        await self.inner.remove(ref, expect=expect)

    async def ask(self, ref: str) -> Asked:
        return await self.inner.ask(ref)

    def changes(self, since: str | None) -> AsyncIterator[Change]:
        return self.inner.changes(since)

    async def members(self, group: str) -> frozenset[str]:
        return await self.inner.members(group)

    async def check(self) -> list[Finding]:
        return await self.inner.check()


class ReadOnly(Layer):
    """Looks, and never touches."""

    def __init__(self, inner: Connector) -> None:
        super().__init__(inner)
        self.traits = replace(inner.traits, writes=False, removes=False, pulls=False)

    async def put(self, ref: str, photos: Mapping[str, Photo], *, expect: str | None = None) -> Sighting:
        raise NotImplementedError(f"{self.name} is opened for reading only")

    async def remove(self, ref: str, *, expect: str | None = None) -> None:
        raise NotImplementedError(f"{self.name} is opened for reading only")

    async def ask(self, ref: str) -> Asked:
        raise NotImplementedError(f"{self.name} is opened for reading only")


class ReadOnlyTransport(httpx2.AsyncBaseTransport):
    """Lets through what only reads. Refuses the rest before a byte of it is sent.

    A POST reads where it signs in, asks SharePoint for a digest, or is a batch of nothing but GETs.
    """

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await refuse_writes(request)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


async def refuse_writes(request: httpx2.Request) -> None:
    """For a client's `event_hooks`: it runs before a byte is sent, whatever proxies and certificates lie below.

    Raises Refused for a request that could change anything.
    """
    if not only_reads(request.method, request.url.path, await request.aread()):
        raise Refused(f"This is a rehearsal: {request.method} {request.url.host} was not sent.")


def only_reads(method: str, path: str, body: bytes) -> bool:
    if method in ("GET", "HEAD", "OPTIONS"):
        return True
    if method != "POST":
        return False
    path = path.lower()
    return path.endswith(("/oauth2/v2.0/token", "/_api/contextinfo")) or (path.endswith("/$batch") and _all_gets(body))


def _all_gets(body: bytes) -> bool:
    """Is it a batch of nothing but GETs: Graph's, as JSON, or SharePoint's, as HTTP messages?"""
    try:
        parts = json.loads(body)["requests"]
        return all(part["method"].upper() == "GET" for part in parts)
    except (KeyError, TypeError, AttributeError):
        return False
    except ValueError:
        methods = _REQUEST_LINE.findall(body)
        return bool(methods) and set(methods) == {b"GET"} and b"multipart/mixed" not in body.lower()


class Paced(Layer):
    """At most `at_once` calls together, and none while the system wants to be left alone.

    A Throttled from any call hushes all the others for as long as it asks; connectors that speak HTTP hush by
    themselves with every answer, through the same `Traffic`.
    """

    def __init__(self, inner: Connector, at_once: int = 8) -> None:
        super().__init__(inner)
        self._free = asyncio.Semaphore(at_once)

    async def fetch(self, ref: str) -> Photo | None:
        return await self._paced(lambda: self.inner.fetch(ref))

    async def fetch_all(self, ref: str) -> Mapping[str, Photo]:
        return await self._paced(lambda: self.inner.fetch_all(ref))

    async def peek(self, ref: str) -> Sighting:
        return await self._paced(lambda: self.inner.peek(ref))

    async def put(self, ref: str, photos: Mapping[str, Photo], *, expect: str | None = None) -> Sighting:
        return await self._paced(lambda: self.inner.put(ref, photos, expect=expect))

    async def remove(self, ref: str, *, expect: str | None = None) -> None:
        await self._paced(lambda: self.inner.remove(ref, expect=expect))

    async def ask(self, ref: str) -> Asked:
        return await self._paced(lambda: self.inner.ask(ref))

    async def members(self, group: str) -> frozenset[str]:
        return await self._paced(lambda: self.inner.members(group))

    async def _paced(self, call: Callable[[], Awaitable[_Result]]) -> _Result:
        around = self.around
        async with self._free:
            await around.traffic.turn(around.clock, around.sleep, around.patience)
            try:
                return await call()
            except Throttled as trouble:
                if trouble.wait is not None and around.traffic.quiet_until is None:
                    around.traffic.hush(around.clock() + trouble.wait)
                raise


class Retrying(Layer):
    """Tries again what failed, with pauses in seconds between the tries; for connectors that are not `patient`.

    A wait that the system asks for is heeded, up to the patience around. Unclear is raised at once: the engine knows
    what is to be done then. A survey is not repeated: what it could not see, the next run will.
    """

    def __init__(self, inner: Connector, pauses: Sequence[float] = (1.0, 4.0)) -> None:
        super().__init__(inner)
        self._pauses = tuple(pauses)

    async def roster(self) -> AsyncIterator[Account]:
        """Read whole before the first is given, since half a roster is none."""
        for account in await self._patiently(self._whole_roster):
            yield account

    async def _whole_roster(self) -> list[Account]:
        return [account async for account in self.inner.roster()]

    async def fetch(self, ref: str) -> Photo | None:
        return await self._patiently(lambda: self.inner.fetch(ref))

    async def fetch_all(self, ref: str) -> Mapping[str, Photo]:
        return await self._patiently(lambda: self.inner.fetch_all(ref))

    async def peek(self, ref: str) -> Sighting:
        return await self._patiently(lambda: self.inner.peek(ref))

    async def put(self, ref: str, photos: Mapping[str, Photo], *, expect: str | None = None) -> Sighting:
        return await self._patiently(lambda: self.inner.put(ref, photos, expect=expect))

    async def remove(self, ref: str, *, expect: str | None = None) -> None:
        await self._patiently(lambda: self.inner.remove(ref, expect=expect))

    async def members(self, group: str) -> frozenset[str]:
        return await self._patiently(lambda: self.inner.members(group))

    async def _patiently(self, call: Callable[[], Awaitable[_Result]]) -> _Result:
        for pause in self._pauses:
            try:
                return await call()
            except (Throttled, Failed) as trouble:
                asked = trouble.wait if isinstance(trouble, Throttled) else None
                wait = pause if asked is None else asked.total_seconds()
                if isinstance(trouble, Unclear) or wait > self.around.patience:
                    raise
                quiet = self.around.traffic.quiet_until
                await self.around.sleep(wait)
                self.around.traffic.waited(quiet)
        return await call()


class Watched(Layer):
    """Counts calls by name and troubles by kind; logs once when the system goes down, and once when it is back.

    Down is a roster that fails, or three calls in a row that do; any other answer means that it is up. What the calls
    cost in requests and bytes is in `around.traffic`.
    """

    def __init__(self, inner: Connector) -> None:
        super().__init__(inner)
        self.calls: Counter[str] = Counter()
        self.troubles: Counter[str] = Counter()
        self.down = False
        self._in_a_row = 0

    async def roster(self) -> AsyncIterator[Account]:
        self.calls["roster"] += 1
        try:
            async for account in self.inner.roster():
                yield account
        except ConnectorError as trouble:
            self._note(trouble, enough=1)
            raise
        self._note(None)

    async def survey(self, refs: Sequence[str]) -> AsyncIterator[tuple[str, Sighting | Unseen]]:
        self.calls["survey"] += 1
        async for ref, seen in self.inner.survey(refs):
            if isinstance(seen, Unseen):
                self.troubles[seen.why] += 1
            yield ref, seen

    async def fetch(self, ref: str) -> Photo | None:
        return await self._watched("fetch", lambda: self.inner.fetch(ref))

    async def fetch_all(self, ref: str) -> Mapping[str, Photo]:
        return await self._watched("fetch_all", lambda: self.inner.fetch_all(ref))

    async def peek(self, ref: str) -> Sighting:
        return await self._watched("peek", lambda: self.inner.peek(ref))

    async def put(self, ref: str, photos: Mapping[str, Photo], *, expect: str | None = None) -> Sighting:
        return await self._watched("put", lambda: self.inner.put(ref, photos, expect=expect))

    async def remove(self, ref: str, *, expect: str | None = None) -> None:
        await self._watched("remove", lambda: self.inner.remove(ref, expect=expect))

    async def ask(self, ref: str) -> Asked:
        return await self._watched("ask", lambda: self.inner.ask(ref))

    async def members(self, group: str) -> frozenset[str]:
        return await self._watched("members", lambda: self.inner.members(group))

    async def _watched(self, name: str, call: Callable[[], Awaitable[_Result]]) -> _Result:
        self.calls[name] += 1
        try:
            result = await call()
        except ConnectorError as trouble:
            self._note(trouble)
            raise
        self._note(None)
        return result

    def _note(self, trouble: ConnectorError | None, enough: int = 3) -> None:
        if trouble is not None:
            self.troubles[type(trouble).__name__.casefold()] += 1
        self._in_a_row = self._in_a_row + 1 if isinstance(trouble, Failed | Throttled) else 0
        if self._in_a_row >= enough and not self.down:
            self.down = True
            _log.warning("%s is not available: %s", self.name, trouble)
        elif not self._in_a_row and self.down:
            self.down = False
            _log.warning("%s is available again.", self.name)


def stacked(connector: Connector, *, reads_only: bool) -> Connector:
    """A connector in all the coats that a run wants, the innermost first: the one place that says which."""
    coat = Watched(Paced(connector if connector.patient else Retrying(connector)))
    return ReadOnly(coat) if reads_only else coat
