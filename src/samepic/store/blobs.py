"""Pictures by the digest of their bytes, as private files `ab/cd/<sha256>` in one folder.

A picture is written beside, synced, renamed, and its folder synced, before anybody is told its digest; so under a
digest there is the whole picture or nothing, also after a power cut. Deleting and keeping meet in a lock on the
folder: a picture that is put again while the old ones are swept is not lost.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from samepic.errors import StoreError
from samepic.model import Digest, digest_of
from samepic.store.disk import disk_trouble, locked, private_folder, sync_folder

_DIGEST = re.compile(r"[0-9a-f]{64}")
_UNFINISHED = ".unfinished-"


class Spoiled(StoreError):
    """One picture is missing or damaged; the others are none the worse for it."""


class Blobs:
    """Takes a folder, which is created with the first picture. Methods raise StoreError, saying what and which."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, data: bytes) -> Digest:
        """Keeps the bytes; when it returns they last. What is there already is not written again."""
        return await asyncio.to_thread(self._put, data)

    async def get(self, digest: Digest) -> bytes:
        """The bytes, checked against their digest. Raises Spoiled where they are missing or damaged."""
        return await asyncio.to_thread(self._get, digest)

    async def has(self, digest: Digest) -> bool:
        """Whether there is such a picture; its bytes are not checked."""
        return await asyncio.to_thread(self._path(digest).is_file)

    async def sweep(self, keep: set[Digest], older_than: datetime) -> int:
        """Deletes every picture not in `keep` that was last put before `older_than`; returns how many."""
        return await asyncio.to_thread(self._sweep, keep, older_than.astimezone(UTC).timestamp())

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise StoreError(f"{digest!r} is not a picture's digest.", "A digest is 64 letters of 0-9 and a-f.")
        return self._folder / digest[:2] / digest[2:4] / digest

    def _put(self, data: bytes) -> Digest:
        digest = digest_of(data)
        path = self._path(digest)
        try:
            private_folder(path.parent)
            with locked(self._folder, exclusive=False):
                if _is_whole(path, len(data)):
                    os.utime(path)  # young again for a sweep
                else:
                    _write(path, data)
                sync_folder(path.parent)  # also where another put has just written it, and is not done yet
        except OSError as error:
            raise disk_trouble(error, path) from error
        return digest

    def _get(self, digest: Digest) -> bytes:
        path = self._path(digest)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise Spoiled(f"The picture {digest} is missing in {self._folder}.", _RESTORE) from None
        except OSError as error:
            raise disk_trouble(error, path) from error
        if digest_of(data) != digest:
            raise Spoiled(f"The picture {digest} in {self._folder} is damaged.", _RESTORE)
        return data

    def _sweep(self, keep: set[Digest], older_than: float) -> int:
        swept = 0
        try:
            for path in self._folder.glob("??/??/*"):
                if path.name not in keep and self._delete(path, older_than):
                    swept += not path.name.startswith(_UNFINISHED)
        except OSError as error:
            raise disk_trouble(error, self._folder) from error
        return swept

    def _delete(self, path: Path, older_than: float) -> bool:
        """True where it was there, and old enough to go."""
        with locked(self._folder, exclusive=True), suppress(FileNotFoundError):
            if path.stat().st_mtime < older_than:
                path.unlink()
                return True
        return False


_RESTORE = "Restore it from a backup of the folder."


def _is_whole(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except FileNotFoundError:
        return False


def _write(path: Path, data: bytes) -> None:
    """The file is whole and synced before it gets its name; after any trouble nothing is left of it."""
    descriptor, name = tempfile.mkstemp(prefix=_UNFINISHED, dir=path.parent)  # mkstemp makes it for the owner only
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
