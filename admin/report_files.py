"""A report as a file: the same question, every row of its answer, and a line in the trail of who took it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from flask import Response, make_response

from admin import guard, report_rebooking
from admin.pages import language
from admin.report_filters import Filters
from backend import texts
from backend.core.money import Kopecks
from backend.core.reports.rebooking import Rate
from backend.core.reports.visits import Visit
from backend.flows.reports import people, sheets
from backend.flows.reports import reports as flow
from backend.flows.reports.people import Named
from backend.flows.reports.sheets import Cell, Kind, Money, Sheet
from backend.flows.widget import spoken
from backend.store import reports as questions
from backend.store.accounts import Account

Row = tuple[Cell, ...]


def is_offered(name: str, kind: str) -> bool:
    return name in SHEETS and kind in tuple(Kind)


def send(account: Account, named: Named, name: str, kind: str, filters: Filters) -> Response:
    written = SHEETS[name](account, named, filters)
    guard.audit(
        "report.taken", name, account, after={**filters.chosen, "kind": kind, "rows": len(written[0].rows)}
    )
    answer = make_response(sheets.write(Kind(kind), written))
    answer.content_type = sheets.TYPES[Kind(kind)]
    days = f"{filters.period.first.isoformat()}_{filters.period.last.isoformat()}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}_{days}.{kind}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _unmarked(account: Account, named: Named, filters: Filters) -> list[Sheet]:
    found = flow.unmarked(filters.question(account), guard.context().now()).visits
    names = people.clients(account.id, (visit.person for visit in found))
    rows = [
        (*_visit(account, named, visit), names.get(visit.person), Money(visit.price), visit.lead_id)
        for visit in found
    ]
    heads = ("salon", "when", "master", "direction", "booking", "client", "sum", "lead")
    return [_sheet("unmarked", heads, rows)]


def _lost(account: Account, named: Named, filters: Filters) -> list[Sheet]:
    found = flow.lost(filters.question(account))
    names = people.clients(account.id, (loss.visit.person for loss in found))
    leads = questions.leads_of(account.id, (loss.visit.key for loss in found))
    lang = language()
    rows: list[Row] = [
        (
            named.branches.get(loss.visit.branch_id), _local(account, named, loss.visit),
            named.staff.get((loss.visit.branch_id, loss.visit.staff_id)), named.direction(loss.direction),
            loss.visit.number, names.get(loss.visit.person), texts.t(f"reports.lost.one.{loss.phase}", lang),
            Money(loss.money), leads.get(loss.visit.key),
        )
        for loss in found
    ]  # fmt: skip
    heads = ("salon", "when", "master", "direction", "booking", "client", "phase", "sum", "lead")
    return [_sheet("lost", heads, rows)]


def _rebooking(account: Account, named: Named, filters: Filters) -> list[Sheet]:
    by = report_rebooking.chosen_by(filters)
    report = flow.rebooked(
        filters.question(account), report_rebooking.expected(filters), filters.today, report_rebooking.BY[by]
    )
    who = report_rebooking.whom(account, named, by)
    rows: list[Row] = [
        (named.branches.get(branch_id), who(branch_id, number), *_rate(rate))
        for (branch_id, number), rate in report.rates.items()
    ]
    heads = ("salon", by, "visits", "rebooked", "percent", "ahead", "desk", "later", "open")
    return [_sheet("rebooking", heads, rows)]


def _money(account: Account, named: Named, filters: Filters) -> list[Sheet]:
    report = flow.agreement(filters.question(account))
    days: list[Row] = [
        (
            day.date, named.branches.get(day.branch_id), day.bookings, _sum(day.record), _sum(day.leads),
            Money(day.difference), _sum(day.explained), _sum(day.unexplained),
        )
        for day in report.days
    ]  # fmt: skip
    lang = language()
    reasons = questions.reasons(account.id, (pair.key for pair, _ in report.differing))
    differing: list[Row] = [
        (
            pair.date, named.branches.get(pair.branch_id), pair.number, Money(pair.record), Money(pair.leads),
            Money(pair.difference), texts.t(f"reports.cause.{cause}", lang),
            _why(reasons.get(pair.key), lang), ", ".join(map(str, pair.lead_ids)),
        )
        for pair, cause in report.differing
    ]  # fmt: skip
    heads = ("day", "salon", "bookings", "record", "leads", "difference", "explained", "unexplained")
    details = ("day", "salon", "booking", "record", "leads", "difference", "cause", "reason", "lead")
    return [_sheet("money", heads, days), _sheet("differing", details, differing)]


SHEETS: dict[str, Callable[[Account, Named, Filters], list[Sheet]]] = {
    "unmarked": _unmarked, "lost": _lost, "rebooking": _rebooking, "money": _money,
}  # fmt: skip


def _visit(account: Account, named: Named, visit: Visit) -> Row:
    return (
        named.branches.get(visit.branch_id), _local(account, named, visit),
        named.staff.get((visit.branch_id, visit.staff_id)), named.direction(visit.direction), visit.number,
    )  # fmt: skip


def _rate(rate: Rate) -> Row:
    return rate.visits, rate.booked, rate.percent, rate.ahead, rate.desk, rate.later, rate.open


def _local(account: Account, named: Named, visit: Visit) -> datetime:
    """The wall clock of the salon, as in its journal."""
    return visit.starts_at.astimezone(spoken.zone(named.zones.get(visit.branch_id) or account.timezone))


def _why(reason: str | None, lang: str) -> str | None:
    code = f"outcome_short.{reason}"
    return texts.t(code, lang) if reason and texts.has(code) else None


def _sum(kopecks: int) -> Money:
    return Money(Kopecks(kopecks))


def _sheet(name: str, heads: Sequence[str], rows: Sequence[Row]) -> Sheet:
    lang = language()
    words = tuple(texts.t(f"reports.column.{head}", lang) for head in heads)
    return Sheet(texts.t(f"reports.{name}.title", lang), words, rows)
