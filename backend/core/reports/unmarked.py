"""Visits whose end has passed and that nobody has marked (row C12)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.core.money import Kopecks
from backend.core.reports.figures import OPEN
from backend.core.reports.visits import Visit

PATIENCE = timedelta(hours=3)  # after the end: the desk has had time to mark it


@dataclass(frozen=True, slots=True)
class Master:
    """How many visits of one master of one salon wait for their mark, and the money in them."""

    branch_id: int
    staff_id: int
    count: int
    money: Kopecks


def is_unmarked(visit: Visit, now: datetime) -> bool:
    return visit.phase in OPEN and visit.ended_at <= now - PATIENCE


def by_master(visits: Iterable[Visit]) -> tuple[Master, ...]:
    """By salon, and within it whoever has most to mark first."""
    counts: Counter[tuple[int, int]] = Counter()
    money: Counter[tuple[int, int]] = Counter()
    for visit in visits:
        counts[visit.branch_id, visit.staff_id] += 1
        money[visit.branch_id, visit.staff_id] += visit.price
    found = (Master(*key, count, Kopecks(money[key])) for key, count in counts.items())
    return tuple(sorted(found, key=lambda one: (one.branch_id, -one.count, one.staff_id)))
