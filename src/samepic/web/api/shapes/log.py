"""The audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from samepic.store.ledger import Audited
from samepic.web.api.shapes.base import Shape


class LogLine(Shape):
    """One line of the audit log."""

    id: int
    at: datetime
    actor: str
    """A person's id, the name of a token after `api`, or the issuer and subject of somebody who is nobody here."""
    what: str
    person: str | None
    facts: dict[str, Any]

    @classmethod
    def of(cls, one: Audited) -> Self:
        return cls(id=one.id, at=one.at, actor=one.actor, what=one.what, person=one.person, facts=dict(one.facts))


class Log(Shape):
    lines: list[LogLine]
    next: int | None
    """What to give as `before` for the following page; none after the last."""
