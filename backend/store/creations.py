"""Memory of the storm brake: new leads of the last weeks that bookings brought, the usual pace of each salon,
and what a person let go.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import peewee

from backend.core.sync.brake import Act
from backend.store import bulk, db
from backend.store.db import BaseModel, UtcField
from backend.store.due import OPEN

HELD = "brake.held"  # begins the error of an event that waits for the brake
HOUR = 3600 * db.SECOND
LANES = "SELECT id FROM lanes WHERE account_id = %s"  # open events are found by their lane, not by history


class CreationRow(BaseModel):
    account_id = peewee.BigIntegerField()
    key = peewee.TextField()
    company_id = peewee.BigIntegerField()
    person = peewee.TextField()
    series = peewee.TextField()
    visit_id = peewee.BigIntegerField()
    passed_at = UtcField()

    class Meta:
        table_name = "creations"
        primary_key = peewee.CompositeKey("account_id", "key")


def of_people(account_id: int, people: Iterable[str], since: datetime) -> list[Act]:
    """What was let through for these people since then."""
    found: list[Act] = []
    for chunk in bulk.chunks(set(people)):
        sql = f"""SELECT key, company_id, person, series, visit_id FROM creations
            WHERE account_id = %s AND person IN ({bulk.marks(len(chunk))}) AND passed_at >= %s"""
        found += [Act(*row) for row in db.rows(sql, (account_id, *chunk, db.micros(since)))]
    return found


def of_salons(account_id: int, since: datetime) -> dict[int, int]:
    """Company id → acts of the desk that brought new leads since then."""
    sql = """SELECT company_id, count(DISTINCT person || series) FROM creations
        WHERE account_id = %s AND passed_at >= %s GROUP BY company_id"""
    return {company: int(count) for company, count in db.rows(sql, (account_id, db.micros(since)))}


def note(account_id: int, acts: Iterable[Act], now: datetime) -> None:
    """These may be sent. One that comes a second time, after a failure, is the same."""
    new = [
        {
            "account_id": account_id, "key": one.key, "company_id": one.company_id, "person": one.person,
            "series": one.series, "visit_id": one.visit_id, "passed_at": now,
        }
        for one in acts
    ]  # fmt: skip
    bulk.insert(CreationRow, new, "ON CONFLICT (account_id, key) DO NOTHING")


def usual(account_id: int) -> dict[int, int]:
    """Company id → new leads of an hour in which there were any, on average."""
    sql = "SELECT company_id, per_hour FROM usual_creations WHERE account_id = %s"
    return dict(db.rows(sql, (account_id,)))


def count_usual(account_id: int, now: datetime, days: int, fewest_hours: int) -> None:
    """Once a night. A salon with few hours to judge by has no usual pace yet; what is older is forgotten."""
    before = db.micros(now - timedelta(days=days))
    with db.atomic():
        db.run("DELETE FROM creations WHERE account_id = %s AND passed_at < %s", (account_id, before))
        db.run("DELETE FROM usual_creations WHERE account_id = %s", (account_id,))
        db.run(
            f"""INSERT INTO usual_creations (account_id, company_id, per_hour, counted_at)
            SELECT account_id, company_id, (count(*) + count(DISTINCT passed_at / {HOUR}) - 1)
                / count(DISTINCT passed_at / {HOUR}), %s
            FROM creations WHERE account_id = %s GROUP BY account_id, company_id
            HAVING count(DISTINCT passed_at / {HOUR}) >= %s""",
            (db.micros(now), account_id, fewest_hours),
        )


def released(account_id: int, since: datetime) -> frozenset[str]:
    sql = "SELECT scope FROM brake_releases WHERE account_id = %s AND released_at >= %s"
    return frozenset(scope for (scope,) in db.rows(sql, (account_id, db.micros(since))))


def release(account_id: int, scope: str, now: datetime) -> int:
    """A person lets it go: what waits is due now; returns how many events."""
    with db.atomic():
        db.run(
            """INSERT INTO brake_releases (account_id, scope, released_at) VALUES (%s, %s, %s)
            ON CONFLICT (account_id, scope) DO UPDATE SET released_at = excluded.released_at""",
            (account_id, scope, db.micros(now)),
        )
        freed = db.run(
            f"""UPDATE inbound_events SET due_at = %s WHERE lane_id IN ({LANES}) AND {OPEN} AND error = %s""",
            (db.micros(now), account_id, f"{HELD} scope={scope}"),
        )
    return int(freed.rowcount)


def waiting(account_id: int) -> dict[str, int]:
    """Scope → bookings that it holds."""
    sql = f"""SELECT error, count(DISTINCT subject) FROM inbound_events
        WHERE lane_id IN ({LANES}) AND {OPEN} AND error LIKE %s GROUP BY error"""
    found = db.rows(sql, (account_id, f"{HELD} scope=%"))
    return {error.partition("scope=")[2]: int(count) for error, count in found}
