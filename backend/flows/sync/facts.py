"""Everything a decision about bookings may look at, from the store alone: for the drain, which has freshened
the mirror just before, and for the preview, which asks nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from backend.core.crm import Contact, Lead
from backend.core.salon import Booking, Phase
from backend.core.sync.booking import BookingFacts
from backend.core.sync.links import Link
from backend.core.sync.matching import Candidate, person_keys, pick_contact
from backend.store import bookings, connections, links
from backend.store import mirror as index
from backend.store.bookings import BookingRow


def with_categories(account_id: int, found: Sequence[Booking]) -> list[Booking]:
    """Records carry no category (yclients.md, fact 7): it is joined from the salon's catalogue, or its
    history.
    """
    branches = {booking.branch_id for booking in found}
    known = connections.categories_of(account_id, sorted(branches)) if branches else {}

    def joined(booking: Booking) -> Booking:
        where = booking.branch_id
        lines = tuple(
            replace(line, category_id=known.get((where, line.service_id))) for line in booking.lines
        )
        return replace(booking, lines=lines)

    return [joined(booking) for booking in found]


def gather(
    account_id: int, found: Sequence[Booking], now: datetime, key_field: int | None
) -> list[BookingFacts]:
    """Facts of many bookings in a handful of queries, in their order. Nothing but the store is asked."""
    keys = [booking.key for booking in found]
    linked, seen = links.by_keys(account_id, keys), bookings.by_keys(account_id, keys)
    by_key = index.contacts_by_keys(account_id, [key for booking in found for key in person_keys(booking)])
    contact_ids = [contact.id for contacts in by_key.values() for contact in contacts]
    open_leads = index.open_leads_of(account_id, contact_ids)
    leads = index.leads_by_ids(account_id, [link.lead_id for link in linked.values()])
    holders = links.holders(account_id, [lead.id for found_ in open_leads.values() for lead in found_])
    unlinked = [booking.key for booking in found if booking.key not in linked]
    keyed = (
        index.keyed_leads_of(account_id, contact_ids, key_field, unlinked) if unlinked and key_field else {}
    )
    held = bookings.by_keys(account_id, [holder.key for holder in holders.values()])

    def candidates(contact_id: int) -> tuple[Candidate, ...]:
        return tuple(_candidate(lead, holders.get(lead.id), held) for lead in open_leads.get(contact_id, ()))

    facts = []
    for booking in found:
        people = next((by_key[key] for key in person_keys(booking) if key in by_key), ())
        contact, link, past = pick_contact(people, open_leads), linked.get(booking.key), seen.get(booking.key)
        facts.append(
            BookingFacts(
                booking,
                now,
                past.changed_at if past else None,
                link,
                lead=leads.get(link.lead_id) if link else None,
                contact=contact,
                candidates=candidates(contact.id) if contact else (),
                twins=_twins(booking, by_key, contact),
                keyed=keyed.get(booking.key),
            )
        )
    return facts


def _twins(
    booking: Booking, by_key: Mapping[str, tuple[Contact, ...]], chosen: Contact | None
) -> tuple[int, ...]:
    found = {contact.id for key in person_keys(booking) for contact in by_key.get(key, ())}
    return tuple(sorted(found - {chosen.id})) if chosen else ()


def _candidate(lead: Lead, holder: Link | None, held: Mapping[str, BookingRow]) -> Candidate:
    state = held.get(holder.key) if holder else None
    return Candidate(lead, holder, Phase(state.phase) if state else None, state.starts_at if state else None)
