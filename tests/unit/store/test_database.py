"""The database at its boundary: what is on the disk, who is told what, and when."""

import asyncio
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import IntegrityError

from samepic.errors import StoreError
from samepic.store.database import Database

IMPATIENT = timedelta(milliseconds=20)


def note(name: str, value: str = "x") -> Callable[[Connection], str]:
    def work(connection: Connection) -> str:
        connection.execute(text("INSERT INTO memos VALUES ('test', :name, :value)"), {"name": name, "value": value})
        return name

    return work


def names(connection: Connection) -> set[str]:
    return set(connection.scalars(text("SELECT name FROM memos")))


def names_on_disk(folder: Path) -> set[str]:
    with closing(sqlite3.connect(folder / "samepic.db")) as other:
        return {name for (name,) in other.execute("SELECT name FROM memos")}


@contextmanager
def commits() -> Iterator[list[Connection]]:
    seen: list[Connection] = []

    def count(connection: Connection) -> None:
        seen.append(connection)

    event.listen(Engine, "commit", count)
    try:
        yield seen
    finally:
        event.remove(Engine, "commit", count)


@asynccontextmanager
async def writer_held(database: Database) -> AsyncIterator[asyncio.Task[str]]:
    """While inside, one write is running and every other one has to wait."""
    running, go_on = threading.Event(), threading.Event()

    def work(connection: Connection) -> str:
        running.set()
        go_on.wait()
        return note("first")(connection)

    first = asyncio.ensure_future(database.write(work))
    await asyncio.to_thread(running.wait)
    try:
        yield first
    finally:
        go_on.set()


async def waiting(database: Database, *works: Callable[[Connection], str]) -> list[asyncio.Task[str]]:
    tasks = [asyncio.ensure_future(database.write(work)) for work in works]
    await asyncio.sleep(0)
    return tasks


# --- opening ---------------------------------------------------------------------------------------------------------


async def test_a_new_database_is_private(folder, database):
    await database.write(note("a"))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert modes == {"samepic.db": 0o600, "samepic.db-wal": 0o600, "samepic.db-shm": 0o600}


async def test_the_log_is_synced_at_every_commit(database):
    def settings(connection: Connection) -> tuple[str, int, int]:
        pragma = connection.exec_driver_sql
        return (
            pragma("PRAGMA journal_mode").scalar(),
            pragma("PRAGMA synchronous").scalar(),
            pragma("PRAGMA foreign_keys").scalar(),
        )

    full = 2
    assert await database.write(settings) == ("wal", full, 1)


async def test_what_was_written_is_there_after_reopening(folder):
    async with await Database.open(folder) as first:
        await first.write(note("a"))
    async with await Database.open(folder) as second:
        assert await second.read(names) == {"a"}


async def test_many_may_open_an_empty_folder_at_once(folder):
    opened = await asyncio.gather(*(Database.open(folder) for _ in range(8)))
    await asyncio.gather(*(database.write(note(str(number))) for number, database in enumerate(opened)))
    assert await opened[0].read(names) == set("01234567")
    await asyncio.gather(*(database.close() for database in opened))


async def test_a_closed_database_says_so(folder):
    database = await Database.open(folder)
    await database.close()
    await database.close()
    for use in (database.read(names), database.write(note("a"))):
        with pytest.raises(StoreError, match="has been closed"):
            await use


async def test_closing_commits_what_waits(folder):
    database = await Database.open(folder)
    tasks = await waiting(database, *(note(str(number)) for number in range(50)))
    await database.close()
    assert {await task for task in tasks} == names_on_disk(folder) == {str(number) for number in range(50)}


# --- opening what is no good -----------------------------------------------------------------------------------------


async def test_a_file_that_is_no_database_is_refused(folder):
    folder.mkdir()
    (folder / "samepic.db").write_bytes(b"Dear diary, today I was not a database. " * 50)
    with pytest.raises(StoreError, match="is not a database"):
        await Database.open(folder)


async def test_the_database_of_another_program_is_refused(folder):
    folder.mkdir()
    with closing(sqlite3.connect(folder / "samepic.db")) as other:
        other.execute("CREATE TABLE bookmarks (url)")
    with pytest.raises(StoreError, match="another program"):
        await Database.open(folder)
    with closing(sqlite3.connect(folder / "samepic.db")) as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("delete",)


async def test_a_newer_database_is_refused_naming_versions_and_left_alone(folder):
    await (await Database.open(folder)).close()
    with closing(sqlite3.connect(folder / "samepic.db")) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
        newer.commit()
    before = (folder / "samepic.db").read_bytes()
    with pytest.raises(StoreError, match=r"revision 9999; samepic \d.* only up to \d{4}.*samepic\.db\.before-9999"):
        await Database.open(folder)
    assert (folder / "samepic.db").read_bytes() == before


async def test_a_damaged_database_is_told(folder):
    async with await Database.open(folder) as database:
        for number in range(50):
            await database.write(note(str(number), "x" * 4000))
    with (folder / "samepic.db").open("r+b") as file:
        file.seek(4096 * 60)
        file.write(b"\xff" * 4096 * 30)
    async with await Database.open(folder) as database:
        with pytest.raises(StoreError, match="is damaged"):
            await database.read(names)


async def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "data").write_text("a file")
    with pytest.raises(StoreError, match="data cannot be used"):
        await Database.open(tmp_path / "data")


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder of an ordinary user, and being one: root may write everywhere."""
    with tempfile.TemporaryDirectory() as name:
        root = os.geteuid() == 0
        if root:
            os.chown(name, 65534, 65534)
            os.seteuid(65534)
        try:
            yield Path(name)
        finally:
            Path(name).chmod(0o700)
            if root:
                os.seteuid(0)


async def test_a_read_only_folder_is_refused(unprivileged):
    unprivileged.chmod(0o500)
    with pytest.raises(StoreError, match=r"cannot be written\. Give the account"):
        await Database.open(unprivileged)


async def test_a_file_that_cannot_be_written_is_refused(unprivileged):
    (unprivileged / "samepic.db").touch(0o400)
    with pytest.raises(StoreError, match=r"cannot be written\. Give the account"):
        await Database.open(unprivileged)


async def test_a_locked_database_is_told_after_some_patience(folder):
    async with await Database.open(folder, patience=IMPATIENT) as database:
        with closing(sqlite3.connect(folder / "samepic.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match=r"keeps the database .* locked"):
                await database.write(note("a"))
            assert await database.read(names) == set()
            other.execute("ROLLBACK")
        assert await database.write(note("a")) == "a"


async def test_a_full_disk_is_told_and_passes(database):
    def limit(pages: int) -> Callable[[Connection], object]:
        return lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}").scalar()

    await database.write(limit(1))
    with pytest.raises(StoreError, match="no space left"):
        await database.write(note("big", "x" * 1_000_000))
    await database.write(limit(1_000_000))
    await database.write(note("small"))
    assert await database.read(names) == {"small"}


# --- writing ---------------------------------------------------------------------------------------------------------


async def test_writes_that_wait_together_share_one_commit(database):
    with commits() as seen:
        async with writer_held(database) as first:
            others = await waiting(database, *(note(str(number)) for number in range(100)))
        await asyncio.gather(first, *others)
    assert len(seen) == 2
    assert len(await database.read(names)) == 101


async def test_one_failing_write_harms_no_neighbour(folder, database):
    def breaks(connection: Connection) -> str:
        note("half")(connection)
        raise LookupError("as planned")

    with commits() as seen:
        async with writer_held(database) as first:
            before, broken, clash, after = await waiting(database, note("b"), breaks, note("b"), note("c"))
        assert [await first, await before, await after] == ["first", "b", "c"]
    with pytest.raises(LookupError, match="as planned"):
        await broken
    with pytest.raises(IntegrityError):
        await clash
    assert len(seen) == 2
    assert names_on_disk(folder) == {"first", "b", "c"}


async def test_nobody_is_told_before_the_commit(folder, database):
    def fail(_connection: Connection) -> None:
        raise sqlite3.OperationalError("the disk went away")

    event.listen(Engine, "commit", fail)
    try:
        results = await asyncio.gather(database.write(note("a")), database.write(note("b")), return_exceptions=True)
    finally:
        event.remove(Engine, "commit", fail)
    assert [type(result) for result in results] == [sqlite3.OperationalError] * 2
    assert names_on_disk(folder) == set()
    assert await database.write(note("a")) == "a"


async def test_an_answered_write_is_visible_to_others(folder, database):
    for name in "abc":
        await database.write(note(name))
        assert name in names_on_disk(folder)
        assert name in await database.read(names)


async def test_losing_the_whole_transaction_fails_the_group_with_the_reason(folder, database):
    def lose(connection: Connection) -> str:
        connection.connection.driver_connection.rollback()  # as SQLite does by itself on a full disk
        full = sqlite3.OperationalError("database or disk is full")
        full.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise full

    async with writer_held(database) as first:
        neighbour, lost = await waiting(database, note("a"), lose)
    await first
    for task in (neighbour, lost):
        with pytest.raises(StoreError, match="no space left") as told:
            await task
        assert isinstance(told.value.__cause__, sqlite3.OperationalError)
    assert names_on_disk(folder) == {"first"}


async def test_cancelling_one_that_waits_breaks_no_other_and_writes_nothing(folder, database):
    async with writer_held(database) as first:
        before, cancelled, after = await waiting(database, note("a"), note("b"), note("c"))
        cancelled.cancel()
        await asyncio.sleep(0)
    await asyncio.gather(first, before, after)
    assert cancelled.cancelled()
    assert names_on_disk(folder) == {"first", "a", "c"}


async def test_cancelling_one_that_runs_breaks_no_other(folder, database):
    async with writer_held(database) as first:
        (other,) = await waiting(database, note("a"))
        first.cancel()
    assert await other == "a"
    assert names_on_disk(folder) == {"first", "a"}


async def test_reading_goes_on_beside_a_write(database):
    await database.write(note("before"))
    async with writer_held(database) as first:
        assert await database.read(names) == {"before"}
    await first
    assert await database.read(names) == {"before", "first"}


async def test_a_read_cannot_write(folder, database):
    with pytest.raises(StoreError):
        await database.read(note("a"))
    assert names_on_disk(folder) == set()


async def test_foreign_keys_are_enforced(database):
    with pytest.raises(IntegrityError):
        await database.write(
            lambda connection: connection.execute(text("INSERT INTO link_keys VALUES ('s', 'r', 'upn:nobody')"))
        )


# --- other processes -------------------------------------------------------------------------------------------------

WRITER = """
import asyncio, sys
from pathlib import Path
from sqlalchemy import text
from samepic.store.database import Database

async def write(database, number):
    await database.write(lambda connection: connection.execute(
        text("INSERT INTO memos VALUES ('child', :name, '')"), {"name": str(number)}))
    print(number, flush=True)

async def main(folder, count):
    database = await Database.open(Path(folder))
    for start in range(0, count, 10):
        await asyncio.gather(*(write(database, number) for number in range(start, start + 10)))
    await database.close()

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


def writer(folder: Path, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", WRITER, str(folder), str(count)], stdout=subprocess.PIPE, text=True)


async def test_two_processes_write_at_once(folder, database):
    with writer(folder, 200) as child:
        assert child.stdout.readline()  # it is under way
        await asyncio.gather(*(database.write(note(f"parent {number}")) for number in range(200)))
        child.communicate()
    assert child.returncode == 0
    assert len(await database.read(names)) == 400


async def test_killing_a_process_loses_no_answered_write(folder):
    with writer(folder, 1_000_000) as child:
        answered = [child.stdout.readline().strip() for _ in range(40)]
        child.send_signal(signal.SIGKILL)
        answered += child.stdout.read().split("\n")[:-1]  # the last line may be cut short
    async with await Database.open(folder) as database:
        assert set(answered) <= await database.read(names)
    assert len(answered) >= 40
