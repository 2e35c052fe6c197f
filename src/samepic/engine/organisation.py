"""What the engine works with: one organisation's systems, routes, memory and imaging."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from samepic.connectors.base import Connector
from samepic.engine.guard import Brakes
from samepic.engine.rules import Rules
from samepic.imaging.intake import Intake
from samepic.model import PersonId, Route
from samepic.store.blobs import Blobs
from samepic.store.ledger import Ledger
from samepic.store.people import People

Tell = Callable[[str, int, int], None]
"""How far something has come: what, how many are done, how many there are."""


def _tell_nobody(_what: str, _done: int, _total: int) -> None:
    pass


Prompt = Callable[[PersonId, str], Awaitable[bool]]
"""Prompts a system in a person's own name, as far as they consented; whether that was done."""


async def _prompt_nobody(_person: PersonId, _system: str) -> bool:
    return False


@dataclass(frozen=True)
class Organisation:
    """`settings` is the digest that plans are made under; `at_once` bounds the work done side by side.

    `originals` is how long pictures that were replaced are kept at least (None: for ever). `progress` hears how far
    long work has come, after each person. `prompt` saves people a visit of their own.
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
    originals: timedelta | None = None
    progress: Tell = _tell_nobody
    prompt: Prompt = _prompt_nobody

    def route_to(self, system: str) -> Route | None:
        return next((route for route in self.routes if route.target == system), None)
