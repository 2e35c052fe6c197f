"""A person's own choice of the square: where it starts, what comes of it, and what might be wrong with it.

Everything but `Cut` takes milliseconds of processor time: from an event loop, call it in a thread.
"""

from __future__ import annotations

import io
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import Self

from PIL import Image, ImageDraw, ImageFilter, ImageStat

from samepic.errors import Unfit
from samepic.imaging.framing import Crop, frame
from samepic.imaging.picture import Face, Picture
from samepic.imaging.render import render
from samepic.imaging.silhouette import silhouette
from samepic.imaging.turning import TURNS, Size, face_after, size_after, turned
from samepic.model import Demand, Photo

LARGEST = 1200
"""Pixels along a portrait's side: nearly twice the largest that any system shows."""

SMALLEST, COARSE = 48, 240
"""Pixels below which a square is refused, as no system keeps less, and below which it looks coarse in most of them."""

_QUALITY = 95  # a portrait is encoded again for every system
_DRAWN = {"image/png", "image/gif"}  # formats of drawings and screenshots, which JPEG blurs
_FEW_COLOURS = 4096


@dataclass(frozen=True, slots=True)
class Cut:
    """A square of a picture, as three sliders and a button of a form give it: any values within their ranges fit.

    turn       degrees clockwise before anything else: 0, 90, 180 or 270.
    left, top  where the square begins, as a share of the room it has to move: 0 to 1.
    side       its length as a share of the turned picture's shorter edge: above 0, at most 1.

    Raises Unfit with the code crop.
    """

    turn: int = 0
    left: float = 0.5
    top: float = 0.5
    side: float = 1.0

    def __post_init__(self) -> None:
        # written so that not-a-number is out of range, too
        if self.turn not in TURNS or not (0 <= self.left <= 1 and 0 <= self.top <= 1 and 0 < self.side <= 1):
            raise _no_crop()

    @classmethod
    def parse(cls, form: Mapping[str, object]) -> Self:
        """From fields of those names, as text or numbers; others are ignored. Raises Unfit with the code crop."""
        try:
            left, top, side = (float(str(form[name])) for name in ("left", "top", "side"))
            turn = int(str(form["turn"]))
        except (KeyError, ValueError):
            raise _no_crop() from None
        return cls(turn, left, top, side)

    def crop(self, size: Size) -> Crop:
        """The square in the pixels of a picture that had this size before turning."""
        width, height = size_after(size, self.turn)
        side = max(1, round(self.side * min(width, height)))
        return Crop(round(self.left * (width - side)), round(self.top * (height - side)), side)


def _no_crop() -> Unfit:
    return Unfit("crop", "This is not a square of the picture. Move the sliders again.")


def suggested(picture: Picture) -> Cut:
    """The square that `frame` would choose, upright where the picture was read closely."""
    size = size_after(picture.size, picture.tilt)
    faces = _faces(picture, picture.tilt)
    crop = frame(size, faces[0] if faces else None)
    return Cut(picture.tilt, _share(crop.left, size[0] - crop.side), _share(crop.top, size[1] - crop.side))


def _share(start: int, room: int) -> float:
    """In the middle where there is no room: whoever makes the square smaller then closes in evenly."""
    return start / room if room else 0.5


def _faces(picture: Picture, turn: int) -> tuple[Face, ...]:
    return tuple(face_after(face, picture.size, turn) for face in picture.faces or ())


class Check(StrEnum):
    """What might be wrong with a portrait, worst first; never a reason to refuse it.

    The thresholds lie between 158 photographs that people used as portraits and the same ones spoilt:

    no face        none is found upright in the square; 3 of 158, all covered or bent down.
    several faces  the middles of two or more lie in it.
    small face     lower than a seventh of the square: seven pixels where a system shows 48.
    dark           95 % of it is darker than 100 of 255; it was 133 or more, and 64 at a quarter of the light. Neither
                   dark skin nor a dark wall makes a picture dark: hardly any is without a bright spot.
    bright         95 % of it is brighter than 150; it was 118 or less, and 191 when faded to a quarter.
    blurred        at 96 pixels, the Laplacian of luma has less than 0.05 of luma's variance; it was 0.079 or more, and
                   0.023 or less when blurred by 2 % of the side.
    coarse         less than 240 pixels.
    placeholder    see `silhouette`; nothing else is said then.
    """

    NO_FACE = "no face"
    SEVERAL_FACES = "several faces"
    SMALL_FACE = "small face"
    DARK = "dark"
    BRIGHT = "bright"
    BLURRED = "blurred"
    COARSE = "coarse"
    PLACEHOLDER = "placeholder"


@dataclass(frozen=True, slots=True)
class Cropped:
    """A portrait as somebody cut it, and what there is to say: COARSE where it has less than 240 pixels."""

    photo: Photo
    warning: Check | None = None


def cut(picture: Picture, chosen: Cut) -> Cropped:
    """The portrait: square, at most 1,200 pixels, JPEG of quality 95 without halved chroma, or PNG where that suits.

    PNG is for what was uploaded as PNG or GIF, has few colours and gets smaller by it. Raises Unfit with the code small
    where the square has less than 48 pixels.
    """
    square = _square(picture, chosen)
    if square.width < SMALLEST:
        raise Unfit(
            "small",
            f"This square has {square.width} pixels along its side and {SMALLEST} are needed. "
            "Make the square larger, or choose a larger picture.",
        )
    if square.width > LARGEST:
        square = square.resize((LARGEST, LARGEST), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return Cropped(_encoded(square, picture.media_type), Check.COARSE if square.width < COARSE else None)


def whole(picture: Picture) -> Photo:
    """All of it, encoded as a portrait is, without metadata: kept so that another square may be chosen later."""
    return _encoded(Image.frombytes("RGB", picture.size, picture.pixels), picture.media_type)


def _square(picture: Picture, chosen: Cut) -> Image.Image:
    whole = turned(Image.frombytes("RGB", picture.size, picture.pixels), chosen.turn)
    crop = chosen.crop(picture.size)
    return whole.crop((crop.left, crop.top, crop.left + crop.side, crop.top + crop.side))


def _encoded(square: Image.Image, uploaded_as: str) -> Photo:
    jpeg = io.BytesIO()
    square.save(jpeg, "JPEG", quality=_QUALITY, subsampling="4:4:4", optimize=True)
    if uploaded_as in _DRAWN and square.getcolors(_FEW_COLOURS) is not None:
        png = io.BytesIO()
        square.save(png, "PNG", optimize=True)
        if png.tell() <= jpeg.tell():
            return Photo(png.getvalue(), "image/png", square.size)
    return Photo(jpeg.getvalue(), "image/jpeg", square.size)


def preview(picture: Picture, chosen: Cut, side: int, *, round_: bool = False) -> bytes:
    """JPEG of `side` pixels: what a system that shows pictures at that size will show; round ones on white."""
    square = _square(picture, chosen)
    if round_:
        square = _disc(square)
    return render(_picture(square), Crop(0, 0, square.width), Demand(side=(side, side))).data


def _disc(square: Image.Image) -> Image.Image:
    mask = Image.new("L", square.size)
    ImageDraw.Draw(mask).ellipse((0, 0, square.width - 1, square.height - 1), fill=255)
    on_white = Image.new("RGB", square.size, "white")
    on_white.paste(square, mask=mask)
    return on_white


def _picture(square: Image.Image) -> Picture:
    return Picture(square.tobytes(), square.size, square.size, "image/jpeg")


_SMALL_FACE = 1 / 7
_DARK, _BRIGHT = 100, 150
_LIGHTEST, _DARKEST = 0.95, 0.05
_BLURRED = 0.05
_LOOKED_AT = 96  # pixels across; smaller squares are coarse anyway

_LAPLACIAN = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)


def checks(picture: Picture, chosen: Cut) -> list[Check]:
    """What might be wrong with the square. Nothing is said of faces where nobody looked for them."""
    square = _square(picture, chosen)
    if silhouette(_picture(square)):
        return [Check.PLACEHOLDER]
    found = {
        **_face_checks(picture, chosen),
        **_light_checks(square),
        Check.BLURRED: _blurred(square),
        Check.COARSE: square.width < COARSE,
    }
    return [check for check in Check if found.get(check)]


def _face_checks(picture: Picture, chosen: Cut) -> dict[Check, bool]:
    if picture.faces is None:
        return {}
    crop = chosen.crop(picture.size)
    inside = [face for face in _faces(picture, chosen.turn) if _holds(crop, face)]
    return {
        Check.NO_FACE: not inside or chosen.turn != picture.tilt,
        Check.SEVERAL_FACES: len(inside) > 1,
        Check.SMALL_FACE: bool(inside) and inside[0].height < _SMALL_FACE * crop.side,
    }


def _holds(crop: Crop, face: Face) -> bool:
    across, down = face.middle
    return 0 <= across - crop.left <= crop.side and 0 <= down - crop.top <= crop.side


def _light_checks(square: Image.Image) -> dict[Check, bool]:
    levels = list(accumulate(square.convert("L").histogram()))
    lightest, darkest = (bisect_left(levels, share * levels[-1]) for share in (_LIGHTEST, _DARKEST))
    return {Check.DARK: lightest < _DARK, Check.BRIGHT: darkest > _BRIGHT}


def _blurred(square: Image.Image) -> bool:
    if square.width < _LOOKED_AT:
        return False
    small = square.convert("L").resize((_LOOKED_AT, _LOOKED_AT), Image.Resampling.BOX)
    edges = small.filter(_LAPLACIAN).crop((1, 1, _LOOKED_AT - 1, _LOOKED_AT - 1))
    return ImageStat.Stat(edges).var[0] < _BLURRED * ImageStat.Stat(small).var[0]
