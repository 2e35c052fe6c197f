"""So many in a while and no more: what keeps one address from being everybody's trouble."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta


class Turnstile:
    """Counts for each of its callers, and forgets all of them when the while is over; nothing is kept anywhere."""

    def __init__(self, most: int, within: timedelta) -> None:
        self._most = most
        self._within = within
        self._since: datetime | None = None
        self._counted: Counter[str] = Counter()

    def lets(self, who: str, now: datetime) -> bool:
        """Counts this one, and says whether it is still within bounds."""
        if self._since is None or now - self._since >= self._within:
            self._since, self._counted = now, Counter()
        self._counted[who] += 1
        return self._counted[who] <= self._most
