"""Figures for the overview and for metrics. Every query is bounded by time through an index: none reads the
whole history.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.store import db

DAY = timedelta(days=1)
HOUR = 3600 * db.SECOND


@dataclass(frozen=True, slots=True)
class HourVolume:
    """Events that came within the hour from `begins_at`, and how many of them are in trouble now."""

    begins_at: datetime
    received: int
    troubled: int


def by_status(now: datetime, account_id: int | None = None) -> dict[str, int]:
    """Events of the last 24 hours by status."""
    condition, params = _of_account(account_id)
    sql = f"SELECT status, count(*) FROM inbound_events WHERE received_at > %s {condition} GROUP BY status"
    return dict(db.rows(sql, (db.micros(now - DAY), *params)))


def by_reason(now: datetime, account_id: int | None = None) -> dict[str, int]:
    """What the last 24 hours' events ended in, by reason."""
    condition, params = _of_account(account_id)
    sql = f"""SELECT reason, count(*) FROM inbound_events
        WHERE received_at > %s AND status = 'done' AND reason IS NOT NULL {condition} GROUP BY reason"""
    return dict(db.rows(sql, (db.micros(now - DAY), *params)))


def hourly(now: datetime, account_id: int | None = None, hours: int = 48) -> list[HourVolume]:
    """The last `hours` hours, the current one included, oldest first, hours without events as zeros."""
    current = db.micros(now) // HOUR
    first = current - hours + 1
    condition, params = _of_account(account_id)
    found = db.rows(
        f"""SELECT received_at / {HOUR}, count(*),
            sum(CASE WHEN status IN ('blocked', 'rejected', 'failed') THEN 1 ELSE 0 END)
        FROM inbound_events WHERE received_at >= %s AND received_at < %s {condition} GROUP BY 1""",
        (first * HOUR, (current + 1) * HOUR, *params),
    )
    volumes = {int(hour): (int(received), int(troubled)) for hour, received, troubled in found}
    return [
        HourVolume(db.moment(hour * HOUR), *volumes.get(hour, (0, 0))) for hour in range(first, current + 1)
    ]


def _of_account(account_id: int | None) -> tuple[str, tuple[int, ...]]:
    return ("AND account_id = %s", (account_id,)) if account_id is not None else ("", ())
