"""Pictures by description, made when somebody looks: a world of a million people holds a million lines, not pictures.

A *source* is a short text that says how to get at bytes, always the same bytes:

    upload/DIGEST                    bytes somebody gave us
    portrait/FINISH/SIDE/NAME/SEED/OCCASION
                                     the person of a seed and a given name, drawn as on an occasion (any text); finish
                                     is plain, cmyk, or phone (EXIF-turned, with GPS data)
    room/..., team/...               as above, for a meeting room and for a mailbox that several share
    square/SIDE/SOURCE               a source as a mailbox re-encodes it
    width/PIXELS/SOURCE              a source as SharePoint makes a thumbnail of it
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import lru_cache

from PIL import ExifTags, Image

from samepic.model import Kind
from samepic.practice.people import Person
from samepic.practice.pictures import to_square, to_width
from samepic.practice.portraits import cast, draw, draw_room, draw_team

_KEPT = 512  # pictures of about 50 kB in memory


def portrait(world: int, person: Person, occasion: str = "", finish: str = "plain", side: int = 648) -> str:
    """A picture of one of a world's people; the occasion that is no text gave the first of their pictures."""
    kind = {Kind.ROOM: "room", Kind.SHARED: "team"}.get(person.kind, "portrait")
    return f"{kind}/{finish}/{side}/{person.given}/{world}-{person.index}/{occasion}"


def team(world: int, seed: str, name: str, side: int = 648) -> str:
    """A picture of a group of people."""
    return f"team/plain/{side}/{name}/{world}-{seed}/"


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
        if kind in {"portrait", "room", "team"}:
            finish, side, name, seed, occasion = rest.split("/", 4)
            return _finished(finish, _drawn(kind, int(side), name, seed, occasion))
        measure, _, inner = rest.partition("/")
        return {"square": to_square, "width": to_width}[kind](read(inner), int(measure))

    return read


def _drawn(kind: str, side: int, name: str, seed: str, occasion: str) -> Image.Image:
    if kind == "portrait":
        return draw(seed, side, occasion, cast(name))
    return {"room": draw_room, "team": draw_team}[kind](seed, side, occasion)


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
