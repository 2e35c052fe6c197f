"""What one system has been asked, and when it may be asked again: shared by everything that speaks to it.

A system that says "not for ten seconds" says it to all of us: whoever hears it hushes the whole connector, so that a
system is never asked, and refuses, twice for the same reason. Refused requests count against most budgets.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from samepic.errors import Throttled

Clock = Callable[[], datetime]
Sleep = Callable[[float], Awaitable[None]]


@dataclass
class Traffic:
    """Counts since the connector was made: requests, bytes of bodies, and wishes to be left alone (`refused`)."""

    requests: int = 0
    sent: int = 0
    received: int = 0
    refused: int = 0
    quiet_until: datetime | None = None

    def count(self, sent: int, received: int) -> None:
        self.requests += 1
        self.sent += sent
        self.received += received

    def hush(self, until: datetime) -> None:
        """The system wants to be left alone until then; the longest such wish counts."""
        self.refused += 1
        self.quiet_until = max(until, self.quiet_until or until)

    def waited(self, until: datetime | None) -> None:
        """Somebody has waited until then: that wish is fulfilled, unless a longer one came meanwhile."""
        if self.quiet_until == until:
            self.quiet_until = None

    async def turn(self, clock: Clock, sleep: Sleep, patience: float) -> None:
        """Waits until the system may be asked. Raises Throttled where that takes more than `patience` seconds."""
        until = self.quiet_until
        if until is None:
            return
        left = until - clock()
        if left > timedelta(seconds=patience):
            raise Throttled(f"It wants to be left alone for another {left.total_seconds():.0f} seconds.", wait=left)
        if left > timedelta(0):
            await sleep(left.total_seconds())
        self.waited(until)


class Bucket:
    """A leaky bucket: `burst` may go at once, then `rate` a second. Waits in order of arrival.

    Keeps any window of `s` seconds below `burst + rate * s`.
    """

    def __init__(self, rate: float, burst: int, clock: Clock, sleep: Sleep) -> None:
        self.rate, self.burst = rate, burst
        self._clock, self._sleep = clock, sleep
        self._full_at: datetime | None = None

    def widen(self, rate: float, burst: int) -> None:
        """Another budget from now on; what has gone already counts."""
        self.rate, self.burst = rate, burst

    async def turn(self, count: int = 1) -> None:
        """Waits until `count` more may go; they may be more than the bucket holds."""
        now = self._clock()
        empty = timedelta(seconds=self.burst / self.rate)
        drained = max(self._full_at or now, now) + timedelta(seconds=count / self.rate)
        self._full_at = drained
        if (wait := drained - now - empty) > timedelta(0):
            await self._sleep(wait.total_seconds())
