"""What the API says of decisions, of the log, and of systems."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Self

from pydantic import AwareDatetime, Field

from samepic.model import Finding, Level, Traits
from samepic.store.ledger import Approval, Choice
from samepic.web.api.shapes.base import Shape


class Wish(Shape):
    """What a person wants in one system."""

    choice: Literal["opt-out", "consent"]
    """`consent`: bring my picture here; `opt-out`: leave it alone."""
    until: AwareDatetime | None = None
    """When that ends by itself."""


class ChoiceShape(Shape):
    system: str
    choice: str
    until: datetime | None
    at: datetime
    by: str

    @classmethod
    def of(cls, choice: Choice) -> Self:
        return cls(system=choice.system, choice=choice.kind, until=choice.until, at=choice.at, by=choice.by)


class Choices(Shape):
    choices: list[ChoiceShape]


class ApprovalShape(Shape):
    """A picture that waits."""

    number: int
    person: str
    asked_at: datetime

    @classmethod
    def of(cls, approval: Approval) -> Self:
        return cls(number=approval.id, person=approval.person, asked_at=approval.asked_at)


class Approvals(Shape):
    approvals: list[ApprovalShape]


class Refusal(Shape):
    note: str = Field("", max_length=500)
    """The person reads it."""


class SystemShape(Shape):
    """One system, and what it can do."""

    name: str
    kind: str
    writes: bool
    removes: bool
    pulls: bool
    feeds: bool
    looked_at: datetime | None

    @classmethod
    def of(cls, name: str, kind: str, traits: Traits, looked: datetime | None) -> Self:
        return cls(
            name=name,
            kind=kind,
            writes=traits.writes,
            removes=traits.removes,
            pulls=traits.pulls,
            feeds=traits.feeds,
            looked_at=looked,
        )


class Systems(Shape):
    systems: list[SystemShape]


class FindingShape(Shape):
    level: Level
    subject: str
    message: str
    remedy: str


class Health(Shape):
    """What was found when a system was asked."""

    findings: list[FindingShape]

    @classmethod
    def of(cls, findings: Sequence[Finding]) -> Self:
        return cls(
            findings=[
                FindingShape(level=one.level, subject=one.subject, message=one.message, remedy=one.remedy)
                for one in findings
            ]
        )
