"""Bookings behind a lead or a person, found through our links: a card asks while somebody waits for it.

Bounded on every way: a contact may have thousands of leads («walk-in clients»). Some queries read a column
that nobody wants: without it SQLite prefers to walk the primary key of a whole account, which holds the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from backend.store import bookings, bulk, db
from backend.store.bookings import BookingRow

MOST_CONTACTS = 20
MOST_LEADS = 200
MOST_BOOKINGS = 200

# The sum keeps both engines from walking the whole account in this order instead of looking up what is asked.
_NEWEST = "ORDER BY {} + 0 DESC LIMIT %s"


def contacts_of_people(account_id: int, contact_ids: Sequence[int]) -> list[int]:
    """The contacts and their twins: whoever is known by the same phone or client card."""
    if not contact_ids:
        return []
    most = MOST_CONTACTS * len(contact_ids)
    sql = f"""SELECT key, is_card FROM person_keys
        WHERE account_id = %s AND contact_id IN ({bulk.marks(len(contact_ids))}) LIMIT %s"""
    keys = [key for key, _ in db.rows(sql, (account_id, *contact_ids, most))]
    if not keys:
        return list(contact_ids)
    sql = f"""SELECT contact_id, is_card FROM person_keys
        WHERE account_id = %s AND key IN ({bulk.marks(len(keys))}) LIMIT %s"""  # DISTINCT would walk them all
    twins = {found for found, _ in db.rows(sql, (account_id, *keys, 2 * most))}
    return sorted({*contact_ids, *twins})


def of_person(account_id: int, contact_id: int) -> list[BookingRow]:
    """What a person has booked."""
    return list(bookings.by_keys(account_id, keys_of_people(account_id, [contact_id])).values())


def keys_of_people(
    account_id: int, contact_ids: Sequence[int], limit: int = MOST_BOOKINGS, most_leads: int = MOST_LEADS
) -> list[str]:
    """Keys of what these people have booked, by the newest leads of their contacts. One small query for each
    step: in a single one SQLite walks all bookings of the account.
    """
    contacts = contacts_of_people(account_id, contact_ids)
    sql = f"""SELECT lead_id, position FROM lead_contacts
        WHERE account_id = %s AND contact_id IN ({bulk.marks(len(contacts))}) {_NEWEST.format("lead_id")}"""
    found = db.rows(sql, (account_id, *contacts, most_leads)) if contacts else []
    return keys_of_leads(account_id, [lead_id for lead_id, _ in found], limit)


def keys_of_leads(account_id: int, lead_ids: Sequence[int], limit: int) -> list[str]:
    """Keys of the bookings that these leads have ever had, newest link first."""
    found: dict[str, None] = {}
    for chunk in bulk.chunks(lead_ids):
        sql = f"""SELECT key FROM links
            WHERE account_id = %s AND lead_id IN ({bulk.marks(len(chunk))}) {_NEWEST.format("id")}"""
        found |= dict.fromkeys(key for (key,) in db.rows(sql, (account_id, *chunk, limit)))
    return list(found)[:limit]


def keys_with_figures(account_id: int, who: str, limit: int = MOST_BOOKINGS) -> list[str]:
    """Keys of what a person booked, with or without a lead, the newest days first; `who` as the reports count
    people.
    """
    sql = """SELECT key, day FROM booking_figures
        WHERE account_id = %s AND person = %s ORDER BY day DESC LIMIT %s"""
    return [key for key, _ in db.rows(sql, (account_id, who, limit))]


def asked_since(account_id: int, keys: Iterable[str], sources: Sequence[str], since: datetime) -> set[str]:
    """Which of these bookings somebody has asked about since then."""
    found: set[str] = set()
    for chunk in bulk.chunks(set(keys)):
        sql = f"""SELECT subject FROM inbound_events WHERE account_id = %s AND received_at >= %s
            AND subject IN ({bulk.marks(len(chunk))}) AND source IN ({bulk.marks(len(sources))})"""
        rows = db.rows(sql, (account_id, db.micros(since), *chunk, *sources))
        found |= {subject for (subject,) in rows}
    return found
