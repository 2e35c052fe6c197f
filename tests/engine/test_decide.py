"""Every row of the decision table, and what must win where two rows fit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from samepic.engine.choosing import Missing, Undecided, Wanted
from samepic.engine.plan import Decision, Evidence, Look, OpenIntent, Prompted, Refusal, Situation, decide
from samepic.engine.reasons import Code, because
from samepic.engine.rules import Declined
from samepic.model import (
    Adopt,
    Baseline,
    By,
    Conflict,
    Demand,
    Emptied,
    Hold,
    Keep,
    Likeness,
    Pull,
    Put,
    Remove,
    Route,
    Sighting,
    Slot,
    Traits,
    Trigger,
    Unseen,
    Verdict,
    Way,
    Why,
    digest_of,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=30)
SLOT = Slot("sharepoint", "ada")
SOURCE = Slot("exchange", "ada")
OLD, NEW, OTHER = digest_of(b"old"), digest_of(b"new"), digest_of(b"other")

ROUTE = Route(("exchange",), "sharepoint", Way.WRITE, frozenset({Trigger.MANUAL}))
PULL = replace(ROUTE, way=Way.PULL, when=frozenset({Trigger.VISIT}))
TRAITS = Traits(
    {"photo": Demand()}, writes=True, removes=True, pulls=True, settles=timedelta(hours=1), interval=timedelta(hours=24)
)

SAME, UNLIKE, UNSURE = Likeness.SAME, Likeness.DIFFERENT, Likeness.UNSURE


def wants(digest=NEW):
    return Wanted(digest, SOURCE, "source 1 of 1 (exchange)")


def lost(*, remove):
    return Missing(because(Code.SOURCE_EMPTIED, source="exchange"), "source empty", lost=True, remove=remove)


BASE = Situation(
    slot=SLOT, route=ROUTE, choice=wants(), seen=Sighting(present=True, version="v1"), traits=TRAITS, now=NOW
)


def left(want=NEW, version="v1", by=By.US, at=LONG_AGO):
    return Baseline(want, version, by, at)


def given(**changes) -> Decision:
    answer = decide(replace(BASE, **changes))
    assert isinstance(answer, Decision), answer
    return answer


def asks(**changes) -> Look:
    answer = decide(replace(BASE, **changes))
    assert isinstance(answer, Look), answer
    return answer


# Nothing has moved


def test_same_want_and_same_version_is_kept_without_looking():
    assert given(baseline=left()).step == Keep(SLOT)
    assert given(baseline=left()).verdict is Verdict.SAME


def test_what_we_left_empty_and_is_empty_stays_empty_until_the_source_has_one():
    emptied = left(want=digest_of(b""), version=None)
    decision = given(baseline=emptied, seen=Sighting(present=False))
    assert decision.step == Put(SLOT, NEW, None, overwrites=False)


# The source moved


def test_new_want_over_what_we_left_is_put_and_expects_that_version():
    evidence = Evidence(source_like_baseline=UNLIKE)
    assert asks(baseline=left(OLD)) is Look.SOURCE
    decision = given(baseline=left(OLD), evidence=evidence)
    assert decision.step == Put(SLOT, NEW, "v1", overwrites=True)
    assert decision.verdict is Verdict.OLDER


def test_unsure_whether_the_source_changed_counts_as_changed():
    assert isinstance(given(baseline=left(OLD), evidence=Evidence(source_like_baseline=UNSURE)).step, Put)


def test_same_picture_in_new_bytes_is_noted_and_not_written():
    decision = given(baseline=left(OLD, by=By.SYSTEM), evidence=Evidence(source_like_baseline=SAME))
    assert decision.step == Adopt(SLOT, NEW, "v1", By.SYSTEM)
    assert decision.verdict is Verdict.SAME


def test_same_picture_with_more_pixels_is_written():
    evidence = Evidence(source_like_baseline=SAME, more_pixels=True)
    assert isinstance(given(baseline=left(OLD), evidence=evidence).step, Put)


def test_new_want_waits_for_the_routes_trigger_but_is_called_older():
    decision = given(baseline=left(OLD), evidence=Evidence(source_like_baseline=UNLIKE), triggered=False)
    assert decision.step == Hold(SLOT)
    assert decision.verdict is Verdict.OLDER
    assert decision.reason.code is Code.WAITS_FOR_TRIGGER


# Interrupted writes


@pytest.mark.parametrize("seen", [Sighting(present=True, version="v9"), Sighting(present=False)])
def test_open_put_is_repeated_whatever_is_there_now(seen):
    decision = given(intent=OpenIntent("put", NEW, "v1"), baseline=left(OLD), seen=seen)
    assert decision.step == Put(SLOT, NEW, seen.version, overwrites=seen.present)


def test_open_put_is_repeated_even_without_a_trigger():
    assert isinstance(given(intent=OpenIntent("put", NEW, "v1"), triggered=False).step, Put)


def test_open_put_takes_the_picture_that_is_wanted_today():
    assert given(intent=OpenIntent("put", OLD, "v1")).step.want == NEW


def test_open_put_is_repeated_from_the_journal_where_the_source_cannot_be_read():
    unreadable = Undecided(because(Code.SOURCE_UNREADABLE, source="exchange", detail="down"), "source 1 of 1")
    assert given(intent=OpenIntent("put", OLD, "v1"), choice=unreadable).step.want == OLD


def test_open_put_is_not_repeated_into_a_system_that_cannot_be_read():
    decision = given(intent=OpenIntent("put", NEW, "v1"), seen=Unseen(Why.FAILED, "down"))
    assert decision.step == Hold(SLOT)
    assert decision.verdict is Verdict.CANNOT_READ


def test_open_put_of_a_picture_that_was_undone_is_not_repeated():
    decision = given(intent=OpenIntent("put", NEW, "v1"), pin=Refusal(NEW, LONG_AGO))
    assert decision.step == Hold(SLOT)


def test_open_removal_is_not_repeated_once_the_source_has_a_picture_again():
    decision = given(intent=OpenIntent("remove", None, "v1"), baseline=left())
    assert decision.step == Keep(SLOT)


def test_open_removal_that_happened_is_settled_by_taking_nothing_away():
    decision = given(
        intent=OpenIntent("remove", None, "v1"),
        choice=lost(remove=True),
        baseline=left(),
        seen=Sighting(present=False),
    )
    assert decision.step == Remove(SLOT)


def test_open_removal_that_happened_makes_way_for_a_new_picture():
    decision = given(intent=OpenIntent("remove", None, "v1"), baseline=left(), seen=Sighting(present=False))
    assert decision.step == Put(SLOT, NEW, None, overwrites=False)


def test_open_removal_in_doubt_never_deletes():
    decision = given(intent=OpenIntent("remove", None, "v1"), choice=lost(remove=True), baseline=left(version="v0"))
    assert decision.step == Hold(SLOT)


# What cannot be seen


@pytest.mark.parametrize(
    ("why", "verdict"),
    [
        (Why.DENIED, Verdict.CANNOT_READ),
        (Why.THROTTLED, Verdict.CANNOT_READ),
        (Why.FAILED, Verdict.CANNOT_READ),
        (Why.HIDDEN, Verdict.UNKNOWN_STORE),
    ],
)
def test_unseen_target_is_held(why, verdict):
    decision = given(seen=Unseen(why, "so it is"))
    assert decision.step == Hold(SLOT)
    assert decision.verdict is verdict


def test_gone_account_is_left_alone():
    decision = given(seen=Unseen(Why.GONE))
    assert decision.step == Keep(SLOT)
    assert decision.verdict is Verdict.NO_ACCOUNT


def test_unreadable_source_is_not_an_empty_one():
    unreadable = Undecided(because(Code.SOURCE_UNREADABLE, source="exchange", detail="down"), "source 1 of 1")
    decision = given(choice=unreadable, baseline=left(), route=replace(ROUTE, emptied=Emptied.REMOVE))
    assert decision.step == Hold(SLOT)
    assert decision.verdict is Verdict.HELD


def test_uncertain_owner_comes_before_everything():
    reason = because(Code.AMBIGUOUS, detail="two people")
    decision = given(held=reason, intent=OpenIntent("put", NEW, "v1"), baseline=left(OLD))
    assert decision.step == Hold(SLOT)
    assert decision.reason is reason


# Lagging reads


def test_within_the_settling_time_nothing_is_judged():
    at = NOW - timedelta(minutes=10)
    decision = given(baseline=left(version="v2", at=at))
    assert decision.step == Hold(SLOT, at + TRAITS.settles)
    assert decision.verdict is Verdict.WAITING


def test_settling_concerns_our_own_writes_only():
    assert asks(baseline=left(version="v2", by=By.ADOPTED, at=NOW)) is Look.TARGET


def test_older_version_of_ours_is_a_stale_replica():
    at = NOW - timedelta(hours=2)
    decision = given(baseline=left(version="v2", at=at), versions=frozenset({"v1", "v2"}))
    assert decision.step == Hold(SLOT, at + ROUTE.deadline)
    assert decision.verdict is Verdict.WAITING


def test_older_version_that_never_catches_up_is_judged_in_the_end():
    assert asks(baseline=left(version="v2"), versions=frozenset({"v1", "v2"})) is Look.TARGET


# Something else is there


def test_changed_target_is_compared_before_anybody_is_accused():
    assert asks(baseline=left(version="v0")) is Look.TARGET
    assert asks(baseline=None) is Look.TARGET


def test_alike_is_adopted_without_a_write():
    decision = given(evidence=Evidence(like_want=SAME))
    assert decision.step == Adopt(SLOT, NEW, "v1", By.ADOPTED)
    assert decision.verdict is Verdict.SAME


def test_our_own_picture_under_a_new_version_stays_ours():
    decision = given(baseline=left(version="v0"), evidence=Evidence(like_want=SAME))
    assert decision.step == Adopt(SLOT, NEW, "v1", By.US)


@pytest.mark.parametrize("like", [UNLIKE, UNSURE])
@pytest.mark.parametrize("baseline", [None, left(version="v0")])
def test_unlike_is_held_by_default(like, baseline):
    decision = given(baseline=baseline, evidence=Evidence(like_want=like, like_baseline=UNLIKE))
    assert decision.step == Hold(SLOT)
    assert decision.verdict is Verdict.DIFFERENT


def test_unlike_is_overwritten_where_the_source_wins():
    route = replace(ROUTE, conflict=Conflict.RESTORE)
    decision = given(route=route, baseline=left(version="v0"), evidence=Evidence(like_want=UNLIKE))
    assert decision.step == Put(SLOT, NEW, "v1", overwrites=True)


def test_unlike_is_kept_where_the_target_is_respected():
    route = replace(ROUTE, conflict=Conflict.RESPECT)
    decision = given(route=route, evidence=Evidence(like_want=UNLIKE))
    assert decision.step == Keep(SLOT)
    assert decision.verdict is Verdict.DIFFERENT


def test_unlike_goes_to_the_source_where_the_route_adopts_back():
    back = {
        "route": replace(ROUTE, conflict=Conflict.ADOPT_BACK),
        "baseline": left(version="v0"),
        "evidence": Evidence(like_want=UNLIKE, shown=OTHER),
    }
    assert given(**back, source_writes=True).step == Put(SOURCE, OTHER, None, overwrites=True)
    assert given(**back, source_writes=True, triggered=False).step == Hold(SLOT)
    assert given(**back, source_writes=False).step == Hold(SLOT)
    undone = given(**back, source_writes=True, source_pin=Refusal(OTHER, LONG_AGO))
    assert undone.step == Hold(SLOT)
    assert undone.verdict is Verdict.HELD


def test_picture_that_is_gone_is_not_carried_back():
    route = replace(ROUTE, conflict=Conflict.ADOPT_BACK)
    gone = given(route=route, seen=Sighting(present=False), baseline=left(), source_writes=True)
    assert gone.step == Hold(SLOT)


def test_our_last_picture_re_encoded_is_nobody_elses():
    evidence = Evidence(like_want=UNLIKE, like_baseline=SAME)
    decision = given(baseline=left(OLD, version="v0"), evidence=evidence)
    assert decision.step == Put(SLOT, NEW, "v1", overwrites=True)
    assert decision.verdict is Verdict.OLDER


def test_picture_that_the_source_showed_before_is_older_and_no_conflict():
    decision = given(evidence=Evidence(like_want=UNLIKE, earlier=True))
    assert isinstance(decision.step, Put)
    assert decision.verdict is Verdict.OLDER


def test_older_is_never_said_without_having_seen_the_source_change():
    assert given(evidence=Evidence(like_want=UNLIKE)).verdict is Verdict.DIFFERENT


# Nothing is there


def test_first_picture_is_put():
    decision = given(seen=Sighting(present=False))
    assert decision.step == Put(SLOT, NEW, None, overwrites=False)
    assert decision.verdict is Verdict.NONE


def test_never_visited_is_inferred_from_an_untouched_account():
    assert given(seen=Sighting(present=False, untouched=True)).verdict is Verdict.NEVER_VISITED


def test_picture_removed_at_the_target_follows_the_rule():
    gone = {"seen": Sighting(present=False), "baseline": left()}
    assert given(**gone).step == Hold(SLOT)
    assert given(**gone, route=replace(ROUTE, conflict=Conflict.RESPECT)).step == Keep(SLOT)
    assert isinstance(given(**gone, route=replace(ROUTE, conflict=Conflict.RESTORE)).step, Put)


# The source has none


def test_source_without_a_picture_changes_nothing():
    missing = Missing(because(Code.SOURCE_HAS_NONE, source="exchange"), "no source has a picture")
    assert given(choice=missing).step == Keep(SLOT)
    assert given(choice=missing, seen=Sighting(present=False)).verdict is Verdict.NONE


def test_emptied_source_keeps_by_default():
    assert given(choice=lost(remove=False), baseline=left()).step == Keep(SLOT)


def test_emptied_source_removes_only_what_we_put_and_left():
    assert given(choice=lost(remove=True), baseline=left()).step == Remove(SLOT, "v1")
    assert given(choice=lost(remove=True), baseline=left(version="v0")).step == Hold(SLOT)
    assert given(choice=lost(remove=True), baseline=left(by=By.ADOPTED)).step == Keep(SLOT)
    assert given(choice=lost(remove=True)).step == Keep(SLOT)


def test_removal_needs_a_system_that_removes_and_a_route_that_writes():
    assert given(choice=lost(remove=True), baseline=left(), traits=replace(TRAITS, removes=False)).step == Hold(SLOT)
    assert given(choice=lost(remove=True), baseline=left(), route=PULL).step == Hold(SLOT)


def test_removal_that_was_undone_is_not_repeated():
    pinned = given(choice=lost(remove=True), baseline=left(), pin=Refusal(None, LONG_AGO))
    assert pinned.step == Hold(SLOT)


# Pins


def test_undone_picture_stays_out_until_the_source_has_another():
    pin = Refusal(NEW, LONG_AGO)
    assert given(pin=pin, baseline=left(OTHER)).step == Hold(SLOT)
    assert given(pin=pin, seen=Sighting(present=False)).verdict is Verdict.HELD
    changed = given(pin=Refusal(OLD, LONG_AGO), baseline=left(OTHER), evidence=Evidence(source_like_baseline=UNLIKE))
    assert isinstance(changed.step, Put)


# Pull routes


def test_pull_asks_the_person_once_they_came():
    decision = given(route=PULL, seen=Sighting(present=False, untouched=True))
    assert decision.step == Pull(SLOT, NEW)
    assert decision.verdict is Verdict.NEVER_VISITED


def test_pull_waits_for_a_visit():
    decision = given(route=PULL, seen=Sighting(present=False), triggered=False)
    assert decision.step == Hold(SLOT)
    assert decision.reason.code is Code.WAITS_FOR_TRIGGER


def test_pull_is_judged_until_its_deadline_and_not_repeated_within_the_interval():
    empty = Sighting(present=False)
    asked = Prompted(NEW, NOW - timedelta(hours=1))
    soon = given(route=PULL, seen=empty, prompted=asked)
    assert soon.step == Hold(SLOT, asked.at + TRAITS.interval)
    assert soon.verdict is Verdict.WAITING
    unprompted = given(route=PULL, seen=empty, prompted=asked, triggered=False)
    assert unprompted.step == Hold(SLOT, asked.at + PULL.deadline)
    again = given(route=PULL, seen=empty, prompted=Prompted(NEW, NOW - timedelta(hours=25)))
    assert isinstance(again.step, Pull)


def test_pull_that_was_asked_for_another_picture_is_asked_anew():
    asked = Prompted(OLD, NOW - timedelta(hours=1))
    assert isinstance(given(route=PULL, seen=Sighting(present=False), prompted=asked).step, Pull)


def test_pulled_picture_is_adopted_as_the_systems():
    decision = given(route=PULL, evidence=Evidence(like_want=SAME))
    assert decision.step == Adopt(SLOT, NEW, "v1", By.SYSTEM)


def test_pull_accuses_nobody():
    decision = given(route=replace(PULL, conflict=Conflict.RESTORE), evidence=Evidence(like_want=UNLIKE))
    assert decision.step == Hold(SLOT)
    assert decision.verdict is Verdict.DIFFERENT


def test_pull_of_an_earlier_picture_is_older():
    decision = given(route=PULL, evidence=Evidence(like_want=UNLIKE, earlier=True))
    assert decision.step == Pull(SLOT, NEW)
    assert decision.verdict is Verdict.OLDER


def test_pull_never_writes():
    for seen in (Sighting(present=False), Sighting(present=True, version="v9")):
        for evidence in (Evidence(like_want=UNLIKE, earlier=True), Evidence(like_want=SAME)):
            intent = OpenIntent("put", NEW, "v1")
            step = given(route=PULL, seen=seen, evidence=evidence, intent=intent).step
            assert not isinstance(step, Put | Remove)


# Watch routes


def test_watch_says_what_it_sees_and_does_nothing():
    watch = replace(PULL, way=Way.WATCH)
    assert given(route=watch, seen=Sighting(present=False)).step == Keep(SLOT)
    older = given(route=watch, evidence=Evidence(like_want=UNLIKE, earlier=True))
    assert older.step == Keep(SLOT)
    assert older.verdict is Verdict.OLDER
    assert isinstance(given(route=watch, evidence=Evidence(like_want=SAME)).step, Adopt)


# Systems without versions


def test_without_a_version_every_picture_is_compared():
    assert asks(seen=Sighting(present=True, version=None), baseline=left(version=None)) is Look.TARGET


# The person declines

NO = Declined(because(Code.OPTED_OUT, at=LONG_AGO), "the person's own choice")
WEEK = NOW + timedelta(days=7)


@pytest.mark.parametrize("way", list(Way))
@pytest.mark.parametrize("seen", [Sighting(present=True, version="v1"), Sighting(present=False)])
@pytest.mark.parametrize("choice", [wants(), lost(remove=True), Undecided(because(Code.ABSENT_ONCE), "")])
def test_whoever_declines_is_left_alone_whatever_is_there(way, seen, choice):
    decision = given(declined=NO, route=replace(ROUTE, way=way), seen=seen, choice=choice, baseline=left(OLD))
    assert decision.step == Hold(SLOT)
    assert (decision.verdict, decision.reason, decision.rule) == (Verdict.HELD, NO.reason, NO.rule)


@pytest.mark.parametrize("step", ["put", "remove", "undo"])
def test_nothing_begun_is_finished_for_whoever_declines(step):
    assert given(declined=NO, intent=OpenIntent(step, NEW, "v1"), baseline=left(OLD)).step == Hold(SLOT)


def test_opting_out_until_a_day_is_held_until_that_day():
    reason = because(Code.OPTED_OUT_UNTIL, until=WEEK)
    assert given(declined=Declined(reason, "the person's own choice", WEEK)).step == Hold(SLOT, WEEK)


def test_no_account_is_said_before_what_the_person_chose():
    assert given(declined=NO, seen=Unseen(Why.GONE)).verdict is Verdict.NO_ACCOUNT


def test_a_choice_about_the_source_keeps_pictures_from_being_taken_back_into_it():
    route = replace(ROUTE, conflict=Conflict.ADOPT_BACK)
    evidence = Evidence(like_want=UNLIKE, shown=OTHER)
    open_to_it = {"route": route, "evidence": evidence, "source_writes": True}
    assert given(**open_to_it).step == Put(SOURCE, OTHER, None, overwrites=True)
    declined = given(**open_to_it, source_declined=NO)
    assert (declined.step, declined.reason) == (Hold(SLOT), NO.reason)
