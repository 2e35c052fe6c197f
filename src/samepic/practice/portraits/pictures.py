"""The awkward files that real people upload, made from a drawn person."""

from __future__ import annotations

from io import BytesIO

from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from samepic.practice.portraits.look import traits_of
from samepic.practice.portraits.palette import mix
from samepic.practice.portraits.person import draw_look

_UPRIGHT_IS_RIGHT_TOP = 6
"""EXIF orientation: the stored picture has to be turned a quarter clockwise to be seen upright."""


def phone_picture(seed: str) -> bytes:
    """A JPEG as a phone makes it: 1200 x 1600 seen upright, stored sideways, with camera and GPS tags."""
    look = traits_of(seed)
    scene = Image.new("RGB", (1200, 1600), mix(look.theme.wall, (40, 46, 60), 14))
    scene.paste(look.theme.accent, (0, 0, 1200, 340))
    scene.paste(draw_look(look, 1200), (0, 400))
    return _jpeg(scene.transpose(Image.Transpose.ROTATE_90), exif=_camera_tags())


def print_picture(seed: str) -> bytes:
    """A JPEG as a print shop sends it: CMYK, 600 x 750, 300 dots per inch."""
    look = traits_of(seed)
    card = Image.new("RGB", (600, 750), (255, 255, 255))
    card.paste(draw_look(look, 600), (0, 0))
    return _jpeg(card.convert("CMYK"), dpi=(300, 300))


def _camera_tags() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Practice", "Pocket Camera 3"
    exif[0x0112] = _UPRIGHT_IS_RIGHT_TOP
    exif[0x0132] = "2024:05:17 09:30:00"
    exif.get_ifd(0x8825).update({1: "N", 2: _degrees(47, 36, 23), 3: "W", 4: _degrees(122, 19, 51)})
    return exif


def _degrees(*parts: int) -> tuple[IFDRational, ...]:
    return tuple(IFDRational(part, 1) for part in parts)


def _jpeg(image: Image.Image, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=88, **options)
    return out.getvalue()
