"""The whole of it on real folders: settings, systems, a worker that nobody drives, and a page that hears of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from samepic.engine.planning import look_and_plan
from samepic.engine.reading import call_roll
from samepic.engine.sync import apply_plan, occasion_now
from samepic.model import Trigger
from samepic.services import open_organisation, open_work
from samepic.settings import load
from samepic.store.ledger import EVERYBODY, Task
from tests.engine.conftest import portrait

SETTINGS = """
[work]
zone = "Europe/Berlin"

[systems.hr]
kind = "folder"
path = "hr"

[systems.wall]
kind = "folder"
path = "wall"

[[routes]]
from = ["hr"]
to = "wall"
way = "write"
"""


@pytest.fixture
def settings(tmp_path: Path):
    for name in ("hr", "wall"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "ada@contoso.example.jpg").write_bytes(portrait("ada").data)
    (tmp_path / "samepic.toml").write_text(SETTINGS)
    return load(tmp_path / "samepic.toml")


async def test_a_press_is_served_while_it_runs_and_heard_of(settings):
    async with open_organisation(settings) as org:
        roll = await call_roll(org)
        (ada,) = roll.persons
        await apply_plan(org, roll, await look_and_plan(org, roll, [ada], await occasion_now(org, Trigger.MANUAL)))
        (settings.folder / "hr" / "ada@contoso.example.jpg").write_bytes(portrait("new").data)
        async with open_work(org, settings) as work, work.bulletin.subscribe(ada) as changes:
            await work.visit(ada, "tile")
            await asyncio.wait_for(anext(changes), 20)
            assert (await org.ledger.journal(limit=1))[0].outcome == "done"
        assert await org.ledger.pending_visits() == []
        assert {one.task for one in await org.ledger.due_of(EVERYBODY)} == {Task.ROLL, Task.SURVEY, Task.DAY}
