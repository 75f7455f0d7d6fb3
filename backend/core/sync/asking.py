"""Which leads a decision depends on people's work for: only then the CRM is asked for tasks and notes."""

from __future__ import annotations

from backend.core.rules.configuration import BookingRules
from backend.core.salon import Phase
from backend.core.sync import handing, matching, redirecting, sharing
from backend.core.sync.facts import BookingFacts


def leads(facts: BookingFacts, rules: BookingRules) -> frozenset[int]:
    """Leads that are about to be moved to another direction, given back, or closed as no longer needed."""
    booking, link = facts.booking, facts.link
    if link is None:
        return _missed(facts, rules)
    found: set[int] = set()
    if facts.lead and handing.is_given_away(facts):
        found.add(facts.lead.id)
    found |= {one.lead.id for one in handing.beside(facts) if one.lead}
    if facts.lead and redirecting.is_needed(booking, link, rules.configuration):
        found.add(facts.lead.id)
    if booking.lines and booking.phase is not Phase.CANCELLED:
        shares = sharing.shares(booking, rules.configuration, fixed=link.direction)
        there = {direction.key for direction, _ in shares.directions}
        found |= {one.lead.id for one in facts.satellites if one.lead and one.link.share not in there}
    if link.applied.get("phase") == Phase.ARRIVED and booking.phase is not Phase.ARRIVED:
        found |= {one.lead.id for one in facts.nexts if one.lead and not one.lead.is_closed}
    return frozenset(found)


def _missed(facts: BookingFacts, rules: BookingRules) -> frozenset[int]:
    """Leads of missed visits that a new booking may end instead of continuing."""
    options = rules.configuration.options
    return frozenset(
        one.lead.id
        for one in facts.candidates
        if one.holder_phase in (Phase.NO_SHOW, Phase.CANCELLED)
        and not matching.is_continued(one, options, facts.now)
    )
