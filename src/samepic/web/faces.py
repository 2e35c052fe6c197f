"""Faces: what a system shows, drawn anew at the size of a page. What a system holds is not to be trusted either."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from weakref import WeakValueDictionary

from samepic.engine.organisation import Organisation
from samepic.errors import ConnectorError, Unfit
from samepic.imaging.framing import frame
from samepic.imaging.render import render
from samepic.model import Demand, Digest, Photo, Slot
from samepic.store.blobs import Spoiled

SIDES = (96, 240, 480)
"""Pixels along the side of what pages show."""

KEPT = 1_000
"""Faces that are remembered: some 20 MB."""

Key = tuple[str, int]


class Faces:
    """Remembers what was drawn. Nobody waits for the same face to be fetched twice at the same time."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._drawn: OrderedDict[Key, Photo | None] = OrderedDict()
        self._drawing: WeakValueDictionary[Key, asyncio.Lock] = WeakValueDictionary()

    async def shown(self, org: Organisation, slot: Slot, side: int, owner: str) -> Photo | None:
        """What a slot shows; None where there is nothing to see. `owner` is who waits their turn for it."""
        version = await _version(org, slot)
        if version is None:
            return await _draw(org, await _fetched(org, slot), side, owner)
        return await self._once((f"{slot} {version}", side), lambda: _shown(org, slot, version, side, owner))

    async def kept(self, org: Organisation, digest: Digest, side: int, owner: str) -> Photo | None:
        """A picture that is kept here; None where it is gone, or cannot be read any more."""
        return await self._once((digest, side), lambda: _draw_kept(org, digest, side, owner))

    async def _once(self, key: Key, draw: Callable[[], Awaitable[Photo | None]]) -> Photo | None:
        async with self._drawing.setdefault(key, asyncio.Lock()):
            if key in self._drawn:
                self._drawn.move_to_end(key)
                return self._drawn[key]
            photo = await draw()
            if photo is not None:  # whatever failed is tried again
                self._drawn[key] = photo
                while len(self._drawn) > self._kept:
                    self._drawn.popitem(last=False)
            return photo


async def _version(org: Organisation, slot: Slot) -> str | None:
    """The version last seen in the slot."""
    remembered = (await org.ledger.remembered(slot.system, [slot.ref])).get(slot.ref)
    return remembered.sighting.version if remembered is not None and remembered.sighting.present else None


async def _shown(org: Organisation, slot: Slot, version: str, side: int, owner: str) -> Photo | None:
    """From what is kept, if this very version is; else from the system."""
    known = (await org.ledger.known_digests(slot.system, [slot.ref])).get((slot.ref, version))
    if known is not None and (photo := await _draw_kept(org, known, side, owner)) is not None:
        return photo
    return await _draw(org, await _fetched(org, slot), side, owner)


async def _fetched(org: Organisation, slot: Slot) -> bytes | None:
    try:
        photo = await org.systems[slot.system].fetch(slot.ref)
    except ConnectorError:
        return None
    return None if photo is None else photo.data


async def _draw_kept(org: Organisation, digest: Digest, side: int, owner: str) -> Photo | None:
    try:
        return await _draw(org, await org.blobs.get(digest), side, owner)
    except Spoiled:
        return None


async def _draw(org: Organisation, data: bytes | None, side: int, owner: str) -> Photo | None:
    if data is None:
        return None
    try:
        picture = await org.intake.read(data, owner=owner)
        demand = Demand(("image/jpeg",), (min(side, *picture.size), side))
        return await asyncio.to_thread(render, picture, frame(picture.size, picture.face), demand)
    except Unfit:
        return None
