"""Whose picture Graph shows: the mailbox's or Entra's. Pure.

Graph answers from the mailbox, else from Entra, and does not say which. What the picture is follows from evidence:

    mailbox (an Exchange plan)   size Graph names       store = "exchange"   store = "entra"
    yes                          one of the nine        present              Hidden: the mailbox's lies before it
    yes                          any other              none                 present
    yes                          no picture             none                 none
    no                           one of the nine        Hidden: whose?       present
    no                           any other, or none     Gone: no mailbox     present, or none

An Entra picture of exactly one of the nine sizes beside an empty mailbox cannot be told from the mailbox's.
A group has one picture, wherever it is kept, so that of a group every picture counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from samepic.connectors.answers import Answer, error_code
from samepic.errors import Failed, Gone, Hidden
from samepic.model import Sighting

Store = Literal["exchange", "entra"]

MAILBOX_SIZES = frozenset((48, 64, 96, 120, 240, 360, 432, 504, 648))
"""Sides of the squares a mailbox keeps; a picture of any other size can only be Entra's."""

NO_PICTURE = frozenset({"imagenotfound", "erroritemnotfound", "consumerphotoisnotsupported"})
"""Codes of a 404 that is about the picture; with any other code it is about the account."""

_NOT_FOUND = 404
_SIZE = re.compile(r"(\d+)x(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What Graph says about a picture: its size in pixels and its `mediaEtag`, the only mark of a change."""

    size: tuple[int, int]
    etag: str

    @property
    def fits_mailbox(self) -> bool:
        width, height = self.size
        return width == height and width in MAILBOX_SIZES


def metadata_from(answer: Answer) -> Metadata | None:
    """The picture an answer to `/photo` speaks of; None in both documented forms of "no picture".

    Those are a 404 with ImageNotFound and a 200 about a picture of one pixel. The id may be `240X240`, or a word
    such as `default`; then width and height say the size. Raises Gone for another 404, Failed for nonsense.
    """
    if answer.status == _NOT_FOUND:
        code = error_code(answer).casefold()
        if code in NO_PICTURE:
            return None
        raise Gone("Graph knows no such account.") if code else Failed("There is no Graph at this address.")
    said = answer.json()
    try:
        named = _SIZE.fullmatch(str(said.get("id", "")))
        size = (int(named[1]), int(named[2])) if named else (int(said["width"]), int(said["height"]))
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Failed("Graph's answer about a picture has an unknown shape.") from None
    if max(size) <= 1:
        return None
    return Metadata(size, str(said.get("@odata.mediaEtag") or ""))


def judge(store: Store, seen: Metadata | None, *, mailbox: bool) -> Sighting:
    """The module's table as a function. Raises Hidden or Gone."""
    if store == "entra":
        if mailbox and seen is not None and seen.fits_mailbox:
            raise Hidden("The mailbox's picture lies before the one in Entra.")
        return sighting_of(seen)
    if mailbox:
        return sighting_of(seen if seen is not None and seen.fits_mailbox else None)
    if seen is not None and seen.fits_mailbox:
        raise Hidden("Without an Exchange plan it cannot be told whether this picture is a mailbox's.")
    raise Gone("There is no mailbox: no Exchange plan is in force.")


def sighting_of(seen: Metadata | None) -> Sighting:
    return Sighting(False) if seen is None else Sighting(True, seen.etag or None)
