"""Pictures by description, made when somebody looks: a world of a million people holds a million lines, not pictures.

A *source* is a short text that says how to get at bytes, always the same bytes:

    upload/DIGEST                    bytes somebody gave us
    portrait/FINISH/SIDE/SEED        a drawn face; finish is plain, cmyk, or phone (EXIF-turned, with GPS data)
    square/SIDE/SOURCE               a source as a mailbox re-encodes it
    width/PIXELS/SOURCE              a source as SharePoint makes a thumbnail of it
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import lru_cache

from PIL import ExifTags, Image

from samepic.practice.pictures import to_square, to_width
from samepic.practice.portraits import draw

_KEPT = 512  # pictures of about 50 kB in memory


def portrait(seed: str, finish: str = "plain", side: int = 648) -> str:
    return f"portrait/{finish}/{side}/{seed}"


def upload(digest: str) -> str:
    return f"upload/{digest}"


def square(side: int, source: str) -> str:
    return f"square/{side}/{source}"


def width(pixels: int, source: str) -> str:
    return f"width/{pixels}/{source}"


def reader(uploads: Callable[[str], bytes]) -> Callable[[str], bytes]:
    """A function from source to bytes that remembers the latest. `uploads` gives the bytes of a digest."""

    @lru_cache(_KEPT)
    def read(source: str) -> bytes:
        kind, _, rest = source.partition("/")
        if kind == "upload":
            return uploads(rest)
        if kind == "portrait":
            finish, side, seed = rest.split("/", 2)
            return _finished(finish, draw(seed, int(side)))
        measure, _, inner = rest.partition("/")
        return {"square": to_square, "width": to_width}[kind](read(inner), int(measure))

    return read


def _finished(finish: str, image: Image.Image) -> bytes:
    if finish == "phone":
        return _saved(image.transpose(Image.Transpose.ROTATE_90), exif=_phone_exif().tobytes())
    return _saved(image.convert("CMYK") if finish == "cmyk" else image)


def _saved(image: Image.Image, exif: bytes = b"") -> bytes:
    written = io.BytesIO()
    image.save(written, "JPEG", quality=88, exif=exif)
    return written.getvalue()


def _phone_exif() -> Image.Exif:
    """A phone held upright: turn by 90 degrees to see it right, taken in the middle of the sea at 0 degrees."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Make] = "Contoso"
    exif[ExifTags.Base.Model] = "Practice Phone"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(
        {
            ExifTags.GPS.GPSLatitudeRef: "N",
            ExifTags.GPS.GPSLatitude: (0.0, 0.0, 0.0),
            ExifTags.GPS.GPSLongitudeRef: "E",
            ExifTags.GPS.GPSLongitude: (0.0, 0.0, 0.0),
        }
    )
    return exif
