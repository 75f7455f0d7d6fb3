"""The counters of a salon as they were taken, before its switch and after, who accepted them, and what they
are counted from.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import peewee

from backend.store import bulk, db
from backend.store.bookings import BookingRow
from backend.store.creations import HELD
from backend.store.db import BaseModel, JsonField, UtcField
from backend.store.due import OPEN
from backend.store.takeover_found import FoundRecord, by_keys

KIND = "yclients.record"
MOST_MESSAGES = 5_000  # of a salon: enough to tell how late they come
LANES = "SELECT id FROM lanes WHERE account_id = %s"  # open events are found by their lane, not by history


class SnapshotRow(BaseModel):
    """`moment` is before or after; `since` the switch that what happened since then is counted from."""

    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    company_id = peewee.BigIntegerField()
    moment = peewee.TextField()
    since = UtcField(null=True)
    counters = JsonField()
    taken_at = UtcField()

    class Meta:
        table_name = "takeover_counters"


class AcceptanceRow(BaseModel):
    account_id = peewee.BigIntegerField()
    company_id = peewee.BigIntegerField()
    counters_id = peewee.BigIntegerField()
    customer = peewee.TextField()
    contractor = peewee.TextField()
    note = peewee.TextField()
    author = peewee.TextField()
    accepted_at = UtcField()

    class Meta:
        table_name = "takeover_acceptances"
        primary_key = peewee.CompositeKey("account_id", "company_id")


# What was taken


def save(  # noqa: PLR0913 - the columns of a snapshot
    account_id: int,
    company_id: int,
    moment: str,
    counters: Sequence[dict[str, Any]],
    now: datetime,
    *,
    since: datetime | None = None,
) -> int:
    row = SnapshotRow.create(
        account_id=account_id,
        company_id=company_id,
        moment=moment,
        since=since,
        counters=list(counters),
        taken_at=now,
    )
    return int(row.id)


def newest(account_id: int) -> dict[tuple[int, str], SnapshotRow]:
    """(salon, moment) → what was taken last."""
    sql = "SELECT max(id) FROM takeover_counters WHERE account_id = %s GROUP BY company_id, moment"
    ids = [row_id for (row_id,) in db.rows(sql, (account_id,))]
    return {(row.company_id, row.moment): row for row in SnapshotRow.select().where(SnapshotRow.id.in_(ids))}


def accept(row: dict[str, Any]) -> None:
    """Once for each salon; said again, the newer word stands."""
    bulk.upsert(AcceptanceRow, [row], ("account_id", "company_id"))


def accepted(account_id: int) -> dict[int, AcceptanceRow]:
    """By salon."""
    return {
        row.company_id: row for row in AcceptanceRow.select().where(AcceptanceRow.account_id == account_id)
    }


# What is counted


def bookings_since(account_id: int, branch_id: int, since: datetime) -> list[BookingRow]:
    """`branch_id` is our branch row."""
    where = (
        (BookingRow.account_id == account_id)
        & (BookingRow.branch_id == branch_id)
        & (BookingRow.starts_at >= since)
    )
    return list(BookingRow.select().where(where).order_by(BookingRow.starts_at, BookingRow.id))


def found_since(account_id: int, company_id: int, since: datetime) -> list[FoundRecord]:
    """What discovery read of the salon's journal."""
    sql = "SELECT key FROM takeover_records WHERE account_id = %s AND company_id = %s AND starts_at >= %s"
    keys = [key for (key,) in db.rows(sql, (account_id, company_id, db.micros(since)))]
    return sorted(by_keys(account_id, keys).values(), key=lambda one: (one.starts_at, one.key))


def known_keys(account_id: int, keys: Sequence[str]) -> set[str]:
    """Those of the bookings that we have heard of, deleted ones too."""
    found: set[str] = set()
    for chunk in bulk.chunks(set(keys)):
        for table in ("bookings", "takeover_records"):
            sql = f"SELECT key FROM {table} WHERE account_id = %s AND key IN ({bulk.marks(len(chunk))})"
            found.update(key for (key,) in db.rows(sql, (account_id, *chunk)))
    return found


def keys_of_records(account_id: int, record_ids: Sequence[int]) -> dict[int, str]:
    """Record → its booking's key, in whatever salon it is."""
    found: dict[int, str] = {}
    for chunk in bulk.chunks(set(record_ids)):
        for table in ("takeover_records", "bookings"):
            sql = f"""SELECT record_id, key FROM {table}
                WHERE account_id = %s AND record_id IN ({bulk.marks(len(chunk))})"""
            found |= dict(db.rows(sql, (account_id, *chunk)))
    return found


def earliest_found(account_id: int) -> datetime | None:
    """How far back the journals were read."""
    sql = "SELECT min(created_at) FROM takeover_records WHERE account_id = %s"
    found = db.rows(sql, (account_id,))[0][0]
    return None if found is None else db.moment(found)


def held_of(account_id: int, branch_id: int) -> list[str]:
    """Bookings of the salon whose new leads the brake holds."""
    sql = f"""SELECT DISTINCT subject FROM inbound_events
        WHERE lane_id IN ({LANES}) AND {OPEN} AND branch_id = %s AND error LIKE %s ORDER BY subject"""
    return [key for (key,) in db.rows(sql, (account_id, branch_id, f"{HELD} %"))]


def queue_of(account_id: int, branch_id: int, now: datetime) -> tuple[int, int]:
    """How much of the salon waits past its time, and the seconds of what waits longest."""
    sql = f"""SELECT count(*), min(due_at) FROM inbound_events
        WHERE lane_id IN ({LANES}) AND {OPEN} AND branch_id = %s AND due_at <= %s"""
    count, oldest = db.rows(sql, (account_id, branch_id, db.micros(now)))[0]
    return int(count), 0 if oldest is None else (db.micros(now) - int(oldest)) // db.SECOND


def messages(account_id: int, branch_id: int, since: datetime) -> list[tuple[str, str, str, datetime]]:
    """(source, booking's key, body, when it came) of the newest messages about bookings of the salon."""
    sql = """SELECT source, subject, body, received_at FROM inbound_events
        WHERE account_id = %s AND branch_id = %s AND kind = %s AND received_at >= %s
        ORDER BY id DESC LIMIT %s"""
    found = db.rows(sql, (account_id, branch_id, KIND, db.micros(since), MOST_MESSAGES))
    return [(source, key, body, db.moment(at)) for source, key, body, at in found]


def creations_since(account_id: int, branch_id: int, since: datetime) -> list[tuple[str, str]]:
    """(booking's key, payload) of new leads of the salon that were carried out since then."""
    sql = """SELECT c.subject, c.payload FROM outbox_commands c JOIN inbound_events e ON e.id = c.event_id
        WHERE e.account_id = %s AND e.branch_id = %s AND e.received_at >= %s
        AND c.kind = 'CreateLead' AND c.status = 'done' AND c.settled_at >= %s"""
    early = db.micros(since) - 86_400 * db.SECOND  # news may wait for a day before they are decided
    return [(key, payload) for key, payload in db.rows(sql, (account_id, branch_id, early, db.micros(since)))]
