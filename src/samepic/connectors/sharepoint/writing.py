"""Putting a picture down: three files, the profile's properties, and the look that all of it is there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from samepic.connectors.sharepoint.library import Library
from samepic.connectors.sharepoint.look import Look, Looking
from samepic.connectors.sharepoint.profile import SIZES, Profiles, Thumbnails, timestamp
from samepic.errors import ConnectorError, Failed, Moved, Throttled, Unclear
from samepic.model import Photo

ROUNDS = 5
"""How often a picture is written that SharePoint says it took and does not show."""

ADDRESS, TAKEN_AT, PLACEHOLDER = "PictureURL", "SPS-PictureTimestamp", "SPS-PicturePlaceholderState"
SYNC_STATE = "SPS-PictureExchangeSyncState"


@dataclass(frozen=True, slots=True)
class Missing:
    """What was written and is not to be seen: sizes of files, names of properties."""

    files: frozenset[str]
    properties: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.files | self.properties)


def missing(before: Look, after: Look, thumbnails: Thumbnails, photos: Mapping[str, Photo]) -> Missing:
    """A file is there if it has our bytes, or was at least overwritten: what SharePoint makes of them is its own."""
    files = {
        size
        for size, photo in photos.items()
        if after.contents.get(size) != photo.data and after.files.get(size) == before.files.get(size)
    }
    address = set() if after.thumbnails == thumbnails else {ADDRESS}
    return Missing(frozenset(files), frozenset(address | ({PLACEHOLDER} if after.profile.placeholder else set())))


def properties_for(thumbnails: Thumbnails, my_site: str, now: datetime, sync_state: str) -> dict[str, str]:
    """What a profile says of a picture that was put there. A `sync_state` of "leave" leaves that as it is."""
    found = {ADDRESS: thumbnails.address(my_site, "M"), TAKEN_AT: timestamp(now), PLACEHOLDER: "0"}
    return found if sync_state == "leave" else found | {SYNC_STATE: sync_state}


class Writing:
    def __init__(self, system: str, library: Library, profiles: Profiles, looking: Looking) -> None:
        self._system = system
        self._library = library
        self._profiles = profiles
        self._looking = looking

    async def put(
        self, upn: str, before: Look, thumbnails: Thumbnails, photos: Mapping[str, Photo], properties: Mapping[str, str]
    ) -> Look | None:
        """Writes, looks, and writes again what is not to be seen then: a yes alone is not believed.

        Gives the look after; None where everything was written and only that look failed.
        """
        left = Missing(frozenset(SIZES), frozenset(properties))
        for round_ in range(ROUNDS):
            write = partial(self._write_again if round_ else self._write_over, upn, before, thumbnails)
            wanted = [write(size, photos[size].data) for size in SIZES if size in left.files]
            await self._all(wanted, upn, _only(properties, left.properties), begun=round_ > 0)
            try:
                after = await self._looking.at(upn, thumbnails, SIZES, contents=True)
            except ConnectorError:
                return None
            left = missing(before, after, thumbnails, photos)
            if not left:
                return after
        raise Unclear("SharePoint said that it took the picture, but shows what was there before.", system=self._system)

    async def _write_over(self, upn: str, before: Look, thumbnails: Thumbnails, size: str, data: bytes) -> None:
        """Writes over what was seen, and over nothing else. An etag alone is no proof that it is something else: our
        own write finds another one, too, where it is repeated because its answer was lost.
        """
        seen = before.files.get(size)
        try:
            await self._library.write(thumbnails.path(size), data, seen.etag if seen else "")
        except (Moved, Unclear) as trouble:
            now = await self._now(upn, thumbnails, size, trouble)
            if now.contents.get(size) == data:
                return
            if now.files.get(size) != seen:
                raise
            await self._library.write(thumbnails.path(size), data)

    async def _write_again(self, _upn: str, _before: Look, thumbnails: Thumbnails, size: str, data: bytes) -> None:
        await self._library.write(thumbnails.path(size), data)

    async def _now(self, upn: str, thumbnails: Thumbnails, size: str, trouble: ConnectorError) -> Look:
        try:
            return await self._looking.at(upn, thumbnails, (size,), contents=True)
        except ConnectorError:
            raise trouble from None

    async def remove(self, upn: str, thumbnails: Thumbnails | None) -> None:
        files = [self._library.delete(thumbnails.path(size)) for size in SIZES] if thumbnails else []
        await self._all(files, upn, {ADDRESS: "", PLACEHOLDER: "1"})

    async def _all(
        self, files: Sequence[Awaitable[None]], upn: str, properties: Mapping[str, str], *, begun: bool = False
    ) -> None:
        """The files side by side, since somebody waits for them; then the properties together. What breaks after
        anything was written has left a picture half done: Unclear.
        """
        answers = await asyncio.gather(*files, return_exceptions=True)
        troubles = [one for one in answers if isinstance(one, BaseException)]
        done = len(answers) - len(troubles)
        try:
            for trouble in troubles:
                raise trouble
            if properties:
                await self._profiles.write(upn, properties)
        except (Throttled, Failed, Moved) as trouble:
            if done or begun:
                raise Unclear(f"{done} files were written, then: {trouble}", system=self._system) from trouble
            raise


def _only(properties: Mapping[str, str], names: frozenset[str]) -> dict[str, str]:
    return {name: value for name, value in properties.items() if name in names}
