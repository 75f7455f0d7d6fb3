"""Contacts of the CRM by the beginning of their names, asked for by somebody who waits for the page."""

from __future__ import annotations

from backend.core.crm import Contact
from backend.store import db, mirror

MOST = 20
LAST = "\U0010ffff"  # after every letter there is


def by_name(account_id: int, beginning: str, limit: int = MOST) -> list[Contact]:
    """Whose name begins like this, as typed or capitalised: one range of the index for each spelling."""
    bytewise = "" if db.is_sqlite() else ' COLLATE "C"'
    found: dict[int, None] = {}
    for spelling in _spellings(beginning):
        sql = f"""SELECT contact_id FROM crm_contacts
            WHERE account_id = %s AND name{bytewise} >= %s AND name{bytewise} < %s AND NOT is_deleted
            ORDER BY account_id, name{bytewise}, contact_id LIMIT %s"""
        rows = db.rows(sql, (account_id, spelling, spelling + LAST, limit))
        found |= dict.fromkeys(contact_id for (contact_id,) in rows)
    ids = list(found)[:limit]
    known = mirror.contacts_by_ids(account_id, ids)
    return [known[contact_id] for contact_id in ids]


def _spellings(beginning: str) -> list[str]:
    """Neither engine knows that «мария» is «Мария» written small."""
    typed = beginning.strip()
    return list(dict.fromkeys((typed, typed.title(), typed.lower(), typed.upper()))) if typed else []
