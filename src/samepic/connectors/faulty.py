"""A connector with the troubles of a real network and a real cloud, by a script that can be repeated; for tests."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from enum import Enum, auto
from typing import TypeVar

from samepic.connectors.base import Connector, unseen
from samepic.connectors.layers import Layer
from samepic.errors import ConnectorError, Failed, Throttled, Unclear
from samepic.model import Account, Asked, Photo, Sighting, Unseen

_Result = TypeVar("_Result")


class Fault(Enum):
    """What happens to one call."""

    NONE = auto()
    BEFORE = auto()  # it fails and reaches nothing
    THROTTLED = auto()  # it is turned away and reaches nothing
    LOST = auto()  # it does its work, then its answer is lost
    STALE = auto()  # a look shows what was there before the last write
    LYING = auto()  # a look shows a version that never was


def seeded(seed: int, share: float, faults: Sequence[Fault] = tuple(Fault)) -> Iterator[Fault]:
    """An endless script: each call is hit with probability `share`, by one of the faults. The same seed, the same."""
    chance = random.Random(seed)  # noqa: S311 -- a script for tests, no secret
    while True:
        yield chance.choice(faults) if chance.random() < share else Fault.NONE


class Faulty(Layer):
    """A connector with trouble. `script` gives one fault for each call; after its end all is well.

    The start of a roster, each ref of a `survey`, `fetch`, `fetch_all`, `peek`, `put`, `remove`, `ask` take one each.
    A fault that means nothing to a call (a stale roster) does nothing. `met` lists calls and their faults in order.
    """

    def __init__(self, inner: Connector, script: Iterable[Fault]) -> None:
        super().__init__(inner)
        self.met: list[tuple[str, Fault]] = []
        self._script = iter(script)
        self._before: dict[str, Sighting] = {}

    async def roster(self) -> AsyncIterator[Account]:
        await self._trouble("roster", _nothing)
        async for account in self.inner.roster():
            yield account

    async def fetch(self, ref: str) -> Photo | None:
        return await self._trouble("fetch", lambda: self.inner.fetch(ref))

    async def fetch_all(self, ref: str) -> Mapping[str, Photo]:
        return await self._trouble("fetch_all", lambda: self.inner.fetch_all(ref))

    async def peek(self, ref: str) -> Sighting:
        fault = self._next("peek")
        seen = await self._under(fault, lambda: self.inner.peek(ref))
        return self._shown(ref, seen, fault)

    async def survey(self, refs: Sequence[str]) -> AsyncIterator[tuple[str, Sighting | Unseen]]:
        async for ref, seen in self.inner.survey(refs):
            fault = self._next("survey")
            try:
                await self._under(fault, _nothing)
            except ConnectorError as trouble:
                yield ref, unseen(trouble)
                continue
            yield ref, self._shown(ref, seen, fault) if isinstance(seen, Sighting) else seen

    async def put(self, ref: str, photos: Mapping[str, Photo], *, expect: str | None = None) -> Sighting:
        fault = self._next("put")
        work = self._remembering(ref, lambda: self.inner.put(ref, photos, expect=expect))
        return self._shown(ref, await self._under(fault, work, writes=True), fault)

    async def remove(self, ref: str, *, expect: str | None = None) -> None:
        work = self._remembering(ref, lambda: self.inner.remove(ref, expect=expect))
        await self._trouble("remove", work, writes=True)

    async def ask(self, ref: str) -> Asked:
        return await self._trouble("ask", lambda: self.inner.ask(ref), writes=True)

    def _remembering(self, ref: str, write: Callable[[], Awaitable[_Result]]) -> Callable[[], Awaitable[_Result]]:
        """The write, keeping what was there before it for stale looks."""

        async def work() -> _Result:
            before = await self.inner.peek(ref)
            done = await write()
            self._before[ref] = before
            return done

        return work

    def _next(self, call: str) -> Fault:
        fault = next(self._script, Fault.NONE)
        self.met.append((call, fault))
        return fault

    def _shown(self, ref: str, seen: Sighting, fault: Fault) -> Sighting:
        if fault is Fault.STALE:
            return self._before.get(ref, seen)
        if fault is Fault.LYING and seen.present:
            return replace(seen, version=f"{seen.version}, or so it says")
        return seen

    async def _trouble(self, call: str, work: Callable[[], Awaitable[_Result]], *, writes: bool = False) -> _Result:
        return await self._under(self._next(call), work, writes=writes)

    async def _under(self, fault: Fault, work: Callable[[], Awaitable[_Result]], *, writes: bool = False) -> _Result:
        if fault is Fault.BEFORE:
            raise Failed("The connection was refused.", system=self.name)
        if fault is Fault.THROTTLED:
            raise Throttled("Too many requests.", system=self.name, wait=timedelta(seconds=1))
        done = await work()
        if fault is Fault.LOST:
            lost = Unclear if writes else Failed
            raise lost("The answer was lost.", system=self.name)
        return done


async def _nothing() -> None:
    return None
