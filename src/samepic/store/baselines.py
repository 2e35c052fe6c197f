"""Baselines: what we last knew to be right in a slot, and every version that was right there before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from samepic.model import Baseline, By, Digest, Slot
from samepic.store import schema
from samepic.store.page import Page

KEPT_VERSIONS = 20
"""How many versions of a slot are remembered; a stale replica shows the last one or two."""


class Baselines(Page):
    async def baselines(self, system: str, refs: Collection[str] | None = None) -> dict[str, Baseline]:
        """By ref: of these refs, or of the whole system."""

        def work(connection: Connection) -> dict[str, Baseline]:
            rows = schema.rows_of(connection, select(schema.baselines), schema.baselines, system, refs)
            return {row.ref: _baseline(row) for row in rows}

        return await self._database.read(work)

    async def baseline(self, slot: Slot) -> Baseline | None:
        """The one of a single slot."""

        def work(connection: Connection) -> Baseline | None:
            row = connection.execute(_ONE, schema.place(slot)).one_or_none()
            return None if row is None else _baseline(row)

        return await self._database.read(work)

    async def set_baseline(self, slot: Slot, baseline: Baseline | None, run: int | None = None) -> None:
        """Sets the slot's baseline without a write to the system, as when adopting; None forgets it."""
        await self._database.write(lambda connection: note_baseline(connection, slot, baseline, run))

    async def versions(self, system: str, refs: Collection[str] | None = None) -> dict[str, frozenset[str]]:
        """By ref, of these or of all: every version a slot showed while a baseline named it, the newest 20.

        Seen again, such a version is old news.
        """
        wanted = select(schema.versions.c.ref, schema.versions.c.version)

        def work(connection: Connection) -> dict[str, frozenset[str]]:
            found = defaultdict(set)
            for row in schema.rows_of(connection, wanted, schema.versions, system, refs):
                found[row.ref].add(row.version)
            return {ref: frozenset(versions) for ref, versions in found.items()}

        return await self._database.read(work)


def note_baseline(connection: Connection, slot: Slot, baseline: Baseline | None, run: int | None) -> None:
    """Sets or forgets the baseline; the versions it went by stay known."""
    if baseline is None:
        connection.execute(_FORGET, schema.place(slot))
    else:
        note_baselines(connection, {slot: baseline}, run)


def note_baselines(connection: Connection, right: Mapping[Slot, Baseline], run: int | None) -> None:
    """Sets the baselines of many."""
    schema.execute_all(connection, _SET, [_row(slot, one) | {"run": run} for slot, one in right.items()])
    versions = {slot: one.version for slot, one in right.items() if one.version is not None}
    newest = [schema.slot_values(slot) | {"version": version} for slot, version in versions.items()]
    schema.execute_all(connection, _NEWEST, newest)
    schema.execute_all(connection, _FORGET_OLDEST, [schema.place(slot) for slot in versions])


def _row(slot: Slot, baseline: Baseline) -> dict[str, Any]:
    values = {"want": baseline.want, "version": baseline.version, "by": baseline.by.value, "at": baseline.at}
    return schema.slot_values(slot) | values


_ONE = select(schema.baselines).where(schema.at_slot(schema.baselines))
_SET = schema.upsert(schema.baselines)
_FORGET = delete(schema.baselines).where(schema.at_slot(schema.baselines))
_NEWEST = insert(schema.versions).prefix_with("OR REPLACE")  # a new id: now it is the newest
_FORGET_OLDEST = delete(schema.versions).where(
    schema.versions.c.id.in_(
        select(schema.versions.c.id)
        .where(schema.at_slot(schema.versions))
        .order_by(schema.versions.c.id.desc())
        .limit(-1)
        .offset(KEPT_VERSIONS)
    )
)


def _baseline(row: Row[Any]) -> Baseline:
    return Baseline(Digest(row.want), row.version, By(row.by), row.at)
