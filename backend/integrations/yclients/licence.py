"""A salon's licence in YCLIENTS (yclients.md §7.4): without it data methods answer 402."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from backend.integrations.http import JsonObject
from backend.integrations.yclients.parse import flag

FORMATS = ("%d.%m.%Y", "%Y-%m-%d")  # documented the first way; the second is how the API writes other days


@dataclass(frozen=True, slots=True)
class Licence:
    """`ends_on` is the last day paid for; None when the answer does not say it readably."""

    is_active: bool
    ends_on: date | None = None

    def is_over(self, today: date) -> bool:
        return not self.is_active or (self.ends_on is not None and self.ends_on < today)


def licence(data: JsonObject) -> Licence:
    return Licence(flag(data.get("active", True)), _day(str(data.get("deactivation_date") or "")))


def _day(text: str) -> date | None:
    for pattern in FORMATS:
        with suppress(ValueError):
            return datetime.strptime(text[:10], pattern).date()  # noqa: DTZ007 - a day has no zone
    return None
