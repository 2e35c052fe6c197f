"""Files and folders that last: created for their owner only, and on the disk before anybody relies on them."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path

from samepic.errors import StoreError

if sys.platform != "win32":
    import fcntl

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EROFS, errno.EACCES, errno.EPERM}


def private_folder(folder: Path) -> None:
    """Creates `folder` and what is missing above it, for the owner only; one that exists is left as it is."""
    missing = takewhile(lambda path: not path.exists(), (folder, *folder.parents))
    for path in reversed(list(missing)):
        path.mkdir(mode=0o700, exist_ok=True)
        sync_folder(path.parent)


def private_file(file: Path) -> None:
    """Creates an empty `file` for the owner only, unless it is there."""
    os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))


def sync_folder(folder: Path) -> None:
    """After this, the names in `folder` survive a power cut. Windows offers no such call and needs none."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked(folder: Path, *, exclusive: bool) -> Iterator[None]:
    """Many share the lock, or one has it. It is the kernel's, and goes with the process; Windows has none."""
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def disk_trouble(error: OSError, path: Path) -> StoreError:
    """The sentence for what the operating system said about `path`."""
    if error.errno in _FULL:
        return StoreError(f"There is no space left to write {path}.", "Free some space, then try again.")
    if error.errno in _FORBIDDEN:
        return StoreError(
            f"{path} cannot be written.", "Give the account that runs samepic the right to write this folder."
        )
    reason = error.strerror or type(error).__name__
    return StoreError(f"{path} cannot be used: {reason}.", "Check the data folder in the settings, and its disk.")
