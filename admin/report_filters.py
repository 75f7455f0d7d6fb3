"""What a report is asked for: days, salon, direction; as read from its form and as its address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from admin import guard
from admin.forms import Form
from backend.core.reports import period as periods
from backend.core.reports.period import Period
from backend.flows.reports import reports
from backend.flows.reports.people import Named
from backend.flows.widget import spoken
from backend.store import connections
from backend.store.accounts import Account
from backend.store.connections import BranchRow
from backend.store.reports import Asked

Preset = Callable[[date], Period]

PRESETS: dict[str, Preset] = {
    "yesterday": periods.yesterday,
    "week": lambda today: periods.last_days(today, 7),
    "days30": lambda today: periods.last_days(today, 30),
    "this_month": periods.this_month,
    "last_month": periods.last_month,
}

USUAL = {"unmarked": "yesterday", "lost": "days30", "rebooking": "days30", "money": "week"}


@dataclass(frozen=True, slots=True)
class Filters:
    """`chosen` asks the same again; what could not be read is complained of in `form`, and not asked."""

    form: Form
    today: date
    period: Period
    branch: BranchRow | None
    direction: str | None
    chosen: Mapping[str, str]

    def question(self, account: Account) -> Asked:
        return reports.asked(account.id, self.period, self.branch, self.direction)

    @property
    def preset(self) -> str:
        """The name of the days that are asked for, when they have one."""
        return next((name for name, days in PRESETS.items() if days(self.today) == self.period), "")

    def with_days(self, name: str) -> dict[str, Any]:
        """Arguments of an address that asks the same of other days."""
        days = PRESETS[name](self.today)
        return {**self.chosen, "since": days.first.isoformat(), "until": days.last.isoformat()}


def read(account: Account, values: Mapping[str, str], named: Named, usual: str) -> Filters:
    form = Form(values)
    today = guard.context().now().astimezone(spoken.zone(account.timezone)).date()
    branch, direction = _branch(account, form), values.get("direction", "")
    known = direction if named.rules.direction(direction) else None
    period = read_period(form, PRESETS[usual](today))
    days = {"since": period.first.isoformat(), "until": period.last.isoformat()}
    narrowed = {"branch": str(branch.id) if branch else "", "direction": known or ""}
    return Filters(form, today, period, branch, known, days | {k: v for k, v in narrowed.items() if v})


def _branch(account: Account, form: Form) -> BranchRow | None:
    number = form.number("branch")
    return next((row for row in connections.of_account(account.id) if row.id == number), None)


def read_period(form: Form, usual: Period) -> Period:
    """One day alone is that day; with none it is the usual time."""
    since, until = form.text("since", is_required=False), form.text("until", is_required=False)
    if not since and not until:
        return usual
    first, last = _day(since or until), _day(until or since)
    if code := periods.problem(first, last):
        form.complain("since" if first is None or last is not None else "until", code, most=periods.LONGEST)
        return usual
    assert first is not None
    assert last is not None
    return Period(first, last)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
