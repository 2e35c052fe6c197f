"""Pictures by digest: fetched once, checked once, compared when a version alone cannot tell.

A source's picture is identified by the digest of its bytes as fetched. The system's version leads to the digest, so an
unchanged source costs no fetch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from math import prod

from samepic.engine.choosing import Present, Unknown
from samepic.engine.organisation import Organisation
from samepic.engine.plan import Evidence
from samepic.engine.reasons import Code, because
from samepic.errors import ConnectorError, Failed, Unfit
from samepic.imaging.appearance import Appearance
from samepic.imaging.framing import frame
from samepic.imaging.likeness import compare_all
from samepic.imaging.render import render_all
from samepic.model import Demand, Digest, Likeness, Photo, Sighting, Slot, Unseen, Why
from samepic.store.portraits import PLACEHOLDER

EARLIER_COMPARED = 5
"""How many earlier portraits of a source a target's picture is compared with, newest first."""

_REMEMBERED = 10_000
"""Appearances kept in memory, those last asked for: 4 to 11 kB each."""


class Portraits:
    """One run's look at pictures; remembers appearances and the known (ref, version) -> digest of each system.

    `refs` says by system whose pictures will be asked for, where these are few; None: anybody's.
    """

    def __init__(self, org: Organisation, refs: Callable[[str], Collection[str] | None] = lambda _system: None) -> None:
        self._org = org
        self._refs = refs
        self._known: dict[str, dict[tuple[str, str], Digest]] = {}
        self._last: dict[str, dict[str, Digest]] = {}
        self._loading = asyncio.Lock()  # the first people decided on side by side would all load the same
        self._appearances: dict[Digest, Appearance] = {}  # the one asked for last at the end

    async def of_source(self, slot: Slot, sighting: Sighting) -> Present | Unknown:
        """The picture in a source slot that shows one: by its version if we know it, else fetched and checked."""
        known = await self._versions(slot.system)
        digest = None if sighting.version is None else known.get((slot.ref, sighting.version))
        if digest is None:
            try:
                digest = await self._fetched(slot)
            except ConnectorError as trouble:
                return Unknown(slot, because(Code.SOURCE_UNREADABLE, source=slot.system, detail=trouble))
            except Unfit as unfit:
                return Unknown(slot, because(Code.SOURCE_UNFIT, source=slot.system, detail=unfit.message))
            if sighting.version is not None:
                await self._org.ledger.note_digest(slot, sighting.version, digest, self._org.clock())
                known[slot.ref, sighting.version] = digest
        if digest == PLACEHOLDER:
            return Unknown(slot, because(Code.SOURCE_PLACEHOLDER, source=slot.system))
        return Present(slot, digest, sighting.version)

    async def _fetched(self, slot: Slot) -> Digest:
        """What a source shows, fetched, checked and kept. A placeholder is nobody's and is not kept.

        Raises ConnectorError and Unfit.
        """
        photo = await self._org.systems[slot.system].fetch(slot.ref)
        if photo is None:
            raise Failed("it is going away.", system=slot.system)
        appearance = await self._org.intake.appearance(photo.data, whose=True)
        if appearance.placeholder:
            return PLACEHOLDER
        self._note(photo.digest, appearance)
        return await self._org.blobs.put(photo.data)

    async def last_of(self, slot: Slot) -> Digest | None:
        """The newest picture this slot was ever seen with. One question for the whole system: many slots are empty."""
        if slot.system not in self._last:
            async with self._loading:
                if slot.system not in self._last:  # nobody else was quicker
                    refs = self._refs(slot.system)
                    self._last[slot.system] = await self._org.ledger.last_digests(slot.system, refs)
        return self._last[slot.system].get(slot.ref)

    async def renditions(self, digest: Digest, demands: Mapping[str, Demand]) -> dict[str, Photo]:
        """The portrait fitted to each demand. Raises Unfit where one cannot be met."""
        picture = await self._org.intake.read(await self._org.blobs.get(digest))
        return render_all(picture, frame(picture.size, picture.face), demands)

    async def look_at_target(
        self, slot: Slot, want: Digest, baseline: Digest | None, earlier: Sequence[Digest], *, keep: bool
    ) -> Evidence | Unseen:
        """Fetches what the target shows and compares it. A picture that cannot be used is like nothing.

        With `keep` a picture that is not the wanted one is kept, so that it can be carried elsewhere.
        """
        try:
            photo = await self._org.systems[slot.system].fetch(slot.ref)
        except ConnectorError as trouble:
            return Unseen(Why.FAILED, str(trouble))
        if photo is None:
            return Unseen(Why.FAILED, "the picture went away while we looked")
        if photo.digest == want:
            return Evidence(like_want=Likeness.SAME)
        try:
            shown = await self._appearance(photo.digest, photo.data)
        except Unfit:
            return Evidence(like_want=Likeness.DIFFERENT, like_baseline=Likeness.DIFFERENT)
        like_want = await self._like(shown, want)
        if like_want is Likeness.SAME:
            return Evidence(like_want=like_want)
        like_baseline = await self._like(shown, baseline) if baseline is not None else None
        others = [one for one in earlier if one not in {want, baseline}][:EARLIER_COMPARED]
        likes = [await self._like(shown, one) for one in others]
        kept = await self._org.blobs.put(photo.data) if keep else None
        return Evidence(like_want=like_want, like_baseline=like_baseline, earlier=Likeness.SAME in likes, shown=kept)

    async def look_at_source(self, want: Digest, baseline: Digest) -> Evidence:
        """Compares the wanted portrait with the one in the baseline."""
        if not await self._org.blobs.has(baseline):
            return Evidence(source_like_baseline=Likeness.DIFFERENT)
        new, old = await self._appearance(want), await self._appearance(baseline)
        alike = compare_all(new.signatures, old.signatures)
        return Evidence(source_like_baseline=alike, more_pixels=prod(new.original) > prod(old.original))

    async def alike(self, one: Digest, other: Digest) -> Likeness:
        """Are two kept pictures the same picture?"""
        if one == other:
            return Likeness.SAME
        return compare_all((await self._appearance(one)).signatures, (await self._appearance(other)).signatures)

    async def _like(self, shown: Appearance, digest: Digest) -> Likeness:
        if not await self._org.blobs.has(digest):
            return Likeness.UNSURE
        return compare_all(shown.signatures, (await self._appearance(digest)).signatures)

    async def _appearance(self, digest: Digest, data: bytes | None = None) -> Appearance:
        """How a picture looks: that of these bytes, or a kept one. Raises Unfit."""
        known = self._appearances.pop(digest, None)
        if known is None:
            known = await self._org.intake.appearance(await self._org.blobs.get(digest) if data is None else data)
        self._note(digest, known)
        return known

    def _note(self, digest: Digest, appearance: Appearance) -> None:
        self._appearances[digest] = appearance
        if len(self._appearances) > _REMEMBERED:
            del self._appearances[next(iter(self._appearances))]

    async def _versions(self, system: str) -> dict[tuple[str, str], Digest]:
        if system in self._known:
            return self._known[system]
        async with self._loading:
            if system not in self._known:  # nobody else was quicker
                self._known[system] = await self._org.ledger.known_digests(system, self._refs(system))
        return self._known[system]
