"""Killed anywhere, and unlucky everywhere: the next runs converge and nothing is lost."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import count

import pytest

from samepic.connectors.faulty import Fault, Faulty, seeded
from samepic.engine.apply import Result
from samepic.model import Conflict
from tests.engine.conftest import ROUTE, Office, portrait

FEWEST_GAPS = 30
"""Fewer than this would mean that the gaps are no longer counted, not that there are fewer."""


@pytest.mark.parametrize("what", [[], ["undo"]], ids=["sync", "undo"])
def test_process_killed_at_every_gap_converges(tmp_path, what):
    command = [sys.executable, "-m", "tests.engine.crash", str(tmp_path), *what]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    *gaps, last = done.stdout.splitlines()
    assert last == f"converged at {len(gaps) - 1} gaps"
    assert len(gaps) > FEWEST_GAPS
    assert all("killed" in one for one in gaps[:-1])


@pytest.mark.asyncio(loop_scope="module")
async def test_lost_answer_is_written_again_and_is_nobody_elses(office: Office):
    office.hire("ada")
    await office.start()
    first = await office.wall.fetch_all("ada")
    office.hr.place("ada", portrait("a new picture"))
    unlucky = Faulty(office.wall, [Fault.NONE, Fault.NONE, Fault.NONE, Fault.LOST])
    office.coats["wall"] = lambda _: unlucky
    report = await office.sync()
    assert unlucky.met[-1] == ("put", Fault.LOST)
    assert [one.result for one in report.outcomes] == [Result.FAILED]
    office.coats.clear()
    assert [one.result for one in (await office.sync()).outcomes] == [Result.DONE]
    newest = (await office.org.ledger.journal())[0]
    kept = {name: await office.org.blobs.get(digest) for name, digest in newest.replaced.items()}
    assert kept == {name: photo.data for name, photo in first.items()}
    assert not (await office.sync()).outcomes


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("seed", range(8))
async def test_systems_with_trouble_converge_and_lose_no_picture(office: Office, seed: int):
    office.routes = (replace(ROUTE, conflict=Conflict.RESTORE),)
    office.hire("ada", "bob", "cyd")
    office.wall.place("ada", portrait("before samepic"))
    original = (await office.shows("ada")).digest
    await office.start()
    office.hr.place("bob", portrait("bob, years later"))
    truthful = [Fault.NONE, Fault.BEFORE, Fault.THROTTLED, Fault.LOST]
    scripts = {name: seeded(seed * 2 + place, 0.5, truthful) for place, name in enumerate(("hr", "wall"))}
    for name, script in scripts.items():
        office.coats[name] = lambda inner, script=script: Faulty(inner, script)
    for _ in range(8):
        await office.sync()
        office.wait(hours=1)
    office.coats.clear()
    await office.sync()
    for run in count():
        report = await office.sync()
        if not report.outcomes:
            break
        assert run < 3, report
    for ref, seed_of in (("ada", "ada"), ("bob", "bob, years later"), ("cyd", "cyd")):
        assert (await office.shows(ref, "hr")) == portrait(seed_of)
        assert (await office.shows(ref)) is not None
    assert await office.org.blobs.has(original)
    assert not await office.org.ledger.open_intents()
