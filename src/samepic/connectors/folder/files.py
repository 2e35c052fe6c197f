"""The files in a folder of pictures: found, read whole, and replaced so that a crash leaves no half of one.

Everything here is synchronous and may raise OSError; links are neither followed nor replaced.
"""

from __future__ import annotations

import os
import re
import stat
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from samepic.connectors.folder.pattern import folded
from samepic.errors import Failed, Refused
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
    """`limit` is the most bytes that are read of one; `clock` tells what was abandoned long ago; `depth` is how many
    folders down pictures lie. Names are compared folded; how they are spelled is remembered from the last listing.
    """

    def __init__(self, folder: Path, limit: int, clock: Callable[[], datetime], depth: int = 0) -> None:
        self.folder = folder
        self._depth = depth
        self._spellings: dict[str, set[str]] = {}
        self._limit = limit
        self._clock = clock
        self._swept = False

    def all(self) -> dict[str, list[File]]:
        """Every picture by the folded name of its person."""
        found: dict[str, list[File]] = defaultdict(list)
        for stem, file in self._listed(self.folder, "", self._depth):
            found[folded(stem)].append(file)
        self._spellings = {name: {self.stem(one) for one in files} for name, files in found.items()}
        return found

    def stem(self, file: File) -> str:
        """The name of a file's person as it is spelled: `sales/Ada` for `sales/Ada.jpg`."""
        return file.path.relative_to(self.folder).as_posix().rpartition(".")[0]

    def _listed(self, folder: Path, above: str, depth: int) -> Iterator[tuple[str, File]]:
        with os.scandir(folder) as entries:
            for entry in entries:
                if depth and entry.is_dir(follow_symlinks=False) and speakable(entry.name):
                    yield from self._listed(folder / entry.name, f"{above}{entry.name}/", depth - 1)
                stem, _, extension = entry.name.rpartition(".")
                pictured = not depth and extension in _EXTENSIONS and speakable(stem)
                if pictured and entry.is_file(follow_symlinks=False):
                    yield above + stem, File(folder / entry.name, entry.stat(follow_symlinks=False))

    def of(self, ref: str) -> list[File]:
        """The pictures of one person."""
        found: dict[object, File] = {}
        for stem in {ref, *self._spellings.get(folded(ref), ())} if self.nameable(ref) else ():
            for extension in _EXTENSIONS:
                path = self.folder / f"{stem}.{extension}"
                with suppress(FileNotFoundError):
                    status = path.lstat()
                    if stat.S_ISREG(status.st_mode):
                        # Where case does not matter to the file system, two spellings are one file.
                        found.setdefault(status.st_ino or path, File(path, status))
        if not found:
            self.folder.stat()  # a folder that is not there must not look like one without pictures
        return list(found.values())

    def nameable(self, ref: str) -> bool:
        """Can this name a file as deep as pictures lie, without a link on the way?"""
        *folders, _ = steps = ref.split("/")
        above = [self.folder.joinpath(*folders[: count + 1]) for count in range(len(folders))]
        fits = len(folders) == self._depth and all(speakable(step) for step in steps)
        return fits and not any(one.is_symlink() for one in above)

    def read(self, file: File) -> Photo | None:
        """None where it has gone meanwhile. Raises Refused where it is too large."""
        with suppress(FileNotFoundError), os.fdopen(os.open(file.path, _READ), "rb") as stream:
            before = os.fstat(stream.fileno())
            data = stream.read(self._limit + 1)
            if len(data) > self._limit:
                raise Refused(f"{file.path.name} is larger than the {self._limit:,} bytes that are read.")
            if File(file.path, before).version != File(file.path, os.fstat(stream.fileno())).version:
                raise Failed(f"{file.path.name} is being written.", remedy="It is read when it stays as it is.")
            return Photo(data, file.media_type)
        return None

    def replace(self, ref: str, photo: Photo, held: File | None) -> File:
        """Puts a picture in the place of the one that is held. Raises Refused where no file can be named for it."""
        extension = _EXTENSION_OF.get(photo.media_type)
        if extension is None or not self.nameable(ref):
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
