"""A table from the personnel department (`kind = "hr-file"`): a row for each person. A source only.

A ref is the strongest key of a row, such as `employee:0042`. Whoever stands in the file has an account here, with or
without a picture; where a picture cannot be had, or two rows contradict each other, the person is shown as unreadable,
never as somebody without a picture. A file that cannot be read, or is being written, is trouble with the whole system,
so that what was known stays.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from samepic.connectors.base import Connector, Surroundings, look
from samepic.connectors.files.links import Links
from samepic.connectors.files.options import HrFileOptions
from samepic.connectors.files.people import Entry, People, known_columns, read_people
from samepic.connectors.files.pictures import FilePath, Inline, Link, PictureFolder, meant, photo_of, version_of
from samepic.connectors.files.table import Mistake, Shape, read_table
from samepic.connectors.outside import Limits, Outside
from samepic.connectors.watching import Watch
from samepic.errors import ConnectorError, Denied, Failed, Gone, Refused
from samepic.model import Account, Change, Finding, Level, Photo, Sighting, Traits, Unseen, digest_of

_Result = TypeVar("_Result")

_TRIES = 5
_AT_ONCE = 32
_MOST_TOLD = 100


class HrFileConnector(Connector):
    """See the module. The file is read again when its time, its size or its inode changed."""

    options_type = HrFileOptions

    def __init__(self, name: str, options: HrFileOptions, around: Surroundings) -> None:
        super().__init__(name, options, around)
        self.traits = Traits({}, feeds=True)
        self._options = options
        self._folder = PictureFolder(options.pictures or options.path.parent, options.max_bytes)
        limits = Limits(options.max_bytes, options.seconds, options.allow_http, options.allow_addresses)
        self._links = Links(Outside(around, limits), around.memo)
        self._watch = Watch()
        self._read_at: tuple[int, int, int] | None = None
        self._people = People({}, (), "")
        self._one_reader = asyncio.Lock()

    async def close(self) -> None:
        await self._links.close()

    async def roster(self) -> AsyncIterator[Account]:
        for entry in (await self._current()).entries.values():
            yield Account(entry.ref, entry.keys, name=entry.name, address=entry.address)

    async def fetch(self, ref: str) -> Photo | None:
        return await self._about(ref, self._photo)

    async def peek(self, ref: str) -> Sighting:
        return await self._about(ref, self._sighting)

    async def survey(self, refs: Sequence[str]) -> AsyncIterator[tuple[str, Sighting | Unseen]]:
        for first in range(0, len(refs), _AT_ONCE):
            some = refs[first : first + _AT_ONCE]
            for answer in zip(some, await asyncio.gather(*(look(self, ref) for ref in some)), strict=True):
                yield answer

    async def changes(self, since: str | None) -> AsyncIterator[Change]:
        people = await self._current()
        looks = await asyncio.to_thread(lambda: {one.ref: self._look_of(one) for one in people.entries.values()})
        for change in self._watch.changes(looks, since):
            yield change

    async def check(self) -> list[Finding]:
        """A line for each mistake in the file, and for each picture that is not where the file says."""
        try:
            people = await self._current()
            missing = await asyncio.to_thread(lambda: list(self._missing(people)))
        except ConnectorError as trouble:
            return [Finding(Level.PROBLEM, "reading", str(trouble), trouble.remedy)]
        mistakes = sorted([*people.mistakes, *missing], key=lambda one: one.row)
        told = [Finding(Level.WARNING, one.place, one.message, one.remedy) for one in mistakes[:_MOST_TOLD]]
        if len(mistakes) > _MOST_TOLD:
            rest = f"{len(mistakes) - _MOST_TOLD} more mistakes."
            told.append(Finding(Level.WARNING, "the file", rest, "They are told as these are corrected."))
        with_picture = sum(bool(one.picture) for one in people.entries.values())
        said = f"{len(people.entries)} people in {self._options.path.name}, {with_picture} with a picture."
        return [Finding(Level.GOOD, "reading", said), *told]

    def _missing(self, people: People) -> Iterator[Mistake]:
        for entry in people.entries.values():
            try:
                source = meant(entry.picture) if entry.picture else None
                if isinstance(source, FilePath):
                    self._folder.version(source)
            except (Refused, Failed) as trouble:
                yield Mistake(entry.row, people.picture_column, str(trouble), trouble.remedy)
            except OSError as why:
                raise _explained(why, self.name) from None

    def _look_of(self, entry: Entry) -> str:
        """What tells a changed person without a request: the row, and the file that it names."""
        try:
            source = meant(entry.picture) if entry.picture else None
            shown = self._folder.version(source) if isinstance(source, FilePath) else ""
        except (ConnectorError, OSError) as why:
            shown = type(why).__name__
        return digest_of(f"{entry.picture}\n{entry.trouble}\n{shown}".encode("utf-8", "surrogatepass"))[:16]

    async def _about(self, ref: str, work: Callable[[Entry], Awaitable[_Result]]) -> _Result:
        """The work on one person's row. Whatever goes wrong says which row and column it is."""
        people = await self._current()
        entry = people.entries.get(ref)
        if entry is None:
            raise Gone("Nobody of that name is in the file.", system=self.name)
        try:
            if entry.trouble:
                raise Refused(entry.trouble, remedy="Correct or delete all but one of them.")
            return await work(entry)
        except ConnectorError as trouble:
            trouble.system = self.name
            if not entry.trouble:
                trouble.args = (f"Row {entry.row}, column {people.picture_column}: {trouble.message}",)
            raise
        except OSError as why:
            raise _explained(why, self.name) from None

    async def _sighting(self, entry: Entry) -> Sighting:
        match meant(entry.picture) if entry.picture else None:
            case None:
                return Sighting(False)
            case Link() as link:
                return Sighting(True, await self._links.version(link))
            case Inline() as inline:
                return Sighting(True, version_of(inline.data))
            case FilePath() as path:
                return Sighting(True, await asyncio.to_thread(self._folder.version, path))

    async def _photo(self, entry: Entry) -> Photo | None:
        match meant(entry.picture) if entry.picture else None:
            case None:
                return None
            case Link() as link:
                return photo_of(await self._links.read(link))
            case Inline() as inline:
                return photo_of(self._bounded(inline.data))
            case FilePath() as path:
                return photo_of(await asyncio.to_thread(self._folder.read, path))

    def _bounded(self, data: bytes) -> bytes:
        if len(data) > self._options.max_bytes:
            raise Refused(f"The picture is larger than the {self._options.max_bytes:,} bytes that are read.")
        return data

    async def _current(self) -> People:
        """Who stands in the file now; read once, by one at a time."""
        async with self._one_reader:
            try:
                stamp = await asyncio.to_thread(_stamp, self._options.path)
                if stamp != self._read_at:
                    await self._read(stamp)
            except ConnectorError as trouble:
                trouble.system = self.name
                raise
            except OSError as why:
                raise _explained(why, self.name) from None
            return self._people

    async def _read(self, stamp: tuple[int, int, int]) -> None:
        """Waits until nobody writes the file any more, and reads it. Raises Failed where that takes too long."""
        for _ in range(_TRIES):
            quiet_for = self.around.clock().timestamp() - stamp[0] / 1e9
            if 0 <= quiet_for < self._options.quiet:
                await self.around.sleep(self._options.quiet - quiet_for)
            data = await asyncio.to_thread(self._bytes)
            before, stamp = stamp, await asyncio.to_thread(_stamp, self._options.path)
            if before == stamp:
                self._people, self._read_at = await asyncio.to_thread(self._parsed, data), stamp
                return
        raise Failed(f"{self._options.path.name} is being written.", remedy="It is read when it stays as it is.")

    def _bytes(self) -> bytes:
        limit = self._options.max_file
        with self._options.path.open("rb") as stream:
            data = stream.read(limit + 1)
        if len(data) > limit:
            raise Refused(f"{self._options.path.name} is larger than the {limit:,} bytes that are read.")
        return data

    def _parsed(self, data: bytes) -> People:
        options = self._options
        shape = Shape(options.encoding, options.delimiter, options.sheet, options.max_file)
        named = {str(field): title for field, title in options.columns.items()}
        return read_people(read_table(data, shape, lambda header: known_columns(header, named)), named)


def _stamp(path: Path) -> tuple[int, int, int]:
    """Time of change in nanoseconds, bytes, inode."""
    status = os.stat(path)  # noqa: PTH116 -- beside fstat and open by folder, which paths do not have
    return status.st_mtime_ns, status.st_size, status.st_ino


def _explained(why: OSError, system: str) -> ConnectorError:
    said = f"{why.filename or 'The file'}: {why.strerror or why}."
    if isinstance(why, PermissionError):
        return Denied(said, system=system, remedy="Check who may read there.")
    return Failed(said, system=system, remedy="Check the path, and whether the drive is there.")
