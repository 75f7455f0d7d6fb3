"""Doubles as the last search found them, and what a search reads: a few passes over our index of the CRM, at
night, never for a page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import peewee

from backend.core.watch.doubles import Action, Double, Kind
from backend.store import bulk, db
from backend.store.db import BaseModel, JsonField, UtcField

CHUNK = 2_000
KEY_IN_FIELDS = '%"yclients:%'  # our key as it stands in the JSON of a lead's fields
OPEN_LEAD = "NOT is_deleted AND stage_id NOT IN (142, 143)"  # literally as in the index


class DoubleRow(BaseModel):
    """One finding; `seen_at` is when a search saw it last, and closed ones are kept for the next time."""

    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    kind = peewee.TextField()
    subject = peewee.TextField()
    lead_ids = JsonField()
    contact_ids = JsonField()
    action = peewee.TextField()
    target_id = peewee.BigIntegerField(null=True)
    why = peewee.TextField()
    found_at = UtcField()
    seen_at = UtcField()
    is_open = peewee.BooleanField()

    class Meta:
        table_name = "doubles"

    @property
    def double(self) -> Double:
        return Double(
            Kind(self.kind), self.subject, tuple(self.lead_ids), tuple(self.contact_ids),
            Action(self.action), self.target_id, self.why,
        )  # fmt: skip


def save(account_id: int, found: Iterable[Double], now: datetime) -> int:
    """The result of one kind's search, or a part of it; returns how many."""
    new = [
        {
            "account_id": account_id, "kind": one.kind.value, "subject": one.subject,
            "lead_ids": list(one.lead_ids), "contact_ids": list(one.contact_ids), "action": one.action.value,
            "target_id": one.target, "why": one.why, "found_at": now, "seen_at": now, "is_open": True,
        }
        for one in found
    ]  # fmt: skip
    names = ("lead_ids", "contact_ids", "action", "target_id", "why", "seen_at", "is_open")
    sets = ", ".join(f"{name} = excluded.{name}" for name in names)
    found_at = "found_at = CASE WHEN doubles.is_open THEN doubles.found_at ELSE excluded.found_at END"
    bulk.insert(DoubleRow, new, f"ON CONFLICT (account_id, kind, subject) DO UPDATE SET {sets}, {found_at}")
    return len(new)


def close_unseen(account_id: int, kind: Kind, since: datetime) -> None:
    """What a whole search did not see any more is over."""
    DoubleRow.update(is_open=False).where(
        (DoubleRow.account_id == account_id) & (DoubleRow.kind == kind.value) & DoubleRow.is_open
    ).where(DoubleRow.seen_at < since).execute()


def close(row_id: int) -> None:
    DoubleRow.update(is_open=False).where(DoubleRow.id == row_id).execute()


def get(row_id: int) -> DoubleRow | None:
    return DoubleRow.get_or_none(DoubleRow.id == row_id)


def page(account_id: int, kind: Kind, after: int = 0, limit: int = 20) -> list[DoubleRow]:
    """Open ones in the order they were found; the next page starts after the last id of this one."""
    where = (DoubleRow.account_id == account_id) & (DoubleRow.kind == kind.value) & DoubleRow.is_open
    return list(DoubleRow.select().where(where & (DoubleRow.id > after)).order_by(DoubleRow.id).limit(limit))


def counts(account_id: int) -> dict[Kind, int]:
    sql = "SELECT kind, count(*) FROM doubles WHERE account_id = %s AND is_open GROUP BY kind"
    known = dict(db.rows(sql, (account_id,)))
    return {kind: int(known.get(kind.value, 0)) for kind in Kind}


# What a search reads


def keyed_leads(account_id: int, after: int = 0) -> Iterator[list[int]]:
    """Ids of leads that carry a key of ours, in portions by their number."""
    yield from _portions(account_id, "AND NOT is_deleted AND fields LIKE %s", (KEY_IN_FIELDS,), after)


def keyed_since(account_id: int, since: datetime) -> list[int]:
    """Of the leads changed lately, those that carry a key of ours."""
    sql = """SELECT lead_id FROM crm_leads WHERE account_id = %s AND updated_at >= %s AND NOT is_deleted
        AND fields LIKE %s ORDER BY lead_id"""
    return [lead_id for (lead_id,) in db.rows(sql, (account_id, db.micros(since), KEY_IN_FIELDS))]


def crowded(account_id: int, after: int = 0) -> Iterator[list[int]]:
    """Ids of open leads whose main contact has another open lead too, in portions by contact."""
    sql = f"""SELECT c.contact_id FROM lead_contacts c
        JOIN crm_leads l ON l.account_id = c.account_id AND l.lead_id = c.lead_id
        WHERE c.account_id = %s AND c.position = 0 AND c.contact_id > %s
            AND NOT l.is_deleted AND l.stage_id NOT IN (142, 143)
        GROUP BY c.contact_id HAVING count(*) > 1 ORDER BY c.contact_id LIMIT {CHUNK}"""
    while contacts := [contact for (contact,) in db.rows(sql, (account_id, after))]:
        yield contacts
        after = contacts[-1]


def phones_shared(account_id: int, after: str = "") -> Iterator[dict[str, list[int]]]:
    """Phone key → contacts that carry it, where several do."""
    sql = f"""SELECT k.key FROM person_keys k
        JOIN crm_contacts c ON c.account_id = k.account_id AND c.contact_id = k.contact_id
        WHERE k.account_id = %s AND k.key > %s AND NOT k.is_card AND NOT c.is_deleted
        GROUP BY k.key HAVING count(*) > 1 ORDER BY k.key LIMIT {CHUNK}"""
    while keys := [key for (key,) in db.rows(sql, (account_id, after))]:
        yield _contacts_of(account_id, keys)
        after = keys[-1]


def _contacts_of(account_id: int, keys: Sequence[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for chunk in bulk.chunks(keys):
        sql = f"""SELECT k.key, k.contact_id FROM person_keys k
            JOIN crm_contacts c ON c.account_id = k.account_id AND c.contact_id = k.contact_id
            WHERE k.account_id = %s AND k.key IN ({bulk.marks(len(chunk))}) AND NOT k.is_card
                AND NOT c.is_deleted ORDER BY k.contact_id"""
        for key, contact in db.rows(sql, (account_id, *chunk)):
            found.setdefault(key, []).append(contact)
    return found


def open_counts(account_id: int, contact_ids: Iterable[int]) -> dict[int, int]:
    """Contact → how many open leads it has."""
    found: dict[int, int] = {}
    for chunk in bulk.chunks(set(contact_ids)):
        sql = f"""SELECT c.contact_id, count(*) FROM lead_contacts c
            JOIN crm_leads l ON l.account_id = c.account_id AND l.lead_id = c.lead_id
            WHERE c.account_id = %s AND c.contact_id IN ({bulk.marks(len(chunk))})
                AND NOT l.is_deleted AND l.stage_id NOT IN (142, 143) GROUP BY c.contact_id"""
        found |= {contact: int(count) for contact, count in db.rows(sql, (account_id, *chunk))}
    return found


def linked_ever(account_id: int, keys: Iterable[str]) -> dict[str, set[int]]:
    """Booking key → leads that were ever its own: one that it left may carry the key, and is no copy."""
    found: dict[str, set[int]] = {}
    for chunk in bulk.chunks(set(keys)):
        sql = f"SELECT key, lead_id FROM links WHERE account_id = %s AND key IN ({bulk.marks(len(chunk))})"
        for key, lead_id in db.rows(sql, (account_id, *chunk)):
            found.setdefault(key, set()).add(lead_id)
    return found


def made_by_us(account_id: int, keys: Sequence[str]) -> dict[str, set[int]]:
    """Booking key → leads that our creations were answered with, as far as their events are kept."""
    found: dict[str, set[int]] = {}
    for chunk in bulk.chunks(set(keys)):
        sql = f"""SELECT e.subject, o.result FROM inbound_events e
            JOIN outbox_commands o ON o.event_id = e.id
            WHERE e.account_id = %s AND e.subject IN ({bulk.marks(len(chunk))}) AND o.kind = 'CreateLead'
                AND o.status = 'done'"""
        for subject, result in db.rows(sql, (account_id, *chunk)):
            number = (JsonField().python_value(result) or {}).get("id")
            found.setdefault(subject, set()).update({int(number)} if number else set())
    return found


def _portions(account_id: int, extra: str, params: tuple[str, ...], after: int) -> Iterator[list[int]]:
    sql = f"""SELECT lead_id FROM crm_leads WHERE account_id = %s AND lead_id > %s {extra}
        ORDER BY lead_id LIMIT {CHUNK}"""
    while ids := [lead_id for (lead_id,) in db.rows(sql, (account_id, after, *params))]:
        yield ids
        after = ids[-1]
