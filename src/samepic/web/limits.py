"""What one person may have of the portal, so that nobody else waits for it; counted in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from samepic.errors import SamepicError
from samepic.model import PersonId
from samepic.web.turnstile import Turnstile

UPLOADS = 40
"""Pictures that one person may bring within an hour."""

STREAMS = 64
"""Pages that may be kept up to date by a stream each; the server answers only so many requests at a time."""


class TooMany(SamepicError):
    """Somebody has asked for too much. `at_once`: for two things at the same time."""

    def __init__(self, *, at_once: bool) -> None:
        super().__init__("Too many at once." if at_once else "Too many within an hour.")
        self.at_once = at_once


@dataclass(slots=True)
class Turns:
    """One thing at a time for each person, and at most so many within an hour."""

    turnstile: Turnstile = field(default_factory=lambda: Turnstile(UPLOADS, timedelta(hours=1)))
    busy: set[PersonId] = field(default_factory=set)

    @contextmanager
    def turn(self, person: PersonId, at: datetime) -> Iterator[None]:
        """Raises TooMany where it is not this person's turn."""
        if person in self.busy:
            raise TooMany(at_once=True)
        if not self.turnstile.lets(person, at):
            raise TooMany(at_once=False)
        self.busy.add(person)
        try:
            yield
        finally:
            self.busy.discard(person)


@dataclass(slots=True)
class Places:
    """So many at a time, of everybody together."""

    most: int
    taken: int = 0

    @property
    def full(self) -> bool:
        return self.taken >= self.most

    @contextmanager
    def one(self) -> Iterator[None]:
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1
