"""Contradictions: slots that must not be touched, since nobody can tell whose they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from samepic.model import Slot
from samepic.store.page import Page
from samepic.store.portal_schema import contradictions
from samepic.store.schema import execute_all, in_parts, slot_values


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Why, as a code and facts."""

    code: str
    facts: Mapping[str, str]


class Contradictions(Page):
    async def set_contradictions(self, found: Mapping[Slot, Contradiction]) -> None:
        """Those that there are now, in place of all that were known before."""
        rows = [slot_values(slot) | {"code": one.code, "facts": dict(one.facts)} for slot, one in found.items()]

        def work(connection: Connection) -> None:
            connection.execute(delete(contradictions))
            execute_all(connection, insert(contradictions), rows)

        await self._database.write(work)

    async def contradictions(self, slots: Collection[Slot] | None = None) -> dict[Slot, Contradiction]:
        """Of these slots, or all there are."""
        parts = [None] if slots is None else list(in_parts(contradictions, slots))

        def work(connection: Connection) -> dict[Slot, Contradiction]:
            found = {}
            for some in parts:
                wanted = select(contradictions) if some is None else select(contradictions).where(some)
                for row in connection.execute(wanted):
                    found[Slot(row.system, row.ref)] = Contradiction(row.code, row.facts)
            return found

        return await self._database.read(work)
