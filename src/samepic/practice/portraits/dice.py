"""Choices that follow from a text: the same on every machine and in every process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Choices by `Random.random` alone, the one method that Python promises never to change."""

    def __init__(self, text: str) -> None:
        self._random = Random(f"samepic portrait {text}").random  # noqa: S311 -- a drawing, not a secret

    def between(self, low: int, high: int) -> int:
        """Any of low to high, both included."""
        return low + int(self._random() * (high - low + 1))

    def among(self, options: Sequence[T]) -> T:
        return options[self.between(0, len(options) - 1)]

    def weighed(self, weights: Mapping[T, int]) -> T:
        return self.among([option for option, weight in weights.items() for _ in range(weight)])

    def chance(self, percent: int) -> bool:
        return self.between(1, 100) <= percent
