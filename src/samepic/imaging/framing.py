"""Where to cut the square out of a picture."""

from __future__ import annotations

from dataclasses import dataclass

from samepic.imaging.picture import Face

FRAMING = 2
"""The number of the rule below; recorded with what was wanted, and raised whenever the rule changes."""

_FACE_AT = 0.46  # of the square, from above: the box ends at the brow, and hair belongs to a head as well


@dataclass(frozen=True, slots=True)
class Crop:
    """A square in a picture's own pixels: `left` and `top` from its upper left corner, `side` long."""

    left: int
    top: int
    side: int


def frame(size: tuple[int, int], face: Face | None = None) -> Crop:
    """The largest square of a picture `size` (width, height), with the face as near its middle as the edges allow.

    It never closes in on the face: somebody chose how much of themselves and of the world to show, and the largest
    square is what other services cut too. Without a face: in the middle, for tall pictures above it. Of what has to go
    from a tall picture, a third goes from the top and two thirds from the bottom. In a picture of head and shoulders
    the head is above the middle and what is below it is chest; the very top is mostly wall, so that starting there
    would push the face down instead. For the usual 3:4 the square lies an eighteenth of its side above the plain
    centre, which other services choose: hardly to be told apart in a small round picture.
    """
    width, height = size
    side = min(size)
    if face is None:
        return Crop(left=(width - side) // 2, top=(height - side) // 3, side=side)
    across, down = face.middle
    return Crop(
        left=_within(round(across - side / 2), width - side),
        top=_within(round(down - side * _FACE_AT), height - side),
        side=side,
    )


def _within(start: int, last: int) -> int:
    return max(0, min(start, last))


def centre(size: tuple[int, int]) -> Crop:
    """The plain centred square, which is what most services cut by themselves."""
    width, height = size
    side = min(size)
    return Crop(left=(width - side) // 2, top=(height - side) // 2, side=side)
