"""A booking given to another client: whose leads go along, and whose stay behind (row E13)."""

from __future__ import annotations

from backend.core.crm import Lead
from backend.core.sync.commands import Remembered
from backend.core.sync.facts import BookingFacts, Held
from backend.core.sync.links import Role

FORMER = "former"  # the contact that the booking's leads leave: a plan cut in the middle is finished


def is_given_away(facts: BookingFacts) -> bool:
    """Whether the booking belongs to another client than when its lead was last written. Cards merged by the
    salon are no other client (row E5).
    """
    link, lead, client = facts.link, facts.lead, facts.booking.client
    if link is None or lead is None or lead.is_deleted or client is None or link.role is not Role.MAIN:
        return False
    before, main = link.applied.get("card"), main_contact(lead)
    merged = facts.person.merged if facts.person else frozenset()
    is_another = bool(before) and before != client.card and before not in merged
    return is_another and (facts.contact is None or facts.contact.id != main)


def is_for_people(facts: BookingFacts) -> bool:
    """People have worked on the main lead, or closed it: whose it is now, they decide."""
    link, lead = facts.link, facts.lead
    if link is None or lead is None:
        return False
    return lead.is_closed or Held(link, lead).is_touched(facts.worked_on)


def beside(facts: BookingFacts) -> tuple[Held, ...]:
    """Open leads of secondary directions that are still the former client's."""
    former = _former(facts)
    return tuple(
        held
        for held in facts.satellites
        if former and held.lead and not (held.lead.is_deleted or held.lead.is_closed)
        if main_contact(held.lead) == former
    )


def remembered(lead: Lead) -> Remembered:
    contact_id = main_contact(lead)
    return ((FORMER, str(contact_id)),) if contact_id else ()


def main_contact(lead: Lead) -> int | None:
    return next(iter(lead.contact_ids), None)


def _former(facts: BookingFacts) -> int | None:
    if is_given_away(facts):
        return None if facts.lead is None or is_for_people(facts) else main_contact(facts.lead)
    known = int(facts.link.applied.get(FORMER) or 0) if facts.link else 0
    return known if known and facts.contact and facts.contact.id != known else None
