"""What the API is told and says of orders."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from pydantic import Field

from samepic.model import Trigger, Verdict
from samepic.store.ledger import Order
from samepic.web.api.shapes.base import Shape


class Whom(Shape):
    """Some people: by their ids, or by what the list of people is filtered by; everybody where nothing is said."""

    people: list[str] | None = Field(None, max_length=10_000)
    system: str | None = Field(None, max_length=200)
    verdicts: list[Verdict] = Field(default_factory=list, max_length=20)
    text: str | None = Field(None, max_length=200)


class PlanWish(Whom):
    trigger: Trigger = Trigger.MANUAL
    """What starts it: routes move that have it in their `when`."""


class Confirmed(Shape):
    counts: list[int] = Field(default_factory=list, max_length=100)
    """The count of each alarm of the plan."""


class Ordered(Shape):
    order: int
    """Its number; `/orders/{number}` tells how far it has come."""


class OrderShape(Shape):
    order: int
    what: str
    state: str
    made_at: datetime
    made_by: str
    summary: dict[str, Any]
    """What came of it."""
    decided_at: datetime | None
    decided_by: str | None
    run: int | None

    @classmethod
    def of(cls, order: Order) -> Self:
        return cls(
            order=order.id,
            what=order.what,
            state=order.state,
            made_at=order.made_at,
            made_by=order.made_by,
            summary=dict(order.summary),
            decided_at=order.decided_at,
            decided_by=order.decided_by,
            run=order.run,
        )
