"""Laying one small picture over another: services cut their squares a little differently, and round differently.

Bands are single-channel images `ACROSS` cells wide; a box is (left, top, right, bottom) in cells, fractions included.
"""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageChops, ImageStat

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


_FARTHEST_DOWN = 7  # cells by which two services' squares of one phone picture differ, and a little more
_FARTHEST_RIGHT = 1.5
_FARTHEST_SCALE = 0.03
_LEAST_OVERLAP = 0.8 * ACROSS
_JUDGED_AT = 24  # cells across while searching; the coarser, the smoother the way down
_STEPS = (1 / 2, 1 / 4, 1 / 8)  # cells, and fiftieths of it in scale: a cell at the far edge


def align(first: Image.Image, second: Image.Image) -> Shift:
    """The shift that leaves the least: whole cells up and down first, then ever smaller steps in every direction.

    Both are luma bands, at least as high as wide. Costs about 3 ms.
    """

    def misfit(shift: Shift) -> float:
        return _misfit(first, second, shift)

    downs = range(ACROSS - second.height - _FARTHEST_DOWN, first.height - ACROSS + _FARTHEST_DOWN + 1)
    best = min((Shift(down=down) for down in downs), key=misfit)
    least = misfit(best)
    for step in _STEPS:
        while (tried := misfit(candidate := min(_neighbours(best, step), key=misfit))) < least:
            best, least = candidate, tried
    return best


def _neighbours(shift: Shift, step: float) -> list[Shift]:
    right, down, scale = shift.right, shift.down, shift.scale
    around = (
        *(Shift(right + way, down, scale) for way in (-step, step) if abs(right + way) <= _FARTHEST_RIGHT),
        *(Shift(right, down + way, scale) for way in (-step, step)),
        *(
            Shift(right, down, scale + way / 50)
            for way in (-step, step)
            if abs(scale + way / 50 - 1) <= _FARTHEST_SCALE
        ),
    )
    return list(around)


def _misfit(first: Image.Image, second: Image.Image, shift: Shift) -> float:
    """Spread of the difference in luma, 0 to 255; infinite where too little is common."""
    boxes = common(first.height, second.height, shift)
    left, top, right, bottom = boxes[0]
    if min(right - left, bottom - top) < _LEAST_OVERLAP:
        return float("inf")
    return spread(differences(cut(first, boxes[0], _JUDGED_AT), cut(second, boxes[1], _JUDGED_AT)))


def common(first_rows: int, second_rows: int, shift: Shift) -> tuple[Box, Box]:
    """What both show, in cells of the first and of the second."""
    left, right = max(0, shift.right), min(ACROSS, ACROSS / shift.scale + shift.right)
    top, bottom = max(0, shift.down), min(first_rows, second_rows / shift.scale + shift.down)
    mapped = (
        max(0, (left - shift.right) * shift.scale),
        max(0, (top - shift.down) * shift.scale),
        min(ACROSS, (right - shift.right) * shift.scale),
        min(second_rows, (bottom - shift.down) * shift.scale),
    )
    return (left, top, right, bottom), mapped


def cut(band: Image.Image, box: Box, side: int) -> Image.Image:
    """What is in the box, at `side` x `side` pixels."""
    return band.resize((side, side), Image.Resampling.BILINEAR, box=box)


def differences(first: Image.Image, second: Image.Image) -> Image.Image:
    """Cell by cell, with MIDDLE for none."""
    return ImageChops.subtract(first, second, 1, MIDDLE)


def spread(band: Image.Image) -> float:
    """Standard deviation."""
    return ImageStat.Stat(band).stddev[0]
