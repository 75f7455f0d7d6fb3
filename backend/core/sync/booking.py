"""Booking → lead: the rules. Facts in, a decision with its reason out; nothing here waits, reads or
writes.

A booking without a lead: opening.py (what is skipped: skipping.py, which lead it continues: matching.py). One
that has its lead: following.py (the stage: stages.py, what people are told: telling.py), or redirecting.py
when its direction is gone. Leads of secondary directions: satellites.py. The lead for the next visit:
successors.py, automation.py. Several bookings of one visit: visits.py. A lead taken over from another
integration: adopted.py.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from backend.core.reasons import Reason
from backend.core.rules.configuration import BookingRules
from backend.core.sync import adopted, following, lapsing, opening, payers, redirecting, sold, tasks, visits
from backend.core.sync.commands import Decision
from backend.core.sync.facts import BookingFacts
from backend.core.sync.links import Role

Notices = tuple[tuple[str, str], ...]


def decide(facts: BookingFacts, rules: BookingRules) -> Decision:
    """Total: every input yields a decision with a reason. Carried out and decided again, it asks for
    nothing.
    """
    booking = facts.booking
    if facts.seen and booking.changed_at < facts.seen:
        return Decision(booking.key, Reason.STALE, version=facts.seen)
    if facts.link and facts.lead and adopted.is_unchanged(booking, facts.link, facts.lead):
        decision = following.silent(facts, facts.link, facts.lead, rules)
        return replace(decision, version=booking.changed_at, look_at=_look_at(facts, rules))
    whole = visits.whole(facts, rules)
    decision = sold.with_products(whole, payers.with_person(whole, _decided(whole, rules), rules), rules)
    decision = visits.joined(facts, whole, decision, rules)
    return replace(
        decision, version=booking.changed_at, notices=(*decision.notices, *_twins(facts)),
        remembers=(*decision.remembers, *adopted.forgotten(facts.link)), look_at=_look_at(facts, rules),
    )  # fmt: skip


def _look_at(facts: BookingFacts, rules: BookingRules) -> datetime | None:
    """When time alone will ask for something, a task or the end of the wait for a client."""
    booking, now = facts.booking, facts.now
    asked = tasks.next_look(tasks.Case(booking, rules, now, facts.link))
    given_up = lapsing.time_of(booking, rules.configuration.options)
    begins = booking.starts_at if following.is_too_early(facts, rules) else None
    return min((at for at in (asked, given_up, begins) if at and at > now), default=None)


def _decided(facts: BookingFacts, rules: BookingRules) -> Decision:
    link, lead = facts.link, facts.lead
    if link is None:
        return opening.decide(facts, rules)
    is_there = link.role is Role.MAIN and lead is not None and not lead.is_deleted
    if lead and is_there and redirecting.is_needed(facts.booking, link, rules.configuration):
        return redirecting.decide(facts, link, lead, rules)
    return following.decide(facts, rules)


def _twins(facts: BookingFacts) -> Notices:
    """Other contacts that the person is found by too: only a person may merge them (rows E1, E12)."""
    if facts.contact is None or not facts.twins:
        return ()
    ids = sorted({facts.contact.id, *facts.twins})
    return (("contacts_alike", ", ".join(f"№ {contact_id}" for contact_id in ids)),)
