"""Are two pictures the same picture, after a service has scaled, cropped, re-encoded and slightly recoloured it?

A signature is the picture at 48 pixels across, which is the smallest any system keeps. Two signatures are laid over each
other as well as they go, mild differences in brightness and colour are taken out, and what is left is looked at spot by
spot: re-encoding leaves a little everywhere, another face leaves a lot somewhere.

"Same" lets samepic adopt a picture without asking anybody, so that whatever is in doubt is UNSURE.
`docs/concepts/pictures.md` has the measured rates.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

from PIL import Image, ImageChops, ImageFilter, ImageStat

from samepic.imaging.framing import centre, frame
from samepic.imaging.picture import Picture
from samepic.model import Likeness

_ACROSS = 48
_HEADER = struct.Struct(">BHB")
_VERSION = 1

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Signature:
    """A picture as small as it can be compared: luma 48 across, chroma 24 across (BT.601, as JPEG has them).

    It covers the square that `frame` cuts, and below it as much as the plain centred square would show, so that either
    crop of it can be found. `side` is how many pixels of the picture that square had: small pictures are noisier.
    """

    luma: bytes = field(repr=False)
    chroma: tuple[bytes, bytes] = field(repr=False)
    side: int

    @property
    def rows(self) -> int:
        return len(self.luma) // _ACROSS

    def to_bytes(self) -> bytes:
        """About 3.5 kB."""
        return _HEADER.pack(_VERSION, self.side, self.rows) + self.luma + b"".join(self.chroma)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Raises ValueError where `to_bytes` of this version did not make it; sign the picture again then."""
        if len(data) < _HEADER.size or data[0] != _VERSION:
            raise ValueError("not a signature of this version")
        _, side, rows = _HEADER.unpack_from(data)
        body = data[_HEADER.size :]
        luma, chroma = _ACROSS * rows, _ACROSS * rows // 4
        if len(body) != luma + 2 * chroma:
            raise ValueError("a signature of the wrong length")
        return cls(body[:luma], (body[luma : luma + chroma], body[luma + chroma :]), side)


def sign(picture: Picture) -> Signature:
    """The picture's signature; deterministic."""
    framed, centred = frame(picture.size), centre(picture.size)
    cell = framed.side / _ACROSS
    rows = _ACROSS + 2 * int((centred.top - framed.top) / cell / 2)
    box = (framed.left, framed.top, framed.left + framed.side, framed.top + rows * cell)
    image = Image.frombytes("RGB", picture.size, picture.pixels).crop(_whole(box, picture.size))
    inner = (0, box[1] - int(box[1]), framed.side, box[3] - int(box[1]))
    small = image.resize((_ACROSS, rows), _FILTER, box=inner, reducing_gap=3.0).convert("YCbCr")
    luma, *chroma = small.split()
    blue, red = (band.reduce(2).tobytes() for band in chroma)
    return Signature(luma.tobytes(), (blue, red), min(framed.side, 0xFFFF))


_FILTER = Image.Resampling.LANCZOS


def _whole(box: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
    return int(box[0]), int(box[1]), int(box[2]), min(size[1], int(box[3]) + 1)


# --- laying one over the other -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Shift:
    """Where the second signature lies on the first: moved by cells, and larger by `scale`."""

    right: float = 0.0
    down: float = 0.0
    scale: float = 1.0


_FARTHEST_DOWN = 7  # cells that two services' squares of one tall picture may differ by, beyond what a signature covers
_FARTHEST_RIGHT = 1.5
_FARTHEST_SCALE = 0.03
_LEAST_OVERLAP = 0.8 * _ACROSS
_ALIGN_AT = 24
_STEPS = (1 / 2, 1 / 4, 1 / 8)


def _align(first: Image.Image, second: Image.Image) -> _Shift:
    """The shift that leaves the least: whole cells up and down first, then ever smaller steps in every direction."""
    downs = range(_ACROSS - second.height - _FARTHEST_DOWN, first.height - _ACROSS + _FARTHEST_DOWN + 1)
    cost, best = min((_misfit(first, second, shift), shift.down, shift) for shift in (_Shift(0, d) for d in downs))[::2]
    for step in _STEPS:
        improved = True
        while improved:
            improved = False
            for shift in _neighbours(best, step):
                tried = _misfit(first, second, shift)
                if tried < cost:
                    cost, best, improved = tried, shift, True
    return best


def _neighbours(shift: _Shift, step: float) -> Iterator[_Shift]:
    for sign_, (right, down, scale) in itertools.product((-1, 1), ((step, 0, 0), (0, step, 0), (0, 0, step / 50))):
        moved = _Shift(shift.right + sign_ * right, shift.down + sign_ * down, shift.scale + sign_ * scale)
        if abs(moved.right) <= _FARTHEST_RIGHT and abs(moved.scale - 1) <= _FARTHEST_SCALE:
            yield moved


def _misfit(first: Image.Image, second: Image.Image, shift: _Shift) -> float:
    """Spread of the difference in luma, 0 to 255; infinite where too little is common."""
    boxes = _common(first.height, second.height, shift)
    left, top, right, bottom = boxes[0]
    if min(right - left, bottom - top) < _LEAST_OVERLAP:
        return float("inf")
    return _spread(_difference(_cut(first, boxes[0], _ALIGN_AT), _cut(second, boxes[1], _ALIGN_AT)))


def _common(first_rows: int, second_rows: int, shift: _Shift) -> tuple[Box, Box]:
    """What both show, in cells of the first and of the second."""
    left, right = max(0, shift.right), min(_ACROSS, _ACROSS / shift.scale + shift.right)
    top, bottom = max(0, shift.down), min(first_rows, second_rows / shift.scale + shift.down)
    mapped = (
        max(0, (left - shift.right) * shift.scale),
        max(0, (top - shift.down) * shift.scale),
        min(_ACROSS, (right - shift.right) * shift.scale),
        min(second_rows, (bottom - shift.down) * shift.scale),
    )
    return (left, top, right, bottom), mapped


def _cut(band: Image.Image, box: Box, side: int) -> Image.Image:
    return band.resize((side, side), Image.Resampling.BILINEAR, box=box)


_MIDDLE = 128  # a difference of nothing, in a band that cannot hold negative values


def _difference(first: Image.Image, second: Image.Image) -> Image.Image:
    return ImageChops.subtract(first, second, 1, _MIDDLE)


def _spread(band: Image.Image) -> float:
    return ImageStat.Stat(band).stddev[0]


# --- what is left --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """What is left between two pictures, in levels of 0 to 255, as if both had ordinary contrast.

    speck   the worst difference in luma of a single cell, beyond what moving an edge a little explains
    spot    the same averaged over 3 x 3 cells
    tint    the worst difference in chroma over an area of that size
    spread  standard deviation of the difference in luma
    """

    speck: float
    spot: float
    tint: float
    spread: float


_ORDINARY_CONTRAST = 40.0  # standard deviation of luma; with less, the same change of face leaves less behind
_MOST_EMPHASIS = 4.0
_EDGE = 0.25  # of the contrast around a cell: what a quarter of a cell's move, or another filter, leaves there


def difference(a: Signature, b: Signature) -> Difference:
    """The evidence behind `compare`; the same in either order."""
    a, b = sorted((a, b), key=Signature.to_bytes)
    first, second = _band(a.luma, _ACROSS), _band(b.luma, _ACROSS)
    boxes = _common(a.rows, b.rows, _align(first, second))
    one, other = (_cut(band, box, _ACROSS) for band, box in zip((first, second), boxes, strict=True))
    contrast = min(_spread(one), _spread(other))
    other = _recoloured(other, one, contrast)
    allowed = ImageChops.darker(_edges(one), _edges(other)).point(lambda v: v * _EDGE)
    left = _difference(one, other)
    emphasis = min(_MOST_EMPHASIS, max(1.0, _ORDINARY_CONTRAST / max(contrast, 1.0)))
    return Difference(
        speck=_worst(left, allowed) * emphasis,
        spot=_worst(left.filter(_OVER_A_SPOT), allowed.point(lambda v: v / 2)) * emphasis,
        tint=max(_tint(*bands, boxes, contrast) for bands in zip(a.chroma, b.chroma, strict=True)) * emphasis,
        spread=_spread(left) * emphasis,
    )


_OVER_A_SPOT = ImageFilter.BoxBlur(1)


def _tint(first: bytes, second: bytes, boxes: tuple[Box, Box], contrast: float) -> float:
    left, top, right, bottom = boxes[0]
    one = _cut(_band(first, _ACROSS // 2), (left / 2, top / 2, right / 2, bottom / 2), _ACROSS // 2)
    left, top, right, bottom = boxes[1]
    other = _cut(_band(second, _ACROSS // 2), (left / 2, top / 2, right / 2, bottom / 2), _ACROSS // 2)
    return _worst(_difference(one, _recoloured(other, one, contrast)).filter(_OVER_A_SPOT))


def _band(data: bytes, across: int) -> Image.Image:
    return Image.frombytes("L", (across, len(data) // across), data)


def _edges(band: Image.Image) -> Image.Image:
    """How much a band changes within a cell's neighbours."""
    return ImageChops.subtract(band.filter(ImageFilter.MaxFilter(3)), band.filter(ImageFilter.MinFilter(3)))


def _worst(left: Image.Image, allowed: Image.Image | None = None) -> float:
    """The largest difference in either direction, after taking off what is allowed there."""
    size = ImageChops.difference(left, Image.new("L", left.size, _MIDDLE))
    return float((ImageChops.subtract(size, allowed) if allowed else size).getextrema()[1])


_MOST_GAIN = 1.15
_MOST_OFFSET = 12.0
_LEAST_TO_SCALE = 3.0


def _recoloured(band: Image.Image, like: Image.Image, contrast: float) -> Image.Image:
    """The band with its mean and spread moved towards those of another, no further than services mildly do.

    A picture without contrast shows nothing but its colour, so that no other colour is forgiven there.
    """
    ours, theirs = ImageStat.Stat(band), ImageStat.Stat(like)
    gain = theirs.stddev[0] / ours.stddev[0] if ours.stddev[0] > _LEAST_TO_SCALE else 1.0
    gain = min(_MOST_GAIN, max(1 / _MOST_GAIN, gain))
    most = _MOST_OFFSET * min(1.0, contrast / _ORDINARY_CONTRAST * 2)
    middle = ours.mean[0]
    target = middle + min(most, max(-most, theirs.mean[0] - middle))
    return band.point([min(255, max(0, round((level - middle) * gain + target))) for level in range(256)])


# --- the verdict ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Ceiling:
    """How much difference re-encoding leaves: `large` in any picture, `small` more in one of 48 pixels."""

    large: float
    small: float

    def at(self, side: int) -> float:
        return self.large + self.small * min(1.0, _ACROSS / side)


_SPECK, _SPOT, _TINT, _SPREAD = _Ceiling(7.0, 33.0), _Ceiling(4.0, 7.0), _Ceiling(4.5, 8.5), _Ceiling(3.0, 6.0)
_PLAINLY = 2.5  # times the ceiling


def compare(a: Signature, b: Signature) -> Likeness:
    """SAME where re-encoding explains what differs, DIFFERENT where it plainly does not, else UNSURE."""
    found, side = difference(a, b), min(a.side, b.side)
    over = max(found.spot / _SPOT.at(side), found.tint / _TINT.at(side), found.spread / _SPREAD.at(side))
    if over >= _PLAINLY:
        return Likeness.DIFFERENT
    return Likeness.SAME if over <= 1 and found.speck <= _SPECK.at(side) else Likeness.UNSURE
