"""What a person asks of the journal: the form as filters, and as the address of the same question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from admin.forms import Form
from backend.flows.accounts import finding
from backend.flows.widget import spoken
from backend.store.accounts import Account
from backend.store.connections import BranchRow
from backend.store.inbound import Filters
from backend.store.journal import ANY_TROUBLE

BOOKINGS = "yclients.record"
STATUSES = ("received", "waiting", "done", "superseded", "rejected", "blocked", "failed")
NAMES = ("what", "status", "branch", "text", "lead", "day")


@dataclass(frozen=True, slots=True)
class Asked:
    """`chosen` holds the values that were given, by the names of the form."""

    what: str
    filters: Filters
    chosen: Mapping[str, str]

    @property
    def address(self) -> dict[str, Any]:
        """Arguments of `url_for` that ask the same again."""
        return dict(self.chosen)


def read(account: Account, values: Mapping[str, str], branches: Mapping[int, BranchRow]) -> Asked:
    """What cannot be read is not asked for; only a day that is none is complained of by nobody."""
    form = Form(values)
    what = form.choice("what", ("all",)) or "bookings"
    since, until = day(form.text("day", is_required=False), account)
    branch = form.number("branch")
    filters = Filters(
        kind=BOOKINGS if what == "bookings" else None,
        status=form.choice("status", (*STATUSES, ANY_TROUBLE)),
        branch_id=branch if branch in branches else None,
        subjects=_subjects(account, form.text("text", is_required=False)),
        lead_id=form.number("lead"),
        since=since,
        until=until,
    )
    chosen = {name: values[name] for name in NAMES if values.get(name)}
    return Asked(what, filters, chosen)


def _subjects(account: Account, text: str) -> tuple[str, ...] | None:
    """A booking's number, or the name or phone of a client; None when nothing was asked."""
    if not text:
        return None
    digits = finding.digits_of(text)
    if digits and digits == text.lstrip("№ "):
        return tuple(finding.keys_by_number(account.id, digits))
    return finding.meant(account.id, text).keys


def day(text: str, account: Account) -> tuple[datetime | None, datetime | None]:
    """A day of the account's own calendar."""
    try:
        chosen = date.fromisoformat(text)
    except ValueError:
        return None, None
    place = spoken.zone(account.timezone)
    begins = datetime(chosen.year, chosen.month, chosen.day, tzinfo=place)
    return begins, begins + timedelta(days=1) if chosen < date.max else begins
