"""What is particular to SQLite: how a connection is set up, and what its errors mean to a person.

Durability first: a commit returns when the log is on the disk (WAL with `synchronous=FULL`). The driver's own guessing
about transactions is switched off; a transaction begins where SQLAlchemy says so, and a writing one takes its lock at
once, so that two processes queue up instead of meeting halfway.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from samepic.errors import StoreError

_UNWRITABLE = (
    "The database {file} cannot be opened for writing.",
    "Give the account that runs samepic the right to write the file and its folder.",
)
_LOCKED = ("Another process keeps the database {file} locked.", "Let it finish, then try again.")
_SENTENCES = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_READONLY: _UNWRITABLE,
    sqlite3.SQLITE_PERM: _UNWRITABLE,
    sqlite3.SQLITE_CANTOPEN: _UNWRITABLE,
    sqlite3.SQLITE_FULL: ("There is no space left for the database {file}.", "Free some space, then try again."),
    sqlite3.SQLITE_NOTADB: ("{file} is not a database.", "Move it away, or point samepic to another data folder."),
    sqlite3.SQLITE_CORRUPT: ("The database {file} is damaged.", "Stop samepic and restore a backup of the file."),
    sqlite3.SQLITE_IOERR: ("Reading or writing the database {file} failed.", "Check the disk it lies on."),
}
"""What SQLite's result codes mean to a person: message and remedy."""


def writing_engine(file: Path, patience: timedelta) -> Engine:
    """For one thread: its transactions wait up to `patience` for another process's to end."""
    return _engine(file, patience, "BEGIN IMMEDIATE", "synchronous = FULL", "foreign_keys = ON")


def upgrading_engine(file: Path, patience: timedelta) -> Engine:
    """As for writing, without foreign keys: Alembic rebuilds tables, which they would take for the loss of each row."""
    return _engine(file, patience, "BEGIN IMMEDIATE", "synchronous = FULL", "foreign_keys = OFF")


def reading_engine(file: Path, patience: timedelta, connections: int) -> Engine:
    """For so many threads: their transactions see one state of the database throughout, and cannot write."""
    return _engine(file, patience, "BEGIN", "query_only = ON", connections=connections)


def _engine(file: Path, patience: timedelta, begin: str, *settings: str, connections: int = 1) -> Engine:
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(file)),
        connect_args={"timeout": patience.total_seconds()},
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,  # memos hold tokens; an error's text ends up in logs
    )

    @event.listens_for(engine, "connect")
    def _set_up(driver: sqlite3.Connection, _record: Any) -> None:
        driver.isolation_level = None
        for setting in settings:
            driver.execute(f"PRAGMA {setting}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def bare_connection(file: Path, patience: timedelta) -> sqlite3.Connection:
    """For what comes before the engines: no transaction is begun for us."""
    return sqlite3.connect(file, timeout=patience.total_seconds(), isolation_level=None)


def use_wal(driver: sqlite3.Connection, file: Path) -> None:
    """Makes the write-ahead log a lasting property of the file. Raises StoreError where its disk cannot have one."""
    (mode,) = driver.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise StoreError(
            f"The disk under {file} does not allow the shared memory that samepic's database needs.",
            "Put the data folder on a local disk, not on a network share.",
        )


@contextmanager
def explaining(file: Path) -> Iterator[None]:
    """Raises StoreError in place of what SQLite says about `file`; lets every other error pass."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        if trouble := sqlite_trouble(error, file):
            raise trouble from error
        raise


def sqlite_trouble(error: BaseException, file: Path) -> StoreError | None:
    """The sentence for an error that has to do with the file, not with what was asked of it; None for any other."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, sqlite3.Error) or _primary(cause) not in _SENTENCES:
        return None
    message, remedy = _SENTENCES[_primary(cause)]
    trouble = StoreError(message.format(file=file), remedy)
    trouble.__cause__ = error
    return trouble


def _primary(error: sqlite3.Error) -> int:
    """The result code without the details SQLite adds in its upper bits: https://www.sqlite.org/rescode.html"""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
