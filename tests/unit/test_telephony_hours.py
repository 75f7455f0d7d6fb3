"""Deadlines in working hours."""

from datetime import UTC, datetime, time, timedelta

import pytest

from backend.core.telephony.after.hours import due
from backend.core.telephony.rules import Hours

MOSCOW = "Europe/Moscow"
WEEKDAYS = Hours({day: (time(10), time(19)) for day in range(5)})


def moscow(day, hour, minute=0):
    """January 2026: the 12th is a Monday."""
    return datetime(2026, 1, day, hour - 3, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "minutes", "until"),
    [
        (moscow(12, 12), 15, moscow(12, 12, 15)),
        (moscow(12, 18, 50), 15, moscow(13, 10, 5)),
        (moscow(12, 18, 50), 10, moscow(12, 19)),
        (moscow(12, 5), 15, moscow(12, 10, 15)),
        (moscow(12, 22), 15, moscow(13, 10, 15)),
        (moscow(16, 18, 55), 15, moscow(19, 10, 10)),
        (moscow(17, 12), 15, moscow(19, 10, 15)),
        (moscow(12, 10), 9 * 60 * 2 + 1, moscow(14, 10, 1)),
    ],
)
def test_only_working_minutes_count(at, minutes, until):
    assert due(at, minutes, WEEKDAYS, MOSCOW) == until


def test_without_hours_every_minute_counts():
    assert due(moscow(17, 3), 15, Hours(), MOSCOW) == moscow(17, 3, 15)


def test_hours_too_short_to_ever_end_do_not_hold_a_deadline_for_years():
    seldom = Hours({0: (time(10), time(10, 1))})

    assert due(moscow(12, 9), 1_000, seldom, MOSCOW) == moscow(12, 9) + timedelta(minutes=1_000)
