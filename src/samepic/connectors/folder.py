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
import re
import stat
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar
from uuid import uuid4

from pydantic import BeforeValidator, ConfigDict, ValidationInfo, field_validator

from samepic.connectors.base import Connector, Options, Surroundings, unseen
from samepic.connectors.demands import require
from samepic.errors import ConnectorError, Denied, Failed, Gone, Moved, Refused
from samepic.model import KEY_STRENGTH, Account, Demand, Finding, Level, Photo, Sighting, Traits, Unseen, key

MEDIA_TYPES: dict[str, str] = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "avif": "image/avif",
}
"""Extension -> media type. All lower or all upper case; of several for one type the first is what we write."""

_EXTENSIONS = [*MEDIA_TYPES, *(extension.upper() for extension in MEDIA_TYPES)]
_EXTENSION_OF = {media_type: extension for extension, media_type in reversed(MEDIA_TYPES.items())}
_UNSPEAKABLE = re.compile(r'[/\\:*?"<>|\x00-\x1f]')
_UNFINISHED = re.compile(r"\.[0-9a-f]{32}\.samepic")
_ABANDONED = 3600.0
"""Seconds after which an unfinished file is nobody's any more. Replaced files put aside are never swept."""
_FIELD = re.compile(r"\{(\w+)\}")
_Result = TypeVar("_Result")


def _beside_settings(value: Any, info: ValidationInfo) -> Any:
    folder = (info.context or {}).get("folder", Path())
    return folder / Path(value).expanduser() if isinstance(value, str | Path) else value


SettingsPath = Annotated[Path, BeforeValidator(_beside_settings)]
"""A path that counts from the settings file's folder where it is relative."""


class FolderOptions(Options):
    """A folder of pictures, each named by its person."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    path: SettingsPath
    """The folder; relative to the settings file."""

    name: str = "{mail}"
    """How files are named: one of {mail}, {upn}, {employee}, {id}, {alias}, with any text around it."""

    people: SettingsPath | None = None
    """A text file with one name a line, without extension: who has an account here, picture or not. Without it the
    files are all there is, and somebody without a file has no account."""

    side: int = 1024
    """The largest side in pixels of what is written."""

    max_bytes: int = 20_000_000
    """The largest file that is read or written."""

    @field_validator("name")
    @classmethod
    def _one_known_field(cls, name: str) -> str:
        fields = _FIELD.findall(name)
        if len(fields) != 1 or fields[0] not in KEY_STRENGTH:
            known = ", ".join(f"{{{kind}}}" for kind in KEY_STRENGTH)
            raise ValueError(f"A file's name has to hold exactly one of {known}, such as {{mail}}.")
        return name


def name_reader(pattern: str) -> Callable[[str], str | None]:
    """`name_reader("photo-{mail}")("photo-Ada@x.example") == "mail:ada@x.example"`; None where a name does not fit."""
    before, kind, after = _FIELD.split(pattern)
    shape = re.compile(re.escape(before) + "(.+)" + re.escape(after))

    def read(stem: str) -> str | None:
        found = shape.fullmatch(stem)
        return key(kind, found[1]) if found else None

    return read


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    status: os.stat_result

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self.path.suffix[1:].lower()]

    @property
    def version(self) -> str:
        return f"{self.status.st_mtime_ns:x}-{self.status.st_size:x}-{self.status.st_ino:x}"


class FolderConnector(Connector):
    """See the module. All file work happens in threads; one call is one thread's work from start to end."""

    options_type = FolderOptions

    def __init__(self, name: str, options: FolderOptions, around: Surroundings) -> None:
        super().__init__(name, options, around)
        self.folder = options.path
        self._people_file = options.people
        self._limit = options.max_bytes
        self._key_of = name_reader(options.name)
        self._swept = False
        demand = Demand(("image/jpeg", "image/png"), (min(48, options.side), options.side), options.max_bytes)
        self.traits = Traits({"photo": demand}, writes=True, removes=True, guarded=True, verbatim=True)

    async def roster(self) -> AsyncIterator[Account]:
        for ref in await self._in_thread(self._refs):
            found = self._key_of(ref)
            if found is not None:
                kind, _, value = found.partition(":")
                yield Account(ref, frozenset({found}), name=ref, address=value if kind == "mail" else None)

    async def fetch(self, ref: str) -> Photo | None:
        return await self._in_thread(self._read, ref)

    async def peek(self, ref: str) -> Sighting:
        return await self._in_thread(self._peek, ref)

    async def survey(self, refs: Sequence[str]) -> AsyncIterator[tuple[str, Sighting | Unseen]]:
        try:
            files, people = await self._in_thread(lambda: (self._files(), self._people()))
        except ConnectorError as trouble:
            for ref in refs:
                yield ref, unseen(trouble)
            return
        for ref in refs:
            try:
                yield ref, self._sighting(ref, files.get(ref, []), people)
            except ConnectorError as trouble:
                yield ref, unseen(trouble)

    async def put(self, ref: str, photos: Mapping[str, Photo], *, expect: str | None = None) -> Sighting:
        require(photos, self.traits.demands)
        return await self._in_thread(self._write, ref, photos["photo"], expect)

    async def remove(self, ref: str, *, expect: str | None = None) -> None:
        await self._in_thread(self._delete, ref, expect)

    async def check(self) -> list[Finding]:
        try:
            count = len(await self._in_thread(self._refs))
        except ConnectorError as trouble:
            return [Finding(Level.PROBLEM, "reading", str(trouble), trouble.remedy)]
        findings = [Finding(Level.GOOD, "reading", f"{count} names in {self.folder}.")]
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

    def _refs(self) -> list[str]:
        return list(dict.fromkeys([*(self._people() or ()), *self._files()]))

    def _people(self) -> frozenset[str] | None:
        if self._people_file is None:
            return None
        lines = (line.strip() for line in self._people_file.read_text("utf-8-sig").splitlines())
        return frozenset(line for line in lines if line and not line.startswith("#"))

    def _files(self) -> dict[str, list[_File]]:
        found: dict[str, list[_File]] = defaultdict(list)
        with os.scandir(self.folder) as entries:
            for entry in entries:
                stem, _, extension = entry.name.rpartition(".")
                if extension in _EXTENSIONS and _speakable(stem) and entry.is_file(follow_symlinks=False):
                    found[stem].append(_File(self.folder / entry.name, entry.stat(follow_symlinks=False)))
        return found

    def _files_of(self, ref: str) -> list[_File]:
        found: dict[object, _File] = {}
        for extension in _EXTENSIONS if _speakable(ref) else ():
            path = self.folder / f"{ref}.{extension}"
            with suppress(FileNotFoundError):
                status = path.lstat()
                if stat.S_ISREG(status.st_mode):
                    # Where case does not matter to the file system, two spellings are one file.
                    found.setdefault(status.st_ino or path, _File(path, status))
        if not found:
            self.folder.stat()  # a folder that is not there must not look like one without pictures
        return list(found.values())

    def _held(self, ref: str, *, account: bool = True) -> _File | None:
        files = self._files_of(ref)
        if account and not files:
            self._require_account(ref, self._people())
        return _only(files)

    def _require_account(self, ref: str, people: frozenset[str] | None) -> None:
        if ref not in (people or ()):
            raise Gone("Nobody of that name has a picture here, or is in the list of people.")

    def _sighting(self, ref: str, files: Sequence[_File], people: frozenset[str] | None) -> Sighting:
        if not files:
            self._require_account(ref, people)
        file = _only(files)
        return Sighting(True, file.version) if file else Sighting(False)

    def _peek(self, ref: str) -> Sighting:
        file = self._held(ref)
        return Sighting(True, file.version) if file else Sighting(False)

    def _read(self, ref: str) -> Photo | None:
        file = self._held(ref)
        if file is None:
            return None
        with suppress(FileNotFoundError), os.fdopen(os.open(file.path, _READ), "rb") as stream:
            data = stream.read(self._limit + 1)
            if len(data) > self._limit:
                raise Refused(f"{file.path.name} is larger than the {self._limit:,} bytes that are read.")
            return Photo(data, file.media_type)
        return None

    def _write(self, ref: str, photo: Photo, expect: str | None) -> Sighting:
        extension = _EXTENSION_OF.get(photo.media_type)
        if extension is None or not _speakable(ref):
            raise Refused(f"No file can be named for {photo.media_type} and this person.")
        if self._people_file is not None:
            self._held(ref)
        self._sweep()
        held = self._expected(ref, expect)
        same_type = held is not None and held.media_type == photo.media_type
        target = held.path if held and same_type else self.folder / f"{ref}.{extension}"
        if target.is_symlink() or (target.exists() and not target.is_file()):
            raise Refused(f"{target.name} is a link or a folder, which is not replaced.")
        fresh = self._written_beside(photo.data)
        try:
            _swap(fresh, target, held.path if held else None)
        finally:
            fresh.unlink(missing_ok=True)
        self._settle()
        return Sighting(True, _File(target, target.lstat()).version)

    def _delete(self, ref: str, expect: str | None) -> None:
        if self._people_file is not None:
            self._held(ref)
        held = self._expected(ref, expect)
        if held is not None:
            held.path.unlink(missing_ok=True)
            self._settle()

    def _expected(self, ref: str, expect: str | None) -> _File | None:
        held = self._held(ref, account=False)
        if expect is not None and (held is None or held.version != expect):
            raise Moved("Another file is there by now.")
        return held

    def _sweep(self) -> None:
        """Before the first write: takes away what a killed process left half-written an hour ago or earlier."""
        if self._swept:
            return
        self._swept = True
        before = self.around.clock().timestamp() - _ABANDONED
        for path in self.folder.glob(".*.samepic"):
            with suppress(OSError):
                if _UNFINISHED.fullmatch(path.name) and path.lstat().st_mtime < before:
                    path.unlink()

    def _written_beside(self, data: bytes) -> Path:
        path = self.folder / f".{uuid4().hex}.samepic"
        with os.fdopen(os.open(path, _CREATE, 0o666), "wb") as stream:
            try:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            except OSError:
                path.unlink(missing_ok=True)
                raise
        return path

    def _settle(self) -> None:
        """Makes a rename lasting; Windows knows no such thing for folders and needs none."""
        if os.name == "posix":
            folder = os.open(self.folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def _speakable(stem: str) -> bool:
    """Can this name a file in the folder itself, on any system? Hidden files are nobody's."""
    return bool(stem) and not stem.startswith(".") and stem == stem.strip() and not _UNSPEAKABLE.search(stem)


def _only(files: Iterable[_File]) -> _File | None:
    found = sorted(files, key=lambda file: file.path.name)
    if len(found) > 1:
        names = " and ".join(file.path.name for file in found)
        raise Refused(f"One person has more than one picture: {names}.", remedy="Keep one of them.")
    return found[0] if found else None


def _swap(fresh: Path, target: Path, replaced: Path | None) -> None:
    """Puts `fresh` in `target`'s place. Where the replaced file has another name, it steps aside first: a crash in
    between leaves no picture in sight and the replaced one hidden in the folder, never two in sight.
    """
    if replaced is None or replaced == target:
        fresh.replace(target)
        return
    aside = replaced.with_name(f".{replaced.name}.{uuid4().hex}.samepic")
    replaced.replace(aside)
    try:
        fresh.replace(target)
    except OSError:
        aside.replace(replaced)
        raise
    aside.unlink()
