"""What the re-booking report is asked beside the days: about whom, and how soon a client is expected."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from admin.pages import language
from admin.report_filters import Filters
from backend import texts
from backend.flows.reports.people import Named

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


def whom(named: Named, by: str) -> Callable[[int, int], str]:
    """(our branch row, number) → a name; nobody's number is nobody's name."""
    lang = language()

    def name(branch_id: int, number: int) -> str:
        if not number:
            return texts.t(f"reports.rebooking.nobody.{by}", lang)
        known: Mapping[str, str] = {
            "author": named.author(branch_id, number),
            "staff": named.staff.get((branch_id, number), ""),
            "responsible": named.users.get(number, ""),
        }
        return known[by] or f"№ {number}"

    return name
