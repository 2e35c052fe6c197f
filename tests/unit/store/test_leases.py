"""Leases: all or nothing, fenced, and taken over only from the dead or the late."""

import os
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from samepic.errors import Busy
from samepic.model import PersonId, Slot
from samepic.store.database import Database
from samepic.store.process import is_dead, this_process

A, B, C = (Slot("exchange", ref) for ref in "abc")
TTL = timedelta(minutes=5)
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux can prove a process dead")


@pytest.fixture
async def other(ledger, now) -> int:
    return await ledger.begin_run("apply", "schedule", "", now)


@pytest.fixture
def writes(ledger, now):
    """Whether a write under the token is let through."""

    async def try_it(run: int, token: int, slot: Slot) -> bool:
        try:
            await ledger.open_intent(run, token, PersonId("p"), "put", slot, None, None, {}, None, now)
        except Busy:
            return False
        return True

    return try_it


async def test_tokens_rise_over_all_leases(ledger, run, now):
    tokens = []
    for slot in (A, B, A, C):
        tokens.append(await ledger.lease(run, [slot], now, TTL))
        await ledger.free(tokens[-1])
    assert tokens == sorted(set(tokens))


async def test_a_held_slot_is_busy_naming_the_run(ledger, run, other, now):
    await ledger.lease(run, [A, B], now, TTL)
    with pytest.raises(Busy, match=f"Run {run} ") as refused:
        await ledger.lease(other, [B], now, TTL)
    assert refused.value.run == run


async def test_all_or_nothing(ledger, run, other, now):
    await ledger.lease(run, [B], now, TTL)
    with pytest.raises(Busy):
        await ledger.lease(other, [A, B, C], now, TTL)
    await ledger.lease(other, [A, C], now, TTL)


async def test_a_run_has_to_free_its_own_lease_first(ledger, run, now):
    await ledger.lease(run, [A], now, TTL)
    with pytest.raises(Busy):
        await ledger.lease(run, [A], now, TTL)


async def test_thousands_of_slots_some_named_twice(ledger, run, other, now):
    many = [Slot(system, str(number)) for system in ("entra", "sharepoint") for number in range(1300)]
    token = await ledger.lease(run, many + many[:10], now, TTL)
    with pytest.raises(Busy):
        await ledger.lease(other, [many[-1]], now, TTL)
    await ledger.free(token)
    await ledger.lease(other, many, now, TTL)


async def test_freeing_gives_everything_back_and_may_be_repeated(ledger, run, other, now, writes):
    token = await ledger.lease(run, [A, B], now, TTL)
    await ledger.free(token)
    await ledger.free(token)
    assert not await writes(run, token, A)
    await ledger.lease(other, [A, B], now, TTL)


async def test_one_that_has_run_out_is_taken_over_and_fenced_off(ledger, run, other, now, writes):
    late = await ledger.lease(run, [A, B], now, TTL)
    with pytest.raises(Busy):
        await ledger.lease(other, [A], now + TTL - timedelta(microseconds=1), TTL)
    token = await ledger.lease(other, [A], now + TTL, TTL)
    assert token > late
    assert await writes(other, token, A)
    assert not await writes(run, late, A)
    assert not await writes(run, late, B)
    with pytest.raises(Busy) as refused:
        await ledger.renew(late, now + TTL, TTL)
    assert refused.value.run == other


async def test_one_that_has_run_out_still_writes_while_nobody_else_came(ledger, run, now, writes):
    token = await ledger.lease(run, [A], now, timedelta(0))
    assert await writes(run, token, A)
    assert not await writes(run, token, B)


async def test_renewing_makes_it_last(ledger, run, other, now):
    token = await ledger.lease(run, [A], now, TTL)
    await ledger.renew(token, now + TTL, TTL)
    with pytest.raises(Busy):
        await ledger.lease(other, [A], now + 2 * TTL - timedelta(seconds=1), TTL)
    await ledger.lease(other, [A], now + 2 * TTL, TTL)


async def test_renewing_what_was_freed_is_refused(ledger, run, now):
    token = await ledger.lease(run, [A], now, TTL)
    await ledger.free(token)
    with pytest.raises(Busy, match="given back"):
        await ledger.renew(token, now, TTL)


HOLDER = """
import asyncio, sys, time
from datetime import datetime, timedelta
from pathlib import Path
from samepic.model import Slot
from samepic.store.database import Database
from samepic.store.ledger import Ledger

async def main(folder, now):
    ledger = Ledger(await Database.open(Path(folder)))
    run = await ledger.begin_run("apply", "manual", "", now)
    token = await ledger.lease(run, [Slot("exchange", "a")], now, timedelta(minutes=5))
    print(run, token, flush=True)
    sys.stdin.read()

asyncio.run(main(sys.argv[1], datetime.fromisoformat(sys.argv[2])))
"""


def holder(folder: Path, now: datetime) -> subprocess.Popen[str]:
    """A process that has leased A and tells its run and token."""
    command = [sys.executable, "-c", HOLDER, str(folder), now.isoformat()]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def kill_without_collecting(child: subprocess.Popen[str]) -> None:
    child.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)


@LINUX
async def test_a_lease_is_taken_over_from_a_killed_process_but_not_from_a_living_one(ledger, folder, run, now, writes):
    with holder(folder, now) as child:
        theirs, token = map(int, child.stdout.readline().split())
        with pytest.raises(Busy, match=f"Run {theirs} "):
            await ledger.lease(run, [A], now, TTL)
        kill_without_collecting(child)
        ours = await ledger.lease(run, [A], now, TTL)
    assert ours > token
    assert not await writes(theirs, token, A)
    assert await writes(run, ours, A)


@LINUX
def test_only_certain_death_counts():
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    me = this_process()
    gone = me | {"pid": str(ended.pid)}
    assert not is_dead(me)
    assert is_dead(gone)
    assert is_dead(me | {"born": "1"})  # the number was given to another process since
    for place in ("host", "boot", "space"):
        assert not is_dead(gone | {place: "elsewhere"})
        assert not is_dead({name: value for name, value in gone.items() if name != place})


async def test_a_lease_of_another_host_has_to_run_out(folder, ledger, run, other, now, database: Database):
    await ledger.lease(run, [A], now, TTL)
    await database.write(
        lambda connection: connection.execute(text("""UPDATE leases SET holder = '{"host": "other", "pid": "1"}'"""))
    )
    with pytest.raises(Busy):
        await ledger.lease(other, [A], now, TTL)
    await ledger.lease(other, [A], now + TTL, TTL)
