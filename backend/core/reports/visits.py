"""A visit as the reports read it back, and the visits that nobody has marked (row C12)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from backend.core.money import Kopecks
from backend.core.reports.figures import Shares
from backend.core.salon import Phase

PATIENCE = timedelta(hours=3)  # after the end of a visit: the desk has had time to mark it


@dataclass(frozen=True, slots=True)
class Visit:
    """`branch_id` is the id of our branch row; `lead_id` the booking's main lead."""

    key: str
    branch_id: int
    phase: Phase
    day: int
    starts_at: datetime
    ended_at: datetime
    changed_at: datetime
    price: Kopecks
    shares: Shares
    direction: str
    person: str
    staff_id: int
    made_day: int = 0
    lead_id: int | None = None

    @property
    def date(self) -> date:
        return date.fromordinal(self.day)

    @property
    def number(self) -> str:
        """The booking's number in the salon."""
        return self.key.rsplit(":", 1)[-1]


@dataclass(frozen=True, slots=True)
class Master:
    """How many visits of one master of one salon wait for their mark, and the money in them."""

    branch_id: int
    staff_id: int
    count: int
    money: Kopecks


def by_master(unmarked: Iterable[Visit]) -> tuple[Master, ...]:
    """By salon, and within it whoever has most to mark first."""
    counts: Counter[tuple[int, int]] = Counter()
    money: Counter[tuple[int, int]] = Counter()
    for visit in unmarked:
        counts[visit.branch_id, visit.staff_id] += 1
        money[visit.branch_id, visit.staff_id] += visit.price
    found = (Master(*key, count, Kopecks(money[key])) for key, count in counts.items())
    return tuple(sorted(found, key=lambda one: (one.branch_id, -one.count, one.staff_id)))
