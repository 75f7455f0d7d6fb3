"""Cross-tables: how often a category of a salon goes with a pipeline, a phase with a stage, a salon with a
person, a won lead with one that a robot made right after it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from backend.core.crm import WON, Lead
from backend.core.salon import Booking

ROBOT = 0  # who made a lead that nobody made
RIGHT_AFTER = timedelta(minutes=10)
NEAR = timedelta(days=2)  # between a booking's making and that of its lead
NAMES = ("categories", "stages", "people", "triggers")

Table = dict[tuple[Any, ...], Counter[Any]]


@dataclass
class Tables:
    """`categories`: (salon, category) → pipelines; `stages`: (pipeline, phase) → stages; `people`: (salon,
    pipeline) → users; `triggers`: (pipeline,) → (pipeline, stage) of the lead that follows.

    `matched` bookings of those `looked` at have a lead to learn from.
    """

    looked: int = 0
    matched: int = 0
    categories: Table = field(default_factory=dict)
    stages: Table = field(default_factory=dict)
    people: Table = field(default_factory=dict)
    triggers: Table = field(default_factory=dict)

    def add(self, booking: Booking, lead: Lead | None) -> None:
        """A booking with the lead that somebody keeps for it. One with services of several categories says
        nothing of any of them.
        """
        self.looked += 1
        if lead is None:
            return
        self.matched += 1
        categories = {line.category_id for line in booking.lines if line.category_id}
        if len(categories) == 1:
            _count(self.categories, (booking.branch_id, *categories), lead.pipeline_id)
        _count(self.stages, (lead.pipeline_id, str(booking.phase)), lead.stage_id)
        if lead.responsible_id:
            _count(self.people, (booking.branch_id, lead.pipeline_id), lead.responsible_id)

    def follow(self, leads: Sequence[Lead]) -> None:
        """The leads of one person: which of them a robot made right after another was won?"""
        for lead in leads:
            if lead.created_by != ROBOT or lead.created_at is None:
                continue
            won = [one for one in leads if one.id != lead.id and _is_just_won(one, lead)]
            if won:
                place = (lead.pipeline_id, lead.stage_id)
                _count(self.triggers, (won[-1].pipeline_id,), place)


def _is_just_won(won: Lead, after: Lead) -> bool:
    if won.stage_id != WON or won.updated_at is None or after.created_at is None:
        return False
    return timedelta(0) <= after.created_at - won.updated_at <= RIGHT_AFTER


def _count(table: Table, row: tuple[Any, ...], column: Hashable) -> None:
    table.setdefault(row, Counter())[column] += 1


def nearest(booking: Booking, leads: Iterable[Lead]) -> Lead | None:
    """Of a person's leads the one that was made when the booking was; None when none was."""
    apart = [
        (abs(lead.created_at - booking.created_at), lead.id, lead)
        for lead in leads
        if lead.created_at is not None and not lead.is_deleted
    ]
    near = min(apart, default=None, key=lambda one: one[:2])
    return near[2] if near and near[0] <= NEAR else None


# As plain data


def written(tables: Tables) -> dict[str, Any]:
    rows = {
        name: [[list(row), list(counts.items())] for row, counts in getattr(tables, name).items()]
        for name in NAMES
    }
    return {"looked": tables.looked, "matched": tables.matched, **rows}


def read(data: Mapping[str, Any]) -> Tables:
    """The tables that `written` wrote down; empty ones out of nothing."""
    read_ = {
        name: {tuple(row): Counter(dict(map(_pair, counts))) for row, counts in data.get(name, ())}
        for name in NAMES
    }
    return Tables(data.get("looked", 0), data.get("matched", 0), **read_)


def _pair(given: Sequence[Any]) -> tuple[Any, int]:
    column, count = given
    return (tuple(column) if isinstance(column, list) else column), count
