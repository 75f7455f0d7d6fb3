"""Days that a report is asked for. A day is a salon's own calendar day, kept as its ordinal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)  # of a day that somebody may mean
LONGEST = 92  # days: a quarter; no page works longer the longer an account lives


@dataclass(frozen=True, slots=True)
class Period:
    """Both days are meant."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def each(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range(self.days)]


def yesterday(today: date) -> Period:
    return last_days(today, 1)


def last_days(today: date, count: int) -> Period:
    """Whole days only: today is not over."""
    return Period(today - timedelta(days=count), today - timedelta(days=1))


def this_month(today: date) -> Period:
    """Up to today, which belongs to it."""
    return Period(today.replace(day=1), today)


def last_month(today: date) -> Period:
    last = today.replace(day=1) - timedelta(days=1)
    return Period(last.replace(day=1), last)


def problem(first: date | None, last: date | None) -> str | None:
    """Code of what is wrong with two days that a person typed; None: they are a period."""
    if first is None or last is None or not EARLIEST <= min(first, last) <= max(first, last) <= LATEST:
        return "reports.problem.day"
    if last < first:
        return "reports.problem.order"
    return "reports.problem.long" if (last - first).days >= LONGEST else None
