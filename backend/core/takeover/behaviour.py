"""What the other integration does with a booking: into which pipeline and stage it goes, whose it becomes,
how soon, with how many leads. Cross-tables only; what follows from them is `draft`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from backend.core.crm import Lead
from backend.core.learning import tables
from backend.core.learning.tables import NEAR, Table, Tables
from backend.core.salon import Booking

QUICK = timedelta(minutes=5)  # a lead made so soon after its booking was made for it
EARLY = timedelta(minutes=-1)  # clocks of two systems are not quite the same
LAGS = (
    ("minute", timedelta(minutes=1)),
    ("five", QUICK),
    ("quarter", timedelta(minutes=15)),
    ("hour", timedelta(hours=1)),
    ("day", timedelta(days=1)),
    ("later", timedelta.max),
)
BEFORE = "before"  # the lead was there already
MANY = 2  # this and more are one row
OWN_TABLES = ("salons", "tags", "lags", "leads_of_booking", "bookings_of_lead", "attendance")


@dataclass
class Behaviour:
    """`learned` are the tables that proposals are made of: category × pipeline, pipeline and attendance ×
    stage, salon and pipeline × responsible, triggers. Beside them salon × pipeline, online × tag, lags,
    leads of one booking, bookings of one lead, attendance × stage whatever the pipeline.
    """

    learned: Tables = field(default_factory=Tables)
    salons: Table = field(default_factory=dict)
    tags: Table = field(default_factory=dict)
    lags: Table = field(default_factory=dict)
    leads_of_booking: Table = field(default_factory=dict)
    bookings_of_lead: Table = field(default_factory=dict)
    attendance: Table = field(default_factory=dict)

    def person(
        self, bookings: Sequence[Booking], leads: Sequence[Lead], marked: Mapping[int, Iterable[int]]
    ) -> None:
        """One person's bookings and leads; `marked`: lead → numbers of records that it bears."""
        theirs = pairs(bookings, leads, marked)
        of_lead: Counter[int] = Counter()
        for booking in bookings:
            own = theirs.get(booking.key, [])
            _count(self.leads_of_booking, (booking.branch_id,), str(min(len(own), MANY)))
            of_lead.update(lead.id for lead in own)
            self._pair(booking, own[0] if own else None)
        for count in of_lead.values():
            _count(self.bookings_of_lead, (), str(min(count, MANY)))
        self.learned.follow(leads)

    def _pair(self, booking: Booking, lead: Lead | None) -> None:
        self.learned.add(booking, lead)
        if lead is None:
            return
        _count(self.salons, (booking.branch_id,), lead.pipeline_id)
        _count(self.attendance, (str(booking.phase),), lead.stage_id)
        _count(self.lags, (), lag_name(booking, lead))
        where = ("online" if booking.is_online else "desk",)
        for tag in (*lead.tags, ""):  # the empty one counts them all
            _count(self.tags, where, tag)


def pairs(
    bookings: Sequence[Booking], leads: Sequence[Lead], marked: Mapping[int, Iterable[int]]
) -> dict[str, list[Lead]]:
    """Booking's key → its leads, the one made soonest first: those that bear its number, else those made when
    it was.
    """
    by_number: dict[int, Booking] = {one.record_id: one for one in bookings}
    found: dict[str, list[Lead]] = {}
    for lead in leads:
        own = [by_number[number] for number in marked.get(lead.id, ()) if number in by_number]
        near = mate(lead, bookings) if not marked.get(lead.id) else None
        for booking in own or ([near] if near else []):
            found.setdefault(booking.key, []).append(lead)
    at = {one.key: one for one in bookings}
    return {key: sorted(own, key=lambda lead: _apart(at[key], lead)) for key, own in found.items()}


def mate(lead: Lead, bookings: Iterable[Booking]) -> Booking | None:
    """The booking that the lead seems to have been made for: the one entered nearest to it."""
    if lead.created_at is None or lead.is_deleted:
        return None
    near = min(bookings, key=lambda one: (_apart(one, lead), one.key), default=None)
    return near if near is not None and _apart(near, lead) <= NEAR else None


def is_quick(booking: Booking, lead: Lead) -> bool:
    """Too soon for a person, who has other things to do."""
    lag = _lag(booking, lead)
    return lag is not None and EARLY <= lag <= QUICK


def lag_name(booking: Booking, lead: Lead) -> str:
    lag = _lag(booking, lead)
    if lag is None or lag < EARLY:
        return BEFORE
    return next(name for name, longest in LAGS if lag <= longest)


def _lag(booking: Booking, lead: Lead) -> timedelta | None:
    return None if lead.created_at is None else lead.created_at - booking.created_at


def _apart(booking: Booking, lead: Lead) -> timedelta:
    lag = _lag(booking, lead)
    return timedelta.max if lag is None else abs(lag)


def _count(table: Table, row: tuple[Any, ...], column: object) -> None:
    table.setdefault(row, Counter())[column] += 1


# What a picture shows


@dataclass(frozen=True, slots=True)
class Cell:
    """`percent` of its row."""

    column: Any
    count: int
    percent: int


@dataclass(frozen=True, slots=True)
class Row:
    key: tuple[Any, ...]
    total: int
    cells: tuple[Cell, ...]


def shown(table: Table) -> tuple[Row, ...]:
    """Rows with their columns as shares, the most frequent first."""

    def cells(counts: Counter[Any]) -> tuple[Cell, ...]:
        total = counts.total()
        return tuple(Cell(one, n, round(100 * n / total)) for one, n in counts.most_common())

    rows = sorted(table.items(), key=lambda item: (-item[1].total(), str(item[0])))
    return tuple(Row(key, counts.total(), cells(counts)) for key, counts in rows)


# As plain data


def written(found: Behaviour) -> dict[str, Any]:
    own = {
        name: [[list(row), list(counts.items())] for row, counts in getattr(found, name).items()]
        for name in OWN_TABLES
    }
    return {"learned": tables.written(found.learned), **own}


def restored(data: Mapping[str, Any]) -> Behaviour:
    own = {
        name: {tuple(row): Counter(dict(counts)) for row, counts in data.get(name, ())} for name in OWN_TABLES
    }
    return Behaviour(tables.read(data.get("learned", {})), **own)
