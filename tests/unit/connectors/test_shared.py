"""What systems have in common without knowing one another."""

import asyncio

import pytest

from samepic.connectors.shared import Shared
from samepic.errors import Failed


class Reading:
    """Work that ends when it is told to, and counts how often it was begun."""

    def __init__(self, trouble=None):
        self.begun = 0
        self.trouble = trouble
        self.ends = asyncio.Event()

    async def __call__(self):
        self.begun += 1
        await self.ends.wait()
        if self.trouble:
            raise self.trouble
        return self.begun


async def asked(shared, what, work, times):
    tasks = [asyncio.ensure_future(shared.together(what, work)) for _ in range(times)]
    await asyncio.sleep(0)
    return tasks


async def test_who_asks_while_it_is_under_way_gets_the_same():
    shared, reading = Shared(), Reading()
    tasks = await asked(shared, "users", reading, 3)
    reading.ends.set()
    assert await asyncio.gather(*tasks) == [1, 1, 1]
    assert await shared.together("users", reading) == 2


async def test_different_things_are_read_apart():
    shared, reading = Shared(), Reading()
    tasks = [*await asked(shared, "ours", reading, 1), *await asked(shared, "theirs", reading, 1)]
    reading.ends.set()
    await asyncio.gather(*tasks)
    assert reading.begun == 2


async def test_trouble_is_everybodys_and_is_not_kept():
    shared, reading = Shared(), Reading(Failed("no"))
    tasks = await asked(shared, "users", reading, 2)
    reading.ends.set()
    assert [type(one) for one in await asyncio.gather(*tasks, return_exceptions=True)] == [Failed, Failed]
    reading.trouble = None
    assert await shared.together("users", reading) == 2


async def test_who_is_cancelled_leaves_it_to_the_others():
    shared, reading = Shared(), Reading()
    first, other = await asked(shared, "users", reading, 2)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    reading.ends.set()
    assert await other == 1


def test_traffic_is_one_for_each_service():
    shared = Shared()
    assert shared.traffic("graph", "app") is shared.traffic("graph", "app")
    assert shared.traffic("graph", "app") is not shared.traffic("sharepoint", "app")
