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

# Newest first. The sum keeps both engines from walking all leads of the account in that order instead.
_LEADS = """SELECT lead_id FROM lead_contacts WHERE account_id = %s AND contact_id IN ({contacts})
    ORDER BY lead_id + 0 DESC LIMIT %s"""


def contacts_of_person(account_id: int, contact_id: int) -> list[int]:
    """The contact and its twins: whoever is known by the same phone or client card."""
    sql = "SELECT key FROM person_keys WHERE account_id = %s AND contact_id = %s LIMIT %s"
    keys = [key for (key,) in db.rows(sql, (account_id, contact_id, MOST_CONTACTS))]
    if not keys:
        return [contact_id]
    sql = f"""SELECT DISTINCT contact_id FROM person_keys
        WHERE account_id = %s AND key IN ({bulk.marks(len(keys))}) LIMIT %s"""
    twins = {found for (found,) in db.rows(sql, (account_id, *keys, MOST_CONTACTS))}
    return sorted({contact_id, *twins})


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
