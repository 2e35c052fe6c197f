"""Uploads: hostile bytes in, a portrait and what it was cut from in the gallery; nothing is shown anywhere yet."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, replace

from samepic.imaging.cropping import Cropped, Cut, cut, suggested, whole
from samepic.imaging.picture import Picture
from samepic.model import PersonId, Photo
from samepic.store.ledger import Added
from samepic.web.site import Site


async def keep_upload(site: Site, person: PersonId, data: bytes, chosen: Cut | None, *, by: str) -> Added:
    """Reads, cuts and keeps a picture; without a choice the square begins on the face. Raises Unfit.

    What is kept was drawn anew, so it carries no metadata: nobody's home is in the place where a picture was taken.
    """
    picture = await site.org.intake.read(data, owner=person, closely=True)
    return await keep_picture(site, person, picture, chosen or suggested(picture), by=by)


async def keep_picture(site: Site, person: PersonId, picture: Picture, chosen: Cut, *, by: str) -> Added:
    """The same for a picture that has been read. Raises Unfit where the square is too small."""
    portrait, uncut = await asyncio.to_thread(_both, picture, chosen)
    blobs, ledger, now = site.org.blobs, site.org.ledger, site.clock()
    original = await blobs.put(uncut.data)
    digest = await blobs.put(portrait.photo.data)
    number = await ledger.add_to_gallery(person, digest, original, asdict(chosen), "upload", by, now)
    return Added(number, person, digest, original, asdict(chosen), "upload", now, by)


def _both(picture: Picture, chosen: Cut) -> tuple[Cropped, Photo]:
    return cut(picture, chosen), whole(picture)


async def cut_again(site: Site, added: Added, picture: Picture, chosen: Cut, *, by: str) -> Added:
    """Another square of the same picture, in its place in the gallery. Raises Unfit where the square is too small."""
    portrait = await asyncio.to_thread(cut, picture, chosen)
    digest, now, how = await site.org.blobs.put(portrait.photo.data), site.clock(), asdict(chosen)
    ledger = site.org.ledger
    number = await ledger.add_to_gallery(added.person, digest, added.original, how, added.origin, by, now)
    await ledger.remove_from_gallery(added.id, now)
    return replace(added, id=number, digest=digest, cut=how, at=now, by=by)
