"""Do the leads carry the money of the bookings? Equal, or each difference has its reason (INV4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from backend.core.money import ZERO, Kopecks

RUBLE = 100


class Cause(StrEnum):
    """Why the leads of a booking do not carry its money; the order is that of asking."""

    ON_THE_WAY = "on_the_way"
    STUCK = "stuck"
    OBSERVED = "observed"
    NO_LEAD = "no_lead"
    LEAD_GONE = "lead_gone"
    ONE_VISIT = "one_visit"
    ROUNDING = "rounding"
    CHANGED_IN_CRM = "changed_in_crm"
    BY_RULES = "by_rules"
    CLOSED = "closed"
    UNEXPLAINED = "unexplained"


class Held(NamedTuple):
    """A booking that takes or took place, with one of its leads; without a lead `lead_id` is None. A plain
    tuple: a month of a network has tens of thousands.
    """

    key: str
    branch_id: int
    day: int
    price: Kopecks
    budget: Kopecks
    lead_id: int | None
    is_main: bool
    lead_price: Kopecks
    is_gone: bool
    is_closed: bool


class Pair(NamedTuple):
    """A booking and its leads. `record` is its money, `budget` what the rules make of it for the leads."""

    key: str
    branch_id: int
    day: int
    record: Kopecks
    budget: Kopecks
    leads: Kopecks
    lead_ids: tuple[int, ...] = ()
    is_gone: bool = False
    is_closed: bool = False
    is_shared: bool = False

    @property
    def difference(self) -> Kopecks:
        return Kopecks(self.leads - self.record)

    @property
    def date(self) -> date:
        return date.fromordinal(self.day)

    @property
    def number(self) -> str:
        """The booking's number in the salon."""
        return self.key.rsplit(":", 1)[-1]


@dataclass(frozen=True, slots=True)
class Known:
    """What is found out about a booking whose money differs. `written` is what we last wrote into its leads,
    None when we never did.
    """

    is_waiting: bool = False
    is_stuck: bool = False
    is_observed: bool = False
    written: Kopecks | None = None


@dataclass(slots=True)
class Day:
    """One salon's day. `explained` and `unexplained` are differences regardless of their sign."""

    branch_id: int
    day: int
    bookings: int = 0
    record: int = 0
    leads: int = 0
    explained: int = 0
    unexplained: int = 0
    differing: int = 0

    @property
    def difference(self) -> Kopecks:
        return Kopecks(self.leads - self.record)

    @property
    def date(self) -> date:
        return date.fromordinal(self.day)


def pairs(rows: Iterable[Held]) -> list[Pair]:
    """A lead counts once, for the booking that drives it: with two of them it would be double revenue."""
    grouped: dict[str, list[Held]] = defaultdict(list)
    owners: dict[int, str] = {}
    everything = list(rows)
    for row in everything:
        grouped[row.key].append(row)
        if row.lead_id is not None and (row.is_main or row.lead_id not in owners):
            owners[row.lead_id] = row.key
    shared = {row.lead_id for row in everything if row.lead_id and owners[row.lead_id] != row.key}
    return [_pair(key, found, owners, shared) for key, found in grouped.items()]


def _pair(key: str, rows: list[Held], owners: Mapping[int, str], shared: set[int]) -> Pair:
    """Nearly every booking has one lead of its own, which is told first and fast."""
    first = rows[0]
    if len(rows) == 1 and first.lead_id and first.lead_id not in shared and not first.is_gone:
        return Pair(
            key, first.branch_id, first.day, first.price, first.budget, first.lead_price, (first.lead_id,),
            is_closed=first.is_closed,
        )  # fmt: skip
    alive = [row for row in rows if row.lead_id and not row.is_gone]
    own = [row.lead_price for row in alive if owners[row.lead_id or 0] == key]
    return Pair(
        key, first.branch_id, first.day, first.price, first.budget, Kopecks(sum(own)),
        tuple(row.lead_id for row in alive if row.lead_id),
        is_gone=any(row.is_gone for row in rows) and not alive,
        is_closed=bool(alive) and all(row.is_closed for row in alive),
        is_shared=any(row.lead_id in shared for row in alive),
    )  # fmt: skip


def cause(pair: Pair, known: Known) -> Cause | None:
    """None: the money agrees. Total: what nothing explains is said to be so."""
    if not pair.difference:
        return None
    has_lead = bool(pair.lead_ids)
    asked = (
        (known.is_waiting, Cause.ON_THE_WAY),
        (known.is_stuck, Cause.STUCK),
        (pair.is_gone, Cause.LEAD_GONE),
        (not has_lead and known.is_observed, Cause.OBSERVED),
        (not has_lead, Cause.NO_LEAD),
        (pair.is_shared, Cause.ONE_VISIT),
        (abs(pair.difference) < RUBLE * len(pair.lead_ids), Cause.ROUNDING),
        (known.written is not None and _differ(known.written, pair.leads), Cause.CHANGED_IN_CRM),
        (not _differ(pair.budget, pair.leads), Cause.BY_RULES),
        (pair.is_closed, Cause.CLOSED),
    )
    return next((found for applies, found in asked if applies), Cause.UNEXPLAINED)


def _differ(one: Kopecks, other: Kopecks) -> bool:
    """amoCRM's budget has no kopecks."""
    return abs(one - other) >= RUBLE


def days(found: Iterable[Pair], causes: Mapping[str, Cause]) -> list[Day]:
    """Every salon's day, the newest first; `causes` are those of the bookings that differ."""
    grouped: dict[tuple[int, int], Day] = {}
    for pair in found:
        day = grouped.setdefault((pair.day, pair.branch_id), Day(pair.branch_id, pair.day))
        day.bookings += 1
        day.record += pair.record
        day.leads += pair.leads
        if pair.key in causes:
            day.differing += 1
            if causes[pair.key] is Cause.UNEXPLAINED:
                day.unexplained += abs(pair.difference)
            else:
                day.explained += abs(pair.difference)
    return [grouped[key] for key in sorted(grouped, key=lambda key: (-key[0], key[1]))]


def total(found: Iterable[Day]) -> Day:
    everything = list(found)
    return Day(
        0, 0, sum(day.bookings for day in everything), sum(day.record for day in everything),
        sum(day.leads for day in everything), sum(day.explained for day in everything),
        sum(day.unexplained for day in everything), sum(day.differing for day in everything),
    )  # fmt: skip


def by_cause(found: Iterable[Pair], causes: Mapping[str, Cause]) -> dict[Cause, tuple[int, Kopecks]]:
    """How many bookings differ for which reason, and by how much."""
    counted: dict[Cause, tuple[int, Kopecks]] = {}
    for pair in found:
        if pair.key in causes:
            count, money = counted.get(causes[pair.key], (0, ZERO))
            counted[causes[pair.key]] = (count + 1, Kopecks(money + abs(pair.difference)))
    return {one: counted[one] for one in Cause if one in counted}
