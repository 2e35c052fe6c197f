"""What the stores of the practice tenant do to picture bytes. Pure.

Exchange keeps what it is given as up to nine square JPEGs; Entra keeps the bytes as they came; SharePoint makes three
thumbnails. Re-encoding here carries EXIF along and leaves CMYK as CMYK: whether the cloud does is not documented, and
a client that copes with this one copes with a tidier one.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image

SIDES = (48, 64, 96, 120, 240, 360, 432, 504, 648)
"""Sides of the squares a mailbox serves, in pixels (learn.microsoft.com/graph/api/profilephoto-get)."""

THUMBNAILS = {"S": 48, "M": 72, "L": 200}
"""Widths of SharePoint's thumbnails, in pixels, heights following (as PnP's Core.ProfilePictureUploader makes them)."""

_FORMATS = ("JPEG", "PNG", "GIF", "BMP")  # a phone's MPO begins as a JPEG and is opened as one
_LARGEST = 50_000_000  # pixels; a picture beyond is a bomb, not a face
_QUALITY = 90


class NotAPicture(ValueError):
    """These bytes cannot be decoded as a picture, whatever they were declared to be."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What bytes turn out to be: media type, width and height in pixels as stored (not turned by EXIF)."""

    media_type: str
    width: int
    height: int


def squares(width: int, height: int) -> tuple[int, ...]:
    """Sides of the squares a mailbox makes of a picture: none larger than the picture itself."""
    return tuple(side for side in SIDES if side <= min(width, height))


def inspect(data: bytes) -> Shape:
    """Decodes the bytes to the end, so that a broken picture is refused now. Raises NotAPicture."""
    image = _open(data)
    return Shape(Image.MIME["JPEG" if image.format == "MPO" else image.format or "JPEG"], *image.size)


def to_square(data: bytes, side: int) -> bytes:
    """The middle square as a JPEG of that side: how a mailbox re-encodes."""
    image = _open(data)
    edge = min(image.size)
    left, top = (image.width - edge) // 2, (image.height - edge) // 2
    return _jpeg(image, (side, side), (left, top, left + edge, top + edge))


def to_width(data: bytes, width: int) -> bytes:
    """The whole picture as a JPEG of that width, enlarged where it was smaller: how SharePoint makes thumbnails."""
    image = _open(data)
    return _jpeg(image, (width, max(1, round(image.height * width / image.width))), (0, 0, *image.size))


def _open(data: bytes) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(data), formats=_FORMATS)
        if image.width * image.height > _LARGEST:
            raise NotAPicture("The picture has too many pixels.")
        image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as why:
        raise NotAPicture(str(why)) from None
    return image


def _jpeg(image: Image.Image, size: tuple[int, int], box: tuple[int, int, int, int]) -> bytes:
    exif = image.getexif()
    scaled = _paintable(image).resize(size, Image.Resampling.LANCZOS, box)
    written = io.BytesIO()
    scaled.save(written, "JPEG", quality=_QUALITY, exif=exif.tobytes() if exif else b"")
    return written.getvalue()


def _paintable(image: Image.Image) -> Image.Image:
    """The picture in a mode JPEG can hold; what shines through lies on white."""
    if image.mode in {"RGB", "CMYK", "L"}:
        return image
    if not image.has_transparency_data:
        return image.convert("RGB")
    over = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), over).convert("RGB")
