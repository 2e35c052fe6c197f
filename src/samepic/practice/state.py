"""The practice tenant's memory: one SQLite file in its state folder.

Everything that must survive a restart is in it. Access is from one thread at a time (the server's event loop), so
statements need no locks, and every change is committed when the method that made it returns.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from samepic.errors import UserError

VERSION = 2
_FILE = "practice.sqlite"

_SCHEMA = """
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE people (
    "index" INTEGER PRIMARY KEY, enabled INTEGER NOT NULL, mailbox INTEGER NOT NULL, exchange INTEGER NOT NULL,
    removed INTEGER NOT NULL
);
CREATE TABLE changes (number INTEGER PRIMARY KEY AUTOINCREMENT, person INTEGER NOT NULL);
CREATE INDEX changes_of ON changes (person, number);
CREATE TABLE pictures (
    owner TEXT NOT NULL, store TEXT NOT NULL, source TEXT, media_type TEXT, width INTEGER, height INTEGER,
    PRIMARY KEY (owner, store)
) WITHOUT ROWID;
CREATE TABLE uploads (digest TEXT PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE profiles (person INTEGER PRIMARY KEY, properties TEXT NOT NULL, pulled REAL);
CREATE TABLE pending (person INTEGER PRIMARY KEY, due REAL NOT NULL, source TEXT NOT NULL);
CREATE TABLE files (
    id INTEGER PRIMARY KEY AUTOINCREMENT, directory TEXT NOT NULL COLLATE NOCASE, name TEXT NOT NULL COLLATE NOCASE,
    guid TEXT NOT NULL, version INTEGER NOT NULL, created REAL NOT NULL, modified REAL NOT NULL, source TEXT NOT NULL,
    UNIQUE (directory, name)
);
CREATE TABLE gone (id INTEGER PRIMARY KEY);
CREATE TABLE subscriptions (id TEXT PRIMARY KEY, content TEXT NOT NULL, until REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE site_users (id INTEGER PRIMARY KEY AUTOINCREMENT, person INTEGER NOT NULL UNIQUE);
CREATE TABLE spent (token TEXT PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID;
"""
_BETWEEN = "SELECT name, value FROM settings WHERE name > ? AND name < ? ORDER BY name"


class State:
    """An open state folder. Instants in it are seconds since 1970, texts are JSON where they are not plain."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self._connection = connection

    def close(self) -> None:
        self._connection.close()

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement, values).fetchall()

    def row(self, statement: str, *values: Any) -> tuple[Any, ...] | None:
        found: tuple[Any, ...] | None = self._connection.execute(statement, values).fetchone()
        return found

    def change(self, statement: str, *values: Any) -> int:
        """The number of rows changed."""
        return self._connection.execute(statement, values).rowcount

    def fill(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        self._connection.executemany(statement, rows)

    @contextmanager
    def together(self) -> Iterator[None]:
        """All changes inside, or none. May be inside another, or inside `undone`."""
        self._connection.execute("SAVEPOINT together")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK TO together")
            raise
        finally:
            self._connection.execute("RELEASE together")

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Every change inside is taken back at the end."""
        self._connection.execute("SAVEPOINT undone")
        try:
            yield
        finally:
            self._connection.execute("ROLLBACK TO undone")
            self._connection.execute("RELEASE undone")

    def setting(self, name: str, default: Any = None) -> Any:
        found = self.row("SELECT value FROM settings WHERE name = ?", name)
        return json.loads(found[0]) if found else default

    def settings_under(self, prefix: str, after: str = "") -> Iterator[tuple[str, Any]]:
        """By what follows the prefix, in that order and beyond `after`; read as it is asked for."""
        between = prefix + after, prefix + chr(sys.maxunicode)
        found = self._connection.execute(_BETWEEN, between)
        return ((name.removeprefix(prefix), json.loads(value)) for name, value in found)

    def set(self, name: str, value: Any) -> None:
        self.change("INSERT OR REPLACE INTO settings VALUES (?, ?)", name, json.dumps(value))


def open_state(folder: Path) -> State:
    """Opens the folder's state, or makes an empty one. Raises UserError where the folder is unfit."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        connection = _connect(folder / _FILE)
    except (OSError, sqlite3.Error) as why:
        raise UserError(
            f"The practice tenant cannot keep its state in {folder}: {getattr(why, 'strerror', None) or why}.",
            "Name a folder that you may write to with --state.",
        ) from None
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        connection.executescript(f"BEGIN;{_SCHEMA}PRAGMA user_version = {VERSION};COMMIT;")
    elif version != VERSION:
        connection.close()
        raise UserError(
            f"The practice tenant in {folder} was made by another version of samepic.",
            "Name another folder with --state, or delete this one; it holds nothing real.",
        )
    return State(folder, connection)


def _connect(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False, timeout=2)
    try:
        connection.execute("PRAGMA cache_size = -65536")  # 64 MB: a large world's indexes are filled in random order
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
    except sqlite3.Error:
        connection.close()
        raise
    file.chmod(0o600)  # it holds the practice application's secret
    return connection
