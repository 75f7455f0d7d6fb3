"""Statistics of the calls as a page and as charts; every number leads to the calls it was counted from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, request

from admin import charts, guard, report_charts
from admin.charts import Bar
from admin.names import Names
from admin.pages import page
from admin.telephony import asked, counted, statistics_file, view
from admin.telephony.asked import Days
from admin.telephony.counted import EMPTY, Found
from backend.flows.reports.sheets import Kind
from backend.store.accounts import Account
from backend.store.telephony import call_lists

PRESETS = ("today", "yesterday", "week", "days30", "this_month", "last_month")


@dataclass(frozen=True, slots=True)
class Hour:
    """A column of the drawing of a day."""

    hour: int
    values: tuple[int, int]
    bars: tuple[Bar, ...]


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/telephony/statistics"
    bp.get(home, endpoint="telephony_statistics")(show)
    bp.get(f"{home}/<kind>", endpoint="telephony_statistics_file")(file)


def show(domain: str) -> Response:
    account = guard.account(domain)
    days, pbx_id = _asked(account)
    found, names = counted.look(account, days, pbx_id), Names(account.id)
    chosen = {**days.chosen, **({"pbx": str(pbx_id)} if pbx_id else {})}
    return page(
        "telephony/statistics.html", "statistics", 200 if days.form.ok else 422,
        account=account, days=days, chosen=chosen, found=found, presets=PRESETS, names=names,
        pbxes=view.titles(account.id), chart=_days_chart(days, found), hours=_hours_chart(found),
        waits=_waits(found), steps=call_lists.STEPS, length=view.seconds, nobody=asked.NOBODY,
        share=lambda part, whole: round(part * 100 / whole) if whole else 0,
    )  # fmt: skip


def file(domain: str, kind: str) -> Response:
    """What the page could not read is no file either: the page itself says what is wrong."""
    account = guard.account(domain)
    if kind not in tuple(Kind):
        abort(404)
    days, pbx_id = _asked(account)
    if not days.form.ok:
        return show(domain)
    found = counted.look(account, days, pbx_id)
    return statistics_file.send(account, days, pbx_id, found, Kind(kind))


def _asked(account: Account) -> tuple[Days, int | None]:
    days = asked.days(account, request.args)
    return days, days.form.number("pbx")


def _days_chart(days: Days, found: Found) -> report_charts.Chart | None:
    """Answered and missed of each day; the rest of the inbound ones is too rare to draw."""
    by_day = dict(found.days)
    series: Mapping[str, tuple[str, Mapping[date, int]]] = {
        "answered": ("", {day: one.answered for day, one in by_day.items()}),
        "missed": ("bad", {day: one.missed for day, one in by_day.items()}),
    }
    return report_charts.of_days("calls", days.period.each(), series)


def _hours_chart(found: Found) -> list[Hour]:
    by_hour = {int(one.key): one for one in found.hours}
    stacks = [(h, by_hour.get(h, EMPTY).answered, by_hour.get(h, EMPTY).missed) for h in range(24)]
    peak = max((answered + missed for _, answered, missed in stacks), default=0)
    left = (charts.STEP - charts.WIDTH) / 2
    return [
        Hour(
            hour,
            (answered, missed),
            charts.stacked(hour * charts.STEP + left, (answered, missed), ("", "bad"), peak),
        )
        for hour, answered, missed in stacks
    ]


def _waits(found: Found) -> list[dict[str, Any]]:
    """Parts of «how soon»: up to so many seconds, how many, what share."""
    whole = found.waits.total
    return [
        {
            "n": count,
            "percent": round(count * 100 / whole) if whole else 0,
            "strip": report_charts.strip([("part", count, "")], whole),
        }
        for count in found.waits.counts
    ]
