"""Are two pictures the same picture, after a service has scaled, cropped, re-encoded and slightly recoloured it?

A signature is the picture at 48 pixels across, which is the smallest any system keeps. Two signatures are laid over
each other as well as they go (`alignment`), mild differences in brightness and colour are taken out, and what is left
is looked at spot by spot: re-encoding leaves a little everywhere, another face leaves a lot somewhere.

"Same" lets samepic adopt a picture without asking anybody, so that whatever is in doubt is UNSURE.
`docs/concepts/pictures.md` has the measured rates.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Self

from PIL import Image, ImageChops, ImageFilter, ImageStat

from samepic.imaging.alignment import ACROSS, MIDDLE, Box, align, common, cut, differences, spread
from samepic.imaging.framing import Crop, centre, frame
from samepic.imaging.picture import Picture
from samepic.model import Likeness

_HEADER = struct.Struct(">BH")
_VERSION = 1
_LUMA, _CHROMA = ACROSS**2, (ACROSS // 2) ** 2
LENGTH = _HEADER.size + _LUMA + 2 * _CHROMA
"""Bytes of a stored signature."""


@dataclass(frozen=True, slots=True)
class Signature:
    """The square that `frame` cuts, made small: luma 48 x 48, blue and red chroma 24 x 24 (BT.601, as in JPEG).

    `side` is how many pixels of the picture the square had: small pictures are noisier.
    """

    luma: bytes = field(repr=False)
    chroma: tuple[bytes, bytes] = field(repr=False)
    side: int

    def to_bytes(self) -> bytes:
        """For storing and sending; LENGTH bytes, which are 3,459."""
        return _HEADER.pack(_VERSION, self.side) + self.luma + b"".join(self.chroma)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Raises ValueError where `to_bytes` of this version did not make it; sign the picture again then."""
        if len(data) != LENGTH:
            raise ValueError("not as long as a signature")
        version, side = _HEADER.unpack_from(data)
        if version != _VERSION or side == 0:
            raise ValueError("not a signature of this version")
        body = data[_HEADER.size :]
        return cls(body[:_LUMA], (body[_LUMA:-_CHROMA], body[-_CHROMA:]), side)


def sign(picture: Picture) -> Signature:
    """The signature of the picture's square; deterministic."""
    return _signed(picture, frame(picture.size, picture.face))


def sign_all(picture: Picture) -> tuple[Signature, ...]:
    """The signature of our square, and of those that others cut where these lie elsewhere.

    Most cut in the very middle, and nobody looks for faces; we do not either where the detector is missing.
    """
    crops = dict.fromkeys((frame(picture.size, picture.face), frame(picture.size), centre(picture.size)))
    return tuple(_signed(picture, crop) for crop in crops)


def _signed(picture: Picture, crop: Crop) -> Signature:
    box = (crop.left, crop.top, crop.left + crop.side, crop.top + crop.side)
    whole = Image.frombytes("RGB", picture.size, picture.pixels)
    small = whole.resize((ACROSS, ACROSS), Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)
    luma, blue, red = small.convert("YCbCr").split()
    return Signature(luma.tobytes(), (blue.reduce(2).tobytes(), red.reduce(2).tobytes()), crop.side)


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
    first, second = _band(a.luma, ACROSS), _band(b.luma, ACROSS)
    boxes = [_inside(box) for box in common(align(first, second))]
    one, other = (cut(band, box, ACROSS) for band, box in zip((first, second), boxes, strict=True))
    contrast = min(spread(one), spread(other))
    structure = min(1.0, contrast / _ORDINARY_CONTRAST * 2)  # without any, colour is all a picture shows
    other = _recoloured(other, one, _MOST_BRIGHTER * structure)
    allowed = ImageChops.darker(_edges(one), _edges(other)).point(lambda v: v * _EDGE)
    left = differences(one, other)
    tints = [_tint(*bands, boxes, _MOST_TINTED * structure) for bands in zip(a.chroma, b.chroma, strict=True)]
    emphasis = min(_MOST_EMPHASIS, max(1.0, _ORDINARY_CONTRAST / max(contrast, 1.0)))
    return Difference(
        speck=_worst(left, allowed) * emphasis,
        spot=_worst(left.filter(_OVER_A_SPOT), allowed.point(lambda v: v / 2)) * emphasis,
        tint=max(tints) * emphasis,
        spread=spread(left) * emphasis,
    )


_OVER_A_SPOT = ImageFilter.BoxBlur(1)


def _tint(first: bytes, second: bytes, boxes: Sequence[Box], most: float) -> float:
    one, other = (_half_cut(chroma, box) for chroma, box in zip((first, second), boxes, strict=True))
    return _worst(differences(one, _recoloured(other, one, most)).filter(_OVER_A_SPOT))


def _half_cut(chroma: bytes, box: Box) -> Image.Image:
    left, top, right, bottom = box
    return cut(_band(chroma, ACROSS // 2), (left / 2, top / 2, right / 2, bottom / 2), ACROSS // 2)


def _inside(box: Box) -> Box:
    """Without the outermost cell, into which scaling mixes what only one of the two pictures has beyond its edge."""
    left, top, right, bottom = box
    return left + 1, top + 1, right - 1, bottom - 1


def _band(data: bytes, across: int) -> Image.Image:
    return Image.frombytes("L", (across, across), data)


def _edges(band: Image.Image) -> Image.Image:
    """How much a band changes within a cell's neighbours."""
    return ImageChops.subtract(band.filter(ImageFilter.MaxFilter(3)), band.filter(ImageFilter.MinFilter(3)))


def _worst(left: Image.Image, allowed: Image.Image | None = None) -> int:
    """The largest difference in either direction, after taking off what is allowed there."""
    size = ImageChops.difference(left, Image.new("L", left.size, MIDDLE))
    return max((ImageChops.subtract(size, allowed) if allowed else size).tobytes())


_MOST_GAIN = 1.15
_MOST_BRIGHTER, _MOST_TINTED = 12.0, 4.0  # levels; more tint than this is another wall or another shirt
_LEAST_TO_SCALE = 3.0


def _recoloured(band: Image.Image, like: Image.Image, most: float) -> Image.Image:
    """The band with its mean moved towards that of another by `most` levels at most, and its spread a little."""
    ours, theirs = ImageStat.Stat(band), ImageStat.Stat(like)
    gain = theirs.stddev[0] / ours.stddev[0] if ours.stddev[0] > _LEAST_TO_SCALE else 1.0
    gain = min(_MOST_GAIN, max(1 / _MOST_GAIN, gain))
    middle = ours.mean[0]
    target = middle + min(most, max(-most, theirs.mean[0] - middle))
    return band.point([min(255, max(0, round((level - middle) * gain + target))) for level in range(256)])


@dataclass(frozen=True, slots=True)
class _Ceiling:
    """How much difference re-encoding leaves: `large` in any picture, `small` more in one of 48 pixels."""

    large: float
    small: float

    def at(self, side: int) -> float:
        return self.large + self.small * min(1.0, ACROSS / side) ** 2


_SPECK, _SPOT, _TINT, _SPREAD = _Ceiling(8.0, 26.0), _Ceiling(5.0, 5.0), _Ceiling(5.0, 8.0), _Ceiling(3.2, 3.8)
_PLAINLY = 2.5  # times the ceiling


def compare(a: Signature, b: Signature) -> Likeness:
    """SAME where re-encoding explains what differs, DIFFERENT where it plainly does not, else UNSURE."""
    found, side = difference(a, b), min(a.side, b.side)
    over = max(found.spot / _SPOT.at(side), found.tint / _TINT.at(side), found.spread / _SPREAD.at(side))
    if over >= _PLAINLY:
        return Likeness.DIFFERENT
    return Likeness.SAME if over <= 1 and found.speck <= _SPECK.at(side) else Likeness.UNSURE


def compare_all(ours: Sequence[Signature], theirs: Sequence[Signature]) -> Likeness:
    """The closest of any two squares of two pictures."""
    closest = Likeness.DIFFERENT
    for one, other in product(ours, theirs):
        match compare(one, other):
            case Likeness.SAME:
                return Likeness.SAME
            case Likeness.UNSURE:
                closest = Likeness.UNSURE
    return closest
