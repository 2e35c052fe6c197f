"""Everything an administrator does is written down before they see what came of it."""

from __future__ import annotations

from samepic.model import PersonId
from samepic.web.ask import Ask


async def note(ask: Ask, what: str, person: PersonId | None = None, /, **facts: object) -> None:
    await ask.site.org.ledger.note_audit(
        ask.who.label, what, person, {name: str(fact) for name, fact in facts.items()}, ask.site.clock()
    )
