"""The services of a booking as products of its main lead, where the account wants that."""

from __future__ import annotations

from dataclasses import replace

from backend.core.money import Kopecks
from backend.core.rules.configuration import BookingRules
from backend.core.salon import Booking, Phase
from backend.core.sync.commands import CreateLead, Decision, LinkProducts, ProductLine, UpdateLead
from backend.core.sync.facts import BookingFacts
from backend.core.sync.links import PAST

BETWEEN = "×"  # in what is remembered: a service and how often


def with_products(facts: BookingFacts, decision: Decision, rules: BookingRules) -> Decision:
    """The decision with the products that its lead lacks or has no longer."""
    booking = facts.booking
    if rules.configuration.products is None or booking.phase is Phase.CANCELLED:
        return decision
    taken = _taken(booking.key, decision)
    if taken is None and not _is_its_own(facts):
        return decision
    lead_id = _lead_id(facts, taken)
    lines = products(booking)
    shown = "\n".join(f"{line.ref}{BETWEEN}{line.quantity}" for line in lines)
    before = _before(facts, lead_id, is_taken=taken is not None)
    if shown == before and (taken is None or not shown):  # what is taken over has to be remembered anew
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


def _taken(key: str, decision: Decision) -> CreateLead | UpdateLead | None:
    """The command by which the booking gets its main lead, if this plan has one."""
    for command in decision.commands:
        if not isinstance(command, CreateLead | UpdateLead) or command.key != key or command.share:
            continue
        if isinstance(command, CreateLead) or command.attaches is not None:
            return command
    return None


def _is_its_own(facts: BookingFacts) -> bool:
    """Whether it has a lead that is alive and no other booking's by now."""
    link, lead = facts.link, facts.lead
    return link is not None and link.role not in PAST and lead is not None and not lead.is_deleted


def _lead_id(facts: BookingFacts, taken: CreateLead | UpdateLead | None) -> int | None:
    if taken is None:
        return facts.lead.id if facts.lead else None
    return taken.lead_id if isinstance(taken, UpdateLead) else None


def _before(facts: BookingFacts, lead_id: int | None, *, is_taken: bool) -> str:
    """What the lead has of our products: a lead that is taken over has those of the booking before."""
    if not is_taken:
        return facts.link.applied.get("products", "") if facts.link else ""
    holders = (one.holder for one in facts.candidates if one.lead.id == lead_id)
    return next((holder.applied.get("products", "") for holder in holders if holder), "")
