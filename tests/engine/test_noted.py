"""What is remembered of looks and runs: verdicts, arrivals, progress, placeholders; and runs beside one another."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest

from samepic.connectors.layers import Layer, ReadOnly
from samepic.engine import apply
from samepic.engine.apply import LEASE, Result, carry_out
from samepic.engine.planning import look_and_plan
from samepic.engine.reading import known_roll
from samepic.engine.status import status
from samepic.engine.sweeping import sweep
from samepic.engine.sync import occasion_now, sync
from samepic.engine.undo import undo, undoable
from samepic.errors import Busy, Denied, Failed
from samepic.model import Adopt, Asked, Conflict, Digest, PersonId, Put, Traits, Trigger, Verdict, Way
from samepic.store.ledger import Ledger, Usual
from tests.engine.conftest import ROUTE, Office, portrait, slot
from tests.engine.test_portraits import bust, photo

pytestmark = pytest.mark.asyncio(loop_scope="module")

PULL = replace(ROUTE, way=Way.PULL, when=frozenset({Trigger.MANUAL}))
MINUTE = timedelta(minutes=1)


async def person_of(office: Office, ref: str) -> PersonId:
    (found,) = await office.org.people.find(ref)
    return found


async def everybody(office: Office) -> list[PersonId]:
    return list((await known_roll(office.org)).persons)


async def busy_with(office: Office, ref: str) -> int:
    """Another run has the slot; the token of its lease."""
    ledger = office.org.ledger
    return await ledger.lease(await ledger.begin_run("sync", "manual", "", office.now), [slot(ref)], office.now, LEASE)


async def verdicts(office: Office, ref: str = "ada") -> dict[str, Verdict]:
    spoken = await office.org.ledger.verdicts_of(await person_of(office, ref))
    return {one.slot.system: one.verdict for one in spoken}


async def looked_at(office: Office, ref: str = "ada"):
    roll = await office.roll()
    person = await person_of(office, ref)
    (row,) = await status(office.org, roll, [person])
    return row.cells


class Pulling(Layer):
    """A system that fetches pictures by itself, when its owner comes by."""

    def __init__(self, inner) -> None:
        super().__init__(inner)
        self.traits: Traits = replace(inner.traits, writes=False, pulls=True, interval=timedelta(hours=24))

    async def ask(self, ref):
        return Asked(done=True)


class Unguarded(Layer):
    """A system that takes whatever it is given."""

    def __init__(self, inner) -> None:
        super().__init__(inner)
        self.traits: Traits = replace(inner.traits, guarded=False)


async def test_a_look_says_since_when(office: Office):
    office.hire("ada")
    began = office.now
    assert {cell.since for cell in (await looked_at(office)).values()} == {began}
    office.wait(hours=1)
    office.wall.place("ada", portrait("ada", side=200))
    cells = await looked_at(office)
    assert (cells["hr"].since, cells["wall"].since) == (began, office.now)
    assert (cells["wall"].verdict, await verdicts(office)) == (
        Verdict.SAME,
        {"hr": Verdict.SAME, "wall": Verdict.SAME},
    )


async def test_an_account_that_is_gone_is_counted_no_more(office: Office):
    office.hire("ada")
    await looked_at(office)
    office.wall.discard("ada")
    await office.roll()
    assert await office.org.ledger.verdict_counts() == {("hr", Verdict.SAME): 1}


async def test_after_a_run_the_figures_are_right_without_a_look(office: Office):
    office.hire("ada", "bob")
    office.hire("cyd", picture=False)
    office.wall.place("bob", portrait("bob's own"))
    await office.start()
    counts = await office.org.ledger.verdict_counts()
    assert counts == {
        ("hr", Verdict.SAME): 2,
        ("wall", Verdict.SAME): 1,
        ("wall", Verdict.DIFFERENT): 1,
        ("wall", Verdict.NONE): 1,
    }
    looked = {ref: (await looked_at(office, ref))["wall"].verdict for ref in ("ada", "bob", "cyd")}
    assert looked == {"ada": Verdict.SAME, "bob": Verdict.DIFFERENT, "cyd": Verdict.NONE}


async def test_what_was_not_done_keeps_the_verdict_that_was_decided(office: Office):
    class Closed(Layer):
        async def put(self, ref, photos, *, expect=None):
            raise Denied("no", system="wall")

    office.hire("ada")
    office.coats["wall"] = Closed
    report = await office.start()
    assert [one.result for one in report.outcomes] == [Result.REFUSED]
    assert (await verdicts(office))["wall"] is Verdict.NONE
    assert await office.org.ledger.under_way([slot("ada")]) == {}


async def test_an_undone_slot_is_held(office: Office):
    office.hire("ada")
    report = await office.start()
    org, roll = office.org, await office.roll()
    await undo(org, report.run, roll, await undoable(org, run=report.run), force=False)
    said = await org.ledger.verdicts_of(await person_of(office, "ada"))
    assert [(one.verdict, one.present) for one in said if one.slot == slot("ada")] == [(Verdict.HELD, False)]
    assert (await looked_at(office))["wall"].verdict is Verdict.HELD


async def test_a_picture_carried_back_makes_both_places_alike(office: Office):
    office.routes = (replace(ROUTE, conflict=Conflict.ADOPT_BACK),)
    office.hire("ada")
    await office.start()
    office.wall.place("ada", portrait("her own choice"))
    await office.sync()
    assert await verdicts(office) == {"hr": Verdict.SAME, "wall": Verdict.SAME}


async def test_a_pull_is_waited_for_until_it_is_seen_and_says_how_long_it_took(office: Office):
    office.routes = (PULL,)
    office.coats["wall"] = Pulling
    office.hire("ada")
    await office.sync()
    assert await verdicts(office) == {"hr": Verdict.SAME, "wall": Verdict.WAITING}
    began = office.now
    office.wait(minutes=90)
    await office.sync()
    assert await office.org.ledger.under_way([slot("ada")]) == {slot("ada"): began}
    office.wall.place("ada", portrait("ada", side=200))
    office.wait(minutes=10)
    await looked_at(office)
    assert await office.org.ledger.under_way([slot("ada")]) == {}
    assert await office.org.ledger.usual("wall", Way.PULL) == Usual(1, 100 * MINUTE, 100 * MINUTE)


async def test_a_write_arrives_when_it_is_done_and_a_lost_answer_later(office: Office):
    class Deaf(Layer):
        async def put(self, ref, photos, *, expect=None):
            office.wait(minutes=1)
            if ref == "bob":
                raise Failed("lost", system="wall")
            return await self.inner.put(ref, photos, expect=expect)

    office.hire("ada", "bob")
    office.coats["wall"] = Deaf
    await office.start()
    assert set(await office.org.ledger.under_way([slot("ada"), slot("bob")])) == {slot("bob")}
    office.coats.clear()
    office.wait(minutes=30)
    await office.sync()
    usual = await office.org.ledger.usual("wall", Way.WRITE)
    assert usual is not None
    assert (usual.count, usual.median <= 2 * MINUTE, usual.p90 >= 30 * MINUTE) == (2, True, True)


async def test_what_another_run_works_on_is_left_to_it_and_the_rest_is_done(office: Office):
    office.hire("ada", "bob")
    plan = await office.plan()
    org = office.org
    token = await org.ledger.lease(
        await org.ledger.begin_run("sync", "manual", "", office.now), [slot("ada")], office.now, LEASE
    )
    report = await office.apply(plan)
    assert {one.slot.ref: one.result for one in report.outcomes} == {"ada": Result.BUSY, "bob": Result.DONE}
    assert not report.good
    await org.ledger.free(token)
    assert [one.slot.ref for one in (await office.sync()).outcomes] == ["ada"]


async def test_what_is_right_is_noted_lot_by_lot_but_for_what_another_run_is_at(office: Office, monkeypatch):
    monkeypatch.setattr(apply, "LOT", 2)
    people = ("ada", "bob", "cy", "dee", "eve")
    office.hire(*people)
    for ref in people:
        office.wall.place(ref, portrait(ref))
    plan, org, heard = await office.plan(), office.org, list[tuple[int, int]]()
    assert {type(line.decision.step) for line in plan.lines} == {Adopt}
    other = await org.ledger.begin_run("sync", "manual", "", office.now)
    token = await org.ledger.lease(other, [slot("dee")], office.now, LEASE)
    run = await org.ledger.begin_run("sync", "manual", "", office.now)
    telling = replace(org, progress=lambda _what, done, total: heard.append((done, total)))
    outcomes = await carry_out(telling, run, plan.lines, plan.made_at)
    expected = dict.fromkeys(people, Result.ADOPTED) | {"dee": Result.BUSY}
    assert {one.slot.ref: one.result for one in outcomes} == expected
    assert heard == [(2, 5), (4, 5), (5, 5)]
    await org.ledger.free(token)
    assert [one.slot.ref for one in (await office.sync()).outcomes] == ["dee"]


async def test_what_came_of_each_is_told_in_the_order_of_the_plan(office: Office):
    """Whatever came first: what is right is noted before, and of writes the quick ones end before the slow ones."""
    people = ("ada", "bob", "cy", "dee")
    office.hire(*people)
    for ref in ("bob", "dee"):
        office.wall.place(ref, portrait(ref))

    class FirstIsSlow(Layer):
        async def put(self, ref, photos, *, expect=None):
            if ref == first:
                await others_done.wait()
            seen = await self.inner.put(ref, photos, expect=expect)
            others_done.set()
            return seen

    others_done = asyncio.Event()
    office.coats["wall"] = FirstIsSlow
    plan, org = await office.plan(), office.org
    first = next(line.decision.slot.ref for line in plan.lines if line.acts)
    run = await org.ledger.begin_run("sync", "manual", "", office.now)
    outcomes = await carry_out(org, run, plan.lines, plan.made_at)
    assert {one.result for one in outcomes} == {Result.DONE, Result.ADOPTED}
    assert [one.slot for one in outcomes] == [line.decision.slot for line in plan.lines]


async def test_where_other_runs_are_at_everything_the_run_is_refused(office: Office):
    office.hire("ada", "bob")
    office.wall.place("ada", portrait("ada"))
    plan, org = await office.plan(), office.org
    assert {type(line.decision.step) for line in plan.lines} == {Adopt, Put}
    other = await org.ledger.begin_run("sync", "manual", "", office.now)
    await org.ledger.lease(other, [slot("ada"), slot("bob")], office.now, LEASE)
    run = await org.ledger.begin_run("sync", "manual", "", office.now)
    with pytest.raises(Busy):
        await carry_out(org, run, plan.lines, plan.made_at)


async def test_a_run_does_not_undo_what_another_one_did_since_its_plan(office: Office):
    office.coats["wall"] = Unguarded
    office.hire("ada", "bob")
    await office.start()
    for ref in ("ada", "bob"):
        office.hr.place(ref, portrait(f"{ref}, years later"))
    org, roll = office.org, await office.roll()
    slow = await look_and_plan(org, roll, list(roll.persons), await occasion_now(org, Trigger.MANUAL))
    office.wait(minutes=5)
    office.hr.place("ada", portrait("ada, this very minute"))
    await sync(org, roll, [await person_of(office, "ada")], Trigger.MANUAL)
    shown = await office.shows("ada")
    run = await org.ledger.begin_run("sync", Trigger.MANUAL, "", office.now)
    outcomes = await carry_out(org, run, slow.lines, slow.made_at)
    assert {one.slot.ref: one.result for one in outcomes} == {"ada": Result.MOVED, "bob": Result.DONE}
    assert await office.shows("ada") == shown


async def test_a_run_for_one_person_passes_a_run_over_everybody(office: Office):
    """The large one is in the middle of somebody else's write, and has hers still before it."""
    office.hire("ada", "bob")
    await office.start()
    for ref in ("ada", "bob"):
        office.hr.place(ref, portrait(f"{ref}, years later"))
    reached, go_on = asyncio.Event(), asyncio.Event()

    class Slow(Layer):
        async def put(self, ref, photos, *, expect=None):
            if ref == "bob":
                reached.set()
                await go_on.wait()
            return await self.inner.put(ref, photos, expect=expect)

    office.coats["wall"] = Slow
    org, roll = replace(office.org, at_once=1), await office.roll()
    ada, bob = [await person_of(office, ref) for ref in ("ada", "bob")]
    large = asyncio.create_task(sync(org, roll, [bob, ada], Trigger.MANUAL))
    reaching = asyncio.create_task(reached.wait())
    await asyncio.wait({large, reaching}, return_when=asyncio.FIRST_COMPLETED)
    assert reaching.done(), large.exception()  # a run that broke off reaches nobody
    office.wait(seconds=1)
    small = await sync(org, roll, [ada], Trigger.MANUAL)
    assert [one.result for one in small.outcomes] == [Result.DONE]
    go_on.set()
    report = await large
    assert {one.slot.ref: one.result for one in report.outcomes} == {"ada": Result.MOVED, "bob": Result.DONE}


async def test_a_run_that_breaks_off_has_ended(office: Office):
    office.hire("ada")
    plan = await office.plan()
    org = office.org
    await org.ledger.lease(
        await org.ledger.begin_run("sync", "manual", "", office.now), [slot("ada")], office.now, LEASE
    )
    with pytest.raises(Busy):
        await office.apply(plan)
    newest = (await org.ledger.runs())[0]
    assert (newest.ended, newest.outcome) == (office.now, {"broke off": "Busy"})


async def test_progress_is_written_down_at_most_once_a_second(office: Office):
    refs = [f"p{number}" for number in range(6)]
    office.hire(*refs)
    await office.start()
    told: list[tuple[str, int, int]] = []

    class Listening(Ledger):
        async def note_progress(self, run, what, done, total):
            told.append((what, done, total))
            await super().note_progress(run, what, done, total)

    async def written(clock: Callable[[], datetime]) -> list[str]:
        told.clear()
        for ref in refs:
            office.hr.place(ref, portrait(f"{ref} at {office.now}"))
        org = replace(office.org, ledger=Listening(office.database), clock=clock)
        report = await sync(org, await office.roll(), await everybody(office), Trigger.MANUAL)
        assert len(report.outcomes) == len(refs)
        return [what for what, _, _ in told]

    assert await written(lambda: office.now) == ["looking at hr"]
    office.wait(hours=1)
    ticks = count()
    often = await written(lambda: office.now + timedelta(seconds=next(ticks)))
    assert "carrying out" in often
    assert len(often) <= len(refs) * 3
    assert (await office.org.ledger.runs())[0].progress is None


async def test_a_placeholder_that_did_not_change_is_not_fetched_again(office: Office):
    class Unopened(ReadOnly):
        async def fetch(self, ref):
            raise AssertionError(f"fetched {ref}")

    office.hire("ada", picture=False)
    office.hr.place("ada", photo(bust()))
    before = await office.sync()
    office.coats["hr"] = Unopened
    after = await office.sync()
    reasons = [[line.decision.reason for line in report.plan.lines] for report in (before, after)]
    assert reasons[0] == reasons[1]
    office.coats.clear()
    office.hr.place("ada", portrait("ada"))
    await office.start()
    assert await office.shows("ada") is not None


@pytest.mark.parametrize(("conflict", "kept"), [(Conflict.HOLD, False), (Conflict.ADOPT_BACK, True)])
async def test_a_strange_picture_is_kept_only_where_it_is_carried_back(office: Office, conflict: Conflict, kept: bool):  # noqa: FBT001 -- a parameter
    office.routes = (replace(ROUTE, conflict=conflict),)
    office.hire("ada")
    strange = portrait("her own choice")
    office.wall.place("ada", strange)
    await office.plan()
    assert await office.org.blobs.has(strange.digest) is kept


def aged(office: Office, digest: Digest, at: datetime) -> None:
    path = office.folder / "pictures" / digest[:2] / digest[2:4] / digest
    os.utime(path, (at.timestamp(), at.timestamp()))


async def test_sweeping_gives_up_what_nobody_can_need_and_says_so(office: Office):
    office.routes = (replace(ROUTE, conflict=Conflict.RESTORE),)
    office.hire("ada")
    first = portrait("before samepic")
    office.wall.place("ada", first)
    report = await office.start()
    org = replace(office.org, originals=timedelta(days=180))
    for digest in (first.digest, portrait("ada").digest):
        aged(office, digest, office.now)
    office.wait(days=179)
    assert await sweep(org) == 0
    assert [one.run for one in await undoable(org)] == [report.run]
    office.wait(days=2)
    assert await sweep(org) == 1
    assert not await org.blobs.has(first.digest)
    assert await org.blobs.has(portrait("ada").digest)
    assert await undoable(org) == []
    assert not (await office.sync()).outcomes
    assert [(one.what, one.outcome) for one in await org.ledger.runs(limit=2)][1] == ("sweep", {"swept": 1})


async def test_scheduled_runs_sweep_once_a_day(office: Office):
    office.hire("ada")
    roll = await office.roll()
    org = replace(office.org, originals=timedelta(days=1))
    for hours in (0, 1, 22, 1, 1):
        office.wait(hours=hours)
        await sync(org, roll, list(roll.persons), Trigger.SCHEDULE)
    await sync(replace(org, originals=None), roll, list(roll.persons), Trigger.SCHEDULE)
    assert [one.what for one in await org.ledger.runs()].count("sweep") == 2
