"""Everything a decision about bookings may look at, from the store alone: for the drain, which has freshened
the mirror just before, and for the preview, which asks nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from backend.core.crm import Contact, Lead
from backend.core.rules.configuration import BookingRules, FieldName
from backend.core.salon import Booking, Phase
from backend.core.sync import journal
from backend.core.sync.facts import BookingFacts
from backend.core.sync.links import Link, Role
from backend.core.sync.matching import Candidate, person_keys, pick_contact
from backend.flows.sync import around, persons
from backend.flows.sync.around import Around
from backend.store import bookings, card_actions, connections, links
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
    account_id: int, found: Sequence[Booking], now: datetime, rules: BookingRules
) -> list[BookingFacts]:
    """Facts of many bookings in a handful of queries, in their order. Nothing but the store is asked."""
    keys = [key for booking in found for key in person_keys(booking)]
    by_key = persons.with_survivors(account_id, keys, index.contacts_by_keys(account_id, keys))
    contact_ids = [contact.id for contacts in by_key.values() for contact in contacts]
    near = around.look(account_id, found, contact_ids, rules, now)
    of_leads = [contact_id for lead in near.leads.values() for contact_id in lead.contact_ids]
    people = _people(account_id, found, [*contact_ids, *of_leads], near, rules)
    seen = bookings.by_keys(account_id, [booking.key for booking in found])
    marks = [booking.mark for booking in found if booking.mark and booking.key not in near.linked]
    wanted = card_actions.wanted_leads(account_id, marks)
    facts = []
    for booking in found:
        known = next((by_key[key] for key in person_keys(booking) if key in by_key), ())
        link, past, chosen = near.linked.get(booking.key), seen.get(booking.key), wanted.get(booking.mark)
        contact = _of_lead(known, people.open_leads, chosen) or pick_contact(known, people.open_leads)
        lead = near.leads.get(link.lead_id) if link else None
        facts.append(
            BookingFacts(
                booking,
                now,
                past.changed_at if past else None,
                link,
                lead=lead,
                contact=contact,
                candidates=people.candidates(contact, lead),
                twins=_twins(booking, by_key, contact),
                keyed=people.keyed.get(booking.key),
                satellites=near.held(booking.key, Role.SATELLITE),
                nexts=near.held(booking.key, Role.NEXT),
                wins=tuple(near.wins.get(contact.id, ())) if contact else (),
                visit=near.siblings.get(booking.key, ()),
                is_returning=contact is not None and contact.id in people.returning,
                wanted=chosen,
            )
        )
    return persons.with_people(account_id, facts)


@dataclass(frozen=True, slots=True)
class _People:
    """The leads of the persons, and the bookings that drive them."""

    open_leads: Mapping[int, tuple[Lead, ...]]
    holders: Mapping[int, Link]
    held: Mapping[str, BookingRow]
    keyed: Mapping[str, Lead]
    leaving: frozenset[str]
    returning: frozenset[int]

    def candidates(self, contact: Contact | None, lead: Lead | None) -> tuple[Candidate, ...]:
        """Open leads of the person, and of the lead's own contact: salons merge client cards (row E5)."""
        ids = dict.fromkeys([*([contact.id] if contact else ()), *(lead.contact_ids if lead else ())])
        found = {one.id: one for contact_id in ids for one in self.open_leads.get(contact_id, ())}
        return tuple(self._candidate(one) for one in found.values())

    def _candidate(self, lead: Lead) -> Candidate:
        holder = self.holders.get(lead.id)
        state = self.held.get(holder.key) if holder else None
        if holder is None or state is None:
            return Candidate(lead, holder)
        return Candidate(
            lead, holder, Phase(state.phase), state.starts_at, journal.created_at(state.snapshot),
            is_leaving=holder.key in self.leaving,
        )  # fmt: skip


def _people(
    account_id: int, found: Sequence[Booking], contact_ids: Sequence[int], near: Around, rules: BookingRules
) -> _People:
    open_leads = index.open_leads_of(account_id, contact_ids)
    holders = links.holders(account_id, [lead.id for own in open_leads.values() for lead in own])
    unlinked = [booking.key for booking in found if booking.key not in near.linked]
    key_field = rules.field_ids.get(FieldName.KEY)
    keyed = (
        index.keyed_leads_of(account_id, contact_ids, key_field, unlinked) if unlinked and key_field else {}
    )
    asks_history = unlinked and FieldName.RETURNING in rules.field_ids
    return _People(
        open_leads, holders, bookings.by_keys(account_id, [holder.key for holder in holders.values()]), keyed,
        frozenset(around.leaving(account_id, holders.values()) if unlinked else ()),
        frozenset(index.with_leads(account_id, contact_ids) if asks_history else ()),
    )  # fmt: skip


def _of_lead(
    people: Sequence[Contact], open_leads: Mapping[int, tuple[Lead, ...]], lead_id: int | None
) -> Contact | None:
    """Of several contacts with one phone the one whose lead the booking was made from."""
    return next(
        (one for one in people if any(lead.id == lead_id for lead in open_leads.get(one.id, ()))), None
    )


def _twins(
    booking: Booking, by_key: Mapping[str, tuple[Contact, ...]], chosen: Contact | None
) -> tuple[int, ...]:
    found = {contact.id for key in person_keys(booking) for contact in by_key.get(key, ())}
    return tuple(sorted(found - {chosen.id})) if chosen else ()
