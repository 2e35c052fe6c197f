"""Doing the same for many, a few at a time."""

from __future__ import annotations

import asyncio

import pytest

from samepic.engine.together import A_WHILE, each


async def test_results_come_in_the_order_of_the_items():
    async def slowly(number: int) -> int:
        for _ in range(10 - number):
            await asyncio.sleep(0)
        return number * number

    assert await each(range(10), slowly, 3) == [number * number for number in range(10)]


async def test_no_more_are_under_way_than_allowed():
    under_way, most = 0, 0

    async def work(_: int) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1

    await each(range(50), work, 4)
    assert most == 4


async def test_nothing_is_begun_after_the_first_trouble():
    begun = []

    async def work(number: int) -> None:
        begun.append(number)
        await asyncio.sleep(0)
        if number == 2:
            raise ValueError("two")

    with pytest.raises(ValueError, match="two"):
        await each(range(1000), work, 2)
    await asyncio.sleep(0)
    assert len(begun) < 10


async def test_nothing_goes_on_after_the_first_trouble():
    begun, ended = [], []

    async def work(number: int) -> None:
        begun.append(number)
        try:
            if number == 2:
                raise ValueError("two")
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)  # giving something back takes a moment
            ended.append(number)

    with pytest.raises(ValueError, match="two"):
        await each(range(1000), work, 3)
    assert sorted(ended) == begun == [0, 1, 2]


async def test_work_without_waits_leaves_others_their_turn():
    turns = 0

    async def somebody_else() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def work(number: int) -> int:
        return number

    other = asyncio.create_task(somebody_else())
    await each(range(10 * A_WHILE), work, 2)
    other.cancel()
    assert turns >= 5
