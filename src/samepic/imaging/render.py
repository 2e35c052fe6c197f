"""Pictures fitted to what systems take. Deterministic: the same picture, crop and demand give the same bytes.

Threads may share everything here; Pillow lets other threads run while it scales and encodes.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from PIL import Image

from samepic.errors import Unfit
from samepic.imaging import scaling
from samepic.imaging.framing import Crop
from samepic.imaging.picture import Picture
from samepic.model import Demand, Photo

RENDERING = 2
"""The number of the way renditions are made; raised whenever the same input would give other bytes, rounding apart
(`scaling` has two ways)."""

BEST_QUALITY = 88
DECENT_QUALITY = 55  # below this a smaller square looks better than a coarser one
LOWEST_QUALITY = 20  # only at the smallest side a system takes

DECENT_PALETTES, SMALLEST_PALETTES = (256,), (256, 128, 64, 32)  # colours of a PNG that may not have all of them

_SHRINK = 0.8
_REDUCED_TO = 2  # scale from a level at least this much larger; box halving above it is not visible

Encoded = tuple[bytes, str]


def render(picture: Picture, crop: Crop, demand: Demand) -> Photo:
    """The largest rendition that `crop` can fill and `demand` takes; enlarged only to reach the smallest side.

    JPEG is baseline 4:2:0 at quality 88, or at the best below it whose bytes fit; PNG is lossless, or has 256 colours
    where that is too large and JPEG is not taken. Where even a low quality is too large, the side shrinks. Raises Unfit
    with the code cannot-fit.
    """
    return _render(_Ladder(picture, crop), demand)


def render_all(picture: Picture, crop: Crop, demands: Mapping[str, Demand]) -> dict[str, Photo]:
    """One rendition per demand, each the same as `render` would give, with the scaling shared. Raises as `render`."""
    ladder = _Ladder(picture, crop)
    return {name: _render(ladder, demand) for name, demand in demands.items()}


def _render(ladder: _Ladder, demand: Demand) -> Photo:
    encoders = [_ENCODERS[media_type] for media_type in demand.media_types if media_type in _ENCODERS]
    if "image/png" in demand.media_types:
        encoders.append(_png_with_a_palette)
    if not encoders:
        raise Unfit("cannot-fit", f"Only JPEG and PNG can be made, and {_listed(demand.media_types)} is asked for.")
    for side, lowest in _attempts(ladder.side, demand):
        square = ladder.square(side)
        for encode in encoders:
            fitting = encode(square, demand.max_bytes, lowest)
            if fitting is not None:
                data, media_type = fitting
                return Photo(data, media_type, (side, side))
    raise Unfit(
        "cannot-fit",
        f"The picture does not fit into {demand.max_bytes} bytes at {demand.side[0]} x {demand.side[0]} pixels.",
    )


def _listed(media_types: Iterable[str]) -> str:
    return " or ".join(media_types) or "nothing"


def _attempts(available: int, demand: Demand) -> Iterator[tuple[int, int]]:
    """Sides to try with the lowest quality that is acceptable there, best first."""
    smallest, largest = demand.side
    side = max(smallest, min(largest, available))
    while side > smallest:
        yield side, DECENT_QUALITY
        side = max(smallest, int(side * _SHRINK))
    yield smallest, LOWEST_QUALITY


class _Ladder:
    """The cropped square at its own size and at halves of it, made as needed and shared by the renditions.

    Which halves exist depends on the crop alone, so that a rendition does not depend on what else was asked for.
    """

    def __init__(self, picture: Picture, crop: Crop) -> None:
        whole = Image.frombytes("RGB", picture.size, picture.pixels)
        box = (crop.left, crop.top, crop.left + crop.side, crop.top + crop.side)
        self.side = crop.side
        self._levels = [whole.crop(box)]

    def square(self, side: int) -> Image.Image:
        """The crop at `side` x `side` pixels."""
        level = 0
        while self.side >> (level + 1) >= side * _REDUCED_TO:
            level += 1
        exact = self.side / (1 << level)  # halving an odd side leaves half a pixel over, which is not part of the crop
        return scaling.scale(self._level(level), exact, side)

    def _level(self, level: int) -> Image.Image:
        while len(self._levels) <= level:
            self._levels.append(self._levels[-1].reduce(2))
        return self._levels[level]


def _jpeg(square: Image.Image, max_bytes: int, lowest: int) -> Encoded | None:
    """At the best quality that fits, found by halving; None where the lowest is still too large."""
    at = partial(_encoded_jpeg, square)
    best = at(BEST_QUALITY)
    if len(best) > max_bytes:
        return _best_below(at, max_bytes, lowest)
    return best, "image/jpeg"


def _best_below(at: Callable[[int], bytes], max_bytes: int, lowest: int) -> Encoded | None:
    fitting = at(lowest)
    if len(fitting) > max_bytes:
        return None
    low, high = lowest, BEST_QUALITY
    while high - low > 1:
        middle = (low + high) // 2
        data = at(middle)
        if len(data) <= max_bytes:
            low, fitting = middle, data
        else:
            high = middle
    return fitting, "image/jpeg"


def _encoded_jpeg(square: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    square.save(out, "JPEG", quality=quality, subsampling="4:2:0", optimize=True, progressive=False)
    return out.getvalue()


def _png(square: Image.Image, max_bytes: int, _lowest: int) -> Encoded | None:
    data = _encoded_png(square)
    return (data, "image/png") if len(data) <= max_bytes else None


def _png_with_a_palette(square: Image.Image, max_bytes: int, lowest: int) -> Encoded | None:
    """With as many colours as fit; None where even the fewest are too large."""
    for colours in SMALLEST_PALETTES if lowest == LOWEST_QUALITY else DECENT_PALETTES:
        data = _encoded_png(square.quantize(colours, Image.Quantize.MEDIANCUT))
        if len(data) <= max_bytes:
            return data, "image/png"
    return None


def _encoded_png(square: Image.Image) -> bytes:
    out = io.BytesIO()
    square.save(out, "PNG", optimize=True)
    return out.getvalue()


_ENCODERS: Mapping[str, Callable[[Image.Image, int, int], Encoded | None]] = {"image/jpeg": _jpeg, "image/png": _png}
