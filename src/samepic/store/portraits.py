"""Source pictures: which version of a slot was which picture, so that an unchanged source costs no fetch."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, insert, select

from samepic.model import Digest, Slot
from samepic.store.page import Page
from samepic.store.schema import at_slot, place, portraits, rows_of, slot_values

PLACEHOLDER = Digest("0" * 64)
"""In place of a digest: this version is nobody's picture. No bytes are kept under it."""

_NOTE = insert(portraits).prefix_with("OR REPLACE")  # a new id: now it is the newest

_EVER = (
    select(portraits.c.digest, func.max(portraits.c.at).label("noted"))
    .where(at_slot(portraits), portraits.c.digest != PLACEHOLDER)
    .group_by(portraits.c.digest)
    .order_by(func.max(portraits.c.at).desc(), func.max(portraits.c.id).desc())
)


class Portraits(Page):
    async def known_digests(self, system: str, refs: Collection[str] | None = None) -> dict[tuple[str, str], Digest]:
        """By (ref, version), of these refs or of the whole system: the picture last noted for it, or PLACEHOLDER."""
        wanted = select(portraits.c.ref, portraits.c.version, portraits.c.digest).order_by(portraits.c.id)
        return await self._database.read(
            lambda connection: {
                (row.ref, row.version): Digest(row.digest)
                for row in rows_of(connection, wanted, portraits, system, refs)
            }
        )

    async def last_digests(self, system: str, refs: Collection[str] | None = None) -> dict[str, Digest]:
        """By ref, of these or of all: the picture last noted for the slot, whatever its version."""
        wanted = (
            select(portraits.c.ref, portraits.c.digest)
            .where(portraits.c.digest != PLACEHOLDER)
            .order_by(portraits.c.at, portraits.c.id)
        )
        return await self._database.read(
            lambda connection: {
                row.ref: Digest(row.digest) for row in rows_of(connection, wanted, portraits, system, refs)
            }
        )

    async def note_digest(self, slot: Slot, version: str, digest: Digest, at: datetime) -> None:
        """The slot, showing `version`, gave these bytes. What was noted before stays known to `portraits_of`."""
        row = slot_values(slot) | {"version": version, "digest": digest, "at": at}
        await self._database.write(lambda connection: connection.execute(_NOTE, row))

    async def portraits_of(self, slot: Slot) -> list[tuple[Digest, datetime]]:
        """Every picture ever noted for the slot, each once with when it was last noted, newest first."""
        return await self._database.read(
            lambda connection: [(Digest(row.digest), row.noted) for row in connection.execute(_EVER, place(slot))]
        )
