"""Graph's profilePhoto: whose it is, and how it is described (learn.microsoft.com/graph/api/resources/profilephoto)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from samepic.practice.graphwire import GraphError
from samepic.practice.people import Person
from samepic.practice.world import Picture, Store

_SIZE = re.compile(r"(\d+)x(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Whose:
    """A person, a group or a team that a path to a picture names; `home` is where its picture is written."""

    of: str
    id: str
    owner: str
    home: Store
    person: Person | None
    first: tuple[str, str, int, int] | None = None
    mailbox: bool = True

    @property
    def without_is_missing(self) -> bool:
        """Which of the two documented answers is given where there is no picture."""
        return self.person is None or self.person.index % 2 == 0


def size_of(text: str) -> tuple[int, int]:
    match = _SIZE.fullmatch(text)
    if match is None:
        raise GraphError(HTTPStatus.BAD_REQUEST, "ErrorInvalidImageId", "Unrecognized photo size requested.")
    return int(match[1]), int(match[2])


def metadata(picture: Picture, size: tuple[int, int]) -> dict[str, Any]:
    return {
        "@odata.mediaContentType": picture.media_type if picture.store is Store.ENTRA else "image/jpeg",
        "@odata.mediaEtag": f'"{picture.etag}"',
        "id": f"{size[0]}x{size[1]}",
        "width": size[0],
        "height": size[1],
    }


def no_size() -> dict[str, Any]:
    return {"@odata.mediaContentType": "image/gif", "@odata.mediaEtag": "", "id": "1x1", "width": 1, "height": 1}
