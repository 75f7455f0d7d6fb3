"""The lead for the next visit that comes of a success: amoCRM's automation makes it (automation.py knows it,
fills or closes it), or we make it ourselves (booking-sync-scenarios.md §7).
"""

from __future__ import annotations

from backend.core.crm import WON, Lead
from backend.core.money import ZERO
from backend.core.rules.configuration import BookingRules, FieldName
from backend.core.rules.options import NextLead
from backend.core.salon import Phase
from backend.core.sync import automation, sharing, wording
from backend.core.sync.commands import Command, CreateLead, FieldValue, UpdateLead
from backend.core.sync.facts import BookingFacts
from backend.core.sync.links import Link, key_value, next_share
from backend.core.sync.making import whose
from backend.core.sync.next_visits import After, fields, have, is_booked_again, origin
from backend.core.sync.stages import Move


def plan(facts: BookingFacts, link: Link, lead: Lead, move: Move, rules: BookingRules) -> After:
    """What a success, or its end, means for the next visit."""
    if move.stage_id == WON:
        return _announced(facts, link, lead, rules)
    if link.applied.get("phase") == Phase.ARRIVED and facts.booking.phase is not Phase.ARRIVED:
        return After(commands=automation.revoked(facts, rules)) if move.stage_id else After()
    return automation.recognised(facts, rules) if facts.booking.phase is Phase.ARRIVED else After()


def _announced(facts: BookingFacts, link: Link, lead: Lead, rules: BookingRules) -> After:
    """The field that keeps the automation quiet is written ahead; our own next lead behind (§7.5)."""
    is_next = is_booked_again(facts, link.direction)
    field_id = rules.field_ids.get(FieldName.HAS_NEXT)
    known = link.applied.get(f"field:{field_id}")
    before: tuple[Command, ...] = ()
    if field_id and known != str(int(is_next)):
        value, remembers = FieldValue(field_id, int(is_next)), ((f"field:{field_id}", str(int(is_next))),)
        before = (UpdateLead(facts.booking.key, lead.id, fields=(value,), remembers=remembers),)
    return After(before, _made(facts, link, lead, rules))


def _made(facts: BookingFacts, link: Link, lead: Lead, rules: BookingRules) -> tuple[Command, ...]:
    options, contact = rules.configuration.options, next(iter(lead.contact_ids), None)
    contact = contact or (facts.contact.id if facts.contact else None)
    there = have(facts)
    own = {link.direction, *(held.link.share for held in facts.satellites)}
    keys = own if options.next_lead is NextLead.OURS else set()
    if options.followup_secondary:
        shares = sharing.shares(facts.booking, rules.configuration, fixed=link.direction)
        keys |= {direction.key for direction, _ in shares.directions} - own
    wanted = (
        key
        for key in sorted(keys)
        if next_share(key) not in there
        and not is_booked_again(facts, key)
        and not _waits_already(facts, key, rules)
    )
    made = (_next_lead(facts, key, lead.id, contact, rules) for key in wanted if contact)
    return tuple(command for command in made if command)


def _waits_already(facts: BookingFacts, key: str, rules: BookingRules) -> bool:
    """One lead for the next visit is enough for a person and a direction, whichever visit it came of."""
    direction = rules.configuration.direction(key)
    field_id = rules.field_ids.get(FieldName.DIRECTION)
    return direction is not None and any(
        one.holder is None and direction.title in one.lead.values(field_id) for one in facts.candidates
    )


def _next_lead(
    facts: BookingFacts, key: str, source: int, contact: int | None, rules: BookingRules
) -> CreateLead | None:
    booking, configuration = facts.booking, rules.configuration
    route, direction = configuration.route(booking.branch_id, key), configuration.direction(key)
    if route is None or direction is None or contact is None or route.trigger_stage_id is None:
        return None
    share = next_share(key)
    values = {FieldName.KEY: key_value(booking.key, share), **origin(facts, direction, source, rules)}
    shares = sharing.Shares(((direction, ZERO),))
    return CreateLead(
        booking.key, key, wording.lead_name(booking, shares, rules),
        route.trigger_pipeline_id or route.pipeline_id, route.trigger_stage_id,
        whose(booking, route, rules), ZERO, contact, fields(values, rules), share=share,
        remembers=(("begun_in", str(route.trigger_stage_id)),),
    )  # fmt: skip
