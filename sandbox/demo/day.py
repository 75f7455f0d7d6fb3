"""The day's script as data: what exists before, what happens when, and what every booking must come to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

Plain = dict[str, Any]
MOSCOW = ZoneInfo("Europe/Moscow")
NOON = time(12)


@dataclass(frozen=True, slots=True)
class Expected:
    """A lead of its own with these properties; or nothing; or a share in the lead of a later booking."""

    pipeline: int = 0
    stage: int = 0
    budget: int = 0
    responsible: int = 0
    history_of: str = ""
    is_none: bool = False

    @property
    def has_lead(self) -> bool:
        return not self.is_none and not self.history_of


@dataclass(frozen=True, slots=True)
class BookingPlan:
    id: str
    salon: int
    booking: Plain
    expected: Expected
    made: datetime | None = None
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class LeadPlan:
    """A lead of the sales people; `is_taken` when a booking must continue it."""

    id: str
    lead: Plain
    is_taken: bool


@dataclass(frozen=True, slots=True)
class Hour:
    at: datetime
    title: str
    steps: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Day:
    title: str
    domain: str
    config: Path
    starts: datetime
    account: Plain
    salons: tuple[Plain, ...]
    contacts: tuple[Plain, ...]
    leads: tuple[LeadPlan, ...]
    bookings: tuple[BookingPlan, ...]
    hours: tuple[Hour, ...]
    zones: dict[int, ZoneInfo] = field(default_factory=dict)

    def plans(self) -> Iterator[BookingPlan]:
        """All bookings of the script, also those that are made during the day."""
        yield from self.bookings
        for hour in self.hours:
            yield from (step for verb, step in hour.steps if verb == "create")

    @property
    def owner(self) -> int:
        return int(self.account["users"][0]["id"])

    def wall(self, when: list[Any]) -> str:
        """`[day, "HH:MM"]` as the salon's journal writes it."""
        return f"{self.starts.date() + timedelta(days=when[0])} {when[1]}:00"


def load(path: Path, now: datetime) -> Day:
    """The script on the calendar: it begins at the next such hour, so the clock only goes forward."""
    script = yaml.safe_load(path.read_text(encoding="utf-8"))
    starts = _next(script["starts"], now)
    zones = {salon["id"]: ZoneInfo(salon["timezone_name"]) for salon in script["salons"]}
    return Day(
        title=script["title"],
        domain=script["domain"],
        config=path.parent / script["config"],
        starts=starts,
        account={"domain": script["domain"], **script["amocrm"]},
        salons=tuple(script["salons"]),
        contacts=tuple(script["contacts"]),
        leads=tuple(_lead(row) for row in script["leads"]),
        bookings=tuple(_booking(row, starts, zones) for row in script["bookings"]),
        hours=tuple(_hour(row, starts, zones) for row in script["hours"]),
        zones=zones,
    )


def _next(clock: str, now: datetime) -> datetime:
    local = now.astimezone(MOSCOW)
    found = _at(local.date(), clock)
    return found if found > local else _at(local.date() + timedelta(days=1), clock)


def _at(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), MOSCOW)


def _hour(row: Plain, starts: datetime, zones: dict[int, ZoneInfo]) -> Hour:
    steps = []
    for step in row["steps"]:
        ((verb, given),) = step.items()
        steps.append((verb, _booking(given, starts, zones) if verb == "create" else given))
    return Hour(_at(starts.date(), row["at"]), row["title"], tuple(steps))


def _lead(row: Plain) -> LeadPlan:
    lead = {
        "name": row["name"],
        "pipeline_id": row["pipeline"],
        "stage_id": row["stage"],
        "price": row.get("price", 0),
        "contact": row["contact"],
        "fields": row.get("fields"),
        "tags": row.get("tags"),
        "user_id": row["responsible"],
    }
    return LeadPlan(row["id"], lead, row["expect"] == "taken")


def _booking(row: Plain, starts: datetime, zones: dict[int, ZoneInfo]) -> BookingPlan:
    booking = {
        "company_id": row["salon"],
        "staff_id": row["staff"],
        "datetime": f"{starts.date() + timedelta(days=row['when'][0])} {row['when'][1]}:00",
        "client": row["client"],
        "services": row["services"],
        "attendance": row.get("attendance", 0),
    }
    made = None
    if "made" in row:
        day = starts.date() + timedelta(days=row["made"])
        made = datetime.combine(day, NOON, zones[row["salon"]])
    return BookingPlan(
        row["id"], row["salon"], booking, _expected(row["expect"]), made, bool(row.get("deleted"))
    )


def _expected(given: Any) -> Expected:
    return Expected(is_none=True) if given == "none" else Expected(**given)
