"""The whole store as one file that another installation can read.

A zip with `manifest.json`, a `tables/NAME.jsonl` with a line for each row as the database holds it, and
`pictures/DIGEST`. Left out is what belongs to running processes, what opens doors (sessions, tokens, kept consent),
and what connectors remember: it may hold tokens, and is learned again.
"""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table

from samepic.errors import StoreError
from samepic.model import Digest, digest_of
from samepic.store.blobs import Blobs
from samepic.store.database import Database
from samepic.store.disk import disk_trouble
from samepic.store.mailings import DRAWER
from samepic.store.portal_schema import EVERYTHING
from samepic.store.schema import HEAD

VERSION = 1
LARGEST = 64 << 20
"""Bytes of one picture at most; more is no picture of ours."""

LEFT_OUT = frozenset(
    {"leases", "leased_slots", "due", "sign_ins", "sessions", "grants", "tokens", "answers", "deliveries"}
)
"""What belongs to running processes, and what opens doors."""
_PICTURE = re.compile(r"pictures/([0-9a-f]{64})")

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""By table: rows as the driver gives them."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What an archive holds, counted."""

    people: int
    journal: int
    pictures: int


async def export(database: Database, blobs: Blobs, file: Path, at: datetime) -> Contents:
    """Writes the archive, for its owner only; nothing is left of it after any trouble. Raises StoreError."""
    rows = await database.read(_read)
    try:
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise StoreError(f"{file} is there already and is left as it is.", "Name another file.") from None
    except OSError as why:
        raise disk_trouble(why, file) from why
    try:
        with os.fdopen(descriptor, "wb") as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("manifest.json", json.dumps(_manifest(rows, at), indent=1))
            for name, some in rows.items():
                archive.writestr(f"tables/{name}.jsonl", "".join(f"{json.dumps(row)}\n" for row in some))
            pictures = [digest for digest in _pictures(rows) if await blobs.has(digest)]
            for digest in pictures:  # they are compressed already
                archive.writestr(f"pictures/{digest}", await blobs.get(digest), zipfile.ZIP_STORED)
    except BaseException as why:
        _take_back(file)
        if isinstance(why, OSError):
            raise disk_trouble(why, file) from why
        raise
    return _counted(rows, len(pictures))


async def restore(database: Database, blobs: Blobs, file: Path) -> Contents:
    """Fills an empty store. Pictures first, then all rows in one transaction: it happens or it does not.

    Raises StoreError: no archive, damaged, of another version, or the store is in use already.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            rows = _checked(archive, file)
            await database.read(_must_be_empty)
            pictures = [name for name in archive.namelist() if _PICTURE.fullmatch(name)]
            for name in pictures:
                await blobs.put(_picture(archive, name, file))
    except OSError as why:
        raise disk_trouble(why, file) from why
    except (zipfile.BadZipFile, ValueError, KeyError, EOFError) as why:
        raise StoreError(f"{file} is not an export of samepic, or is damaged: {why}.", "Export again.") from None
    await database.write(lambda connection: _write(connection, rows))
    return _counted(rows, len(pictures))


def _take_back(file: Path) -> None:
    file.unlink(missing_ok=True)


def _tables() -> Iterator[Table]:
    """Those that travel; referred-to before referring."""
    return (table for table in EVERYTHING.sorted_tables if table.name not in LEFT_OUT)


def _read(connection: Connection) -> Rows:
    found = {}
    for table in _tables():
        condition, values = ("WHERE system = ?", (DRAWER,)) if table.name == "memos" else ("", ())
        result = connection.exec_driver_sql(f"SELECT * FROM {table.name} {condition}", values)  # noqa: S608 -- our names
        found[table.name] = [dict(row) for row in result.mappings()]
    return found


def _write(connection: Connection, rows: Rows) -> None:
    _must_be_empty(connection)
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")  # the journal refers to later entries of its own
    for table in _tables():
        columns = [column.name for column in table.columns]
        places = ", ".join("?" * len(columns))
        insert = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608 -- our names
        if some := rows[table.name]:
            connection.exec_driver_sql(insert, [tuple(row[name] for name in columns) for row in some])


def _must_be_empty(connection: Connection) -> None:
    for table in _tables():
        if connection.exec_driver_sql(f"SELECT 1 FROM {table.name} LIMIT 1").first():  # noqa: S608 -- our names
            raise StoreError(
                "This store is in use already; importing would mix two installations.",
                "Name an empty folder as [store] folder.",
            )


def _pictures(rows: Rows) -> list[Digest]:
    """Every picture that a row speaks of."""
    found = {row["want"] for name in ("baselines", "journal", "asks") for row in rows[name]}
    found |= {row["before_want"] for row in rows["journal"]} | {row["refused"] for row in rows["pins"]}
    found |= {row["digest"] for row in rows["portraits"]}
    found |= {digest for row in rows["journal"] for digest in json.loads(row["replaced"]).values()}
    return sorted(Digest(one) for one in found - {None, digest_of(b"")})


def _manifest(rows: Rows, at: datetime) -> dict[str, Any]:
    counts = {name: len(some) for name, some in rows.items()}
    made = {"samepic_export": VERSION, "revision": HEAD, "samepic": version("samepic"), "made_at": at.isoformat()}
    return made | {"rows": counts}


def _checked(archive: zipfile.ZipFile, file: Path) -> Rows:
    manifest = json.loads(archive.read("manifest.json"))
    if manifest["samepic_export"] > VERSION or manifest["revision"] > HEAD:
        raise StoreError(f"{file} was made by a newer samepic ({manifest['samepic']}).", "Install that version here.")
    if manifest["revision"] < HEAD:
        remedy = "Upgrade that installation first: any command does, then export again."
        raise StoreError(f"{file} was made by an older samepic ({manifest['samepic']}).", remedy)
    rows = {name: _lines(archive, name) for name in (table.name for table in _tables())}
    for name, count in manifest["rows"].items():
        if len(rows[name]) != count:
            raise ValueError(f"{name} has {len(rows[name])} rows of {count}")
    return rows


def _lines(archive: zipfile.ZipFile, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in archive.read(f"tables/{name}.jsonl").splitlines()]


def _picture(archive: zipfile.ZipFile, name: str, file: Path) -> bytes:
    if archive.getinfo(name).file_size > LARGEST:
        raise ValueError(f"{name} is too large")
    data = archive.read(name)
    if digest_of(data) != name.rpartition("/")[2]:
        raise StoreError(f"{name} in {file} is damaged.", "Export again.")
    return data


def _counted(rows: Rows, pictures: int) -> Contents:
    return Contents(len(rows["persons"]), len(rows["journal"]), pictures)
