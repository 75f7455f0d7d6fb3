"""YCLIENTS' price list and timetable → what a person may choose when booking (yclients.md §9, §10.2, §20).

The journal's own methods, not those of online booking: staff may book what is closed to visitors.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from backend.core.errors import InvalidInput
from backend.core.money import Kopecks, from_rubles
from backend.core.slots import MINUTES, Span, WorkDay
from backend.integrations.http import JsonObject
from backend.integrations.yclients.parse import flag, number

USUAL_SECONDS = 3600  # of a service whose length nobody has set


@dataclass(frozen=True, slots=True)
class Offer:
    """A service of the price list. `seconds` by master; `usual` for one that is not named there."""

    id: int
    title: str
    category_id: int
    price: Kopecks
    usual: int
    seconds: tuple[tuple[int, int], ...] = ()

    def lasts(self, staff_id: int) -> int:
        return dict(self.seconds).get(staff_id) or self.usual

    def is_done_by(self, staff_id: int) -> bool:
        """A service without a list of masters is everybody's."""
        return not self.seconds or staff_id in dict(self.seconds)


@dataclass(frozen=True, slots=True)
class Master:
    id: int
    name: str
    speciality: str = ""


def offers(rows: Iterable[JsonObject]) -> tuple[Offer, ...]:
    """What can be booked for one person: a group service has its own timetable."""
    try:
        return tuple(
            _offer(row) for row in rows if flag(row.get("active", 1)) and not flag(row.get("is_multi"))
        )
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise InvalidInput("yclients.catalogue_malformed", error=type(error).__name__) from error


def _offer(row: JsonObject) -> Offer:
    staff = [one for one in row.get("staff") or () if isinstance(one, dict)]
    seconds = tuple((number(one["id"]), number(one.get("seance_length"))) for one in staff)
    usual = number(row.get("duration")) or max((length for _, length in seconds), default=0) or USUAL_SECONDS
    return Offer(
        number(row["id"]),
        str(row.get("booking_title") or row.get("title") or ""),
        number(row.get("category_id")),
        from_rubles(row.get("price_min") or 0),
        usual,
        seconds,
    )


def masters(rows: Iterable[JsonObject]) -> tuple[Master, ...]:
    """Who works there now; hidden from online booking is still there for the desk."""
    try:
        return tuple(
            Master(number(row["id"]), str(row.get("name") or ""), str(row.get("specialization") or ""))
            for row in rows
            if not flag(row.get("fired")) and not number(row.get("status"))
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput("yclients.catalogue_malformed", error=type(error).__name__) from error


def timetable(rows: Iterable[JsonObject]) -> tuple[WorkDay, ...]:
    """Days of `staff/schedule`. A day that cannot be read is no day to offer."""
    found = []
    for row in rows:
        with suppress(KeyError, TypeError, ValueError):
            day = date.fromisoformat(str(row["date"])[:10])
            found.append(WorkDay(day, _spans(row.get("slots")), _spans(row.get("busy_intervals"))))
    return tuple(found)


def _spans(rows: object) -> tuple[Span, ...]:
    return (
        tuple((_minute(row["from"]), _minute(row["to"]) or MINUTES) for row in rows)
        if isinstance(rows, list)
        else ()
    )


def _minute(value: object) -> int:
    """«10:30», «10:30:00» or a whole moment of the salon's wall clock."""
    text = str(value)
    moment = datetime.fromisoformat(text if "T" in text or " " in text else f"2000-01-01T{text}")
    return moment.hour * 60 + moment.minute
