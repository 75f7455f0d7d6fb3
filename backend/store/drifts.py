"""The drift report: each look into a salon's journal with its counts, and what it found to differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import peewee

from backend.core.watch.drift import Drift, Look, Outcome
from backend.store import bulk, db
from backend.store.db import BaseModel, JsonField, UtcField

CHUNK = 500


class LookRow(BaseModel):
    """One look: `night` is the day on the account's clock, so that a look goes on where it was cut."""

    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    branch_id = peewee.BigIntegerField()
    kind = peewee.TextField()
    night = peewee.TextField()
    begun_at = UtcField()
    ended_at = UtcField(null=True)
    looked = peewee.BigIntegerField()
    repaired = peewee.BigIntegerField()
    left_over = peewee.BigIntegerField()

    class Meta:
        table_name = "journal_looks"


class DriftRow(BaseModel):
    """One difference. Found twice in one look it is still one."""

    id = peewee.BigAutoField()
    look_id = peewee.BigIntegerField()
    account_id = peewee.BigIntegerField()
    key = peewee.TextField()
    lead_id = peewee.BigIntegerField(null=True)
    kind = peewee.TextField()
    details = JsonField()
    outcome = peewee.TextField()
    found_at = UtcField()

    class Meta:
        table_name = "drifts"


@dataclass(frozen=True, slots=True)
class LinkedLead:
    """An active link of a booking; `row_id` orders the walk through all of them."""

    row_id: int
    key: str
    lead_id: int


def begin(account_id: int, branch_id: int, kind: Look, night: str, now: datetime) -> int:
    """The look of this night, begun or gone on with; returns its id."""
    db.run(
        """INSERT INTO journal_looks
            (account_id, branch_id, kind, night, begun_at, looked, repaired, left_over)
        VALUES (%s, %s, %s, %s, %s, 0, 0, 0) ON CONFLICT (account_id, branch_id, kind, night) DO NOTHING""",
        (account_id, branch_id, kind.value, night, db.micros(now)),
    )
    sql = """SELECT id FROM journal_looks
        WHERE account_id = %s AND branch_id = %s AND kind = %s AND night = %s"""
    return int(db.rows(sql, (account_id, branch_id, kind.value, night))[0][0])


def save(look_id: int, account_id: int, looked: int, found: Iterable[Drift], now: datetime) -> int:
    """What a part of the look saw; returns how many differences were news."""
    new = [
        {
            "look_id": look_id, "account_id": account_id, "key": one.key, "lead_id": one.lead_id,
            "kind": one.kind.value, "details": dict(one.details), "outcome": one.outcome.value,
            "found_at": now,
        }
        for one in found
    ]  # fmt: skip
    with db.atomic():
        fresh = bulk.insert(DriftRow, new, "ON CONFLICT (look_id, key, kind) DO NOTHING RETURNING outcome")
        repaired = sum(outcome == Outcome.REPAIRED.value for (outcome,) in fresh)
        db.run(
            """UPDATE journal_looks SET looked = looked + %s, repaired = repaired + %s,
            left_over = left_over + %s WHERE id = %s""",
            (looked, repaired, len(fresh) - repaired, look_id),
        )
    return len(fresh)


def end(look_id: int, now: datetime) -> None:
    LookRow.update(ended_at=now).where(LookRow.id == look_id).execute()


def looks(account_id: int, before: int | None = None, limit: int = 30) -> list[LookRow]:
    """Newest first."""
    query = LookRow.select().where(LookRow.account_id == account_id)
    if before is not None:
        query = query.where(LookRow.id < before)
    return list(query.order_by(LookRow.id.desc()).limit(limit))


def page(
    account_id: int, look_id: int | None = None, before: int | None = None, limit: int = 50
) -> list[DriftRow]:
    """Differences, newest first: of one look, or of all."""
    query = DriftRow.select().where(DriftRow.account_id == account_id)
    if look_id is not None:
        query = query.where(DriftRow.look_id == look_id)
    if before is not None:
        query = query.where(DriftRow.id < before)
    return list(query.order_by(DriftRow.id.desc()).limit(limit))


def prune(before: datetime) -> None:
    """Forgets looks that nobody reads any more, with what they found."""
    old = LookRow.select(LookRow.id).where(LookRow.begun_at < before)
    DriftRow.delete().where(DriftRow.look_id.in_(old)).execute()
    LookRow.delete().where(LookRow.begun_at < before).execute()


# What a look compares with


def active_links(
    account_id: int, company_id: int, after: int, since: datetime, limit: int = CHUNK
) -> list[LinkedLead]:
    """Links that drive a lead, of a salon's bookings with a visit after `since`, by their rows."""
    sql = """SELECT l.id, l.key, l.lead_id FROM links l
        JOIN bookings b ON b.account_id = l.account_id AND b.key = l.key
        WHERE l.account_id = %s AND l.id > %s AND l.role NOT IN ('history', 'released')
        AND l.key LIKE %s AND b.starts_at >= %s
        ORDER BY l.id LIMIT %s"""
    mine = f"yclients:{company_id}:%"
    found = db.rows(sql, (account_id, after, mine, db.micros(since), limit))
    return [LinkedLead(*row) for row in found]


def expected(account_id: int, branch_id: int, since: datetime, until: datetime) -> list[str]:
    """Keys of the salon's bookings with a visit in this time, as far as they are not cancelled."""
    sql = """SELECT key FROM bookings WHERE account_id = %s AND starts_at >= %s AND starts_at < %s
        AND branch_id = %s AND phase <> 'cancelled' ORDER BY starts_at"""
    found = db.rows(sql, (account_id, db.micros(since), db.micros(until), branch_id))
    return [key for (key,) in found]


def busy(account_id: int, keys: Sequence[str]) -> set[str]:
    """Of these bookings, those with an open event: what differs there is only under way."""
    found: set[str] = set()
    for chunk in bulk.chunks(set(keys)):
        sql = f"""SELECT DISTINCT subject FROM inbound_events WHERE account_id = %s
            AND subject IN ({bulk.marks(len(chunk))})
            AND status IN ('received', 'waiting', 'blocked', 'failed')"""
        found |= {subject for (subject,) in db.rows(sql, (account_id, *chunk))}
    return found


def portions(keys: Iterable[str]) -> Iterator[list[str]]:
    return bulk.chunks(keys, CHUNK)


def get_look(look_id: int) -> LookRow | None:
    return LookRow.get_or_none(LookRow.id == look_id)
