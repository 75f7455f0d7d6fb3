"""Bookings behind a lead or a person, found through our links: a card asks while somebody waits for it.

Bounded on every way: a contact may have thousands of leads («walk-in clients»).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from backend.store import bulk, db
from backend.store.bookings import BookingRow

MOST_CONTACTS = 20
MOST_LEADS = 200
MOST_BOOKINGS = 200

# The leads of a person, newest first; their contacts are known by one phone or one client card.
_SAME_PERSON = """SELECT DISTINCT p.contact_id FROM person_keys o
    JOIN person_keys p ON p.account_id = o.account_id AND p.key = o.key
    WHERE o.account_id = %s AND o.contact_id = %s LIMIT %s"""
_LEADS = """SELECT lead_id FROM lead_contacts WHERE account_id = %s AND contact_id IN ({contacts})
    ORDER BY lead_id DESC LIMIT %s"""


def contacts_of_person(account_id: int, contact_id: int) -> list[int]:
    """The contact and its twins."""
    found = db.rows(_SAME_PERSON, (account_id, contact_id, MOST_CONTACTS))
    return sorted({contact_id, *(row[0] for row in found)})


def of_person(account_id: int, contact_id: int) -> list[BookingRow]:
    """What a person has booked, by the leads of their contacts; the latest visits when there are many."""
    contacts = contacts_of_person(account_id, contact_id)
    leads = _LEADS.format(contacts=bulk.marks(len(contacts)))
    sql = f"""SELECT * FROM bookings WHERE account_id = %s AND key IN (
            SELECT key FROM links WHERE account_id = %s AND lead_id IN (
                SELECT lead_id FROM ({leads}) AS newest))
        ORDER BY starts_at DESC LIMIT %s"""
    params = (account_id, account_id, account_id, *contacts, MOST_LEADS, MOST_BOOKINGS)
    return list(BookingRow.raw(sql.replace("%s", db.database.param), *params))


def keys_of_leads(account_id: int, lead_ids: Sequence[int], limit: int) -> list[str]:
    """Keys of the bookings that these leads have ever had, newest link first."""
    found: dict[str, None] = {}
    for chunk in bulk.chunks(lead_ids):
        sql = f"""SELECT key FROM links WHERE account_id = %s AND lead_id IN ({bulk.marks(len(chunk))})
            ORDER BY id DESC LIMIT %s"""
        found |= dict.fromkeys(key for (key,) in db.rows(sql, (account_id, *chunk, limit)))
    return list(found)[:limit]


def asked_since(account_id: int, keys: Iterable[str], sources: Sequence[str], since: datetime) -> set[str]:
    """Which of these bookings somebody has asked about since then."""
    found: set[str] = set()
    for chunk in bulk.chunks(set(keys)):
        sql = f"""SELECT subject FROM inbound_events WHERE account_id = %s AND received_at >= %s
            AND subject IN ({bulk.marks(len(chunk))}) AND source IN ({bulk.marks(len(sources))})"""
        rows = db.rows(sql, (account_id, db.micros(since), *chunk, *sources))
        found |= {subject for (subject,) in rows}
    return found
