"""Pins: slots that an undo, or a person, keeps from being written again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from samepic.model import Digest, Slot
from samepic.store import schema
from samepic.store.page import Page


@dataclass(frozen=True, slots=True)
class Pin:
    """Keeps `refused` out of the slot; None refuses whatever the source says, a removal included."""

    slot: Slot
    refused: Digest | None
    reason: str
    at: datetime


class Pins(Page):
    async def pins(self, system: str, refs: Collection[str] | None = None) -> dict[str, Pin]:
        """By ref: of these refs, or of the whole system."""
        return await self._database.read(
            lambda connection: {
                row.ref: Pin(Slot(row.system, row.ref), row.refused, row.reason, row.at)
                for row in schema.rows_of(connection, select(schema.pins), schema.pins, system, refs)
            }
        )

    async def pin(self, pin: Pin) -> None:
        """Pins the slot; an earlier pin of it is replaced."""
        await self._database.write(lambda connection: note_pin(connection, pin))

    async def release(self, slot: Slot) -> bool:
        """Takes the pin away; False where there was none."""
        return await self._database.write(
            lambda connection: connection.execute(_RELEASE, schema.place(slot)).rowcount > 0
        )


def note_pin(connection: Connection, pin: Pin) -> None:
    values = {"refused": pin.refused, "reason": pin.reason, "at": pin.at}
    connection.execute(_PIN, schema.slot_values(pin.slot) | values)


_PIN = schema.upsert(schema.pins)
_RELEASE = delete(schema.pins).where(schema.at_slot(schema.pins))
