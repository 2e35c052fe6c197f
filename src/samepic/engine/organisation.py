"""What the engine works with: one organisation's systems, routes, memory and imaging."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from samepic.connectors.base import Connector
from samepic.engine.guard import Brakes
from samepic.engine.rules import Rules
from samepic.imaging.intake import Intake
from samepic.model import Route
from samepic.store.blobs import Blobs
from samepic.store.ledger import Ledger
from samepic.store.people import People

Tell = Callable[[str, int, int], None]
"""How far something has come: what, how many are done, how many there are."""


def _tell_nobody(_what: str, _done: int, _total: int) -> None:
    pass


@dataclass(frozen=True)
class Organisation:
    """`settings` is the digest that plans are made under; `at_once` bounds the work done side by side.

    `progress` hears how far long work has come, after each person.
    """

    systems: Mapping[str, Connector]
    routes: Sequence[Route]
    people: People
    ledger: Ledger
    blobs: Blobs
    intake: Intake
    clock: Callable[[], datetime]
    settings: str
    brakes: Brakes = field(default_factory=Brakes)
    rules: Rules = field(default_factory=Rules)
    at_once: int = 8
    progress: Tell = _tell_nobody

    def route_to(self, system: str) -> Route | None:
        return next((route for route in self.routes if route.target == system), None)
