"""SharePoint's user profiles as far as pictures go: which properties there are, and what a pull writes into them. Pure.

`PictureURL` is kept with the My Site host's address as `~my`, because that address may differ after a restart.
"""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote, unquote

from samepic.practice.people import Person
from samepic.practice.userphotos import LIBRARY

PICTURE = "PictureURL"
TIMESTAMP = "SPS-PictureTimestamp"
PLACEHOLDER = "SPS-PicturePlaceholderState"
EXCHANGE_SYNC = "SPS-PictureExchangeSyncState"
PROFILE_DEFAULTS = {PICTURE: "", TIMESTAMP: "", PLACEHOLDER: "", EXCHANGE_SYNC: ""}
MY = "~my"

_YEAR_ONE = datetime(1, 1, 1, tzinfo=UTC)


def timestamp(at: datetime) -> str:
    """Seconds since 0001-01-01, as observed in SPS-PictureTimestamp."""
    return str(int((at - _YEAR_ONE).total_seconds()))


def thumbnail_name(stem: str, letter: str) -> str:
    """The file of a size S, M or L. Files that SharePoint makes itself have the object id for a stem."""
    return f"{stem}_{letter}Thumb.jpg"


def thumbnail_path(address: str, letter: str) -> str | None:
    """The server-relative path of the file of that size, given the kept PictureURL of another; None where elsewhere."""
    if not address.startswith(MY):
        return None
    medium = unquote(address.removeprefix(MY).partition("?")[0])
    stem, found, ending = medium.rpartition("_MThumb")
    return f"{stem}_{letter}Thumb{ending}" if found else medium


def pulled_properties(folder: str, stem: str, at: datetime) -> dict[str, str]:
    """What a pull leaves in the profile: the M thumbnail's address, when, shown, and pulled from Exchange."""
    return {
        PICTURE: MY + quote(f"/{LIBRARY}/{folder}/{thumbnail_name(stem, 'M')}"),
        TIMESTAMP: timestamp(at),
        PLACEHOLDER: "0",
        EXCHANGE_SYNC: "1",
    }


def account_name(person: Person) -> str:
    """The name claims-based sign-in gives the person."""
    return f"i:0#.f|membership|{person.upn.casefold()}"


def upn_of(account: str) -> str:
    """The UPN in an account name, with or without the claims prefix."""
    return account.rpartition("|")[2]
