"""The services of a booking as products of its main lead, where the account wants that."""

from __future__ import annotations

from dataclasses import replace

from backend.core.money import Kopecks
from backend.core.rules.configuration import BookingRules
from backend.core.salon import Booking, Phase
from backend.core.sync.commands import CreateLead, Decision, LinkProducts, ProductLine, UpdateLead
from backend.core.sync.facts import BookingFacts

BETWEEN = "×"  # in what is remembered: a service and how often


def with_products(facts: BookingFacts, decision: Decision, rules: BookingRules) -> Decision:
    """The decision with the products that its lead lacks or has no longer."""
    booking = facts.booking
    if rules.configuration.products is None or booking.phase is Phase.CANCELLED:
        return decision
    has_lead, lead_id = _lead(facts, decision)
    lines = products(booking)
    shown = "\n".join(f"{line.ref}{BETWEEN}{line.quantity}" for line in lines)
    before = facts.link.applied.get("products", "") if facts.link else ""
    if not has_lead or shown == before:
        return decision
    refs = {line.ref for line in lines}
    gone = tuple(ref for row in before.splitlines() if (ref := row.split(BETWEEN)[0]) not in refs)
    command = LinkProducts(booking.key, lead_id, lines, gone, (("products", shown),))
    return replace(decision, commands=(*decision.commands, command))


def products(booking: Booking) -> tuple[ProductLine, ...]:
    """One line for each service, at the price of one before any discount: what the client pays is the lead's
    budget.
    """
    found: dict[str, ProductLine] = {}
    for line in booking.lines:
        ref = f"{booking.branch_id}:{line.service_id}"
        price = Kopecks((line.full_price or line.price) // line.amount)
        known = found.get(ref)
        quantity = line.amount + (known.quantity if known else 0)
        found[ref] = ProductLine(ref, line.title, price, quantity)
    return tuple(found.values())


def _lead(facts: BookingFacts, decision: Decision) -> tuple[bool, int | None]:
    """Whether there is a lead, or will be by this plan, and which; None: made by the plan."""
    key = facts.booking.key
    for command in decision.commands:
        if not isinstance(command, CreateLead | UpdateLead) or command.key != key or command.share:
            continue
        if isinstance(command, CreateLead):
            return True, None
        if command.attaches is not None:
            return True, command.lead_id
    is_alive = facts.link is not None and facts.lead is not None and not facts.lead.is_deleted
    return is_alive, facts.lead.id if facts.lead and is_alive else None
