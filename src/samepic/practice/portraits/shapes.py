"""Outlines in design space, in whole numbers only, so that every machine draws the same pixels.

Design space is a square of 1024 units: x runs from -512 (left) to 511 with 0 on the middle line, y from 0 (top) to
1023.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Point = tuple[int, int]
Outline = Sequence[Point]

GRID = 1024
FINE = 16
"""Curves are computed in sixteenths of a design unit."""

_STEPS = 8
_QUADRANT = ((1024, 0), (887, 512), (512, 887), (0, 1024), (-512, 887), (-887, 512))
_WHEEL = (*_QUADRANT, *((-x, -y) for x, y in _QUADRANT))
"""1024 times the cosine and sine of twelve steps of 30 degrees."""


def points(text: str) -> list[Point]:
    """Points written as SVG writes them: `points("0,10 20,30")`."""
    return [(int(x), int(y)) for x, y in (pair.split(",") for pair in text.split())]


def mirrored(half: Outline) -> list[Point]:
    """The closed outline whose right half is given, beginning and ending on the middle line."""
    return [*half, *((-x, y) for x, y in reversed(half) if x)]


def flipped(outline: Outline, way: int) -> list[Point]:
    """The outline as it is (`way` 1) or as in a mirror (`way` -1)."""
    return [(x * way, y) for x, y in outline]


def moved(outline: Outline, right: int, down: int = 0) -> list[Point]:
    return [(x + right, y + down) for x, y in outline]


def widened(outline: Outline, percent: int) -> list[Point]:
    return [(x * percent // 100, y) for x, y in outline]


def ellipse(centre: Point, rx: int, ry: int) -> list[Point]:
    return [(centre[0] + rx * x // 1024, centre[1] + ry * y // 1024) for x, y in _WHEEL]


def curve(outline: Outline, *, closed: bool) -> list[Point]:
    """Catmull-Rom through every point, in sixteenths of a unit. A point given twice in a row makes a corner."""
    ring = [outline[-1], *outline, *outline[:2]] if closed else [outline[0], *outline, outline[-1]]
    line = [
        (_on_the_way(x0, x1, x2, x3, step), _on_the_way(y0, y1, y2, y3, step))
        for (x0, y0), (x1, y1), (x2, y2), (x3, y3) in zip(ring, ring[1:], ring[2:], ring[3:], strict=False)
        for step in range(_STEPS)
    ]
    return line if closed else [*line, (outline[-1][0] * FINE, outline[-1][1] * FINE)]


def _on_the_way(before: int, start: int, end: int, after: int, step: int) -> int:
    """One coordinate, `step` of `_STEPS` on from `start`: the Catmull-Rom cubic, brought to one denominator."""
    cubic = (
        2 * start * _STEPS**3
        + (end - before) * step * _STEPS**2
        + (2 * before - 5 * start + 4 * end - after) * step**2 * _STEPS
        + (3 * start - before - 3 * end + after) * step**3
    )
    return cubic * FINE // (2 * _STEPS**3)


@dataclass(frozen=True, slots=True)
class Pose:
    """Where design space goes: moved down (units), enlarged (percent), leaning about the neck (thousandths)."""

    down: int = 0
    zoom: int = 100
    lean: int = 0

    def place(self, fine: Point, side: int) -> Point:
        """A point in sixteenths of a unit -> the nearest pixel of a picture with this side."""
        x, y = fine
        leaning_x = x - (y - _NECK) * self.lean // 1000
        leaning_y = y + x * self.lean // 1000
        shown_x = leaning_x * self.zoom // 100 + GRID * FINE // 2
        shown_y = (leaning_y - _NECK) * self.zoom // 100 + _NECK + self.down * FINE
        return _pixel(shown_x, side), _pixel(shown_y, side)


_NECK = 680 * FINE


def _pixel(fine: int, side: int) -> int:
    return (2 * fine * side + GRID * FINE) // (2 * GRID * FINE)


def bounds(pixels: Iterable[Point]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom; the last two just outside, as Pillow has it."""
    xs, ys = zip(*pixels, strict=True)
    return min(xs), min(ys), max(xs) + 1, max(ys) + 1
