"""Which salons are compared with another widget's work, and how far the comparison has come."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from backend.store import bulk, db
from backend.store.db import BaseModel, UtcField

BOOKINGS, LEADS = "bookings", "leads"  # the two feeds of the comparison


class ShadowRow(BaseModel):
    """A salon beside which the other widget works. `way`: how we hear of it, `hooks` or `polling`."""

    account_id = peewee.BigIntegerField()
    company_id = peewee.BigIntegerField()
    begun_at = UtcField()
    begun_by = peewee.TextField()
    settle_seconds = peewee.BigIntegerField()
    way = peewee.TextField()
    ended_at = UtcField(null=True)

    class Meta:
        table_name = "takeover_shadows"
        primary_key = peewee.CompositeKey("account_id", "company_id")


class MarkRow(BaseModel):
    """Everything of this feed up to here was looked at."""

    account_id = peewee.BigIntegerField()
    feed = peewee.TextField()
    reached_at = UtcField()
    reached_id = peewee.BigIntegerField()

    class Meta:
        table_name = "takeover_shadow_marks"
        primary_key = peewee.CompositeKey("account_id", "feed")


Mark = tuple[datetime, int]


def begin(  # noqa: PLR0913 - the columns of a row
    account_id: int, company_id: int, now: datetime, author: str, *, settle_seconds: int, way: str
) -> None:
    """From now on. Begun again, the proof begins anew; what was found before stays to be read."""
    row = {
        "account_id": account_id, "company_id": company_id, "begun_at": now, "begun_by": author,
        "settle_seconds": settle_seconds, "way": way, "ended_at": None,
    }  # fmt: skip
    with db.atomic():
        is_first = not working(account_id)
        bulk.upsert(ShadowRow, [row], ("account_id", "company_id"))
        if is_first:  # nobody was looked at meanwhile: the time between is nobody's
            for feed in (BOOKINGS, LEADS):
                save_mark(account_id, feed, (now, 0))


def end(account_id: int, company_id: int, now: datetime) -> None:
    where = (ShadowRow.account_id == account_id) & (ShadowRow.company_id == company_id)
    ShadowRow.update(ended_at=now).where(where & ShadowRow.ended_at.is_null()).execute()


def set_way(account_id: int, company_id: int, way: str) -> None:
    where = (ShadowRow.account_id == account_id) & (ShadowRow.company_id == company_id)
    ShadowRow.update(way=way).where(where).execute()


def of(account_id: int, company_id: int) -> ShadowRow | None:
    return ShadowRow.get_or_none((ShadowRow.account_id == account_id) & (ShadowRow.company_id == company_id))


def of_account(account_id: int) -> dict[int, ShadowRow]:
    """Company id → its shadow, ended ones too."""
    return {row.company_id: row for row in ShadowRow.select().where(ShadowRow.account_id == account_id)}


def working(account_id: int) -> dict[int, ShadowRow]:
    return {number: row for number, row in of_account(account_id).items() if row.ended_at is None}


def accounts() -> list[int]:
    """Accounts that have a salon in shadow now."""
    sql = "SELECT DISTINCT account_id FROM takeover_shadows WHERE ended_at IS NULL ORDER BY account_id"
    return [account_id for (account_id,) in db.rows(sql)]


def mark(account_id: int, feed: str) -> Mark | None:
    row = MarkRow.get_or_none((MarkRow.account_id == account_id) & (MarkRow.feed == feed))
    return (row.reached_at, row.reached_id) if row else None


def save_mark(account_id: int, feed: str, reached: Mark) -> None:
    row = {"account_id": account_id, "feed": feed, "reached_at": reached[0], "reached_id": reached[1]}
    bulk.upsert(MarkRow, [row], ("account_id", "feed"))


# What is to be compared next


def decided(account_id: int, after: Mark, until: datetime, limit: int) -> list[tuple[str, datetime, int]]:
    """(booking, when its newest decision fell, row id), the oldest first: each booking once, however often it
    was decided.
    """
    at, row_id = db.micros(after[0]), after[1]
    found = db.rows(
        """SELECT key, updated_at, id FROM bookings
        WHERE account_id = %s AND updated_at >= %s AND (updated_at > %s OR id > %s) AND updated_at <= %s
        ORDER BY updated_at, id LIMIT %s""",
        (account_id, at, at, row_id, db.micros(until), limit),
    )
    return [(key, db.moment(decided_at), number) for key, decided_at, number in found]


def changed_leads(account_id: int, after: Mark, until: datetime, limit: int) -> list[tuple[int, datetime]]:
    """(lead, when it was changed last), the oldest change first."""
    at = db.micros(after[0])
    found = db.rows(
        """SELECT lead_id, updated_at FROM crm_leads
        WHERE account_id = %s AND updated_at >= %s AND (updated_at > %s OR lead_id > %s)
        AND updated_at <= %s AND NOT is_deleted ORDER BY updated_at, lead_id LIMIT %s""",
        (account_id, at, at, after[1], db.micros(until), limit),
    )
    return [(lead_id, db.moment(changed_at)) for lead_id, changed_at in found]


@dataclass(frozen=True, slots=True)
class Decided:
    """The newest decision about a booking: why, from which facts, and what was to be done."""

    event_id: int
    reason: str
    facts: Mapping[str, Any]
    commands: tuple[Mapping[str, Any], ...] = ()


def decisions(account_id: int, keys: Iterable[str]) -> dict[str, Decided]:
    """Booking → its newest decision, with the commands of its last attempt that nobody carried out."""
    found: dict[str, Decided] = {}
    for chunk in bulk.chunks(set(keys)):
        newest = db.rows(
            f"""SELECT e.subject, e.id, e.reason, e.decision FROM inbound_events e WHERE e.id IN (
                SELECT max(n.id) FROM inbound_events n WHERE n.account_id = %s AND n.status = 'done'
                AND n.subject IN ({bulk.marks(len(chunk))}) GROUP BY n.subject)""",
            (account_id, *chunk),
        )
        asked = _observed([event_id for _, event_id, _, _ in newest])
        for subject, event_id, reason, decision in newest:
            facts = json.loads(decision).get("facts", {}) if decision else {}
            found[subject] = Decided(event_id, reason or "", facts, tuple(asked.get(event_id, ())))
    return found


def _observed(event_ids: list[int]) -> dict[int, list[Mapping[str, Any]]]:
    found: dict[int, list[Mapping[str, Any]]] = {}
    for chunk in bulk.chunks(event_ids):
        rows = db.rows(
            f"""SELECT c.event_id, c.payload FROM outbox_commands c
            WHERE c.event_id IN ({bulk.marks(len(chunk))}) AND c.status = 'observed' AND c.attempt = (
                SELECT max(n.attempt) FROM outbox_commands n WHERE n.event_id = c.event_id)
            ORDER BY c.event_id, c.position""",
            chunk,
        )
        for event_id, payload in rows:
            found.setdefault(event_id, []).append(json.loads(payload))
    return found
