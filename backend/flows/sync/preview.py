"""What the rules of now would do with a booking of the past: the same facts, the same decision, nothing asked
outside and nothing written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from backend.core.rules.configuration import BookingRules, Direction, Mode, Route
from backend.core.salon import Booking, ServiceLine
from backend.core.simulation import outcomes
from backend.core.sync import journal, sharing
from backend.core.sync.booking import decide
from backend.core.sync.commands import Decision
from backend.core.sync.facts import BookingFacts
from backend.flows.context import Context
from backend.flows.rules import configuration
from backend.flows.sync import facts, told
from backend.store import bookings, catalogue, connections
from backend.store.connections import BranchRow

AS_IS, ANEW = "as_is", "anew"


@dataclass(frozen=True, slots=True)
class Line:
    """A service of the booking, the category it belongs to, and the direction that follows; `is_mapped`: not
    only for want of another.
    """

    service: ServiceLine
    category: str
    direction: Direction | None
    is_mapped: bool


@dataclass(frozen=True, slots=True)
class Variant:
    """One way of looking: `commands` as the journal would have them."""

    code: str
    facts: BookingFacts
    decision: Decision
    commands: tuple[Mapping[str, Any], ...]

    @property
    def details(self) -> dict[str, str]:
        return dict(self.decision.details)


@dataclass(frozen=True, slots=True)
class Preview:
    """`is_older`: the salon has told us of a newer state whose message is not kept."""

    booking: Booking
    branch: BranchRow
    mode: Mode
    lines: tuple[Line, ...]
    direction: Direction | None
    route: Route | None
    variants: tuple[Variant, ...]
    is_older: bool


def look(ctx: Context, account_id: int, key: str) -> Preview | None:
    """None when no message of the booking is kept."""
    booking = told.booking(account_id, key)
    branch = connections.get(account_id, booking.branch_id) if booking else None
    if booking is None or branch is None:
        return None
    rules = configuration.load(account_id)
    known = _gathered(ctx, account_id, booking, rules)
    fixed = known.link.direction if known.link else ""
    direction = sharing.shares(booking, rules.configuration, fixed).main
    salon = rules.configuration.branch(booking.branch_id)
    row = bookings.by_keys(account_id, [key]).get(key)
    return Preview(
        booking, branch, salon.mode if salon else Mode.OFF, _lines(booking, branch, rules), direction,
        rules.configuration.route(booking.branch_id, direction.key) if direction else None,
        _variants(known, rules), is_older=row is not None and row.changed_at > booking.changed_at,
    )  # fmt: skip


def _gathered(ctx: Context, account_id: int, booking: Booking, rules: BookingRules) -> BookingFacts:
    """Its own newest change is what we look at: that it was handled before is no reason to do nothing."""
    (known,) = facts.gather(account_id, [booking], ctx.now(), rules)
    return replace(known, seen=None)


def _variants(known: BookingFacts, rules: BookingRules) -> tuple[Variant, ...]:
    """A booking without a lead has but one way."""
    anew = _variant(ANEW, outcomes.as_if_new(known), rules)
    return (_variant(AS_IS, known, rules), anew) if known.link else (anew,)


def _variant(code: str, known: BookingFacts, rules: BookingRules) -> Variant:
    decision = decide(known, rules)
    return Variant(code, known, decision, tuple(journal.command(command) for command in decision.commands))


def _lines(booking: Booking, branch: BranchRow, rules: BookingRules) -> tuple[Line, ...]:
    titles = dict(catalogue.catalogue(branch.id).categories)
    return tuple(_line(line, titles.get(line.category_id or 0, ""), booking, rules) for line in booking.lines)


def _line(service: ServiceLine, category: str, booking: Booking, rules: BookingRules) -> Line:
    found = sharing.direction_of(service, booking.branch_id, rules.configuration)
    return Line(service, category, found or rules.configuration.default_direction, found is not None)
