"""A person's profile in SharePoint: where it says the picture is, and whether it is shown.

PictureURL                    address of the medium thumbnail; the only honest source of its name
SPS-PicturePlaceholderState   "0" the picture is shown, "1" a placeholder is shown in its place
SPS-PictureTimestamp          when it was last taken over, in seconds since the year 1
SPS-PictureExchangeSyncState  "1" SharePoint fetches from Exchange, "0" it does not
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from samepic.connectors.answers import Answer
from samepic.connectors.forecast import profiles_in_five_minutes
from samepic.connectors.http import origin
from samepic.connectors.sharepoint.batch import PARTS, Question, Write, ask_all, write_all
from samepic.connectors.sharepoint.site import Site, literal
from samepic.connectors.traffic import Bucket
from samepic.errors import ConnectorError, Failed, Gone, Hidden

SIZES = ("S", "M", "L")
"""Thumbnails in the order they are written: the large one carries the version, so it is last."""

_MANAGER = "/SP.UserProfiles.PeopleManager"
_YEAR_ONE_TO_1970 = 62_135_596_800
_THUMBNAIL = re.compile(r"(?P<stem>/.+)_[SML]Thumb\.jpg", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """The files of one picture; `stem` is what their server-relative addresses begin with, before `_LThumb.jpg`."""

    stem: str

    def path(self, size: str) -> str:
        return f"{self.stem}_{size}Thumb.jpg"

    def address(self, site: str, size: str) -> str:
        return site + quote(self.path(size))


@dataclass(frozen=True, slots=True)
class Profile:
    picture_url: str
    placeholder: bool
    timestamp: str

    @property
    def shows_picture(self) -> bool:
        return bool(self.picture_url) and not self.placeholder

    @property
    def untouched(self) -> bool:
        """Nobody ever gave this profile a picture."""
        return not self.picture_url and self.timestamp in ("", "0")

    def thumbnails(self, my_site: str) -> Thumbnails | None:
        """The files in the My Site host's library; None without an address. Raises Hidden if it leads elsewhere."""
        if not self.picture_url:
            return None
        path = thumbnail_path(self.picture_url, my_site)
        named = _THUMBNAIL.fullmatch(path) if path else None
        if named is None:
            raise Hidden("The profile's picture is not in the My Site host's library.")
        return Thumbnails(named["stem"])


def thumbnail_path(address: str, my_site: str) -> str | None:
    """The server-relative path an address on the My Site host means; None for one on another host."""
    return unquote(urlsplit(address).path) if origin(address) == origin(my_site) else None


def account_name(upn: str) -> str:
    """The claim a member signs in by; it is how SharePoint names profiles."""
    return f"i:0#.f|membership|{upn}"


def profile_from(said: Any) -> Profile:
    """Raises Gone for `odata.null`, which is how SharePoint says that there is no such profile."""
    if said is None or (isinstance(said, dict) and said.get("odata.null")):
        raise Gone("SharePoint has no profile of this account yet.")
    try:
        values = {entry["Key"]: str(entry["Value"] or "") for entry in said["UserProfileProperties"]}
    except (KeyError, TypeError):
        raise Failed("SharePoint's answer about a profile has an unknown shape.") from None
    return Profile(
        picture_url=values.get("PictureURL", "").strip(),
        placeholder=values.get("SPS-PicturePlaceholderState") == "1",
        timestamp=values.get("SPS-PictureTimestamp", ""),
    )


def timestamp(now: datetime) -> str:
    """An instant as SharePoint notes it: whole seconds since the year 1."""
    return str(int(now.timestamp()) + _YEAR_ONE_TO_1970)


def profile_question(upn: str) -> Question:
    return Question(f"{_MANAGER}/GetPropertiesFor(accountName=@v)?@v={literal(account_name(upn))}")


def _profile(answer: Answer | ConnectorError) -> Profile | ConnectorError:
    try:
        return answer if isinstance(answer, ConnectorError) else profile_from(answer.json())
    except ConnectorError as trouble:
        return trouble


def _flow(allowed: int) -> tuple[float, int]:
    """(rate a second, burst) that keep any five minutes within what is allowed in five minutes: a third at once."""
    return allowed * 2 / 3 / 300, max(1, allowed // 3)


class Profiles:
    """Reads profiles through the tenant's main site; writes them through its admin site, since no other may."""

    def __init__(self, site: Site, admin: Site, allowed: int | None = None) -> None:
        """`allowed` is how many profiles may be asked for in five minutes; None: what Microsoft publishes."""
        self._site = site
        self._admin = admin
        self._allowed = allowed
        around = site.session.around
        self._budget = Bucket(*_flow(allowed or profiles_in_five_minutes(0)), around.clock, around.sleep)

    def among(self, licences: int) -> None:
        """The tenant has so many licences, which its budget goes by."""
        self._budget.widen(*_flow(self._allowed or profiles_in_five_minutes(licences)))

    async def turn(self) -> None:
        """Waits until one more profile may be asked for by somebody else."""
        await self._budget.turn()

    async def read(self, upn: str) -> Profile:
        await self.turn()
        return profile_from((await self._site.get(profile_question(upn).path)).json())

    async def read_all(self, upns: Sequence[str]) -> list[Profile | ConnectorError]:
        """One profile or trouble for each, in their order."""
        found: list[Profile | ConnectorError] = []
        for start in range(0, len(upns), PARTS):
            some = upns[start : start + PARTS]
            await self._budget.turn(len(some))
            found += [_profile(answer) for answer in await ask_all(self._site, [profile_question(upn) for upn in some])]
        return found

    async def write(self, upn: str, properties: Mapping[str, str]) -> None:
        """Sets properties of a profile that is known to be there, in their order."""
        await self._budget.turn(len(properties))
        await write_all(self._admin, [_property_write(upn, name, value) for name, value in properties.items()])


def _property_write(upn: str, name: str, value: str) -> Write:
    said = {"accountName": account_name(upn), "propertyName": name, "propertyValue": value}
    kind = {"Content-Type": "application/json;odata=verbose"}
    return Write(f"{_MANAGER}/SetSingleValueProfileProperty", json.dumps(said).encode(), kind)
