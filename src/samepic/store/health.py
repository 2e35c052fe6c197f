"""Is the store well? Looks without changing anything, so that it can be asked beside a running sync."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

from samepic.errors import StoreError
from samepic.model import Digest, Finding, Level, digest_of
from samepic.store.database import FILE
from samepic.store.schema import HEAD
from samepic.store.sqlite import sqlite_trouble

MEBIBYTE = 1 << 20
LITTLE, TOO_LITTLE = 1024 * MEBIBYTE, 64 * MEBIBYTE
"""Free space below which there is a warning, and below which samepic cannot be trusted to finish a run."""

PICTURES_READ = 500
"""How many pictures are read in full, newest first; of the others it is only checked that they are there."""

_NEEDED = """
    SELECT want FROM baselines
    UNION SELECT value FROM journal, json_each(journal.replaced) WHERE undone_by IS NULL AND retired_at IS NULL
"""


def examine(folder: Path) -> list[Finding]:
    """What is good and bad about the database, the pictures and the disk of one store."""
    return [_space(folder), *_database(folder / FILE), *_pictures(folder)]


def _space(folder: Path) -> Finding:
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not os.access(there, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        return Finding(Level.PROBLEM, "disk", f"{there} cannot be written.", "Give samepic's account the right to.")
    free = shutil.disk_usage(there).free
    said = f"{free / (1 << 30):.1f} GiB are free for {folder}."
    if free < LITTLE:
        level = Level.PROBLEM if free < TOO_LITTLE else Level.WARNING
        return Finding(level, "disk", said, "Free some space, or move [store] folder.")
    return Finding(Level.GOOD, "disk", said)


def _database(file: Path) -> Iterator[Finding]:
    if not file.exists():
        yield Finding(Level.GOOD, "database", f"{file} is not there yet; the first command makes it.")
        return
    try:
        with closing(_connect(file)) as driver:
            yield from _examined(driver, file)
    except sqlite3.Error as error:
        trouble = sqlite_trouble(error, file) or StoreError(f"The database {file} cannot be used: {error}.")
        yield Finding(Level.PROBLEM, "database", trouble.message, trouble.remedy)


def _connect(file: Path) -> sqlite3.Connection:
    """Reading only: `mode=ro` works beside a writer, and creates nothing."""
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=10)


def _examined(driver: sqlite3.Connection, file: Path) -> Iterator[Finding]:
    (said,) = driver.execute("PRAGMA quick_check(1)").fetchone()
    if said != "ok":
        yield Finding(Level.PROBLEM, "database", f"{file} is damaged: {said}.", "Restore a backup of the file.")
        return
    revision = _revision(driver)
    if revision > HEAD:
        remedy = "Install the newer samepic again."
        yield Finding(Level.PROBLEM, "database", f"{file} was made by a newer samepic (revision {revision}).", remedy)
        return
    counts = {table: driver.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("persons", "journal")}  # noqa: S608 -- our own names
    yield Finding(
        Level.GOOD, "database", f"{file} is whole: {counts['persons']} people, {counts['journal']} journal entries."
    )
    yield from _loose_ends(driver)


def _revision(driver: sqlite3.Connection) -> str:
    (revision,) = driver.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(revision)


def _loose_ends(driver: sqlite3.Connection) -> Iterator[Finding]:
    """Writes that were begun and never confirmed: a crash, or a run that is under way."""
    (begun,) = driver.execute("SELECT count(*) FROM journal WHERE settled_at IS NULL").fetchone()
    if begun:
        remedy = "If no run is under way, the next `samepic sync` finishes them."
        yield Finding(Level.WARNING, "journal", f"{begun} writes were begun and not confirmed.", remedy)


def _pictures(folder: Path) -> Iterator[Finding]:
    pictures = folder / "pictures"
    kept = {path.name: path for path in pictures.glob("??/??/*") if len(path.name) == len(digest_of(b""))}
    if missing := [digest for digest in _needed(folder / FILE) if digest not in kept]:
        yield Finding(
            Level.PROBLEM,
            "pictures",
            f"{len(missing)} pictures are missing in {pictures}, such as {missing[0]}.",
            "Restore the folder from a backup; what they replaced cannot be undone without them.",
        )
    try:
        broken = [path for path in _newest(kept) if digest_of(path.read_bytes()) != path.name]
    except OSError as why:
        yield Finding(Level.PROBLEM, "pictures", f"{why.filename} cannot be read: {why.strerror}.", "Check the disk.")
        return
    for path in broken:
        yield Finding(Level.PROBLEM, "pictures", f"{path} is damaged.", "Restore it from a backup of the folder.")
    if not missing and not broken:
        checked = min(len(kept), PICTURES_READ)
        yield Finding(
            Level.GOOD, "pictures", f"{len(kept)} pictures are kept; {checked} of them were read and are whole."
        )


def _newest(kept: dict[str, Path]) -> list[Path]:
    return list(islice(sorted(kept.values(), key=lambda path: path.stat().st_mtime, reverse=True), PICTURES_READ))


def _needed(file: Path) -> list[Digest]:
    """The pictures that baselines and undo stand on; none where the database cannot say, which is told elsewhere."""
    if not file.exists():
        return []
    nothing = digest_of(b"")
    try:
        with closing(_connect(file)) as driver:
            return sorted(Digest(digest) for (digest,) in driver.execute(_NEEDED) if digest != nothing)
    except sqlite3.Error:
        return []
