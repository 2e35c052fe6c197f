"""Brings the database file to the tables of `schema`, once, whoever opens it first.

An older file is copied before it is changed. The change is one transaction: it happens or it does not, also where
several processes open the file at the same moment. A newer file is left alone.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Connection

from samepic.errors import StoreError
from samepic.store.disk import private_file, sync_folder
from samepic.store.schema import HEAD
from samepic.store.sqlite import bare_connection, upgrading_engine, use_wal

_ONE_AT_A_TIME = threading.Lock()
"""Alembic's `context` and `op` are global to the process."""


@dataclass(frozen=True, slots=True)
class History:
    """The newest revision, and where Alembic finds the folder with `env.py` and `versions`."""

    head: str
    scripts: str


OURS = History(HEAD, "samepic.store:migrations")


def migrate(file: Path, patience: timedelta, history: History = OURS) -> None:
    """Creates or upgrades `file`, which exists, at least empty. Raises StoreError, or what SQLite says."""
    with closing(bare_connection(file, patience)) as driver:
        found = _revision(driver, file, history)
        use_wal(driver, file)
    if found != history.head:
        _upgrade(file, patience, history)


def _revision(driver: sqlite3.Connection, file: Path, history: History) -> str | None:
    """The revision the file is at; None for an empty one. Raises StoreError where it is none of `history`."""
    tables = {name for (name,) in driver.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return None
    if "alembic_version" not in tables:
        raise StoreError(
            f"{file} is a database of another program.", "Move it away, or point samepic to another data folder."
        )
    (found,) = driver.execute("SELECT version_num FROM alembic_version").fetchone()
    if found > history.head:
        raise StoreError(
            f"The database {file} is at revision {found};"
            f" samepic {version('samepic')} knows only up to {history.head}.",
            "Install the newer samepic again, or restore the copy kept before the upgrade"
            f" ({backup_of(file, found).name}).",
        )
    return str(found)


def _upgrade(file: Path, patience: timedelta, history: History) -> None:
    engine = upgrading_engine(file, patience)
    try:
        with engine.begin() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            found = _revision(driver, file, history)
            if found == history.head:
                return  # another process was here first
            if found is not None:
                _back_up(file, backup_of(file, history.head), patience)
            _run_scripts(connection, history)
            _check_references(driver, file)
    finally:
        engine.dispose()


def backup_of(file: Path, revision: str) -> Path:
    """Where the state of `file` before its upgrade to `revision` is kept."""
    return file.with_name(f"{file.name}.before-{revision}")


def _back_up(file: Path, target: Path, patience: timedelta) -> None:
    """A copy under its final name is a whole copy: SQLite makes it beside, synced, then it is renamed."""
    unfinished = target.with_name(f"{target.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    private_file(unfinished)
    with closing(bare_connection(file, patience)) as source, closing(bare_connection(unfinished, patience)) as copy:
        source.backup(copy)
    unfinished.replace(target)
    sync_folder(target.parent)


def _run_scripts(connection: Connection, history: History) -> None:
    # Imported here: a third of a second that only an upgrade has to pay.
    from alembic import command  # noqa: PLC0415 -- import time
    from alembic.config import Config  # noqa: PLC0415 -- import time

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", history.scripts.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with _ONE_AT_A_TIME:
        command.upgrade(config, history.head)


def _check_references(driver: sqlite3.Connection, file: Path) -> None:
    """Foreign keys are off during an upgrade; before it counts, every reference must lead somewhere."""
    lost = driver.execute("PRAGMA foreign_key_check").fetchone()
    if lost:
        raise StoreError(f"The upgrade of {file} lost rows that table {lost[0]} needs; nothing was changed.")
