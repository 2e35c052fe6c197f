"""Where to cut the square out of a picture."""

from __future__ import annotations

from dataclasses import dataclass

FRAMING = 1
"""The number of the rule below; recorded with what was wanted, and raised whenever the rule changes."""


@dataclass(frozen=True, slots=True)
class Crop:
    """A square in a picture's own pixels: `left` and `top` from its upper left corner, `side` long."""

    left: int
    top: int
    side: int


def frame(size: tuple[int, int]) -> Crop:
    """The largest square of a picture `size` (width, height): in the middle, for tall pictures above it.

    Of what has to go from a tall picture, a third goes from the top and two thirds from the bottom. In a picture of
    head and shoulders the head is above the middle and what is below it is chest; the very top is mostly wall, so that
    starting there would push the face down instead. For the usual 3:4 the square lies an eighteenth of its side above
    the plain centre, which other services choose: hardly to be told apart in a small round picture.
    """
    width, height = size
    side = min(size)
    return Crop(left=(width - side) // 2, top=(height - side) // 3, side=side)


def centre(size: tuple[int, int]) -> Crop:
    """The plain centred square, which is what most services cut by themselves."""
    width, height = size
    side = min(size)
    return Crop(left=(width - side) // 2, top=(height - side) // 2, side=side)
