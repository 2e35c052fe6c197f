from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from samepic.store.database import Database
from samepic.store.ledger import Ledger
from samepic.store.people import People


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
async def database(folder: Path) -> AsyncIterator[Database]:
    async with await Database.open(folder) as opened:
        yield opened


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


@pytest.fixture
def people(database: Database) -> People:
    return People(database)


@pytest.fixture
async def run(ledger: Ledger, now: datetime) -> int:
    return await ledger.begin_run("apply", "manual", "settings-digest", now)
