"""The awkward files that real people upload, made from a drawn person."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw
from PIL.ExifTags import GPS, IFD, Base
from PIL.TiffImagePlugin import IFDRational

from samepic.practice.portraits.look import Look
from samepic.practice.portraits.occasion import traits_of
from samepic.practice.portraits.palette import FABRICS, darker, lighter, mix
from samepic.practice.portraits.person import draw_look

_TURN_CLOCKWISE = 6
"""EXIF orientation of a picture that has to be turned a quarter clockwise to be seen upright."""


def phone_picture(seed: str) -> bytes:
    """A JPEG as a phone makes it: 1200 x 1600 seen upright, stored sideways, telling the camera and the place."""
    upright = _at_the_desk(traits_of(seed))
    return _jpeg(upright.transpose(Image.Transpose.ROTATE_90), exif=_camera_tags())


def print_picture(seed: str) -> bytes:
    """A JPEG as a print shop sends it: CMYK, 600 x 750, 300 dots per inch, the person above a white margin."""
    card = Image.new("RGB", (600, 750), (255, 255, 255))
    card.paste(draw_look(traits_of(seed), 600), (0, 0))
    return _jpeg(card.convert("CMYK"), dpi=(300, 300))


def _at_the_desk(look: Look) -> Image.Image:
    """The person between a bookshelf and a desk; the portrait fills the square from y = 240 to 1440."""
    scene = Image.new("RGB", (1200, 1600), look.theme.wall)
    scene.paste(draw_look(look, 1200), (0, 240))
    pen = ImageDraw.Draw(scene)
    wood = mix((176, 128, 88), look.theme.wall, 25)
    for at, x in enumerate((90, 150, 196, 262, 318, 860, 930, 982, 1046)):
        cloth = FABRICS[(at * 4) % len(FABRICS)]
        pen.rectangle((x, 44 + at * 23 % 50, x + 42 + at * 5 % 12, 216), fill=mix(cloth, look.theme.wall, 20))
    pen.rectangle((0, 216, 1199, 243), fill=wood)
    pen.rectangle((0, 236, 1199, 243), fill=darker(wood))
    pen.rectangle((0, 1420, 1199, 1599), fill=wood)
    pen.rectangle((0, 1420, 1199, 1432), fill=lighter(wood))
    return scene


def _camera_tags() -> Image.Exif:
    exif = Image.Exif()
    exif[Base.Make], exif[Base.Model] = "Practice", "Pocket Camera 3"
    exif[Base.Orientation] = _TURN_CLOCKWISE
    exif[Base.DateTime] = "2024:05:17 09:30:00"
    place = exif.get_ifd(IFD.GPSInfo)
    place[GPS.GPSLatitudeRef], place[GPS.GPSLatitude] = "N", _degrees(47, 36, 23)
    place[GPS.GPSLongitudeRef], place[GPS.GPSLongitude] = "W", _degrees(122, 19, 51)
    return exif


def _degrees(*parts: int) -> tuple[IFDRational, ...]:
    return tuple(IFDRational(part, 1) for part in parts)


def _jpeg(image: Image.Image, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=88, **options)
    return out.getvalue()
