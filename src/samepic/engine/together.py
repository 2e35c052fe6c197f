"""Doing the same for many, a few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import TypeVar

_One = TypeVar("_One")
_Made = TypeVar("_Made")

A_WHILE = 100
"""After so many that had nothing to wait for, whoever else runs in this process gets a turn."""


async def each(items: Iterable[_One], work: Callable[[_One], Awaitable[_Made]], at_once: int) -> list[_Made]:
    """What the work makes of each, in the order of the items; at most `at_once` are under way.

    A few workers take one after the other: most people cost less than a task of their own would. Raises the first
    trouble; nothing new is begun after it.
    """
    made: dict[int, _Made] = {}
    left = enumerate(items)
    workers = [asyncio.ensure_future(_worker(left, work, made)) for _ in range(at_once)]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)  # nothing goes on after this
    return [made[number] for number in sorted(made)]


async def _worker(
    left: Iterator[tuple[int, _One]], work: Callable[[_One], Awaitable[_Made]], made: dict[int, _Made]
) -> None:
    for number, item in left:
        made[number] = await work(item)
        if not number % A_WHILE:
            await asyncio.sleep(0)
