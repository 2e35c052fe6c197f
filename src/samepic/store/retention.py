"""Retention: which pictures something still speaks of, and giving up what is older than it has to be kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, Select, delete, func, or_, select, union_all, update

from samepic.model import Digest
from samepic.store.page import Page
from samepic.store.portal_schema import arrivals, gallery
from samepic.store.portraits import PLACEHOLDER
from samepic.store.schema import asks, baselines, journal, pins, portraits


class Retention(Page):
    async def retire(self, before: datetime, at: datetime) -> None:
        """Gives up the originals of writes that were settled before that instant, so that they cannot be undone any
        more, and what is known of pictures noted before it, but for the newest of each slot.

        The pictures themselves stay until a sweep. A source that shows such a version again is fetched again.
        """
        originals = update(journal).where(
            journal.c.settled_at < before, journal.c.retired_at.is_(None), journal.c.replaced != {}
        )

        def work(connection: Connection) -> None:
            connection.execute(originals.values(retired_at=at))
            connection.execute(delete(portraits).where(portraits.c.id.in_(_outlived(before))))

        await self._database.write(work)

    async def referenced(self, since: datetime) -> set[Digest]:
        """Every picture that is needed: what is right in a slot, what sources showed, what undo puts back, what people
        added, what is under way. Of the journal and of what people removed, that which is not older than `since`.
        """
        return await self._database.read(lambda connection: set(_referenced(connection, since)))


def _outlived(before: datetime) -> Select[tuple[int]]:
    """Notes from before the instant that are not the newest of their slot; pictures and placeholders apart."""
    place = func.row_number().over(
        partition_by=[portraits.c.system, portraits.c.ref, portraits.c.digest == PLACEHOLDER],
        order_by=[portraits.c.at.desc(), portraits.c.id.desc()],
    )
    ranked = select(portraits.c.id, portraits.c.at, place.label("place")).subquery()
    return select(ranked.c.id).where(ranked.c.place > 1, ranked.c.at < before)


def _referenced(connection: Connection, since: datetime) -> Iterator[Digest]:
    recent = or_(journal.c.settled_at.is_(None), journal.c.settled_at >= since)
    there = or_(gallery.c.removed_at.is_(None), gallery.c.removed_at >= since)
    columns = union_all(
        select(baselines.c.want),
        select(portraits.c.digest),
        select(asks.c.want),
        select(pins.c.refused).where(pins.c.refused.is_not(None)),
        select(arrivals.c.want).where(arrivals.c.arrived_at.is_(None)),
        select(gallery.c.digest).where(there),
        select(gallery.c.original).where(there),
        select(journal.c.want).where(recent, journal.c.want.is_not(None)),
        select(journal.c.before_want).where(recent, journal.c.before_want.is_not(None)),
    )
    for (digest,) in connection.execute(columns):
        yield Digest(digest)
    for replaced in connection.scalars(select(journal.c.replaced).where(journal.c.retired_at.is_(None))):
        yield from map(Digest, replaced.values())
