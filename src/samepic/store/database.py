"""The one database: open it, read from it, write to it.

Writes go through one thread and commit in groups: whatever waits when the thread is free runs in one transaction, each
write behind a savepoint of its own, and nobody is answered before the commit is on the disk. So a thousand small writes
at once cost a few syncs, and one that fails harms no other. Reads run beside them, in threads of their own.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from sqlalchemy import Connection

from samepic.errors import StoreError
from samepic.store.disk import disk_trouble, private_file, private_folder
from samepic.store.migrate import migrate
from samepic.store.sqlite import explaining, reading_engine, sqlite_trouble, writing_engine

T = TypeVar("T")

FILE = "samepic.db"
PATIENCE = timedelta(seconds=10)
"""How long to wait for another process's transaction. Ours last milliseconds, a look at everybody a second."""

_READERS = 4


@dataclass(slots=True)
class _Write:
    """One waiting write: what to do, and whom to tell."""

    work: Callable[[Connection], Any]
    told: Future[Any]
    result: Any = None
    error: BaseException | None = None

    def tell(self, file: Path) -> None:
        if self.error is None:
            self.told.set_result(self.result)
        else:
            self.told.set_exception(sqlite_trouble(self.error, file) or self.error)


class Database:
    """Open with `await Database.open(folder)`, close with `close` or as an async context manager.

    The functions given to `read` and `write` run in another thread, inside a transaction that they must not end, and
    must not keep the connection. What they raise is raised to the caller; trouble with the file becomes StoreError.
    """

    def __init__(self, file: Path, patience: timedelta) -> None:
        """For `open`; the file is there and up to date."""
        self.file = file
        self._reading = reading_engine(file, patience, _READERS)
        self._writing = writing_engine(file, patience)
        self._readers = ThreadPoolExecutor(_READERS, "store-read")
        self._writer = ThreadPoolExecutor(1, "store-write")
        self._waiting: deque[_Write] = deque()
        self._closed = False

    @classmethod
    async def open(cls, folder: Path, *, patience: timedelta = PATIENCE) -> Self:
        """Creates the folder and the file where they are missing, and upgrades an older file after copying it.

        Raises StoreError: newer than this program, not a database, locked for longer than `patience`, read-only, full.
        """
        file = folder / FILE
        await asyncio.to_thread(_prepare, file, patience)
        return cls(file, patience)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def read(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns. It sees one committed state throughout, every answered write included."""
        self._must_be_open()
        return await asyncio.wrap_future(self._readers.submit(self._read, work))

    async def write(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns, once it is on the disk. Where it raises, nothing it did remains.

        Cancelled while still waiting, it never runs; cancelled later, it may or may not have been committed.
        """
        self._must_be_open()
        write = _Write(work, Future())
        self._waiting.append(write)
        self._writer.submit(self._commit_waiting)
        result: T = await asyncio.wrap_future(write.told)
        return result

    async def close(self) -> None:
        """Commits what still waits, then gives the files back. May be called again."""
        self._closed = True
        await asyncio.to_thread(self._shut_down)

    def _must_be_open(self) -> None:
        if self._closed:
            raise StoreError(f"The database {self.file} has been closed.")

    def _shut_down(self) -> None:
        self._writer.shutdown()
        self._readers.shutdown()
        self._reading.dispose()
        self._writing.dispose()  # last: the log is folded into the file when its last connection goes

    def _read(self, work: Callable[[Connection], T]) -> T:
        with explaining(self.file), self._reading.begin() as connection:
            return work(connection)

    def _commit_waiting(self) -> None:
        """Runs once for each write, in the one writing thread; the first takes all, the others find nothing to do."""
        group = self._take_waiting()
        if not group:
            return
        try:
            with self._writing.begin() as connection:
                for write in group:
                    _attempt(write, connection)
        except BaseException as error:  # noqa: BLE001 -- whoever waits must be told, whatever it was
            for write in group:
                write.error = error
        for write in group:
            write.tell(self.file)

    def _take_waiting(self) -> list[_Write]:
        group = []
        while self._waiting:
            write = self._waiting.popleft()
            if write.told.set_running_or_notify_cancel():
                group.append(write)
        return group


def _attempt(write: _Write, connection: Connection) -> None:
    """Runs one write of a group. Raises only where the whole transaction is lost, as SQLite does on a full disk."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.execute("SAVEPOINT one_write")
    try:
        write.result = write.work(connection)
    except BaseException as error:
        if not driver.in_transaction:
            raise
        driver.execute("ROLLBACK TO one_write")
        write.error = error
    driver.execute("RELEASE one_write")


def _prepare(file: Path, patience: timedelta) -> None:
    try:
        private_folder(file.parent)
        private_file(file)
    except OSError as error:
        raise disk_trouble(error, file.parent) from error
    with explaining(file):
        migrate(file, patience)
