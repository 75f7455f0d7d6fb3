"""What the re-booking report is asked beside the days: about whom, and how soon a client is expected."""

from __future__ import annotations

from collections.abc import Callable

from admin.names import Names
from admin.pages import language
from admin.report_filters import Filters
from backend import texts
from backend.flows.reports.people import Named
from backend.store.accounts import Account

BY = {"author": "author_id", "staff": "staff_id", "responsible": "responsible_id"}
WITHIN, LEAST, MOST = 60, 1, 180  # days


def expected(filters: Filters) -> int:
    """In how many days; what cannot be read is complained of, and the usual time is taken."""
    if not filters.form.values.get("within"):
        return WITHIN
    found = filters.form.whole("within", LEAST, MOST)
    return WITHIN if "within" in filters.form.problems else found


def chosen_by(filters: Filters) -> str:
    return filters.form.choice("by", tuple(BY)) or next(iter(BY))


def whom(account: Account, named: Named, by: str) -> Callable[[int, int], str]:
    """(our branch row, number) → a name; nobody's number is nobody's name."""
    lang, crm = language(), Names(account.id)

    def name(branch_id: int, number: int) -> str:
        if not number:
            return texts.t(f"reports.rebooking.nobody.{by}", lang)
        if by == "responsible":
            return crm.user(number)
        known = named.staff.get((branch_id, number)) if by == "staff" else named.author(branch_id, number)
        return known or f"№ {number}"

    return name
