"""Asks: systems that were prompted to fetch a picture by themselves, and have not been judged yet."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from samepic.model import Digest, Slot
from samepic.store.page import Page
from samepic.store.schema import asks, at_slot, execute_all, place, rows_of, slot_values, upsert

_NOTE = upsert(asks)
_END = delete(asks).where(at_slot(asks))


@dataclass(frozen=True, slots=True)
class Ask:
    """The slot was asked `at` to become `want`; `link` is where the person has to go, if they have to."""

    slot: Slot
    want: Digest
    at: datetime
    link: str | None = None


class Asks(Page):
    async def note_ask(self, ask: Ask) -> None:
        """Notes the ask; an earlier one of the same slot is replaced."""
        row = slot_values(ask.slot) | {"want": ask.want, "at": ask.at, "link": ask.link}
        await self._database.write(lambda connection: connection.execute(_NOTE, row))

    async def asks(self, system: str, refs: Collection[str] | None = None) -> dict[str, Ask]:
        """By ref: of these refs, or of the whole system."""
        return await self._database.read(
            lambda connection: {
                row.ref: Ask(Slot(row.system, row.ref), row.want, row.at, row.link)
                for row in rows_of(connection, select(asks), asks, system, refs)
            }
        )


def end_asks(connection: Connection, slots: Collection[Slot]) -> None:
    """They have been judged, or given up; fine where there are none."""
    execute_all(connection, _END, [place(slot) for slot in slots])
