"""When what is due again: pure, from instants and settings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

LOOKS = (timedelta(seconds=5), timedelta(seconds=15), timedelta(minutes=1), timedelta(minutes=5))
"""After a visit, somebody looks this long after it; then every hour."""

HOURLY = timedelta(hours=1)

BUSY = timedelta(seconds=5)
"""Another run is at it; runs over one person take less."""

_FIRST_RETRY, _LONGEST_RETRY = timedelta(seconds=30), timedelta(hours=1)
_DOUBLINGS = 7  # the longest is reached by then


def next_look(since: datetime, now: datetime, deadline: timedelta) -> datetime | None:
    """When to look again after a visit; None once the deadline has passed."""
    looks = [since + offset for offset in LOOKS]
    later = next((at for at in looks if at > now), None) or now + HOURLY
    return later if later <= since + deadline else None


def retry_after(attempts: int) -> timedelta:
    """How long to leave alone what failed so many times: twice as long each time, an hour at most."""
    doublings: int = min(max(attempts - 1, 0), _DOUBLINGS)
    return min(_FIRST_RETRY * (1 << doublings), _LONGEST_RETRY)


def next_morning(now: datetime, zone: tzinfo, hour: int = 0) -> datetime:
    """The next time the clocks there show that full hour, midnight by default, in UTC.

    Where they skip it, the instant at which they would have shown it.
    """
    here = now.astimezone(zone)
    today = datetime(here.year, here.month, here.day, hour, tzinfo=zone)
    if today <= here:
        tomorrow = here.date() + timedelta(days=1)
        today = datetime(tomorrow.year, tomorrow.month, tomorrow.day, hour, tzinfo=zone)
    return today.astimezone(UTC)
