"""Figures per account and hour, rolled up from the inbox, so that no screen counts over history.

Volume and outcomes of the newest hours are counted anew each time, because an event's outcome changes after
it came. Requests are added to, because nobody can count them again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import peewee

from backend.store import bulk, db
from backend.store.db import BaseModel

HOUR = 3600 * db.SECOND
REQUESTS = ("amo_requests", "yc_requests", "refused")
TROUBLED = "e.status IN ('blocked', 'rejected', 'failed')"

# How long a booking waited past its time. A retry moves `due_at`, so whoever was tried again waited since it
# came; what a newer state has replaced waited for nobody.
LATE = f"""CASE WHEN e.kind <> 'yclients.record' OR e.status = 'superseded' THEN 0
    ELSE coalesce(e.closed_at, %s) - CASE WHEN e.tries = 0 THEN e.due_at ELSE e.received_at END END
    / {db.SECOND // 1000}"""


class HourRow(BaseModel):
    """`hour` counts from 1970; `lag_ms` is the longest wait among the bookings that came within it."""

    account_id = peewee.BigIntegerField()
    hour = peewee.BigIntegerField()
    received = peewee.BigIntegerField()
    troubled = peewee.BigIntegerField()
    created = peewee.BigIntegerField()
    attached = peewee.BigIntegerField()
    changed = peewee.BigIntegerField()
    lag_ms = peewee.BigIntegerField()
    amo_requests = peewee.BigIntegerField()
    yc_requests = peewee.BigIntegerField()
    refused = peewee.BigIntegerField(default=0)

    class Meta:
        table_name = "hour_figures"
        primary_key = peewee.CompositeKey("account_id", "hour")


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of an account, or of all of them together."""

    begins_at: datetime
    received: int = 0
    troubled: int = 0
    created: int = 0
    attached: int = 0
    changed: int = 0
    lag_ms: int = 0
    amo_requests: int = 0
    yc_requests: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests that an account has used since they were last added; `refused` by the vendors."""

    account_id: int
    amo: int = 0
    yclients: int = 0
    refused: int = 0


def roll_up(now: datetime, hours: int) -> None:
    """Counts the last `hours` hours anew, the current one included. One read by the time of receipt."""
    current = db.micros(now) // HOUR
    first = current - hours + 1
    counted = db.rows(
        f"""SELECT e.account_id, e.received_at / {HOUR}, count(*),
            sum(CASE WHEN {TROUBLED} THEN 1 ELSE 0 END),
            {_closed_as("created")}, {_closed_as("attached", "attached_ambiguous", "continued")},
            {_closed_as("updated", "moved", "reopened")}, max({LATE})
        FROM inbound_events e WHERE e.received_at >= %s AND e.received_at < %s GROUP BY 1, 2""",
        (db.micros(now), first * HOUR, (current + 1) * HOUR),
    )
    names = ("account_id", "hour", "received", "troubled", "created", "attached", "changed", "lag_ms")
    new = [
        {**dict(zip(names, row, strict=True)), "lag_ms": max(0, row[-1]), "amo_requests": 0, "yc_requests": 0}
        for row in counted
    ]
    sets = ", ".join(f"{name} = excluded.{name}" for name in names[2:])
    bulk.insert(HourRow, new, f"ON CONFLICT (account_id, hour) DO UPDATE SET {sets}")


def hours_since_last(now: datetime) -> int:
    """Whole hours since the newest one counted, or since 1970 when nothing was ever counted."""
    newest = db.rows("SELECT max(hour) FROM hour_figures")[0][0]
    return max(0, db.micros(now) // HOUR - int(newest or 0))


def add_requests(now: datetime, used: Iterable[Requests]) -> None:
    """Adds what was used lately to the current hour."""
    zeros = dict.fromkeys(("received", "troubled", "created", "attached", "changed", "lag_ms"), 0)
    hour = db.micros(now) // HOUR
    new = [
        {
            "account_id": one.account_id, "hour": hour, **zeros,
            "amo_requests": one.amo, "yc_requests": one.yclients, "refused": one.refused,
        }
        for one in used
    ]  # fmt: skip
    sums = ", ".join(f"{n} = hour_figures.{n} + excluded.{n}" for n in REQUESTS)
    bulk.insert(HourRow, new, f"ON CONFLICT (account_id, hour) DO UPDATE SET {sums}")


def last(now: datetime, account_id: int | None = None, hours: int = 24) -> list[Hour]:
    """The last `hours` hours, the current one included, oldest first; quiet ones as zeros. None adds up all
    accounts.
    """
    current = db.micros(now) // HOUR
    first = current - hours + 1
    of_account, params = ("account_id = %s AND", (account_id,)) if account_id is not None else ("", ())
    found = db.rows(
        f"""SELECT hour, sum(received), sum(troubled), sum(created), sum(attached), sum(changed), max(lag_ms),
            sum(amo_requests), sum(yc_requests), sum(refused)
        FROM hour_figures WHERE {of_account} hour BETWEEN %s AND %s GROUP BY hour""",
        (*params, first, current),
    )
    known = {int(row[0]): tuple(int(value) for value in row[1:]) for row in found}
    return [Hour(db.moment(hour * HOUR), *known.get(hour, ())) for hour in range(first, current + 1)]


def prune(now: datetime, keep: timedelta) -> None:
    """Forgets hours older than `keep`."""
    db.run("DELETE FROM hour_figures WHERE hour < %s", (db.micros(now - keep) // HOUR,))


def _closed_as(*reasons: str) -> str:
    """What was only observed has changed nothing in the CRM."""
    listed = ", ".join(f"'{reason}'" for reason in reasons)
    observed = "SELECT 1 FROM outbox_commands o WHERE o.event_id = e.id AND o.status = 'observed'"
    return f"""sum(CASE WHEN e.status = 'done' AND e.reason IN ({listed}) AND NOT EXISTS ({observed})
            THEN 1 ELSE 0 END)"""
