"""What is asked of the calls: which days, which kind, whose, on which line; as read from a form and as its
address. The list and the statistics read it here, so that a number leads to the calls it was counted from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from admin import guard, report_filters
from admin.forms import Form
from backend.core.reports.period import Period
from backend.core.telephony.call import Outcome, Way
from backend.flows.widget import spoken
from backend.store.accounts import Account
from backend.store.telephony import calls
from backend.store.telephony.calls import CallFilters

# What kind of calls; each is a question to the rows.
KINDS: Mapping[str, Mapping[str, Any]] = {
    "in": {"way": Way.IN.value},
    "answered": {"way": Way.IN.value, "outcome": Outcome.ANSWERED.value},
    "missed": {"way": Way.IN.value, "outcome": Outcome.MISSED.value},
    "unanswered": {"way": Way.IN.value, "outcome": Outcome.MISSED.value, "is_unanswered": True},
    "lost": {"outcome": "lost"},
    "out": {"way": Way.OUT.value},
    "reached": {"way": Way.OUT.value, "outcome": Outcome.ANSWERED.value},
    "untaken": {"is_untaken": True},
    "open": {"state": calls.OPEN},
    "ended": {"state": calls.ENDED},
    "handled": {"state": calls.HANDLED},
    "refused": {"state": calls.REFUSED},
    "ignored": {"state": calls.IGNORED},
    "internal": {"way": Way.INTERNAL.value, "is_untaken": False},
    "unknown": {"way": Way.UNKNOWN.value},
}
NAMES = ("text", "kind", "user", "line", "pbx", "since", "until", "over")
LONGEST = 10  # digits of a number that are compared: before them «8», «7» and «+7» mean the same
NOBODY = 0  # the user of calls that are nobody's

# Unlike bookings, the calls of today are known already: whoever has just connected a PBX sees them at once.
PRESETS: Mapping[str, Callable[[date], Period]] = {
    **report_filters.PRESETS,
    "today": lambda today: Period(today, today),
    "week": lambda today: Period(today - timedelta(days=6), today),
    "days30": lambda today: Period(today - timedelta(days=29), today),
}


@dataclass(frozen=True, slots=True)
class Days:
    """Days of the account's own calendar; `since` and `until` are the moments they begin and end."""

    form: Form
    today: date
    period: Period
    since: datetime
    until: datetime

    @property
    def chosen(self) -> dict[str, str]:
        return {"since": self.period.first.isoformat(), "until": self.period.last.isoformat()}

    @property
    def preset(self) -> str:
        return next((name for name, days in PRESETS.items() if days(self.today) == self.period), "")

    @property
    def offset(self) -> timedelta:
        """Of the account's clock from UTC, as at the end of these days."""
        return (self.until - timedelta(days=1)).utcoffset() or timedelta()

    def of(self, name: str) -> dict[str, str]:
        """The address of a preset."""
        days = PRESETS[name](self.today)
        return {"since": days.first.isoformat(), "until": days.last.isoformat()}


def days(account: Account, values: Mapping[str, str], usual: str = "week") -> Days:
    form, place = Form(values), spoken.zone(account.timezone)
    today = guard.context().now().astimezone(place).date()
    period = report_filters.read_period(form, PRESETS[usual](today))
    since, until = (
        datetime(day.year, day.month, day.day, tzinfo=place)
        for day in (period.first, period.last + timedelta(days=1))
    )
    return Days(form, today, period, since, until)


@dataclass(frozen=True, slots=True)
class Asked:
    """`chosen` asks the same again."""

    form: Form
    filters: CallFilters
    chosen: Mapping[str, str]


def read(account: Account, values: Mapping[str, str]) -> Asked:
    """Days are only asked for when a day was given; a day that is none is complained of, not guessed."""
    form = Form(values)
    given = bool(values.get("since") or values.get("until"))
    between = days(account, values) if given else None
    if between is not None:
        form = between.form
    digits = "".join(character for character in values.get("text", "") if character.isdigit())
    if values.get("text", "").strip() and not digits:
        form.complain("text", "telephony_calls.problem.digits")
    filters = CallFilters(
        **KINDS.get(values.get("kind", ""), {}),
        user_id=form.number("user"),
        line=form.text("line", is_required=False),
        is_over=form.flag("over"),
        pbx_id=form.number("pbx"),
        text=digits[-LONGEST:],
        since=between.since if between and between.form.ok else None,
        until=between.until if between and between.form.ok else None,
    )
    return Asked(form, filters, {name: values[name] for name in NAMES if values.get(name)})
