"""What a look into a salon's journal found to differ from ours, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from backend.core.crm import Lead
from backend.core.money import Kopecks
from backend.core.salon import Phase
from backend.core.sync.commands import CreateLead, Decision, UpdateLead
from backend.core.sync.facts import BookingFacts
from backend.core.sync.links import Link, Role

RUBLE = Kopecks(100)


class Look(StrEnum):
    """`NIGHT` reads the journal of sixty days back and ninety ahead, `LINKS` the leads of active links."""

    NIGHT = "night"
    LINKS = "links"


class Kind(StrEnum):
    """`MISSED`: the journal told something new that no hook had brought. `NO_LEAD`, `STAGE`, `CONTENT`: a
    lead is not what the rules make of its booking. `LEAD_GONE`: the CRM has it no more. `UNTOLD`: the CRM's
    lead changed and no hook told. `VANISHED`: a booking is not shown any more. `BUDGET`: a person typed
    another sum.
    """

    MISSED = "missed"
    NO_LEAD = "no_lead"
    STAGE = "stage"
    CONTENT = "content"
    LEAD_GONE = "lead_gone"
    UNTOLD = "untold"
    VANISHED = "vanished"
    BUDGET = "budget"


class Outcome(StrEnum):
    """What we do at once, and what only a person can."""

    REPAIRED = "repaired"
    PERSON = "person"


OUTCOMES: Mapping[Kind, Outcome] = {
    **dict.fromkeys(Kind, Outcome.REPAIRED),
    Kind.VANISHED: Outcome.PERSON,
    Kind.BUDGET: Outcome.PERSON,
}


@dataclass(frozen=True, slots=True)
class Drift:
    """About the booking `key`; `details` fill the sentence of the kind."""

    key: str
    kind: Kind
    lead_id: int | None = None
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def outcome(self) -> Outcome:
        return OUTCOMES[self.kind]


def of_decision(decision: Decision) -> Drift | None:
    """Deciding is a fixpoint: commands about a booking that did not change mean that something went wrong
    before. A note alone is no drift.
    """
    key = decision.subject
    for command in decision.commands:
        if isinstance(command, CreateLead):
            return Drift(key, Kind.NO_LEAD)
        if isinstance(command, UpdateLead):
            kind = Kind.STAGE if command.stage_id else Kind.CONTENT
            return Drift(key, kind, command.lead_id)
    return None


def of_budget(facts: BookingFacts) -> Drift | None:
    """The sum in the lead is not the one that we wrote: a person's, and theirs to keep or to put right."""
    link, lead = facts.link, facts.lead
    written = link.applied.get("price") if link else None
    if not _is_compared(link, lead, facts.booking.phase) or lead is None or not written:
        return None
    if not written.lstrip("-").isdecimal() or abs(lead.price - int(written)) < RUBLE:
        return None
    return Drift(
        facts.booking.key, Kind.BUDGET, lead.id, {"lead_price": lead.price, "booking_price": int(written)}
    )


def _is_compared(link: Link | None, lead: Lead | None, phase: Phase) -> bool:
    return (
        link is not None
        and lead is not None
        and link.role is Role.MAIN
        and not lead.is_deleted
        and phase is not Phase.CANCELLED
    )
