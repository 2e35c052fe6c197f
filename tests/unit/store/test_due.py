"""What is due: nothing is lost, nothing is done twice at once, whatever crashes."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from samepic.model import PersonId
from samepic.store.due import EVERYBODY, Task
from samepic.store.ledger import Ledger
from samepic.store.portal_schema import due
from samepic.store.process import this_process

ADA, BRUNO = PersonId("ada"), PersonId("bruno")
LEASE = timedelta(minutes=2)
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux can prove a process dead")
SECOND = timedelta(seconds=1)


async def taken(ledger: Ledger, now: datetime, limit: int = 10) -> list[tuple[str, str]]:
    return [(one.task, one.person) for one in await ledger.take_due(now, LEASE, limit)]


async def test_nothing_is_taken_before_its_time(ledger, now):
    await ledger.plan_due(Task.VISIT, ADA, now + SECOND)
    assert await taken(ledger, now) == []
    assert await ledger.next_due(now) == now + SECOND
    assert await ledger.next_due(now + SECOND) is None
    assert await taken(ledger, now + SECOND) == [(Task.VISIT, ADA)]


async def test_the_earlier_instant_wins_and_the_newer_facts(ledger, now):
    await ledger.plan_due(Task.VISIT, ADA, now, {"look": 1})
    await ledger.plan_due(Task.VISIT, ADA, now + SECOND, {"look": 0})
    (one,) = await ledger.take_due(now, LEASE, 10)
    assert (one.at, one.facts, one.attempts) == (now, {"look": 0}, 1)


async def test_oldest_first_and_one_thing_of_each_person(ledger, now):
    await ledger.plan_due(Task.VISIT, ADA, now - 3 * SECOND)
    await ledger.plan_due(Task.LOOK, ADA, now - 2 * SECOND)
    await ledger.plan_due(Task.VISIT, BRUNO, now - SECOND)
    assert await taken(ledger, now) == [("visit", ADA), ("visit", BRUNO)]
    assert await taken(ledger, now) == []


async def test_work_about_everybody_waits_for_nothing_but_itself(ledger, now):
    for task in (Task.ROLL, Task.DAY):
        await ledger.plan_due(task, EVERYBODY, now)
    assert await taken(ledger, now) == [("roll", EVERYBODY), ("day", EVERYBODY)]


async def test_done_is_gone_and_the_persons_next_thing_follows(ledger, now):
    await ledger.plan_due(Task.VISIT, ADA, now - SECOND)
    await ledger.plan_due(Task.LOOK, ADA, now)
    (one,) = await ledger.take_due(now, LEASE, 10)
    await ledger.done_due(one)
    assert await taken(ledger, now) == [("look", ADA)]


async def test_a_lease_that_ran_out_is_taken_again_and_the_late_one_ends_nothing(ledger, now):
    await ledger.plan_due(Task.VISIT, ADA, now)
    (late,) = await ledger.take_due(now, LEASE, 10)
    (second,) = await ledger.take_due(now + LEASE, LEASE, 10)
    assert second.attempts == 2
    await ledger.done_due(late)
    await ledger.later_due(late, now + 9 * LEASE)
    assert not await ledger.renew_due(late, now + 9 * LEASE)
    (still,) = await ledger.due_of(ADA)
    assert still.holder == second.holder


async def test_a_renewed_lease_is_not_taken(ledger, now):
    await ledger.plan_due(Task.EVERYBODY, EVERYBODY, now)
    (one,) = await ledger.take_due(now, LEASE, 10)
    assert await ledger.renew_due(one, now + 3 * LEASE)
    assert await taken(ledger, now + 2 * LEASE) == []
    assert await ledger.next_due(now) == now + 3 * LEASE
    await ledger.done_due(one)
    assert await ledger.next_due(now) is None


async def test_planned_anew_while_somebody_works_on_it_comes_again(ledger, now):
    await ledger.plan_due(Task.VISIT, ADA, now, {"look": 3})
    (one,) = await ledger.take_due(now, LEASE, 10)
    await ledger.plan_due(Task.VISIT, ADA, now + SECOND, {"look": 0})
    await ledger.done_due(one)
    assert await taken(ledger, now) == []
    (again,) = await ledger.take_due(now + SECOND, LEASE, 10)
    assert again.facts == {"look": 0}


async def test_later_does_not_postpone_what_was_planned_anew(ledger, now):
    await ledger.plan_due(Task.VISIT, ADA, now)
    (one,) = await ledger.take_due(now, LEASE, 10)
    await ledger.plan_due(Task.VISIT, ADA, now + SECOND, {"look": 0})
    await ledger.later_due(one, now + 5 * LEASE, {"look": 4})
    (again,) = await ledger.take_due(now + SECOND, LEASE, 10)
    assert again.facts == {"look": 0}


async def test_later_comes_later_with_its_facts(ledger, now):
    await ledger.plan_due(Task.VISIT, ADA, now, {"look": 0})
    (one,) = await ledger.take_due(now, LEASE, 10)
    await ledger.later_due(one, now + 5 * SECOND, {"look": 1})
    assert await taken(ledger, now + 4 * SECOND) == []
    (again,) = await ledger.take_due(now + 5 * SECOND, LEASE, 10)
    assert (again.facts, again.attempts) == ({"look": 1}, 2)


@LINUX
async def test_what_a_dead_process_held_is_taken_at_once(ledger, database, now):
    await ledger.plan_due(Task.VISIT, ADA, now)
    await ledger.take_due(now, LEASE, 10)
    dead = json.dumps(this_process() | {"pid": "4194304", "lease": "x"})  # above the highest number a process can have
    await database.write(lambda connection: connection.execute(update(due).values(holder=dead)))
    assert await taken(ledger, now) == [(Task.VISIT, ADA)]


@LINUX
async def test_what_a_killed_process_held_is_taken_at_once(ledger, folder, now):
    await ledger.plan_due(Task.VISIT, ADA, now)
    script = Path(__file__).with_name("holder.py")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(script), str(folder), now.isoformat()), stdout=asyncio.subprocess.PIPE
    )
    assert await process.stdout.readline() == b"1\n"
    assert await taken(ledger, now) == []
    process.kill()
    await process.wait()
    assert await taken(ledger, now) == [(Task.VISIT, ADA)]


EVENTS = st.lists(
    st.tuples(st.sampled_from(["plan", "take", "done", "later", "crash", "wait"]), st.integers(0, 2)), max_size=40
)


@pytest.mark.parametrize("people", [(ADA, BRUNO, EVERYBODY)])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=EVENTS)
async def test_nothing_is_lost_and_nothing_is_done_twice_at_once(ledger, database, now, people, events):
    """Whatever was planned is taken once its time has come after the planning, and never by two who both hold it."""
    await database.write(lambda connection: connection.execute(due.delete()))
    at, owed, held = now, set(), {}
    for event, number in events:
        person = people[number]
        if event == "plan":
            await ledger.plan_due(Task.VISIT, person, at)
            owed.add(person)
        elif event == "take":
            for one in await ledger.take_due(at, LEASE, 1 + number):
                assert one.person not in held
                held[one.person] = (one, at + LEASE)
                owed.discard(one.person)
        elif event == "crash":  # nobody ends it; it is owed again
            if person in held:
                owed.add(person)
                at = max(at, held.pop(person)[1])
        elif event == "wait":
            at += SECOND
        elif person in held:
            one, _ = held.pop(person)
            await (ledger.done_due(one) if event == "done" else ledger.later_due(one, at + SECOND))
            owed |= {person} if event == "later" else set()
        lapsed = {who for who, (_, until) in held.items() if until <= at}
        owed |= lapsed
        held = {who: one for who, one in held.items() if who not in lapsed}
    for one, _ in held.values():
        await ledger.done_due(one)
    last = await ledger.take_due(at + LEASE, LEASE, 10)
    assert {one.person for one in last} == owed
