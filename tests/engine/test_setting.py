"""Setting a picture where it counts: who may, where it goes, what waits, what is refused, and what moves then."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from samepic.connectors.base import Surroundings
from samepic.connectors.layers import Layer
from samepic.connectors.memory import MemoryConnector, MemoryOptions
from samepic.engine.apply import Result
from samepic.engine.setting import CannotSet, approve, refuse, remove_picture, set_picture, source_of_authority
from samepic.engine.sync import sync
from samepic.engine.undo import undo, undo_at_once, undoable
from samepic.errors import Busy, Denied, UserError
from samepic.model import Account, Authority, Consent, Emptied, Rule, Slot, Trigger, key
from samepic.store.ledger import Choice, Chosen, Decided, Pin, Task
from tests.engine.conftest import ROUTE, Office, portrait, slot

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOCKED = Rule(picture=Authority.LOCKED)
NEW = portrait("new")


async def settled(office: Office):
    """Ada, whose picture is everywhere, with the route confirmed; the roll, and who she is."""
    office.hire("ada")
    await office.start()
    return await office.roll(), await office.person("ada@contoso.example")


async def keep(office: Office, photo=NEW):
    return await office.org.blobs.put(photo.data)


async def sets(office: Office, *, by: str | None = None, photo=NEW):
    roll, ada = await office.roll(), await office.person("ada@contoso.example")
    return await set_picture(office.org, roll, ada, await keep(office, photo), by=by or ada)


async def test_own_picture_goes_to_the_source_and_from_there_everywhere(office: Office):
    await settled(office)
    before = (await office.shows("ada", "hr")).digest
    effect = await sets(office)
    assert (effect.outcome.slot, effect.outcome.result) == (slot("ada", "hr"), Result.DONE)
    assert [(one.slot, one.result) for one in effect.moved.outcomes] == [(slot("ada"), Result.DONE)]
    assert (await office.shows("ada", "hr")).digest != before
    newest = (await office.org.ledger.journal())[:2]
    assert [(one.slot.system, one.outcome) for one in newest] == [("wall", "done"), ("hr", "done")]
    assert list(newest[1].replaced.values()) == [before]


async def test_it_counts_as_a_visit_that_is_served_and_looked_after(office: Office):
    _, ada = await settled(office)
    await sets(office)
    assert await office.org.ledger.pending_visits() == []
    assert [one.task for one in await office.org.ledger.due_of(ada)] == [Task.VISIT]
    assert (await office.sync()).outcomes == []


async def test_undone_it_comes_back_byte_for_byte(office: Office):
    roll, ada = await settled(office)
    before = (await office.shows("ada", "hr")).data
    await sets(office)
    org = office.org
    run = await org.ledger.begin_run("undo", "manual", org.settings, office.now)
    intents = [one for one in await undoable(org, people=[ada]) if one.slot.system == "hr"]
    await undo(org, run, roll, intents, force=False)
    assert (await office.shows("ada", "hr")).data == before


async def test_the_first_source_that_takes_pictures_has_authority(office: Office):
    office.hire("ada")
    roll, ada = await office.roll(), await office.person("ada@contoso.example")
    office.routes = (replace(ROUTE, sources=("hr", "wall"), target="badge"),)
    assert source_of_authority(office.org, roll, ada) == slot("ada", "hr")
    office.hr.traits = replace(office.hr.traits, writes=False)
    assert source_of_authority(office.org, roll, ada) == slot("ada", "wall")


@pytest.mark.parametrize(("routed", "said"), [(False, "No route"), (True, "hr, which samepic does not write to")])
async def test_why_a_picture_cannot_be_set_is_said(office: Office, routed, said):
    office.hire("ada")
    office.hr.traits = replace(office.hr.traits, writes=False)
    office.routes = (ROUTE,) if routed else ()
    with pytest.raises(CannotSet, match=said):
        await sets(office)


async def test_without_an_account_in_a_source_nothing_can_be_set(office: Office):
    office.wall.add(Account("ada", frozenset({key("id", "ada")}), name="Ada", address="ada@contoso.example"))
    roll = await office.roll()
    (ada,) = roll.persons
    with pytest.raises(CannotSet, match="Ada has no account in hr"):
        source_of_authority(office.org, roll, ada)


async def test_a_source_that_comes_first_and_shows_a_picture_would_win(office: Office):
    archive = MemoryConnector("archive", MemoryOptions(), Surroundings())
    archive.traits = replace(archive.traits, writes=False)
    office.systems.append(archive)
    office.routes = (replace(ROUTE, sources=("archive", "hr")),)
    archive.add(Account("ada", frozenset({key("id", "ada")})), portrait("archived"))
    office.hire("ada")
    await office.start()
    with pytest.raises(CannotSet, match="archive comes before hr"):
        await sets(office)
    archive.place("ada", None)
    assert (await sets(office)).good


async def test_locked_binds_the_person_and_not_the_administrator(office: Office):
    await settled(office)
    office.rules = (LOCKED,)
    with pytest.raises(CannotSet, match=r"locked.*rule 1 \(everybody in every system\)"):
        await sets(office)
    assert (await sets(office, by="admin")).outcome.result is Result.DONE


async def test_a_lock_on_other_people_binds_nobody_else(office: Office):
    await settled(office)
    office.rules = (LOCKED, Rule(people=("*@contoso.example",), picture=Authority.MINE))
    assert (await sets(office)).good


@pytest.mark.parametrize("by", [None, "admin"])
async def test_an_opt_out_is_kept_whoever_sets(office: Office, by):
    _, ada = await settled(office)
    await office.org.ledger.set_choice(Choice(ada, "hr", Chosen.OPT_OUT, None, office.now, ada))
    with pytest.raises(CannotSet, match="Opted out"):
        await sets(office, by=by)


async def test_setting_ones_own_picture_is_consent_but_not_setting_anothers(office: Office):
    await settled(office)
    office.rules = (Rule(systems=("hr",), consent=Consent.REQUIRED),)
    with pytest.raises(CannotSet, match="consent"):
        await sets(office, by="admin")
    assert (await sets(office)).good


async def test_what_the_system_refuses_is_said_in_its_words_and_moves_nothing(office: Office):
    await settled(office)

    class Strict(Layer):
        async def put(self, ref, photos, *, expect=None):
            raise Denied("Policy keeps pictures as they are.", system="hr", remedy="Change the policy.")

    office.coats["hr"] = Strict
    effect = await sets(office)
    assert (effect.outcome.result, effect.outcome.detail) == (Result.REFUSED, "Policy keeps pictures as they are.")
    assert (effect.outcome.remedy, effect.moved, effect.good) == ("Change the policy.", None, False)
    assert await office.org.ledger.pending_visits() == []


async def test_bytes_that_are_no_picture_are_refused_with_the_reason(office: Office):
    roll, ada = await settled(office)
    digest = await office.org.blobs.put(b"nothing of the kind")
    effect = await set_picture(office.org, roll, ada, digest, by=ada)
    assert effect.outcome.result is Result.REFUSED
    assert effect.outcome.detail


async def test_a_new_picture_releases_the_pin_on_its_slot(office: Office):
    await settled(office)
    await office.org.ledger.pin(Pin(slot("ada", "hr"), None, "undo of run 1", office.now))
    await sets(office)
    assert await office.org.ledger.pins("hr") == {}


async def test_somebody_at_work_on_the_slot_is_told(office: Office):
    await settled(office)
    org = office.org
    run = await org.ledger.begin_run("sync", "manual", "", office.now)
    await org.ledger.lease(run, [slot("ada", "hr")], office.now, timedelta(minutes=2))
    with pytest.raises(Busy):
        await sets(office)


async def test_somebody_at_work_on_the_target_leaves_the_rest_for_later(office: Office):
    _, ada = await settled(office)
    org = office.org
    run = await org.ledger.begin_run("sync", "manual", "", office.now)
    token = await org.ledger.lease(run, [slot("ada")], office.now, timedelta(minutes=2))
    effect = await sets(office)
    assert (effect.good, effect.moved) == (True, None)
    assert len(await org.ledger.pending_visits()) == 1
    assert [one.task for one in await org.ledger.due_of(ada)] == [Task.VISIT]
    await org.ledger.free(token)
    assert [one.slot for one in (await office.sync()).outcomes] == [slot("ada")]


# Removing


async def test_a_removed_picture_is_gone_where_it_counts_and_kept_to_be_put_back(office: Office):
    roll, ada = await settled(office)
    effect = await remove_picture(office.org, roll, ada, by=ada)
    assert effect.outcome.result is Result.DONE
    assert await office.shows("ada", "hr") is None
    assert await office.shows("ada") is not None
    assert (await office.org.ledger.journal())[0].replaced


async def test_where_the_rule_says_so_it_goes_from_the_target_too_at_the_second_look(office: Office):
    office.hire("ada")
    office.routes = (replace(ROUTE, emptied=Emptied.REMOVE),)
    await office.start()
    roll, ada = await office.roll(), await office.person("ada@contoso.example")
    await remove_picture(office.org, roll, ada, by=ada)
    assert await office.shows("ada") is not None
    await sync(office.org, roll, [ada], Trigger.MANUAL)
    assert await office.shows("ada") is None


async def test_a_rule_for_her_keeps_the_target_although_the_route_removes(office: Office):
    office.routes = (replace(ROUTE, emptied=Emptied.REMOVE),)
    office.rules = (Rule(people=("ada@*",), emptied=Emptied.KEEP),)
    roll, ada = await settled(office)
    await remove_picture(office.org, roll, ada, by=ada)
    await sync(office.org, roll, [ada], Trigger.MANUAL)
    assert await office.shows("ada") is not None


async def test_a_system_that_takes_nothing_away_says_so(office: Office):
    roll, ada = await settled(office)
    office.hr.traits = replace(office.hr.traits, removes=False)
    with pytest.raises(CannotSet, match="take a picture away"):
        await remove_picture(office.org, roll, ada, by=ada)


# Approval


async def waiting(office: Office):
    roll, ada = await settled(office)
    office.rules = (Rule(approval=True),)
    effect = await sets(office)
    return roll, ada, effect


async def test_with_approval_a_picture_waits_and_nothing_moves(office: Office):
    _, ada, effect = await waiting(office)
    assert (effect.outcome, effect.moved) == (None, None)
    (kept,) = await office.org.ledger.gallery_of(ada)
    (one,) = await office.org.ledger.waiting_approvals()
    assert (one.id, one.person, one.picture, kept.digest) == (effect.approval, ada, kept.id, NEW.digest)
    assert [one.slot.system for one in await office.org.ledger.journal()] == ["wall"]


async def test_approved_it_is_set_and_moves_on(office: Office):
    roll, _, effect = await waiting(office)
    approved = await approve(office.org, roll, effect.approval, by="boss")
    assert [one.slot.system for one in [approved.outcome, *approved.moved.outcomes]] == ["hr", "wall"]
    done = await office.org.ledger.approval(effect.approval)
    assert (done.decision, done.decided_by) == (Decided.APPROVED, "boss")
    with pytest.raises(UserError, match="does not wait"):
        await approve(office.org, roll, effect.approval, by="boss")


async def test_refused_it_never_moves(office: Office):
    roll, _, effect = await waiting(office)
    await refuse(office.org, effect.approval, by="boss", note="Somebody else.")
    with pytest.raises(UserError, match="does not wait"):
        await approve(office.org, roll, effect.approval, by="other")
    with pytest.raises(UserError, match="does not wait"):
        await refuse(office.org, effect.approval, by="other", note="")
    assert (await office.org.ledger.approval(effect.approval)).note == "Somebody else."


async def test_a_refusal_by_the_system_leaves_it_waiting(office: Office):
    roll, _, effect = await waiting(office)

    class Strict(Layer):
        async def put(self, ref, photos, *, expect=None):
            raise Denied("No.", system="hr")

    office.coats["hr"] = Strict
    assert not (await approve(office.org, roll, effect.approval, by="boss")).good
    assert [one.id for one in await office.org.ledger.waiting_approvals()] == [effect.approval]


async def test_an_administrator_needs_no_approval(office: Office):
    await settled(office)
    office.rules = (Rule(approval=True),)
    assert (await sets(office, by="admin")).outcome.result is Result.DONE


# People's choices in whole runs


async def test_for_whoever_opted_out_a_run_brings_nothing_until_they_change_their_mind(office: Office):
    office.hire("ada", "bob")
    await office.roll()
    ada, ledger = await office.person("ada@contoso.example"), office.org.ledger
    await ledger.set_choice(Choice(ada, "wall", Chosen.OPT_OUT, office.now + timedelta(days=1), office.now, ada))
    assert [one.slot.ref for one in (await office.start()).outcomes] == ["bob"]
    office.wait(days=1)
    assert [one.slot.ref for one in (await office.sync()).outcomes] == ["ada"]


async def test_where_consent_is_required_only_who_gave_it_is_served(office: Office):
    office.hire("ada", "bob")
    office.rules = (Rule(systems=("wall",), consent=Consent.REQUIRED),)
    await office.roll()
    ada = await office.person("ada@contoso.example")
    await office.org.ledger.set_choice(Choice(ada, "wall", Chosen.CONSENT, None, office.now, ada))
    assert [one.slot for one in (await office.start()).outcomes] == [Slot("wall", "ada")]


async def test_for_whom_an_administrator_sets_a_picture_those_routes_move_that_one_may_start(office: Office):
    office.routes = (replace(ROUTE, when=frozenset({Trigger.MANUAL})),)
    await settled(office)
    effect = await sets(office, by="administrator")
    assert [(one.slot, one.result) for one in effect.moved.outcomes] == [(slot("ada"), Result.DONE)]


async def test_an_undo_that_meets_another_run_is_over_and_leaves_everything_as_it_is(office: Office):
    roll, ada = await settled(office)
    await sets(office)
    intents, shown = await undoable(office.org, people=[ada]), (await office.shows("ada", "hr")).digest
    other = await office.org.ledger.begin_run("sync", "manual", "", office.now)
    await office.org.ledger.lease(other, [slot("ada", "hr")], office.now, timedelta(hours=1))
    with pytest.raises(Busy):
        await undo_at_once(office.org, roll, intents, force=False)
    (newest,) = await office.org.ledger.runs(limit=1)
    assert (newest.what, newest.outcome) == ("undo", {})
    assert newest.ended is not None
    assert (await office.shows("ada", "hr")).digest == shown
