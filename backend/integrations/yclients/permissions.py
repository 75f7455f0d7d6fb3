"""What a user's rights in YCLIENTS lack for our work (yclients.md §5.5). Names of flags only: what a lack
costs is told by `core/rights`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from backend.integrations.http import JsonObject
from backend.integrations.yclients.parse import flag, number

UNLIMITED = -1
FORM = "record_form"  # the group of rights over bookings
LEAST_DAYS = 30  # of the journal's past: a booking's late marks fall well inside
NEEDED = (
    ("timetable", "timetable_access"),
    ("timetable", "timetable_phones_access"),
    ("record_form", "record_form_client_access"),
    ("record_form", "records_services_cost_access"),
    ("clients", "client_phones_access"),
    ("settings", "webhook_read_access"),
)
NARROWED = (("timetable", "master_id"), ("timetable", "position_id"), ("clients", "clients_visit_master_id"))
HISTORY = ("timetable", "last_days_count")
ADDRESSES = ("other", "auth_enable_check_ip")


def lacking(data: JsonObject) -> tuple[str, ...]:
    """`group.flag` of everything refused or narrowed. A flag that is not there is not held against anybody:
    the list differs between installations.
    """
    groups = {name: rows for name, rows in data.items() if isinstance(rows, dict)}
    refused = [where for where in NEEDED if not flag(_value(groups, where, True))]
    narrowed = [where for where in NARROWED if _whole(_value(groups, where, 0), 0)]
    short = [HISTORY] if 0 <= _whole(_value(groups, HISTORY, None), UNLIMITED) < LEAST_DAYS else []
    locked = [ADDRESSES] if flag(_value(groups, ADDRESSES, False)) else []
    return tuple(".".join(where) for where in (*refused, *narrowed, *short, *locked))


def days_shown(data: JsonObject) -> int | None:
    groups = {name: rows for name, rows in data.items() if isinstance(rows, dict)}
    days = _whole(_value(groups, HISTORY, None), UNLIMITED)
    return days if days >= 0 else None


def refused(data: JsonObject, flags: Iterable[str]) -> tuple[str, ...]:
    """Which of these flags of the booking form say no."""
    groups = {name: rows for name, rows in data.items() if isinstance(rows, dict)}
    return tuple(name for name in flags if not flag(_value(groups, (FORM, name), True)))


def _value(groups: Mapping[str, JsonObject], where: tuple[str, str], otherwise: object) -> object:
    group, name = where
    return groups.get(group, {}).get(name, otherwise)


def _whole(value: object, otherwise: int) -> int:
    try:
        return otherwise if value is None or value == "" else number(value)
    except ValueError:
        return otherwise
