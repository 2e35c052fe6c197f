"""Upgrades: from nothing, from an older file, and what is kept."""

import asyncio
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from samepic.errors import StoreError
from samepic.store.database import Database
from samepic.store.migrate import OURS, History, migrate
from samepic.store.portal_schema import EVERYTHING
from samepic.store.schema import HEAD

PATIENCE = timedelta(seconds=5)

ADDS_A_COLUMN = """
    with op.batch_alter_table("links") as table:
        table.add_column(sa.Column("note", sa.Text()))
        table.alter_column("linked_by", nullable=True)
"""
BREAKS_LATE = ADDS_A_COLUMN + "    raise RuntimeError('halfway')\n"
LOSES_PERSONS = "    op.execute('DELETE FROM persons')\n"


@pytest.fixture
def history(tmp_path: Path) -> Callable[[str], History]:
    """Our own history and one revision more, which does what is given."""

    def longer(upgrade: str) -> History:
        scripts = tmp_path / "100% migrations"
        shutil.copytree(str(files("samepic.store") / "migrations"), scripts)
        (scripts / "versions" / "r9000.py").write_text(
            f"from alembic import op\nimport sqlalchemy as sa\nrevision = '9000'\ndown_revision = {HEAD!r}\n"
            f"def upgrade():\n{upgrade}"
        )
        return History("9000", str(scripts))

    return longer


@pytest.fixture
async def old(folder: Path) -> Path:
    """A file of today's revision with somebody in it."""
    await (await Database.open(folder)).close()
    file = folder / "samepic.db"
    with closing(sqlite3.connect(file)) as driver:
        driver.execute("INSERT INTO persons VALUES ('p1')")
        driver.execute("INSERT INTO links VALUES ('s', 'r', 'p1', 'person', 'Ada', 'ada', NULL, 1, 'upn', 1, NULL)")
        driver.execute("INSERT INTO link_keys VALUES ('s', 'r', 'upn:ada')")
        driver.commit()
    return file


def shape(driver: sqlite3.Connection) -> dict[str, Any]:
    """Everything about the tables that SQLite can tell, but for the order in which they were made."""
    tables = {}
    for _, name, kind, _, without_rowid, strict in driver.execute("PRAGMA table_list"):
        if kind != "table" or name.startswith(("sqlite_", "alembic_")):
            continue
        indexes = {}
        for _, index, unique, origin, partial in driver.execute(f"PRAGMA index_list('{name}')"):
            if origin == "c":
                columns = [row[2] for row in driver.execute(f"PRAGMA index_info('{index}')")]
                indexes[index] = (unique, partial, columns)
        tables[name] = (
            without_rowid,
            strict,
            [row[1:] for row in driver.execute(f"PRAGMA table_info('{name}')")],
            sorted(row[2:] for row in driver.execute(f"PRAGMA foreign_key_list('{name}')")),
            indexes,
        )
    return tables


def rows(file: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(file)) as driver:
        return driver.execute(query).fetchall()


async def test_the_migrations_make_the_tables_of_the_schema(folder):
    await (await Database.open(folder)).close()
    engine = create_engine("sqlite://")
    with closing(sqlite3.connect(folder / "samepic.db")) as migrated, engine.begin() as connection:
        EVERYTHING.create_all(connection)
        assert shape(migrated) == shape(connection.connection.driver_connection)
    engine.dispose()


def test_the_schema_names_the_newest_revision():
    config = Config()
    config.set_main_option("script_location", OURS.scripts)
    config.set_main_option("path_separator", "os")
    revisions = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert revisions[0] == HEAD
    assert revisions == sorted(revisions, reverse=True)


async def test_a_new_file_has_no_backup(folder):
    await (await Database.open(folder)).close()
    assert [path.name for path in folder.iterdir()] == ["samepic.db"]


def test_an_older_file_is_copied_then_upgraded(old, history):
    migrate(old, PATIENCE, history(ADDS_A_COLUMN))
    assert rows(old, "SELECT version_num FROM alembic_version") == [("9000",)]
    assert rows(old, "SELECT name, note FROM links") == [("Ada", None)]
    assert rows(old, "SELECT key FROM link_keys") == [("upn:ada",)]
    copy = old.with_name("samepic.db.before-9000")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert rows(copy, "SELECT version_num FROM alembic_version") == [(HEAD,)]
    assert rows(copy, "SELECT name FROM links") == [("Ada",)]
    assert not list(old.parent.glob("*unfinished*"))


async def test_the_copy_opens_as_a_database_again(old, history, tmp_path):
    migrate(old, PATIENCE, history(ADDS_A_COLUMN))
    (tmp_path / "restored").mkdir()
    shutil.copy(old.with_name("samepic.db.before-9000"), tmp_path / "restored" / "samepic.db")
    await (await Database.open(tmp_path / "restored")).close()
    assert rows(tmp_path / "restored" / "samepic.db", "SELECT name FROM links") == [("Ada",)]


def test_an_up_to_date_file_is_not_copied_again(old, history):
    longer = history(ADDS_A_COLUMN)
    migrate(old, PATIENCE, longer)
    copy = old.with_name("samepic.db.before-9000")
    copy.unlink()
    migrate(old, PATIENCE, longer)
    assert not copy.exists()


async def test_the_upgraded_file_is_refused_by_the_older_program(old, history):
    migrate(old, PATIENCE, history(ADDS_A_COLUMN))
    with pytest.raises(StoreError, match=r"revision 9000.*before-9000"):
        await Database.open(old.parent)


def test_an_upgrade_that_breaks_changes_nothing(old, history):
    before = rows(old, "SELECT name, sql FROM sqlite_master")
    with pytest.raises(RuntimeError, match="halfway"):
        migrate(old, PATIENCE, history(BREAKS_LATE))
    assert rows(old, "SELECT name, sql FROM sqlite_master") == before
    assert rows(old, "SELECT version_num FROM alembic_version") == [(HEAD,)]


def test_an_upgrade_that_loses_rows_others_need_is_refused(old, history):
    with pytest.raises(StoreError, match="table links needs; nothing was changed"):
        migrate(old, PATIENCE, history(LOSES_PERSONS))
    assert rows(old, "SELECT id FROM persons") == [("p1",)]
    assert rows(old, "SELECT version_num FROM alembic_version") == [(HEAD,)]


async def test_only_one_of_many_upgrades_and_the_copy_stays_the_old_one(old, history):
    longer = history(ADDS_A_COLUMN)
    await asyncio.gather(*(asyncio.to_thread(migrate, old, PATIENCE, longer) for _ in range(4)))
    assert rows(old, "SELECT name, note FROM links") == [("Ada", None)]
    assert rows(old.with_name("samepic.db.before-9000"), "SELECT version_num FROM alembic_version") == [(HEAD,)]
