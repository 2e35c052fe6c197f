"""Whole runs over real pictures: what is written, what is not, what is held, what comes back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from samepic.connectors.layers import ReadOnly
from samepic.engine import planfile
from samepic.engine.apply import LEASE, Result
from samepic.engine.undo import undo, undoable
from samepic.errors import Busy, Failed, PlanRefused
from samepic.model import Account, Conflict, Emptied, Trigger, Verdict, Way, key
from tests.engine.conftest import ROUTE, Office, portrait, slot

pytestmark = pytest.mark.asyncio(loop_scope="module")


def results(report):
    return sorted((one.slot.ref, str(one.result)) for one in report.outcomes)


async def test_first_run_is_a_plan_and_writes_nothing(office: Office):
    office.hire("ada", "bob")
    report = await office.sync()
    assert not report.outcomes
    assert [held.acts for held in report.held] == [2]
    assert await office.shows("ada") is None


async def test_applied_plan_brings_each_demand_and_frees_later_runs(office: Office):
    office.hire("ada", "bob")
    report = await office.start()
    assert results(report) == [("ada", "done"), ("bob", "done")]
    assert set(await office.wall.fetch_all("ada")) == {"96x96", "240x240"}
    office.hire("cyd")
    assert results(await office.sync()) == [("cyd", "done")]


async def test_second_run_sends_no_write(office: Office):
    office.hire("ada", "bob")
    await office.start()
    office.coats["wall"] = ReadOnly
    report = await office.sync()
    assert report.good
    assert not report.outcomes


async def test_unchanged_source_is_not_fetched_again(office: Office):
    class Explodes(ReadOnly):
        async def fetch(self, ref):
            raise AssertionError(f"fetched {ref}")

    office.hire("ada")
    await office.start()
    office.coats["hr"] = Explodes
    office.coats["wall"] = Explodes
    assert (await office.sync()).good


async def test_new_picture_follows_and_the_old_one_is_kept(office: Office):
    office.hire("ada")
    await office.start()
    before = await office.wall.fetch_all("ada")
    office.hr.place("ada", portrait("somebody new"))
    assert results(await office.sync()) == [("ada", "done")]
    (newest, _) = await office.org.ledger.journal()
    kept = {name: await office.org.blobs.get(digest) for name, digest in newest.replaced.items()}
    assert kept == {name: photo.data for name, photo in before.items()}


async def test_re_encoded_source_is_not_written(office: Office):
    office.hire("ada")
    await office.start()
    office.hr.place("ada", portrait("ada", quality=70))
    office.coats["wall"] = ReadOnly
    report = await office.sync()
    assert results(report) == [("ada", "adopted")]


async def test_picture_that_is_there_already_is_adopted_without_a_write(office: Office):
    office.hire("ada")
    office.wall.place("ada", portrait("ada", quality=60, side=200))
    office.coats["wall"] = ReadOnly
    assert results(await office.sync()) == [("ada", "adopted")]
    assert not (await office.sync()).outcomes


async def test_somebody_elses_picture_is_held_and_stays(office: Office):
    office.hire("ada")
    office.wall.place("ada", portrait("her own choice"))
    plan = await office.plan()
    assert [line.decision.verdict for line in plan.lines] == [Verdict.DIFFERENT]
    assert not (await office.start()).outcomes
    assert await office.shows("ada") == portrait("her own choice")


async def test_somebody_elses_picture_is_overwritten_where_the_source_wins(office: Office):
    office.routes = (replace(ROUTE, conflict=Conflict.RESTORE),)
    office.hire("ada")
    office.wall.place("ada", portrait("her own choice"))
    assert results(await office.start()) == [("ada", "done")]


async def test_undo_puts_back_every_byte_and_holds(office: Office):
    office.routes = (replace(ROUTE, conflict=Conflict.RESTORE),)
    office.hire("ada", "bob")
    office.wall.place("ada", portrait("her own choice"))
    before = await office.wall.fetch_all("ada")
    report = await office.start()
    org, roll = office.org, await office.roll()
    number = await org.ledger.begin_run("undo", Trigger.MANUAL, "", office.now)
    outcomes = await undo(org, number, roll, await undoable(org, run=report.run), force=False)
    assert all(one.result is Result.DONE for one in outcomes)
    assert await office.wall.fetch_all("ada") == before
    assert await office.shows("bob") is None
    assert not (await office.sync()).outcomes
    assert {line.decision.verdict for line in (await office.plan()).lines} == {Verdict.HELD}
    assert await undoable(org, run=report.run) == []


async def test_undone_picture_makes_way_for_the_next_one(office: Office):
    office.hire("ada")
    report = await office.start()
    org, roll = office.org, await office.roll()
    await undo(org, report.run, roll, await undoable(org, run=report.run), force=False)
    office.hr.place("ada", portrait("a new picture"))
    assert results(await office.sync()) == [("ada", "done")]


async def test_released_picture_is_written_again(office: Office):
    office.hire("ada")
    report = await office.start()
    org, roll = office.org, await office.roll()
    await undo(org, report.run, roll, await undoable(org, run=report.run), force=False)
    assert await org.ledger.release(slot("ada"))
    assert results(await office.sync()) == [("ada", "done")]


async def test_undo_leaves_alone_what_somebody_changed_since(office: Office):
    office.hire("ada")
    report = await office.start()
    office.wall.place("ada", portrait("her own choice"))
    org, roll = office.org, await office.roll()
    (outcome,) = await undo(org, report.run, roll, await undoable(org, run=report.run), force=False)
    assert outcome.result is Result.MOVED
    assert await office.shows("ada") == portrait("her own choice")
    (outcome,) = await undo(org, report.run, roll, await undoable(org, run=report.run), force=True)
    assert outcome.result is Result.DONE
    assert await office.shows("ada") is None


async def test_saved_plan_is_the_same_after_reading(office: Office, tmp_path):
    office.hire("ada", "bob", "cyd", picture=True)
    office.hire("dan", picture=False)
    office.wall.place("bob", portrait("other"))
    office.wall.place("cyd", portrait("cyd", side=180))
    plan = await office.plan()
    planfile.write(plan, tmp_path / "plan.json")
    assert planfile.read(tmp_path / "plan.json") == plan


async def test_plan_is_refused_by_name_where_the_world_moved(office: Office):
    office.hire("ada", "bob")
    plan = await office.plan()
    office.wall.place("ada", portrait("her own choice"))
    report = await office.apply(plan)
    assert results(report) == [("bob", "done")]
    assert [one.planned.name for one in report.moved] == ["Ada"]
    assert await office.shows("ada") == portrait("her own choice")


async def test_plan_is_refused_whole_where_the_settings_changed(office: Office):
    office.hire("ada")
    plan = await office.plan()
    office.settings = "other settings"
    with pytest.raises(PlanRefused, match="settings have changed"):
        await office.apply(plan)
    assert await office.shows("ada") is None


async def test_emptied_source_keeps_by_default_and_removes_by_rule_after_two_looks(office: Office):
    office.hire("ada")
    await office.start()
    office.hr.place("ada", None)
    assert not (await office.sync()).outcomes
    assert not (await office.sync()).outcomes
    office.routes = (replace(ROUTE, emptied=Emptied.REMOVE),)
    assert results(await office.start()) == [("ada", "done")]
    assert await office.shows("ada") is None


async def test_one_look_at_an_emptied_source_removes_nothing(office: Office):
    office.routes = (replace(ROUTE, emptied=Emptied.REMOVE),)
    office.hire("ada")
    await office.start()
    office.hr.place("ada", None)
    assert not (await office.sync()).outcomes
    assert await office.shows("ada") is not None
    assert results(await office.sync()) == [("ada", "done")]
    assert await office.shows("ada") is None


async def test_visit_is_served_once(office: Office):
    office.routes = (replace(ROUTE, when=frozenset({Trigger.VISIT})),)
    office.hire("ada", "bob")
    roll = await office.roll()
    ada = next(person for person in roll.persons if roll.name(person) == "Ada")
    await office.org.ledger.record_visit(ada, office.now, "test")
    assert results(await office.start()) == [("ada", "done")]
    assert await office.org.ledger.pending_visits() == []
    office.hr.place("ada", portrait("a new picture"))
    assert not (await office.sync()).outcomes


async def test_held_visit_is_not_forgotten(office: Office):
    office.hire("ada")
    roll = await office.roll()
    await office.org.ledger.record_visit(next(iter(roll.persons)), office.now, "test")
    await office.sync()
    assert len(await office.org.ledger.pending_visits()) == 1


async def test_broken_picture_stops_nobody_else(office: Office):
    office.hire("ada", "bob")
    office.hr.place("ada", replace(portrait("ada"), data=b"not a picture at all"))
    report = await office.start()
    assert results(report) == [("bob", "done")]
    held = [line for line in (await office.plan()).lines if line.decision.verdict is Verdict.HELD]
    assert [line.name for line in held] == ["Ada"]


async def test_leased_slot_is_busy_and_names_the_run(office: Office):
    office.hire("ada")
    plan = await office.plan()
    org = office.org
    other = await org.ledger.begin_run("sync", Trigger.MANUAL, "", office.now)
    token = await org.ledger.lease(other, [slot("ada")], office.now, LEASE)
    with pytest.raises(Busy) as busy:
        await office.apply(plan)
    assert busy.value.run == other
    assert await office.shows("ada") is None
    await org.ledger.free(token)
    assert results(await office.apply(plan)) == [("ada", "done")]


async def test_watched_route_only_looks(office: Office):
    office.routes = (replace(ROUTE, way=Way.WATCH),)
    office.hire("ada", "bob")
    office.wall.place("bob", portrait("bob", side=180))
    office.coats["wall"] = ReadOnly
    assert results(await office.sync()) == [("bob", "adopted")]


async def test_system_that_is_down_stops_nobody_and_loses_nobody(office: Office):
    office.hire("ada", "bob")
    await office.start()

    class Down(ReadOnly):
        def roster(self):
            raise Failed("the system is down", system="hr")

    office.coats["hr"] = Down
    report = await office.sync()
    assert not report.outcomes
    assert set(report.troubles) == {"hr"}
    assert {line.decision.verdict for line in report.plan.lines} == {Verdict.HELD}
    office.coats.clear()
    assert (await office.sync()).good


async def test_choice_made_at_the_target_is_taken_into_the_source_and_can_be_undone(office: Office):
    office.routes = (replace(ROUTE, conflict=Conflict.ADOPT_BACK),)
    office.hire("ada")
    await office.start()
    office.wall.place("ada", portrait("her own choice"))
    report = await office.sync()
    assert results(report) == [("ada", "done")]
    assert [one.slot.system for one in report.outcomes] == ["hr"]
    assert (await office.shows("ada")) == portrait("her own choice")
    assert results(await office.sync()) == [("ada", "adopted")]
    assert not (await office.sync()).outcomes
    org, roll = office.org, await office.roll()
    await undo(org, report.run, roll, await undoable(org, run=report.run), force=False)
    assert await office.shows("ada", "hr") == portrait("ada")
    assert await office.shows("ada") == portrait("her own choice")


async def test_undone_carrying_back_is_not_done_again(office: Office):
    office.routes = (replace(ROUTE, conflict=Conflict.ADOPT_BACK),)
    office.hire("ada")
    await office.start()
    office.wall.place("ada", portrait("her own choice"))
    report = await office.sync()
    org, roll = office.org, await office.roll()
    await undo(org, report.run, roll, await undoable(org, run=report.run), force=False)
    assert not (await office.sync()).outcomes
    assert await office.shows("ada", "hr") == portrait("ada")


async def test_plan_that_carries_back_can_be_saved(office: Office, tmp_path):
    office.routes = (replace(ROUTE, conflict=Conflict.ADOPT_BACK),)
    office.hire("ada")
    office.wall.place("ada", portrait("her own choice"))
    plan = await office.plan()
    planfile.write(plan, tmp_path / "plan.json")
    assert planfile.read(tmp_path / "plan.json") == plan
    assert results(await office.apply(plan)) == [("ada", "done")]


async def test_renamed_account_stays_the_same_person(office: Office):
    office.hire("ada")
    await office.start()
    before = (await office.roll()).persons
    for system in (office.hr, office.wall):
        system.add(Account("ada", frozenset({key("id", "ada"), key("mail", "new@x")}), name="Ada Newname"))
    after = await office.roll()
    assert after.persons == before
    assert [after.name(person) for person in after.persons] == ["Ada Newname"]
    assert not (await office.sync()).outcomes


async def test_account_that_returns_is_met_anew(office: Office):
    office.hire("ada")
    await office.start()
    person = next(iter((await office.roll()).persons))
    office.wall.discard("ada")
    assert not (await office.sync()).outcomes
    office.wall.add(Account("ada", frozenset({key("id", "ada")}), name="Ada"))
    assert list((await office.roll()).persons) == [person]
    assert results(await office.sync()) == [("ada", "done")]


async def test_blocked_account_is_served_like_any_other(office: Office):
    office.hire("ada")
    office.wall.add(Account("ada", frozenset({key("id", "ada")}), name="Ada", active=False))
    assert results(await office.start()) == [("ada", "done")]


async def test_recycled_address_holds_everybody_involved_and_writes_nothing(office: Office):
    office.hire("ada")
    office.hr.add(Account("bob", frozenset({key("id", "bob"), key("mail", "ada@contoso.example")})), portrait("bob"))
    office.hr.add(Account("ada", frozenset({key("id", "ada"), key("mail", "ada@contoso.example")})), portrait("ada"))
    plan = await office.plan()
    assert {line.decision.verdict for line in plan.lines} == {Verdict.HELD}
    assert not plan.acts


async def test_second_source_counts_where_the_first_never_had_a_picture(office: Office):
    office.hire("ada", picture=False)
    badge = office.another("badge")
    badge.add(Account("ada", frozenset({key("id", "ada")})), portrait("badge"))
    office.routes = (replace(ROUTE, sources=("hr", "badge")),)
    assert results(await office.start()) == [("ada", "done")]
    office.hr.place("ada", portrait("ada"))
    assert results(await office.sync()) == [("ada", "done")]
    office.hr.place("ada", None)
    assert not (await office.sync()).outcomes
    assert not (await office.sync()).outcomes


async def test_unreadable_first_source_hides_the_second(office: Office):
    class Down(ReadOnly):
        def roster(self):
            raise Failed("the system is down", system="hr")

    office.hire("ada", picture=False)
    badge = office.another("badge")
    badge.add(Account("ada", frozenset({key("id", "ada")})), portrait("badge"))
    office.routes = (replace(ROUTE, sources=("hr", "badge")),)
    await office.roll()
    office.coats["hr"] = Down
    assert {line.decision.verdict for line in (await office.plan()).lines} == {Verdict.HELD}
