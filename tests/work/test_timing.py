"""When what is due is due again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samepic.work.timing import next_look, next_morning, retry_after

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DEADLINE = timedelta(hours=72)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("gone", "next_after"),
    [(0, 5), (4, 5), (5, 15), (15, 60), (60, 300), (300, 300 + 3600), (7200, 7200 + 3600)],
)
def test_looks_come_soon_and_then_hourly(gone, next_after):
    assert next_look(NOW, NOW + gone * SECOND, DEADLINE) == NOW + next_after * SECOND


@given(st.integers(0, 80 * 3600), st.integers(1, 72))
def test_a_look_is_always_later_and_never_after_the_deadline(gone, hours):
    now, deadline = NOW + gone * SECOND, hours * HOUR
    at = next_look(NOW, now, deadline)
    assert at is None or now < at <= NOW + deadline
    assert (at is None) == (gone >= 300 and now + HOUR > NOW + deadline)


def test_what_fails_is_left_alone_longer_each_time_and_an_hour_at_most():
    waits = [retry_after(attempts) for attempts in range(1, 20)]
    assert waits[:3] == [30 * SECOND, 60 * SECOND, 120 * SECOND]
    assert waits == sorted(waits)
    assert waits[-1] == HOUR


@pytest.mark.parametrize(
    ("zone", "now", "at"),
    [
        ("UTC", NOW, datetime(2026, 3, 2, tzinfo=UTC)),
        ("UTC", datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)),
        ("Europe/Berlin", NOW, datetime(2026, 3, 1, 23, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 3, 28, 23, 30, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC)),
        ("Asia/Tokyo", NOW, datetime(2026, 3, 1, 15, tzinfo=UTC)),
    ],
)
def test_a_day_ends_at_midnight_of_the_zone_through_changes_of_the_clock(zone, now, at):
    assert next_morning(now, ZoneInfo(zone)) == at


def test_an_hour_of_today_that_has_not_come_yet():
    assert next_morning(datetime(2026, 3, 1, 6, tzinfo=UTC), ZoneInfo("UTC"), 9) == datetime(2026, 3, 1, 9, tzinfo=UTC)
