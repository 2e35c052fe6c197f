"""A folder of pictures, each named by its person: `ada@contoso.example.jpg`. Source and target.

A ref is a file's name without its extension, as it is. Only regular files that lie in the folder itself count; links
are neither followed nor replaced, hidden files and other extensions are left alone.

The version is the file's time of change in nanoseconds, its size and its inode. A digest would be exact, but a survey
would then read every picture: for 100,000 people some 20 GB instead of 100,000 looks. Each write of ours makes a new
file beside the old one, so the inode differs and no version comes twice in a row. What this misses: somebody
overwriting a file in place, with as many bytes, within one tick of the file system's clock. What it costs: a folder
that is copied elsewhere shows new versions throughout, and is compared once by content.
"""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import NoReturn, TypeVar

from samepic.connectors.base import Connector, Surroundings, unseen
from samepic.connectors.demands import require
from samepic.connectors.folder.files import File, Files, only
from samepic.connectors.folder.options import FolderOptions
from samepic.connectors.folder.pattern import folded
from samepic.connectors.watching import Watch
from samepic.errors import ConnectorError, Denied, Failed, Gone, Moved, Refused
from samepic.model import Account, Change, Demand, Finding, Level, Photo, Sighting, Traits, Unseen

_Result = TypeVar("_Result")

_SOME = 5


class FolderConnector(Connector):
    """See the module. All file work happens in threads; one call is one thread's work from start to end."""

    options_type = FolderOptions

    def __init__(self, name: str, options: FolderOptions, around: Surroundings) -> None:
        super().__init__(name, options, around)
        self.folder = options.path
        self._pattern = options.pattern
        self._files = Files(options.path, options.max_bytes, around.clock, self._pattern.depth)
        self._watch = Watch()
        self._people_file = options.people
        self._kind = options.of
        demand = Demand(("image/jpeg", "image/png"), (min(48, options.side), options.side), options.max_bytes)
        self.traits = Traits({"photo": demand}, writes=True, removes=True, guarded=True, verbatim=True, feeds=True)

    async def roster(self) -> AsyncIterator[Account]:
        for ref in await self._in_thread(self._named):
            if keys := self._pattern.keys(ref):
                mail = next((one.partition(":")[2] for one in keys if one.startswith("mail:")), None)
                yield Account(ref, keys, self._kind, ref, mail)

    async def fetch(self, ref: str) -> Photo | None:
        return await self._in_thread(self._read, ref)

    async def peek(self, ref: str) -> Sighting:
        return await self._in_thread(self._peek, ref)

    async def survey(self, refs: Sequence[str]) -> AsyncIterator[tuple[str, Sighting | Unseen]]:
        try:
            files, people = await self._in_thread(lambda: (self._files.all(), self._people()))
        except ConnectorError as trouble:
            for ref in refs:
                yield ref, unseen(trouble)
            return
        for ref in refs:
            try:
                yield ref, self._sighting(ref, files.get(folded(ref), []), people)
            except ConnectorError as trouble:
                yield ref, unseen(trouble)

    async def put(self, ref: str, photos: Mapping[str, Photo], *, expect: str | None = None) -> Sighting:
        require(photos, self.traits.demands)
        return await self._in_thread(self._write, ref, photos["photo"], expect)

    async def remove(self, ref: str, *, expect: str | None = None) -> None:
        await self._in_thread(self._delete, ref, expect)

    async def changes(self, since: str | None) -> AsyncIterator[Change]:
        named = await self._in_thread(self._named)
        for change in self._watch.changes({ref: _versions(files) for ref, files in named.items()}, since):
            yield change

    async def check(self) -> list[Finding]:
        try:
            refs = list(await self._in_thread(self._named))
        except ConnectorError as trouble:
            return [Finding(Level.PROBLEM, "reading", str(trouble), trouble.remedy)]
        findings = [Finding(Level.GOOD, "reading", f"{len(refs)} names in {self.folder}.")]
        remedy = "They fit the pattern not at all, or in more than one way: name them otherwise, or correct `name`."
        if strange := [ref for ref in refs if not self._pattern.keys(ref)]:
            message = f"{len(strange)} names mean nobody, such as {', '.join(sorted(strange)[:_SOME])}."
            findings.append(Finding(Level.WARNING, "names", message, remedy))
        if not os.access(self.folder, os.W_OK):
            remedy = "Give the account samepic runs as the right to write there, if this folder is a target."
            findings.append(Finding(Level.WARNING, "writing", "The folder cannot be written to.", remedy))
        return findings

    async def _in_thread(self, work: Callable[..., _Result], *args: object) -> _Result:
        try:
            return await asyncio.to_thread(work, *args)
        except OSError as trouble:
            self._explain(trouble)
        except ConnectorError as trouble:
            trouble.system = trouble.system or self.name
            raise

    def _explain(self, trouble: OSError) -> NoReturn:
        where, why = trouble.filename or self.folder, trouble.strerror or str(trouble)
        if trouble.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            remedy = "Check who may read and write there."
            raise Denied(f"{where}: {why}.", system=self.name, remedy=remedy) from None
        if trouble.errno in (errno.ENAMETOOLONG, errno.EINVAL, errno.ELOOP):
            raise Refused(f"{where}: {why}.", system=self.name) from None
        raise Failed(f"{where}: {why}.", system=self.name) from None

    def _named(self) -> dict[str, list[File]]:
        """The files of everybody, by name as the list spells it, else as their file does."""
        files, people = self._files.all(), self._people() or {}
        named = {people.get(name) or min(map(self._files.stem, some)): some for name, some in files.items()}
        return {**{ref: [] for name, ref in people.items() if name not in files}, **named}

    def _people(self) -> dict[str, str] | None:
        """Who is in the list, by folded name."""
        if self._people_file is None:
            return None
        lines = (line.strip() for line in self._people_file.read_text("utf-8-sig").splitlines())
        return {folded(line): line for line in lines if line and not line.startswith("#")}

    def _held(self, ref: str, *, account: bool = True) -> File | None:
        files = self._files.of(ref)
        if account and not files:
            self._require_account(ref, self._people())
        return only(files)

    def _require_account(self, ref: str, people: dict[str, str] | None) -> None:
        if folded(ref) not in (people or {}):
            raise Gone("Nobody of that name has a picture here, or is in the list of people.")

    def _sighting(self, ref: str, files: Sequence[File], people: dict[str, str] | None) -> Sighting:
        if not files:
            self._require_account(ref, people)
        file = only(files)
        return Sighting(True, file.version) if file else Sighting(False)

    def _peek(self, ref: str) -> Sighting:
        file = self._held(ref)
        return Sighting(True, file.version) if file else Sighting(False)

    def _read(self, ref: str) -> Photo | None:
        file = self._held(ref)
        return self._files.read(file) if file else None

    def _write(self, ref: str, photo: Photo, expect: str | None) -> Sighting:
        if self._people_file is not None:
            self._held(ref)
        written = self._files.replace(ref, photo, self._expected(ref, expect))
        return Sighting(True, written.version)

    def _delete(self, ref: str, expect: str | None) -> None:
        if self._people_file is not None:
            self._held(ref)
        held = self._expected(ref, expect)
        if held is not None:
            self._files.delete(held)

    def _expected(self, ref: str, expect: str | None) -> File | None:
        held = self._held(ref, account=False)
        if expect is not None and (held is None or held.version != expect):
            raise Moved("Another file is there by now.")
        return held


def _versions(files: Sequence[File]) -> str:
    return " ".join(sorted(file.version for file in files))
