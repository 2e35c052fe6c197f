"""Adoptions: many slots are right at once, but for those that somebody else is at, or was."""

from dataclasses import replace
from datetime import timedelta

import pytest

from samepic.model import Baseline, By, Digest, Slot
from samepic.store.ledger import Ask

SLOTS = [Slot("sharepoint", f"person {number}") for number in range(700)]
"""More than one statement takes."""

A, B, C = SLOTS[:3]
TTL = timedelta(minutes=5)


@pytest.fixture
def right(now):
    return {slot: Baseline(Digest(f"picture of {slot.ref}"), "v1", By.ADOPTED, now) for slot in SLOTS}


@pytest.fixture
async def other(ledger, now) -> int:
    return await ledger.begin_run("apply", "schedule", "", now)


async def test_all_of_them_are_noted(ledger, run, now, right):
    await ledger.note_ask(Ask(A, right[A].want, now))
    adopted = await ledger.adopt(run, right, now, now)
    assert (adopted.slots, adopted.busy) == (frozenset(SLOTS), {})
    assert await ledger.baselines("sharepoint") == {slot.ref: one for slot, one in right.items()}
    assert await ledger.versions("sharepoint", [A.ref]) == {A.ref: {"v1"}}
    assert await ledger.asks("sharepoint") == {}


async def test_what_another_run_holds_is_left_to_it(ledger, run, other, now, right):
    await ledger.note_ask(Ask(A, right[A].want, now))
    await ledger.lease(other, [A, SLOTS[-1]], now, TTL)
    adopted = await ledger.adopt(run, right, now, now)
    assert {slot: busy.run for slot, busy in adopted.busy.items()} == {A: other, SLOTS[-1]: other}
    assert adopted.slots == frozenset(SLOTS) - adopted.busy.keys()
    assert await ledger.baseline(A) is None
    assert list(await ledger.asks("sharepoint")) == [A.ref]


async def test_a_lease_that_has_run_out_holds_nothing(ledger, run, other, now, right):
    await ledger.lease(other, [A], now, TTL)
    later = now + TTL + timedelta(seconds=1)
    assert A in (await ledger.adopt(run, right, now, later)).slots


async def test_what_was_noted_since_the_plan_stays(ledger, run, now, right):
    newer = replace(right[B], want=Digest("another picture"), at=now + timedelta(seconds=1))
    same = replace(right[C], at=now)
    await ledger.set_baseline(B, newer)
    await ledger.set_baseline(C, same)
    adopted = await ledger.adopt(run, right, now, now + timedelta(seconds=2))
    assert frozenset(SLOTS) - adopted.slots == {B}
    assert adopted.busy == {}
    assert await ledger.baseline(B) == newer


async def test_versions_without_a_name_are_no_versions(ledger, run, now, right):
    await ledger.adopt(run, {A: replace(right[A], version=None)}, now, now)
    assert await ledger.versions("sharepoint") == {}


async def test_none_is_fine(ledger, run, now):
    assert (await ledger.adopt(run, {}, now, now)).slots == frozenset()
