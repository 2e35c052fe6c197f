"""What an attribute holds, as pictures. Pure.

A directory takes any bytes, and more than one value. One value is the picture, whatever it is: judging it is others'
business. The version is its digest, so that renaming a person, a replica or a lost memory never looks like a new
picture. Of several values the version is the digest of their digests in order, since a directory has no order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from samepic.connectors.demands import require
from samepic.errors import Refused
from samepic.model import Demand, Photo, Sighting, digest_of

PICTURE = "photo"
"""The demand's name. Where an entry holds more values, they are `photo#2`, `photo#3`, ..."""

_MORE = re.compile(rf"{PICTURE}#[1-9]\d*")
_TYPES = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG", "image/png"), (b"GIF8", "image/gif"), (b"BM", "image/bmp"))


def version(values: Sequence[bytes]) -> str:
    digests = sorted(digest_of(value) for value in values)
    return digests[0] if len(digests) == 1 else digest_of("".join(digests).encode())


def sighting(values: Sequence[bytes]) -> Sighting:
    return Sighting(True, version(values)) if values else Sighting(False)


def picture(values: Sequence[bytes]) -> Photo | None:
    """The one that counts: the largest, a JPEG before anything else."""
    if not values:
        return None
    return max(map(_photo, values), key=lambda photo: (photo.media_type == "image/jpeg", len(photo.data)))


def originals(values: Sequence[bytes]) -> dict[str, Photo]:
    """Every value by a name of its own, so that all of them can be put back."""
    names = (PICTURE, *(f"{PICTURE}#{number}" for number in range(2, len(values) + 1)))
    return dict(zip(names, map(_photo, values), strict=False))


def values(photos: Mapping[str, Photo], demands: Mapping[str, Demand]) -> list[bytes]:
    """What to store. Raises Refused unless there is one picture as demanded, or what `originals` once gave.

    What an entry held may go back although it is larger than what we would write.
    """
    more = {name: photo for name, photo in photos.items() if _MORE.fullmatch(name)}
    if not more:
        require(photos, demands)
    elif photos.keys() - more.keys() != {PICTURE}:
        raise Refused(f"Several pictures are put back as {PICTURE}, {PICTURE}#2, ..., which these are not.")
    return [photo.data for photo in photos.values()]


def _photo(data: bytes) -> Photo:
    found = (media_type for start, media_type in _TYPES if data.startswith(start))
    return Photo(data, next(found, "application/octet-stream"))
