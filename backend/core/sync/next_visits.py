"""The lead for the next visit: what both ways to it, amoCRM's automation and our own, have in common."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from backend.core.rules.configuration import BookingRules, Direction, FieldName
from backend.core.sync.commands import Command, FieldValue, Remembered, Value
from backend.core.sync.facts import BookingFacts
from backend.core.sync.matching import Candidate
from backend.core.sync.skipping import ACTIVE


@dataclass(frozen=True, slots=True)
class After:
    """`before` goes out ahead of the lead's own change, `commands` behind it; `wakes` are decided again."""

    before: tuple[Command, ...] = ()
    commands: tuple[Command, ...] = ()
    remembers: Remembered = ()
    wakes: tuple[str, ...] = ()


def is_booked_again(facts: BookingFacts, direction: str) -> bool:
    """The person has another visit of this direction ahead of them."""
    return next_booking(facts, direction) is not None


def next_booking(facts: BookingFacts, direction: str) -> Candidate | None:
    ahead = (
        one
        for one in facts.candidates
        if one.holder
        and one.holder.key != facts.booking.key
        and one.holder.direction == direction
        and one.holder_phase in ACTIVE
        and one.holder_starts_at is not None
        and one.holder_starts_at > facts.booking.starts_at
    )
    return min(ahead, key=lambda one: one.holder_starts_at or facts.now, default=None)


def have(facts: BookingFacts) -> set[str]:
    """Shares of next leads that are there. One that was closed when the success was taken back is not."""
    return {held.link.share for held in facts.nexts if held.lead and not held.lead.is_closed}


def origin(
    facts: BookingFacts, direction: Direction, source: int, rules: BookingRules
) -> dict[FieldName, Value]:
    """Where a next lead comes from, and when the visit would be due."""
    branch, days = rules.configuration.branch(facts.booking.branch_id), direction.next_visit_days
    due = facts.booking.starts_at + timedelta(days=days) if days else None
    return {
        FieldName.SALON: branch.title if branch else None,
        FieldName.DIRECTION: (direction.title,),
        FieldName.SOURCE_LEAD: rules.lead_url(source),
        FieldName.NEXT_VISIT_AT: int(due.timestamp()) if due else None,
    }


def fields(values: dict[FieldName, Value], rules: BookingRules) -> tuple[FieldValue, ...]:
    pairs = ((rules.field_ids.get(name), value) for name, value in values.items())
    return tuple(FieldValue(field_id, value) for field_id, value in pairs if field_id and value is not None)
