"""The reports themselves: rows of a period from the store, rules of the core over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from backend.core.money import Kopecks
from backend.core.reports import lost as losing
from backend.core.reports import money as agreeing
from backend.core.reports import rebooking
from backend.core.reports import visits as visiting
from backend.core.reports.lost import Loss
from backend.core.reports.money import Cause, Day, Known, Pair
from backend.core.reports.period import Period
from backend.core.reports.rebooking import Question, Rate
from backend.core.reports.visits import Master, Visit
from backend.flows.rules import configuration
from backend.store import connections, reports
from backend.store.connections import BranchRow
from backend.store.reports import Asked

TREND = 14  # days of marks on the chart, whatever day is asked for
STUCK = ("blocked", "rejected", "failed")
ON_THE_WAY = ("received", "waiting")
NOBODY = 0


@dataclass(frozen=True, slots=True)
class Unmarked:
    """`trend` is day → count over the days before, the asked ones included."""

    visits: list[Visit]
    masters: tuple[Master, ...]
    trend: Mapping[date, int]


@dataclass(frozen=True, slots=True)
class Rebooking:
    """`rates` by (our branch row, who); `branches` by branch row alone."""

    rates: Mapping[tuple[int, int], Rate]
    branches: Mapping[int, Rate]
    total: Rate


@dataclass(frozen=True, slots=True)
class Agreement:
    """Every day of every salon, and the bookings that differ with the reason of each, the newest first."""

    days: list[Day]
    total: Day
    differing: list[tuple[Pair, Cause]]
    causes: Mapping[Cause, tuple[int, Kopecks]]


def asked(account_id: int, period: Period, branch: BranchRow | None, direction: str | None) -> Asked:
    days = period.first.toordinal(), period.last.toordinal()
    return Asked(account_id, *days, branch.id if branch else None, direction, _columns(account_id))


def _columns(account_id: int) -> tuple[tuple[int, int], ...]:
    """Masters whom the salons' settings leave out."""
    rules = configuration.current(account_id)
    return tuple(
        (row.id, staff_id)
        for row in connections.of_account(account_id)
        if (branch := rules.branch(row.company_id))
        for staff_id in sorted(branch.excluded_staff)
    )


def unmarked(question: Asked, now: datetime) -> Unmarked:
    ended_before = now - visiting.PATIENCE
    visits = reports.unmarked(question, ended_before)
    trend = replace(question, first=min(question.first, question.last - TREND + 1))
    counts = reports.unmarked_by_day(trend, ended_before)
    days = range(trend.first, trend.last + 1)
    shown = {date.fromordinal(day): counts.get(day, 0) for day in days}
    return Unmarked(visits, visiting.by_master(visits), shown)


def count_unmarked(account_id: int, period: Period, now: datetime) -> int:
    """For whoever only tells that there are some."""
    counts = reports.unmarked_by_day(asked(account_id, period, None, None), now - visiting.PATIENCE)
    return sum(counts.values())


def lost(question: Asked) -> tuple[Loss, ...]:
    """The parts of other directions are left out here: a visit is found by any of its directions."""
    missed = reports.missed(question)
    back = reports.returns(question.account_id, (visit.person for visit in missed), question.first)
    found = losing.losses(missed, back)
    return tuple(loss for loss in found if question.direction in (None, loss.direction))


def rebooked(question: Asked, within: int, today: date, by: str) -> Rebooking:
    """`by` is a field of a stay; «branch_id» asks about salons alone."""
    stays = reports.stays(question, within, with_responsible=by == "responsible_id")
    meant = Question(
        question.first, question.last, within, today.toordinal(), lambda stay: getattr(stay, by),
        question.branch_id,
    )  # fmt: skip
    rates = rebooking.rates(stays, meant)
    branches: dict[int, list[Rate]] = {}
    for (branch_id, _), rate in rates.items():
        branches.setdefault(branch_id, []).append(rate)
    sums = {branch_id: rebooking.total(found) for branch_id, found in branches.items()}
    return Rebooking(rates, sums, rebooking.total(rates.values()))


def agreement(question: Asked) -> Agreement:
    pairs = agreeing.pairs(reports.held(question))
    known = _known(question.account_id, [pair for pair in pairs if pair.difference])
    causes = {
        pair.key: cause for pair in pairs if (cause := agreeing.cause(pair, known.get(pair.key, Known())))
    }
    days = agreeing.days(pairs, causes)
    differing = [(pair, causes[pair.key]) for pair in pairs if pair.key in causes]
    differing.sort(key=lambda one: (one[1] is not Cause.UNEXPLAINED, -one[0].day, one[0].key))
    return Agreement(days, agreeing.total(days), differing, agreeing.by_cause(pairs, causes))


def _known(account_id: int, differing: Sequence[Pair]) -> dict[str, Known]:
    """Nobody asks about bookings of salons that are only watched: they have no leads of ours."""
    watched = {row.id for row in connections.of_account(account_id) if row.mode != "active"}
    found = {p.key: Known(is_observed=True) for p in differing if p.branch_id in watched and not p.lead_ids}
    keys = [pair.key for pair in differing if pair.key not in found]
    statuses, applied = reports.newest_statuses(account_id, keys), reports.applied(account_id, keys)
    for key in keys:
        status = statuses.get(key)
        found[key] = Known(status in ON_THE_WAY, status in STUCK, written=_sum(applied.get(key, [])))
    return found


def _sum(written: Sequence[Mapping[str, str]]) -> Kopecks | None:
    """What we wrote into all leads of a booking; None when into one of them we wrote no sum."""
    if not written or not all(one.get("price") for one in written):
        return None
    return Kopecks(sum(int(one["price"]) for one in written))
