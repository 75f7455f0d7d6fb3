"""Reports: what nobody has marked, what was lost, who is booked again, and whether the money agrees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Response, abort, request

from admin import guard, report_charts, report_files, report_filters, report_rebooking
from admin.pages import page
from admin.report_filters import Filters
from backend.core import money as money_words
from backend.core.money import Kopecks
from backend.core.reports import lost as losing
from backend.core.reports import period as periods
from backend.core.reports.figures import MISSED
from backend.core.reports.lost import Loss
from backend.core.reports.money import Day
from backend.core.reports.rebooking import Rate
from backend.core.salon import Phase
from backend.flows.reports import people, reports
from backend.flows.reports.people import Named
from backend.flows.widget import spoken
from backend.store import reports as questions
from backend.store.accounts import Account

SHOWN = 100  # rows of a list on a page; a file holds all of them


def add_routes(bp: Blueprint) -> None:
    bp.get("/accounts/<domain>/reports", endpoint="reports")(index)
    for name, view in VIEWS.items():
        bp.get(f"/accounts/<domain>/reports/{name}", endpoint=f"report_{name}")(view)
    bp.get("/accounts/<domain>/reports/<name>/<kind>", endpoint="report_file")(file)


def index(domain: str) -> Response:
    account = guard.account(domain)
    return page(
        "admin/reports.html", "page", account=account, names=NAMES, unmarked=unmarked_yesterday(account)
    )


def unmarked_yesterday(account: Account) -> int:
    """For whoever only tells that there are some."""
    now = guard.context().now()
    today = now.astimezone(spoken.zone(account.timezone)).date()
    return reports.count_unmarked(account.id, periods.yesterday(today), now)


def unmarked(domain: str) -> Response:
    account = guard.account(domain)
    named, filters = _asked(account, "unmarked")
    report = reports.unmarked(filters.question(account), guard.context().now())
    shown = report.visits[:SHOWN]
    chart = report_charts.of_days("unmarked", list(report.trend), {"unmarked": ("", report.trend)})
    return _page(
        account, named, filters, "unmarked",
        report=report, shown=shown, chart=chart, total=len(report.visits),
        clients=people.clients(account.id, (visit.person for visit in shown)),
    )  # fmt: skip


def lost(domain: str) -> Response:
    account = guard.account(domain)
    named, filters = _asked(account, "lost")
    found = reports.lost(filters.question(account))
    shown = found[:SHOWN]
    return _page(
        account, named, filters, "lost",
        found=found, shown=shown, sum=losing.total(found), chart=_lost_chart(filters, found),
        directions=losing.by_direction(found), branches=losing.by_branch(found),
        share=lambda part, whole: report_charts.strip([("part", part, "")], whole),
        phases={phase: losing.total(loss for loss in found if loss.phase is phase) for phase in MISSED},
        clients=people.clients(account.id, (loss.visit.person for loss in shown)),
        leads=questions.leads_of(account.id, (loss.visit.key for loss in shown)),
    )  # fmt: skip


def rebooking(domain: str) -> Response:
    account = guard.account(domain)
    named, filters = _asked(account, "rebooking")
    within, by = report_rebooking.expected(filters), report_rebooking.chosen_by(filters)
    report = reports.rebooked(filters.question(account), within, filters.today, report_rebooking.BY[by])
    return _page(
        account, named, filters, "rebooking",
        report=report, total=report.total, within=within, by=by, ways=tuple(report_rebooking.BY),
        who=report_rebooking.whom(account, named, by), split=_parts,
        rows=sorted(report.rates.items(), key=lambda row: (-row[1].visits, row[0])),
        chosen={**filters.chosen, "within": str(within), "by": by},
    )  # fmt: skip


def money(domain: str) -> Response:
    account = guard.account(domain)
    named, filters = _asked(account, "money")
    report = reports.agreement(filters.question(account))
    shown = report.differing[:SHOWN]
    return _page(
        account, named, filters, "money",
        report=report, shown=shown, total=report.total, signed=_signed,
        chart=_money_chart(filters, report.days),
        reasons=questions.reasons(account.id, (pair.key for pair, _ in shown)),
    )  # fmt: skip


def file(domain: str, name: str, kind: str) -> Response:
    """What the page could not read is no file either: the page itself says what is wrong."""
    account = guard.account(domain)
    if not report_files.is_offered(name, kind):
        abort(404)
    named, filters = _asked(account, name)
    if name == "rebooking":
        report_rebooking.expected(filters)
    if not filters.form.ok:
        return VIEWS[name](domain)
    return report_files.send(account, named, name, kind, filters)


VIEWS: dict[str, Callable[[str], Response]] = {
    "unmarked": unmarked, "lost": lost, "rebooking": rebooking, "money": money,
}  # fmt: skip
NAMES = tuple(VIEWS)


def _asked(account: Account, name: str) -> tuple[Named, Filters]:
    named = people.named(account.id)
    return named, report_filters.read(account, request.args, named, report_filters.USUAL[name])


def _page(account: Account, named: Named, filters: Filters, name: str, **context: Any) -> Response:
    return page(
        f"admin/report_{name}.html", "report", 200 if filters.form.ok else 422,
        **{
            "account": account, "named": named, "filters": filters, "name": name, "names": NAMES,
            "most": SHOWN, "chosen": filters.chosen, **context,
        },
    )  # fmt: skip


def _signed(kopecks: Kopecks) -> str:
    """With a true minus, and a plus, for a difference goes either way."""
    sign = "−" if kopecks < 0 else "+" if kopecks > 0 else ""
    return sign + money_words.shown(Kopecks(abs(kopecks)))


def _parts(rate: Rate) -> tuple[report_charts.Part, ...]:
    made = [("ahead", rate.ahead, "soft"), ("desk", rate.desk, ""), ("later", rate.later, "pale")]
    return report_charts.strip(made, rate.visits)


def _lost_chart(filters: Filters, found: Sequence[Loss]) -> report_charts.Chart | None:
    days = filters.period.each()

    def sums(phase: Phase) -> dict[Any, int]:
        by_day: dict[Any, int] = {}
        for loss in found:
            if loss.phase is phase:
                by_day[loss.visit.date] = by_day.get(loss.visit.date, 0) + loss.money // 100
        return by_day

    series = {"no_show": ("bad", sums(Phase.NO_SHOW)), "cancelled": ("soft", sums(Phase.CANCELLED))}
    return report_charts.of_days("lost", days, series)


def _money_chart(filters: Filters, found: Sequence[Day]) -> report_charts.Chart | None:
    """What agrees, what is explained, what nobody can explain."""
    series: dict[str, dict[Any, int]] = {"equal": {}, "explained": {}, "unexplained": {}}
    for day in found:
        equal = max(0, day.record - day.explained - day.unexplained)
        for name, value in (("equal", equal), ("explained", day.explained), ("unexplained", day.unexplained)):
            series[name][day.date] = series[name].get(day.date, 0) + value // 100
    tones = {"equal": "", "explained": "soft", "unexplained": "bad"}
    return report_charts.of_days(
        "money", filters.period.each(), {name: (tones[name], values) for name, values in series.items()}
    )
