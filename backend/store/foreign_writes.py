"""What others changed in leads of salons that we have taken over or are taking over, and what is held or left
alone because of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

import peewee

from backend.core.takeover.conflicts import Foreign
from backend.store import bulk, db
from backend.store.db import BaseModel, UtcField

CREATIONS = "created"  # what is held of a salon whose records have two leads
NO_LEAD = 0


class ForeignRow(BaseModel):
    """`author` is a user of the CRM, 0 a robot, empty when nobody was named; `company_id` is 0 while nobody
    knows whose lead it is.
    """

    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    company_id = peewee.BigIntegerField()
    key = peewee.TextField()
    lead_id = peewee.BigIntegerField()
    what = peewee.TextField()
    before = peewee.TextField()
    after = peewee.TextField()
    author = peewee.BigIntegerField(null=True)
    written_at = UtcField()

    class Meta:
        table_name = "foreign_writes"


class StopRow(BaseModel):
    """A field of a lead that we leave alone, or (`lead_id` 0) the creations of a salon."""

    account_id = peewee.BigIntegerField()
    company_id = peewee.BigIntegerField()
    lead_id = peewee.BigIntegerField()
    what = peewee.TextField()
    stopped_at = UtcField()

    class Meta:
        table_name = "takeover_stops"
        primary_key = peewee.CompositeKey("account_id", "company_id", "lead_id", "what")


def note(account_id: int, found: Iterable[Foreign]) -> None:
    """Idempotent: one change told twice is one row."""
    new = {
        (one.lead_id, one.what, one.at, one.after): {
            "account_id": account_id, "company_id": one.company_id, "key": one.key, "lead_id": one.lead_id,
            "what": one.what, "before": one.before, "after": one.after, "author": one.author,
            "written_at": one.at,
        }
        for one in found
    }  # fmt: skip
    bulk.insert(ForeignRow, new.values(), "ON CONFLICT DO NOTHING")


def last(account_id: int, company_id: int, authors: Collection[int] = ()) -> datetime | None:
    """When somebody else wrote into a lead of this salon; of these authors, when any are named."""
    where = (ForeignRow.account_id == account_id) & (ForeignRow.company_id == company_id)
    if authors:
        where &= ForeignRow.author.in_(sorted(authors))
    newest = ForeignRow.select(ForeignRow.written_at).where(where).order_by(ForeignRow.written_at.desc())
    row = newest.limit(1).first()
    return row.written_at if row else None


def since(
    account_id: int, when: datetime, company_id: int | None = None, authors: Collection[int] = ()
) -> list[Foreign]:
    """Oldest first."""
    where = (ForeignRow.account_id == account_id) & (ForeignRow.written_at >= when)
    if company_id is not None:
        where &= ForeignRow.company_id == company_id
    if authors:
        where &= ForeignRow.author.in_(sorted(authors))
    return [_foreign(row) for row in ForeignRow.select().where(where).order_by(ForeignRow.written_at)]


def nobodys(account_id: int, when: datetime) -> list[tuple[int, int]]:
    """(row, lead) of leads that nobody has placed yet, since a moment."""
    where = (ForeignRow.account_id == account_id) & (ForeignRow.company_id == 0)
    where &= ForeignRow.written_at >= when
    return [
        (row.id, row.lead_id) for row in ForeignRow.select(ForeignRow.id, ForeignRow.lead_id).where(where)
    ]


def place(row_ids: Iterable[int], company_id: int, key: str) -> None:
    for ids in bulk.chunks(row_ids):
        ForeignRow.update(company_id=company_id, key=key).where(ForeignRow.id.in_(ids)).execute()


def news_of(account_id: int, keys: Iterable[str], since: datetime) -> dict[str, list[datetime]]:
    """Booking → when its salon told something of it."""
    found: dict[str, list[datetime]] = {}
    for chunk in bulk.chunks(set(keys)):
        sql = f"""SELECT subject, received_at FROM inbound_events
            WHERE account_id = %s AND subject IN ({bulk.marks(len(chunk))}) AND received_at >= %s"""
        for key, at in db.rows(sql, (account_id, *chunk, db.micros(since))):
            found.setdefault(key, []).append(db.moment(at))
    return found


def bookings_of_persons(account_id: int, marks: Iterable[str]) -> dict[str, list[str]]:
    """Person's mark → their bookings, the latest changed first."""
    found: dict[str, list[str]] = {}
    for chunk in bulk.chunks(set(marks)):
        sql = f"""SELECT person, key FROM bookings
            WHERE account_id = %s AND person IN ({bulk.marks(len(chunk))}) ORDER BY changed_at DESC"""
        for person, key in db.rows(sql, (account_id, *chunk)):
            found.setdefault(person, []).append(key)
    return found


def told_at(account_id: int, code: str, scope_key: str) -> datetime | None:
    """When people were last asked to look at this; what was before it they have seen."""
    sql = "SELECT max(seen_at) FROM alarms WHERE account_id = %s AND code = %s AND scope_key = %s"
    ((seen,),) = db.rows(sql, (account_id, code, scope_key))
    return None if seen is None else db.moment(seen)


def prune(account_id: int, before: datetime) -> None:
    ForeignRow.delete().where(
        (ForeignRow.account_id == account_id) & (ForeignRow.written_at < before)
    ).execute()


# What is stopped


def stop(account_id: int, company_id: int, lead_id: int, what: str, now: datetime) -> bool:
    """False when it was stopped before."""
    done = db.run(
        """INSERT INTO takeover_stops (account_id, company_id, lead_id, what, stopped_at)
        VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING""",
        (account_id, company_id, lead_id, what, db.micros(now)),
    )
    return bool(done.rowcount)


def release(account_id: int, company_id: int, lead_id: int | None = None, what: str | None = None) -> int:
    """Lets go what was stopped; everything of the salon when nothing is named. Returns how many."""
    where = (StopRow.account_id == account_id) & (StopRow.company_id == company_id)
    if lead_id is not None:
        where &= StopRow.lead_id == lead_id
    if what is not None:
        where &= StopRow.what == what
    return int(StopRow.delete().where(where).execute())


def stopped(account_id: int) -> list[tuple[int, int, str]]:
    """(salon, lead, what), the oldest first."""
    rows = StopRow.select().where(StopRow.account_id == account_id).order_by(StopRow.stopped_at)
    return [(row.company_id, row.lead_id, row.what) for row in rows]


def _foreign(row: ForeignRow) -> Foreign:
    return Foreign(
        row.company_id, row.key, row.lead_id, row.what, row.before, row.after, row.author, row.written_at
    )
