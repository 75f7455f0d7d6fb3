"""Free time of a master: working hours less what is taken. Times are minutes of a day on the salon's wall."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

STEP = 15  # minutes: the grid of the salon's journal
MINUTES = 24 * 60
Span = tuple[int, int]  # from, to


@dataclass(frozen=True, slots=True)
class WorkDay:
    """One master's day: when they work and when they are taken. A day off has no hours."""

    day: date
    hours: tuple[Span, ...] = ()
    taken: tuple[Span, ...] = ()


def starts(work: WorkDay, length: int, now: datetime) -> tuple[datetime, ...]:
    """Beginnings at which a visit of `length` minutes fits; none that has passed. `now` and the answer are
    the salon's wall clock.
    """
    found: list[datetime] = []
    for opens, closes in work.hours:
        first = -(-opens // STEP) * STEP
        for minute in range(first, closes - length + 1, STEP):
            at = datetime.combine(work.day, time()) + timedelta(minutes=minute)
            if at > now and not _is_taken(minute, minute + length, work.taken):
                found.append(at)
    return tuple(sorted(set(found)))


def days(works: Iterable[WorkDay], length: int, now: datetime) -> tuple[date, ...]:
    """Days with at least one free beginning, in order."""
    return tuple(sorted({work.day for work in works if starts(work, length, now)}))


def nearest(
    works: Sequence[WorkDay], length: int, wanted: datetime, now: datetime, count: int
) -> tuple[datetime, ...]:
    """The free beginnings closest to the wanted one, told in their order."""
    free = [at for work in works for at in starts(work, length, now)]
    closest = sorted(free, key=lambda at: (abs(at - wanted), at))[:count]
    return tuple(sorted(closest))


def _is_taken(first: int, last: int, taken: Iterable[Span]) -> bool:
    return any(begins < last and first < ends for begins, ends in taken)
