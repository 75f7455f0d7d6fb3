"""Whose number it is, and who of us serves them: by our own copy of the CRM alone, because a phone rings."""

from __future__ import annotations

from collections.abc import Sequence

from backend.core import phones
from backend.core.crm import Contact, Lead
from backend.store import mirror
from backend.store.telephony import calls


def known(account_id: int, number: str) -> tuple[Contact | None, tuple[Lead, ...]]:
    """Whose number it is, as our copy of the CRM knows: the oldest contact, and its open leads, newest
    first.
    """
    found_by = phones.key(number) if number else None
    contacts = mirror.contacts_by_keys(account_id, [found_by]).get(found_by, ()) if found_by else ()
    if not contacts:
        return None, ()
    ids = [contact.id for contact in contacts]
    leads = {lead.id: lead for some in mirror.open_leads_of(account_id, ids).values() for lead in some}
    with_leads = next((c for c in contacts if any(c.id in lead.contact_ids for lead in leads.values())), None)
    return with_leads or contacts[0], tuple(leads[lead_id] for lead_id in sorted(leads, reverse=True))


def responsible(contact: Contact | None, leads: Sequence[Lead]) -> int | None:
    """Who serves this client: whose contact it is; read before that was kept, whose newest open lead."""
    if contact is None:
        return None
    return contact.responsible_id or next((lead.responsible_id or None for lead in leads), None)


def last_talker(account_id: int, number: str, besides: str = "") -> int | None:
    """Who of us talked with this client last, in an earlier call."""
    former = calls.of_client(account_id, number)
    talks = (row.user_id for row in former if row.uniq != besides and row.answered_at is not None)
    return next((user_id for user_id in talks if user_id is not None), None)
