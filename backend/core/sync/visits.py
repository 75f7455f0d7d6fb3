"""Several bookings of one visit as one: two masters at the same time, where the account wants one lead for
them (booking-sync-scenarios.md §5.5).
"""

from __future__ import annotations

from dataclasses import replace

from backend.core.rules.configuration import BookingRules
from backend.core.salon import Booking, Phase
from backend.core.sync import matching
from backend.core.sync.commands import CreateLead, Decision, UpdateLead
from backend.core.sync.facts import BookingFacts, Sibling
from backend.core.sync.links import Role

# The best of them is the visit's: arrived if anybody came, missed only if all did.
BEST = (Phase.ARRIVED, Phase.CONFIRMED, Phase.WAITING, Phase.NO_SHOW, Phase.CANCELLED)


def whole(facts: BookingFacts, rules: BookingRules) -> BookingFacts:
    """The facts as they are for the visit, under the booking that leads it; unchanged for a single one."""
    if not rules.configuration.options.group_by_visit:
        return facts
    others = [one for one in facts.visit if _is_together(facts.booking, one.booking, rules)]
    if not others:
        return facts
    leader = _leader(facts, others)
    bookings = [facts.booking, *(one.booking for one in others)]
    alive = [one for one in bookings if one.phase is not Phase.CANCELLED] or bookings
    merged = replace(
        facts.booking,
        record_id=int(leader.split(":")[2]),
        phase=min((one.phase for one in bookings), key=BEST.index),
        starts_at=min(one.starts_at for one in alive),
        created_at=min(one.created_at for one in alive),
        lines=tuple(line for one in sorted(alive, key=lambda b: b.record_id) for line in one.lines),
        comment="; ".join(dict.fromkeys(one.comment for one in alive if one.comment)),
    )
    own = facts.link if facts.link and facts.link.key == leader else None
    link = next((one.link for one in others if one.link and one.link.key == leader), own)
    return replace(facts, booking=merged, link=link)


def _is_together(one: Booking, other: Booking, rules: BookingRules) -> bool:
    """One visit and one main direction."""
    mine = matching.shares(one, rules.configuration).main
    theirs = matching.shares(other, rules.configuration).main
    same_visit = (one.branch_id, one.visit_id) == (other.branch_id, other.visit_id) and one.visit_id != 0
    return same_visit and (mine == theirs or not one.lines or not other.lines)


def _leader(facts: BookingFacts, others: list[Sibling]) -> str:
    """Whoever has the lead already, else the first booking of the visit."""
    links = [facts.link, *(one.link for one in others)]
    main = [link.key for link in links if link and link.role is Role.MAIN]
    if main:
        return min(main)
    keys = [facts.booking.key, *(one.booking.key for one in others)]
    return min(keys, key=lambda key: int(key.split(":")[2]))


def joined(facts: BookingFacts, merged: BookingFacts, decision: Decision) -> Decision:
    """The decision about the visit as one about this booking: what is remembered belongs to the leader, and
    this booking goes with its lead.
    """
    leader = merged.booking.key
    if leader == facts.booking.key:
        return decision
    lead_id = merged.link.lead_id if merged.link else _attached_lead(decision)
    made = any(isinstance(one, CreateLead) for one in decision.commands)
    wakes = (*decision.wakes, facts.booking.key) if made and lead_id is None else decision.wakes
    return replace(decision, subject=facts.booking.key, leader=leader, joins=lead_id, wakes=wakes)


def _attached_lead(decision: Decision) -> int | None:
    attached = (one for one in decision.commands if isinstance(one, UpdateLead) and one.attaches)
    return next((one.lead_id for one in attached if not one.share), None)
