"""The gallery: pictures a person added here, each with the bytes it was cut from and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from samepic.model import Digest, PersonId
from samepic.store.page import Page
from samepic.store.portal_schema import gallery
from samepic.store.schema import new_row


@dataclass(frozen=True, slots=True)
class Added:
    """One picture of a person.

    digest    the portrait: cut, square, without metadata.
    original  the bytes it was cut from.
    cut       how: the numbers of the crop.
    origin    where they came from, such as "upload" or a system's name; `by` is who brought them.
    """

    id: int
    person: PersonId
    digest: Digest
    original: Digest
    cut: Mapping[str, Any]
    origin: str
    at: datetime
    by: str
    removed_at: datetime | None = None


class Gallery(Page):
    async def add_to_gallery(
        self,
        person: PersonId,
        digest: Digest,
        original: Digest,
        cut: Mapping[str, Any],
        origin: str,
        by: str,
        at: datetime,
    ) -> int:
        """Its number; numbers rise and are never given twice. The bytes have to be on the disk already."""
        row = {
            "person": person,
            "digest": digest,
            "original": original,
            "cut": dict(cut),
            "origin": origin,
            "at": at,
            "by": by,
        }
        return await self._database.write(lambda connection: new_row(connection, gallery, row))

    async def gallery_of(self, person: PersonId) -> list[Added]:
        """The pictures that this person has not removed, newest first."""
        wanted = select(gallery).where(gallery.c.person == person, gallery.c.removed_at.is_(None))
        newest = wanted.order_by(gallery.c.id.desc())
        return await self._database.read(lambda connection: [_added(row) for row in connection.execute(newest)])

    async def gallery_picture(self, number: int) -> Added | None:
        """One picture, removed or not. Whose it is has to be checked by whoever shows it."""
        wanted = select(gallery).where(gallery.c.id == number)
        row = await self._database.read(lambda connection: connection.execute(wanted).first())
        return None if row is None else _added(row)

    async def remove_from_gallery(self, number: int, at: datetime) -> bool:
        """Takes it out of sight; False where it was gone already. What systems show does not change."""
        gone = update(gallery).where(gallery.c.id == number, gallery.c.removed_at.is_(None)).values(removed_at=at)
        return await self._database.write(lambda connection: connection.execute(gone).rowcount > 0)


def _added(row: Row[Any]) -> Added:
    return Added(
        id=row.id,
        person=PersonId(row.person),
        digest=Digest(row.digest),
        original=Digest(row.original),
        cut=row.cut,
        origin=row.origin,
        at=row.at,
        by=row.by,
        removed_at=row.removed_at,
    )
