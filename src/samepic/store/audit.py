"""The audit log: who signed in, and what administrators and programs did. Nothing is ever changed or removed here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select

from samepic.model import PersonId
from samepic.store.page import Page
from samepic.store.portal_schema import audit


@dataclass(frozen=True, slots=True)
class Audited:
    """One line. `actor` is a person's id, or how else whoever did it is called; `person` whom it was done to."""

    id: int
    at: datetime
    actor: str
    what: str
    person: PersonId | None
    facts: Mapping[str, Any]


class Audit(Page):
    async def note_audit(
        self, actor: str, what: str, person: PersonId | None, facts: Mapping[str, Any], at: datetime
    ) -> None:
        """Adds a line. `facts` are small and hold no secrets: whoever may read the log reads them."""
        row = {"at": at, "actor": actor, "what": what, "person": person, "facts": dict(facts)}
        await self._database.write(lambda connection: connection.execute(insert(audit), row))

    async def audit(
        self, before: int | None = None, limit: int = 100, *, person: PersonId | None = None, what: str = ""
    ) -> list[Audited]:
        """Newest first: of everybody and everything, or of one person or one thing; `before` is the last id seen."""
        wanted = select(audit).order_by(audit.c.id.desc()).limit(limit)
        if before is not None:
            wanted = wanted.where(audit.c.id < before)
        if person is not None:
            wanted = wanted.where(audit.c.person == person)
        if what:
            wanted = wanted.where(audit.c.what == what)
        return await self._database.read(lambda connection: [_audited(row) for row in connection.execute(wanted)])


def _audited(row: Row[Any]) -> Audited:
    person = None if row.person is None else PersonId(row.person)
    return Audited(row.id, row.at, row.actor, row.what, person, row.facts)
