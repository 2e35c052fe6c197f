"""The journal: intents before, results after, both or neither."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import StatementError

from samepic.errors import Busy
from samepic.model import Baseline, By, Digest, PersonId, Slot
from samepic.store.ledger import Pin

A, B, C = Slot("exchange", "a"), Slot("exchange", "b"), Slot("entra", "a")
ADA, BOB = PersonId("ada"), PersonId("bob")
OLD, NEW, NEWER = Digest("0" * 64), Digest("1" * 64), Digest("2" * 64)
TTL = timedelta(minutes=5)


@pytest.fixture
def before(now) -> Baseline:
    return Baseline(OLD, "v0", By.SYSTEM, now - timedelta(days=3))


@pytest.fixture
def after(now) -> Baseline:
    return Baseline(NEW, "v1", By.US, now)


@pytest.fixture
async def token(ledger, run, now) -> int:
    return await ledger.lease(run, [A, B, C], now, TTL)


@pytest.fixture
def begin(ledger, run, token, now, before):
    async def open_one(slot=A, person=ADA, want=NEW, replaced=None, baseline=before, **more) -> int:
        replaced = {"large": OLD} if replaced is None else replaced
        about = {"run": run, "token": token, "step": "put", "expect": "v0", "at": now} | more
        return await ledger.open_intent(
            person=person, slot=slot, want=want, replaced=replaced, before=baseline, **about
        )

    return open_one


async def test_an_intent_is_kept_whole(ledger, begin, run, now, before):
    number = await begin()
    intent = (await ledger.open_intents())[A]
    assert (intent.id, intent.run, intent.person, intent.slot, intent.step) == (number, run, ADA, A, "put")
    assert (intent.want, intent.expect, intent.replaced, intent.before) == (NEW, "v0", {"large": OLD}, before)
    assert (intent.opened_at, intent.settled_at, intent.outcome, intent.detail) == (now, None, None, "")
    assert intent.undone_by is None


async def test_nothing_replaced_and_no_baseline_stay_nothing(ledger, begin):
    await begin(want=None, expect=None, replaced={}, baseline=None)
    intent = (await ledger.open_intents())[A]
    assert (intent.want, intent.expect, intent.replaced, intent.before) == (None, None, {}, None)


async def test_a_baseline_without_a_version_comes_back(ledger, begin, now):
    unversioned = Baseline(OLD, None, By.ADOPTED, now)
    await begin(baseline=unversioned)
    assert (await ledger.open_intents())[A].before == unversioned


async def test_open_intents_of_one_system(ledger, begin):
    await begin(A)
    await begin(C)
    assert set(await ledger.open_intents()) == {A, C}
    assert set(await ledger.open_intents("entra")) == {C}
    assert await ledger.open_intents("slack") == {}


async def test_done_closes_the_intent_and_sets_the_baseline(ledger, begin, token, now, after):
    number = await begin()
    await ledger.settle(number, token, "done", "648 px", after, now + TTL)
    assert await ledger.open_intents() == {}
    (intent,) = await ledger.journal()
    assert (intent.outcome, intent.detail, intent.settled_at) == ("done", "648 px", now + TTL)
    assert await ledger.baselines("exchange") == {"a": after}
    assert await ledger.versions("exchange") == {"a": frozenset({"v1"})}


async def test_done_without_a_baseline_clears_it(ledger, begin, token, now, after):
    await ledger.set_baseline(A, after)
    await ledger.settle(await begin(), token, "done", "", None, now)
    assert await ledger.baselines("exchange") == {}
    assert await ledger.versions("exchange") == {"a": frozenset({"v1"})}


async def test_refused_closes_the_intent_and_leaves_the_baseline(ledger, begin, token, now, before, after):
    await ledger.set_baseline(A, before)
    await ledger.settle(await begin(), token, "refused", "too large", after, now)
    assert await ledger.open_intents() == {}
    assert await ledger.baselines("exchange") == {"a": before}


async def test_settling_pins_and_marks_what_it_undid(ledger, begin, token, now, before, after):
    first = await begin()
    await ledger.settle(first, token, "done", "", after, now)
    undo = await begin(step="undo", want=OLD, replaced={"large": NEW}, baseline=after)
    pin = Pin(A, NEW, "undone", now)
    await ledger.settle(undo, token, "done", "", before, now, pin, undoes=first)
    assert await ledger.pins("exchange") == {"a": pin}
    assert [(intent.id, intent.undone_by) for intent in await ledger.journal()] == [(undo, None), (first, undo)]


async def test_an_undo_that_was_refused_has_undone_nothing(ledger, begin, token, now, after):
    first = await begin()
    await ledger.settle(first, token, "done", "", after, now)
    await ledger.settle(await begin(step="undo"), token, "refused", "", None, now, undoes=first)
    assert {intent.undone_by for intent in await ledger.journal()} == {None}


async def test_what_was_there_first_survives_a_crash(ledger, begin, run, before, now):
    first = await begin(replaced={"large": OLD})
    later = await begin(replaced={"large": NEW}, baseline=Baseline(NEW, "v1", By.US, now), want=NEWER)
    newest, superseded = await ledger.journal()
    assert (newest.id, newest.want, newest.replaced, newest.before) == (later, NEWER, {"large": OLD}, before)
    assert (superseded.id, superseded.outcome, superseded.settled_at) == (first, "superseded", now)
    assert f"run {run}" in superseded.detail
    assert list((await ledger.open_intents()).values()) == [newest]


async def test_that_nothing_was_there_first_survives_a_crash_too(ledger, begin, before):
    await begin(replaced={}, baseline=None)
    await begin(replaced={"large": NEW}, baseline=before)
    await begin(replaced={"large": NEWER}, baseline=before)
    intent = (await ledger.open_intents())[A]
    assert (intent.replaced, intent.before) == ({}, None)


async def test_a_settled_intent_hands_nothing_on(ledger, begin, token, now, after):
    await ledger.settle(await begin(replaced={"large": OLD}), token, "done", "", after, now)
    await begin(replaced={"large": NEW}, baseline=after)
    intent = (await ledger.open_intents())[A]
    assert (intent.replaced, intent.before) == ({"large": NEW}, after)


async def test_an_open_intent_of_another_slot_hands_nothing_on(ledger, begin):
    await begin(A, replaced={"large": OLD})
    await begin(B, replaced={"large": NEW})
    assert (await ledger.open_intents())[B].replaced == {"large": NEW}
    assert set(await ledger.open_intents()) == {A, B}


async def test_a_later_run_settles_what_an_earlier_one_left_open(ledger, begin, now, after):
    left = await begin()
    later = await ledger.begin_run("apply", "schedule", "", now)
    token = await ledger.lease(later, [A], now + TTL, TTL)
    await ledger.settle(left, token, "done", "it had arrived", after, now)
    assert await ledger.open_intents() == {}
    assert await ledger.baselines("exchange") == {"a": after}


async def test_without_the_lease_nothing_is_opened(ledger, begin, now):
    later = await ledger.begin_run("apply", "schedule", "", now)
    await ledger.lease(later, [A], now + TTL, TTL)
    with pytest.raises(Busy) as refused:
        await begin()
    assert refused.value.run == later
    with pytest.raises(Busy):
        await begin(slot=Slot("exchange", "never leased"))
    assert await ledger.journal() == []


async def test_without_the_lease_nothing_is_settled(ledger, begin, token, now, before, after):
    number = await begin()
    await ledger.set_baseline(A, before)
    later = await ledger.begin_run("apply", "schedule", "", now)
    await ledger.lease(later, [A], now + TTL, TTL)
    with pytest.raises(Busy):
        await ledger.settle(number, token, "done", "", after, now, Pin(A, NEW, "", now))
    assert (await ledger.open_intents())[A].id == number
    assert await ledger.baselines("exchange") == {"a": before}
    assert await ledger.pins("exchange") == {}


async def test_settling_is_one_transaction(ledger, begin, token, now, after):
    number = await begin()
    with pytest.raises(StatementError, match="needs a time zone"):
        await ledger.settle(number, token, "done", "", after, now, Pin(A, NEW, "", now.replace(tzinfo=None)))
    assert (await ledger.open_intents())[A].id == number
    assert await ledger.baselines("exchange") == {}


async def test_an_intent_is_settled_once(ledger, begin, token, now, after):
    number = await begin()
    await ledger.settle(number, token, "refused", "", None, now)
    for unknown in (number, number + 1):
        with pytest.raises(ValueError, match="is not open"):
            await ledger.settle(unknown, token, "done", "", after, now)
    assert await ledger.baselines("exchange") == {}


async def test_the_journal_by_person_by_run_and_limited(ledger, begin, token, now):
    numbers = []
    for slot, person in ((A, ADA), (B, BOB), (C, ADA)):
        numbers.append(await begin(slot, person))
        await ledger.settle(numbers[-1], token, "refused", "", None, now)
    later = await ledger.begin_run("undo", "manual", "", now)
    await ledger.free(token)
    numbers.append(await begin(A, ADA, run=later, token=await ledger.lease(later, [A], now, TTL)))

    async def found(**which) -> list[int]:
        return [numbers.index(intent.id) for intent in await ledger.journal(**which)]

    assert await found() == [3, 2, 1, 0]
    assert await found(limit=2) == [3, 2]
    assert await found(person=ADA) == [3, 2, 0]
    assert await found(run=later) == [3]
    assert await found(person=BOB, run=later) == []
