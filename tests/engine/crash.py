"""Runs a sync, or an undo, in a process of its own that is killed with SIGKILL at gap N, for every N; then restarts it.

A gap is the moment before or after any call that apply makes to the ledger, the picture folder or a system. Each child
is forked from this process, which has no threads and has everything imported, so that a kill costs little.

    python -m tests.engine.crash FOLDER [undo]     prints one line a gap, and "converged at N gaps" in the end
"""

from __future__ import annotations

import asyncio
import inspect
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from samepic.connectors.base import Surroundings
from samepic.connectors.folder import FolderConnector, FolderOptions
from samepic.connectors.layers import ReadOnly
from samepic.engine.apply import carry_out
from samepic.engine.organisation import Organisation
from samepic.engine.planning import look_and_plan
from samepic.engine.reading import call_roll
from samepic.engine.sync import apply_plan, occasion_now, sync
from samepic.engine.undo import undo, undoable
from samepic.imaging.intake import Intake
from samepic.model import Conflict, Emptied, Route, Trigger, Way
from samepic.store.blobs import Blobs
from samepic.store.database import Database
from samepic.store.ledger import Ledger
from samepic.store.people import People
from tests.engine.conftest import portrait

PEOPLE = ("ada", "bob", "cyd")
"""Ada's picture on the wall is replaced, Bob gets his first, Cyd's is removed."""

ROUTE = Route(
    ("hr",), "wall", Way.WRITE, frozenset({Trigger.MANUAL}), conflict=Conflict.RESTORE, emptied=Emptied.REMOVE
)
ALIVE = 100
"""The exit status of a run that outlived its gap, plus the gaps it passed."""

NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Gaps:
    """Counts gaps while armed, and kills this process at the chosen one."""

    def __init__(self, deadly: int) -> None:
        self.deadly, self.passed, self.armed = deadly, 0, False

    def mind(self) -> None:
        if self.armed:
            self.passed += 1
            if self.passed == self.deadly:
                os.kill(os.getpid(), signal.SIGKILL)


READING = frozenset({"baseline", "open_intents", "journal", "fetch_all", "peek", "get"})
"""What leaves everything as it was: dying beside it is dying after the change before it."""


class Gapped:
    """Anything, with a gap before and after each of its asynchronous methods that may change something."""

    def __init__(self, inner: Any, gaps: Gaps) -> None:
        self._inner, self._gaps = inner, gaps

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name in READING or not inspect.iscoroutinefunction(found):
            return found

        async def call(*args: Any, **kwargs: Any) -> Any:
            self._gaps.mind()
            result = await found(*args, **kwargs)
            self._gaps.mind()
            return result

        return call


async def organisation(folder: Path, intake: Intake, gaps: Gaps) -> tuple[Organisation, Database]:
    database = await Database.open(folder / "store")
    systems = {
        name: FolderConnector(name, FolderOptions(path=folder / name, people=folder / "people"), Surroundings())
        for name in ("hr", "wall")
    }
    systems["wall"] = Gapped(systems["wall"], gaps)
    ledger, blobs = Gapped(Ledger(database), gaps), Gapped(Blobs(folder / "pictures"), gaps)
    org = Organisation(systems, (ROUTE,), People(database), ledger, blobs, intake, lambda: NOW, "crash", at_once=2)
    return org, database


async def prepare(folder: Path) -> None:
    """First everybody is in step; then the source changes for Ada, appears for Bob and goes away for Cyd."""
    for name in ("hr", "wall"):
        (folder / name).mkdir(parents=True)
    (folder / "people").write_text("\n".join(PEOPLE) + "\n")
    for ref in ("ada", "cyd"):
        (folder / "hr" / f"{ref}.jpg").write_bytes(portrait(ref).data)
    await again(folder, plan_first=True)
    (folder / "hr" / "ada.jpg").write_bytes(portrait("ada, years later").data)
    (folder / "hr" / "bob.jpg").write_bytes(portrait("bob").data)
    (folder / "hr" / "cyd.jpg").unlink()
    # The first look at Cyd's absence; the run that is killed takes the second.
    async with Intake() as intake:
        org, database = await organisation(folder, intake, Gaps(0))
        roll = await call_roll(org)
        await look_and_plan(org, roll, list(roll.persons), await occasion_now(org, Trigger.MANUAL))
        await database.close()


async def killed(folder: Path, gap: int) -> int:
    """One sync that dies at the gap; returns how many gaps there were if it lives."""
    gaps = Gaps(gap)
    async with Intake() as intake:
        org, database = await organisation(folder, intake, gaps)
        roll = await call_roll(org)
        plan = await look_and_plan(org, roll, list(roll.persons), await occasion_now(org, Trigger.MANUAL))
        assert len(plan.writes) == len(PEOPLE), plan.lines
        run = await org.ledger.begin_run("sync", Trigger.MANUAL, "", NOW)
        gaps.armed = True
        outcomes = await carry_out(org, run, plan.lines, plan.made_at)
        gaps.armed = False
        assert all(one.good for one in outcomes), outcomes
        await database.close()
    return gaps.passed


async def again(folder: Path, *, plan_first: bool = False) -> None:
    """A whole sync after a restart, and a second one that may not write."""
    async with Intake() as intake:
        org, database = await organisation(folder, intake, Gaps(0))
        roll = await call_roll(org)
        people = list(roll.persons)
        if plan_first:
            plan = await look_and_plan(org, roll, people, await occasion_now(org, Trigger.MANUAL))
            assert (await apply_plan(org, roll, plan)).good
        report = await sync(org, roll, people, Trigger.MANUAL)
        assert report.good, report
        dry = replace(org, systems={name: ReadOnly(one) for name, one in org.systems.items()})
        second = await sync(dry, roll, people, Trigger.MANUAL)
        assert second.good, second
        assert not second.outcomes, second
        assert not await org.ledger.open_intents()
        await database.close()


async def check(folder: Path, before: dict[str, bytes]) -> None:
    """Everybody has the right picture, and undo still finds every byte of what was there first."""
    after = wall(folder)
    assert set(after) == {"ada", "bob"}, after.keys()
    assert after["ada"] != before["ada"]
    await undo_all(folder, Gaps(0))
    assert wall(folder) == before, (wall(folder).keys(), before.keys())


async def undo_all(folder: Path, gaps: Gaps) -> int:
    """Takes back everything since `prepare`, dying at the gap; returns how many gaps there were if it lives."""
    async with Intake() as intake:
        org, database = await organisation(folder, intake, gaps)
        roll = await call_roll(org)
        run = await org.ledger.begin_run("undo", Trigger.MANUAL, "", NOW)
        intents = [one for one in await undoable(org) if one.id > FIRST_INTENTS]
        gaps.armed = True
        outcomes = await undo(org, run, roll, intents, force=False)
        gaps.armed = False
        assert all(one.good for one in outcomes), outcomes
        await database.close()
    return gaps.passed


async def check_undo(folder: Path, before: dict[str, bytes]) -> None:
    """The next run finishes the undo that was cut off; what was not begun can be begun; then all is as it was."""
    await again(folder)
    await undo_all(folder, Gaps(0))
    await again(folder)
    assert wall(folder) == before, (wall(folder).keys(), before.keys())


FIRST_INTENTS = 2
"""The journal's entries of `prepare`: Ada's and Cyd's first pictures."""


def wall(folder: Path) -> dict[str, bytes]:
    """What hangs there. A kill in the middle of a write leaves an unfinished hidden file, which is swept later."""
    return {one.stem: one.read_bytes() for one in (folder / "wall").iterdir() if not one.name.startswith(".")}


def in_child(work: Callable[[], Coroutine[Any, Any, Any]]) -> int:
    """Runs in a fork; the exit status, or minus the signal that killed it."""
    child = os.fork()
    if child == 0:
        try:
            result = asyncio.run(work())
            status = ALIVE + result if isinstance(result, int) else 0
        except BaseException:  # noqa: BLE001 -- the child must not return into its parent's code
            traceback.print_exc()
            status = 99
        sys.stdout.flush()
        os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(folder: Path, *, undoing: bool) -> None:
    ready = folder / "ready"
    assert in_child(lambda: prepare(ready)) == 0
    before = wall(ready)
    if undoing:
        assert in_child(lambda: again(ready)) == 0
    gap = 0
    while True:
        gap += 1
        at = folder / f"gap-{gap}"
        shutil.copytree(ready, at, copy_function=_copy)
        status = (die_undoing if undoing else die_syncing)(at, gap, before)
        say(f"gap {gap}: {'killed, ' if status < 0 else ''}converged, undone")
        if status >= ALIVE:
            break
        shutil.rmtree(at)
    say(f"converged at {gap - 1} gaps")


def _copy(source: str, target: str) -> None:
    """Pictures in the systems' folders keep their versions, which an inode is part of; nobody writes into a file."""
    if Path(source).parent.name in {"hr", "wall"}:
        os.link(source, target)
    else:
        shutil.copy2(source, target)


def die_syncing(at: Path, gap: int, before: dict[str, bytes]) -> int:
    status = in_child(lambda: killed(at, gap))
    assert status == -signal.SIGKILL or status >= ALIVE, f"gap {gap}: the run broke with {status}"
    assert in_child(lambda: again(at)) == 0, f"gap {gap}: the restart did not converge"
    assert in_child(lambda: check(at, before)) == 0, f"gap {gap}: something was lost"
    return status


def die_undoing(at: Path, gap: int, before: dict[str, bytes]) -> int:
    status = in_child(lambda: undo_all(at, Gaps(gap)))
    assert status == -signal.SIGKILL or status >= ALIVE, f"gap {gap}: the undo broke with {status}"
    assert in_child(lambda: check_undo(at, before)) == 0, f"gap {gap}: something was lost"
    return status


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), undoing="undo" in sys.argv[2:])
