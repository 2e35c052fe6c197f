"""Laying one small picture over another: services cut their squares a little differently, and round differently.

Bands are single-channel images `ACROSS` cells wide; a box is (left, top, right, bottom) in cells, fractions included.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from operator import mul

from PIL import Image, ImageChops

ACROSS = 48
"""Cells across a square: the smallest picture that any system keeps."""

MIDDLE = 128
"""What no difference looks like, in a band that cannot hold negative values."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Shift:
    """Where the second picture lies on the first: moved by cells, and its own cells smaller by `scale`."""

    right: float = 0.0
    down: float = 0.0
    scale: float = 1.0


_FARTHEST_DOWN = 10  # cells between our square and the plain centre in a phone's tallest picture (9:20), and a little
_FARTHEST_RIGHT = 1.5
_FARTHEST_SCALE = 0.03
_JUDGED_AT = 24  # cells across while searching; the coarser, the smoother the way down
_STEPS = (1 / 2, 1 / 4, 1 / 8)  # cells, and fiftieths of it in scale: a cell at the far edge


def align(first: Image.Image, second: Image.Image) -> Shift:
    """The shift that leaves the least: whole cells up and down first, then ever smaller steps in every direction.

    Both are luma bands, ACROSS x ACROSS. Costs about 3 ms.
    """

    def misfit(shift: Shift) -> float:
        return _misfit(first, second, shift)

    downs = range(-_FARTHEST_DOWN, _FARTHEST_DOWN + 1)
    best = min((Shift(down=down) for down in downs), key=misfit)
    least = misfit(best)
    for step in _STEPS:
        while (tried := misfit(candidate := min(_neighbours(best, step), key=misfit))) < least:
            best, least = candidate, tried
    return best


def _neighbours(shift: Shift, step: float) -> list[Shift]:
    """One step each way in each direction, as far as services go."""
    steps = ((step, 0.0, 0.0), (0.0, step, 0.0), (0.0, 0.0, step / 50))
    moved = (
        Shift(shift.right + way * right, shift.down + way * down, shift.scale + way * scale)
        for right, down, scale in steps
        for way in (-1, 1)
    )
    return [one for one in moved if _plausible(one)]


def _plausible(shift: Shift) -> bool:
    return (
        abs(shift.right) <= _FARTHEST_RIGHT
        and abs(shift.down) <= _FARTHEST_DOWN
        and abs(shift.scale - 1) <= _FARTHEST_SCALE
    )


def _misfit(first: Image.Image, second: Image.Image, shift: Shift) -> float:
    """Spread of the difference in luma, 0 to 255, over what both show."""
    ours, theirs = common(shift)
    return spread(differences(cut(first, ours, _JUDGED_AT), cut(second, theirs, _JUDGED_AT)))


def common(shift: Shift) -> tuple[Box, Box]:
    """What both squares show, in cells of the first and of the second."""
    left, right = _shared(shift.right, shift.scale)
    top, bottom = _shared(shift.down, shift.scale)
    ours = (left[0], top[0], right[0], bottom[0])
    return ours, (left[1], top[1], right[1], bottom[1])


def _shared(moved: float, scale: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Along one direction: where the shared part begins and ends, each in cells of the first and of the second."""
    begin, end = max(0.0, moved), min(float(ACROSS), ACROSS / scale + moved)
    return (begin, max(0.0, (begin - moved) * scale)), (end, min(float(ACROSS), (end - moved) * scale))


def cut(band: Image.Image, box: Box, side: int) -> Image.Image:
    """What is in the box, at `side` x `side` pixels."""
    return band.resize((side, side), Image.Resampling.BILINEAR, box=box)


def differences(first: Image.Image, second: Image.Image) -> Image.Image:
    """Cell by cell, with MIDDLE for none."""
    return ImageChops.subtract(first, second, 1, MIDDLE)


_SQUARES = tuple(level**2 for level in range(256))


def spread(band: Image.Image) -> float:
    """Standard deviation; a third of what ImageStat takes for it."""
    levels = band.tobytes()
    mean = sum(levels) / len(levels)
    return sqrt(max(0.0, sum(map(mul, band.histogram(), _SQUARES)) / len(levels) - mean**2))
