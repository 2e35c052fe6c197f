"""What the cell of a picture means, and reading it: a file in one folder, an address, or the picture as base64."""

from __future__ import annotations

import binascii
import errno
import os
import re
import stat
from base64 import b64decode
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote_to_bytes

from samepic.errors import Failed, Refused
from samepic.model import Photo, digest_of

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/_\-\s]{64,}={0,2}\s*")
"""Too long for a file's name, and without the dot before its extension."""

_SIGNS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"RIFF", "image/webp"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
_UNKNOWN = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Link:
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Inline:
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class FilePath:
    """Steps from the folder of pictures, such as ("2026", "ada.jpg")."""

    steps: tuple[str, ...]


def meant(cell: str) -> Link | Inline | FilePath:
    """What a cell that is not empty means. Raises Refused where it can mean nothing that is allowed."""
    if cell[:5].casefold() == "data:":
        return Inline(_data_uri(cell))
    if "://" in cell[:20] and _SCHEME.match(cell):
        return Link(cell)
    if _BASE64.fullmatch(cell):
        return Inline(_base64("".join(cell.split())))
    steps = tuple(step for step in cell.replace("\\", "/").split("/") if step not in {"", "."})
    absolute = cell.startswith(("/", "\\")) or _SCHEME.match(cell)
    if absolute or ".." in steps or not steps or "\0" in cell:
        remedy = "Write the path from the folder of pictures, such as 2026/ada.jpg."
        raise Refused("The path leads out of the folder of pictures.", remedy=remedy)
    return FilePath(steps)


def _data_uri(cell: str) -> bytes:
    head, comma, body = cell.partition(",")
    if not comma:
        raise Refused("The data address holds no data.", remedy="Write data:image/jpeg;base64, and the picture.")
    data = unquote_to_bytes(body)
    return _base64(data.decode("ascii", "replace")) if head.casefold().endswith(";base64") else data


def _base64(text: str) -> bytes:
    standard = "".join(text.split()).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError):
        remedy = "Excel cuts cells at 32,767 signs: name a file or an address instead."
        raise Refused("The base64 is damaged or cut off.", remedy=remedy) from None


def photo_of(data: bytes) -> Photo:
    """With the type its first bytes show; whether it is a picture is judged where it is drawn."""
    return Photo(data, next((kind for sign, kind in _SIGNS if data.startswith(sign)), _UNKNOWN))


def version_of(data: bytes) -> str:
    return digest_of(data)[:32]


class PictureFolder:
    """Reads files below one folder and nothing else. Links are not followed, wherever they lead."""

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder = folder
        self._limit = limit

    def version(self, path: FilePath) -> str:
        """Time of change, size and inode, as in a folder of pictures. Raises Refused, OSError."""
        with ExitStack() as stack:
            return _version(os.fstat(self._open(path, stack)))

    def read(self, path: FilePath) -> bytes:
        """Raises Refused where it is too large or no file, Failed where it changes meanwhile; OSError."""
        with ExitStack() as stack:
            descriptor = self._open(path, stack)
            before = _version(os.fstat(descriptor))
            with os.fdopen(os.dup(descriptor), "rb") as stream:
                data = stream.read(self._limit + 1)
            if len(data) > self._limit:
                raise Refused(f"{path.steps[-1]} is larger than the {self._limit:,} bytes that are read.")
            if _version(os.fstat(descriptor)) != before:
                raise Failed(f"{path.steps[-1]} is being written.", remedy="It is read with the next run.")
            return data

    def _open(self, path: FilePath, stack: ExitStack) -> int:
        """Step by step from the folder: a link that is put in the way meanwhile is not followed either."""
        here = os.open(self.folder, os.O_RDONLY)  # a folder that is away is trouble of its own, and no person's
        stack.callback(os.close, here)
        try:
            for step in path.steps:
                here = os.open(step, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=here)
                stack.callback(os.close, here)
        except OSError as why:
            raise _explained(why, "/".join(path.steps)) from None
        if not stat.S_ISREG(os.fstat(here).st_mode):
            raise Refused(f"{'/'.join(path.steps)} is no file.", remedy="Name the file of the picture.")
        return here


def _version(status: os.stat_result) -> str:
    return f"{status.st_mtime_ns:x}-{status.st_size:x}-{status.st_ino:x}"


def _explained(why: OSError, name: str) -> Refused:
    if why.errno in {errno.ELOOP, errno.EMLINK}:
        return Refused(f"{name} leads through a link.", remedy="Put the file itself into the folder of pictures.")
    if why.errno == errno.ENOENT:
        return Refused(f"{name} is not in the folder of pictures.", remedy="Put it there, or correct the path.")
    if why.errno == errno.ENOTDIR:
        return Refused(f"{name} leads through a link or a file.", remedy="Correct the path; links are not followed.")
    return Refused(f"{name} cannot be opened: {why.strerror}.", remedy="Check who may read it.")
