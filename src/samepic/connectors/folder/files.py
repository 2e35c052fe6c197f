"""The files in a folder of pictures: found, read whole, and replaced so that a crash leaves no half of one.

Everything here is synchronous and may raise OSError; links are neither followed nor replaced.
"""

from __future__ import annotations

import os
import re
import stat
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from samepic.errors import Refused
from samepic.model import Photo

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

_EXTENSIONS = dict.fromkeys([*MEDIA_TYPES, *(extension.upper() for extension in MEDIA_TYPES)])
_EXTENSION_OF = {media_type: extension for extension, media_type in reversed(MEDIA_TYPES.items())}
_UNSPEAKABLE = re.compile(r'[/\\:*?"<>|\x00-\x1f]')
_UNFINISHED = re.compile(r"\.[0-9a-f]{32}\.samepic")
_ABANDONED = 3600.0
"""Seconds after which an unfinished file is nobody's any more. Replaced files put aside are never swept."""


@dataclass(frozen=True, slots=True)
class File:
    path: Path
    status: os.stat_result

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self.path.suffix[1:].lower()]

    @property
    def version(self) -> str:
        return f"{self.status.st_mtime_ns:x}-{self.status.st_size:x}-{self.status.st_ino:x}"


class Files:
    """`limit` is the most bytes that are read of one; `clock` tells what was abandoned long ago."""

    def __init__(self, folder: Path, limit: int, clock: Callable[[], datetime]) -> None:
        self.folder = folder
        self._limit = limit
        self._clock = clock
        self._swept = False

    def all(self) -> dict[str, list[File]]:
        """Every picture in the folder by the name of its person."""
        found: dict[str, list[File]] = defaultdict(list)
        with os.scandir(self.folder) as entries:
            for entry in entries:
                stem, _, extension = entry.name.rpartition(".")
                if extension in _EXTENSIONS and speakable(stem) and entry.is_file(follow_symlinks=False):
                    found[stem].append(File(self.folder / entry.name, entry.stat(follow_symlinks=False)))
        return found

    def of(self, ref: str) -> list[File]:
        """The pictures of one person."""
        found: dict[object, File] = {}
        for extension in _EXTENSIONS if speakable(ref) else ():
            path = self.folder / f"{ref}.{extension}"
            with suppress(FileNotFoundError):
                status = path.lstat()
                if stat.S_ISREG(status.st_mode):
                    # Where case does not matter to the file system, two spellings are one file.
                    found.setdefault(status.st_ino or path, File(path, status))
        if not found:
            self.folder.stat()  # a folder that is not there must not look like one without pictures
        return list(found.values())

    def read(self, file: File) -> Photo | None:
        """None where it has gone meanwhile. Raises Refused where it is too large."""
        with suppress(FileNotFoundError), os.fdopen(os.open(file.path, _READ), "rb") as stream:
            data = stream.read(self._limit + 1)
            if len(data) > self._limit:
                raise Refused(f"{file.path.name} is larger than the {self._limit:,} bytes that are read.")
            return Photo(data, file.media_type)
        return None

    def replace(self, ref: str, photo: Photo, held: File | None) -> File:
        """Puts a picture in the place of the one that is held. Raises Refused where no file can be named for it."""
        extension = _EXTENSION_OF.get(photo.media_type)
        if extension is None or not speakable(ref):
            raise Refused(f"No file can be named for {photo.media_type} and this person.")
        self._sweep()
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
        return File(target, target.lstat())

    def delete(self, file: File) -> None:
        file.path.unlink(missing_ok=True)
        self._settle()

    def _sweep(self) -> None:
        """Before the first write: takes away what a killed process left half-written an hour ago or earlier."""
        if self._swept:
            return
        self._swept = True
        before = self._clock().timestamp() - _ABANDONED
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


def speakable(stem: str) -> bool:
    """Can this name a file in the folder itself, on any system? Hidden files are nobody's."""
    return bool(stem) and not stem.startswith(".") and stem == stem.strip() and not _UNSPEAKABLE.search(stem)


def only(files: Iterable[File]) -> File | None:
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
