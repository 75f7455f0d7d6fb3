"""Our mirror of the salons' journals: each booking as last seen, why it ended where it did, and its lead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import peewee

from backend.core.salon import Phase
from backend.store import bulk, db, lanes
from backend.store.db import BaseModel, UtcField
from backend.store.lanes import Lease

MANY = 100

ONLY_NEWER = "WHERE excluded.changed_at >= bookings.changed_at"


class BookingRow(BaseModel):
    """`snapshot` is the booking as JSON text; `reason` is that of the newest decision."""

    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    branch_id = peewee.BigIntegerField()
    key = peewee.TextField()
    record_id = peewee.BigIntegerField()
    phase = peewee.TextField()
    starts_at = UtcField()
    changed_at = UtcField()
    content_hash = peewee.TextField()
    snapshot = peewee.TextField()
    reason = peewee.TextField(null=True)
    lead_id = peewee.BigIntegerField(null=True)
    look_at = UtcField(null=True)
    visit_id = peewee.BigIntegerField(null=True)
    person = peewee.TextField(null=True)
    updated_at = UtcField()

    class Meta:
        table_name = "bookings"


@dataclass(frozen=True, slots=True)
class SeenBooking:
    """A booking as a drain saw it; `branch_id` is the id of our branch row. None in `lead_id` keeps the known
    lead; `look_at` is when to look at it again although nobody tells of it; `person` is common to the
    bookings of one person and names nobody.
    """

    key: str
    branch_id: int
    record_id: int
    phase: Phase
    starts_at: datetime
    changed_at: datetime
    content_hash: str
    snapshot: str
    reason: str | None = None
    lead_id: int | None = None
    look_at: datetime | None = None
    visit_id: int | None = None
    person: str | None = None


def by_keys(account_id: int, keys: Iterable[str]) -> dict[str, BookingRow]:
    found: dict[str, BookingRow] = {}
    for chunk in bulk.chunks(set(keys)):
        where = (BookingRow.account_id == account_id) & BookingRow.key.in_(chunk)
        found |= {row.key: row for row in BookingRow.select().where(where)}
    return found


def hashes(account_id: int, keys: Iterable[str]) -> dict[str, str]:
    """Key → content hash as last seen: a reconcile feeds only what differs."""
    found: dict[str, str] = {}
    for chunk in bulk.chunks(set(keys)):
        keys_sql = bulk.marks(len(chunk))
        sql = f"SELECT key, content_hash FROM bookings WHERE account_id = %s AND key IN ({keys_sql})"
        found |= dict(db.rows(sql, (account_id, *chunk)))
    return found


def save_many(lease: Lease, seen: Iterable[SeenBooking], now: datetime) -> None:
    """An older state of a booking never overwrites a newer one."""
    newest: dict[str, SeenBooking] = {}
    for booking in sorted(seen, key=lambda booking: booking.changed_at):
        newest[booking.key] = booking
    new = [row(lease.account_id, booking, now) for booking in newest.values()]
    names = (
        "branch_id",
        "record_id",
        "phase",
        "starts_at",
        "changed_at",
        "content_hash",
        "snapshot",
        "look_at",
        "visit_id",
        "person",
        "updated_at",
    )
    sets = ", ".join(f"{name} = excluded.{name}" for name in names)
    kept = ", ".join(f"{name} = coalesce(excluded.{name}, bookings.{name})" for name in ("reason", "lead_id"))
    with db.atomic():
        lanes.assert_held(lease)
        bulk.insert(
            BookingRow, new, f"ON CONFLICT (account_id, key) DO UPDATE SET {sets}, {kept} {ONLY_NEWER}"
        )


def row(account_id: int, b: SeenBooking, now: datetime) -> dict[str, object]:
    """As the table keeps it."""
    return {
        "account_id": account_id, "key": b.key, "branch_id": b.branch_id, "record_id": b.record_id,
        "phase": b.phase.value, "starts_at": b.starts_at, "changed_at": b.changed_at,
        "content_hash": b.content_hash, "snapshot": b.snapshot, "reason": b.reason, "lead_id": b.lead_id,
        "look_at": b.look_at, "visit_id": b.visit_id, "person": b.person, "updated_at": now,
    }  # fmt: skip


def of_visits(account_id: int, visit_ids: Iterable[int]) -> list[BookingRow]:
    """Every booking of these visits; several salons may use one number."""
    found: list[BookingRow] = []
    for chunk in bulk.chunks(visit_ids):
        where = (BookingRow.account_id == account_id) & BookingRow.visit_id.in_(chunk)
        found.extend(BookingRow.select().where(where).order_by(BookingRow.id))
    return found


def waiting_of(account_id: int, persons: Iterable[str]) -> list[BookingRow]:
    """Bookings of these persons that wait for their turn, the nearest visit first."""
    found: list[BookingRow] = []
    for chunk in bulk.chunks(set(persons)):
        where = (
            (BookingRow.account_id == account_id)
            & BookingRow.person.in_(chunk)
            & (BookingRow.reason == "waits_its_turn")
        )
        found.extend(BookingRow.select().where(where).order_by(BookingRow.starts_at, BookingRow.id))
    return found


def page(
    account_id: int,
    before: tuple[datetime, int] | None = None,
    limit: int = 50,
    *,
    branch_id: int | None = None,
) -> list[BookingRow]:
    """Newest change first; the next page starts before (updated_at, id) of the last row. `branch_id` asks for
    one salon's bookings alone.
    """
    query = BookingRow.select().where(BookingRow.account_id == account_id)
    if branch_id is not None:
        query = query.where(BookingRow.branch_id == branch_id)
    if before is not None:
        at, row_id = before
        earlier = (BookingRow.updated_at < at) | ((BookingRow.updated_at == at) & (BookingRow.id < row_id))
        query = query.where((BookingRow.updated_at <= at) & earlier)
    return list(query.order_by(BookingRow.updated_at.desc(), BookingRow.id.desc()).limit(limit))


def between(
    account_id: int, since: datetime, until: datetime, *, branch_id: int | None = None, limit: int = MANY
) -> list[BookingRow]:
    """Visits of this time, the earliest first."""
    query = BookingRow.select().where(
        (BookingRow.account_id == account_id)
        & (BookingRow.starts_at >= since)
        & (BookingRow.starts_at < until)
    )
    if branch_id is not None:
        query = query.where(BookingRow.branch_id == branch_id)
    return list(query.order_by(BookingRow.starts_at, BookingRow.id).limit(limit))
