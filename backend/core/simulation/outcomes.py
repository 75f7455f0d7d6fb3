"""Where a booking ends under some rules: lived through as it came, first booked, then what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeGuard

from backend.core.crm import Contact, Lead
from backend.core.money import ZERO, Kopecks
from backend.core.reasons import Reason
from backend.core.rules.configuration import BookingRules
from backend.core.salon import Phase
from backend.core.sync.booking import decide
from backend.core.sync.commands import Command, CreateLead, Decision, UpdateLead
from backend.core.sync.facts import BookingFacts
from backend.core.sync.links import Link
from backend.core.sync.matching import Candidate

MADE = -1  # the number of a lead that exists in the simulation alone


class Verdict(StrEnum):
    """A new lead, one that was there before, that of another booking of the visit, one whose arrival is
    awaited, or none.
    """

    OPENS = "opens"
    CONTINUES = "continues"
    JOINS = "joins"
    WAITS = "waits"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Placed:
    """A lead of the booking; `lead_id` None: a new one."""

    direction: str
    pipeline_id: int
    stage_id: int
    responsible_id: int
    price: Kopecks = ZERO
    lead_id: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """`leads`: the main one first, then one for each secondary direction that has its own."""

    verdict: Verdict
    reason: Reason
    leads: tuple[Placed, ...] = ()

    @property
    def main(self) -> Placed | None:
        return self.leads[0] if self.leads else None

    def is_like(self, other: Outcome) -> bool:
        """Whether nobody could tell the two apart: of a booking that has a lead, the reason is not looked
        at.
        """
        if (self.verdict, self.leads) != (other.verdict, other.leads):
            return False
        return bool(self.leads) or self.reason is other.reason


def anew(facts: BookingFacts, rules: BookingRules) -> Outcome:
    """As if the booking came into today's CRM: made as it is now, then attended, missed or deleted. A client
    whom the CRM does not know yet counts as known: leads that follow the first one in a moment are there too.
    """
    free = as_if_new(facts)
    if free.contact is None and free.booking.client is not None:
        free = replace(free, contact=Contact(MADE))
    if free.booking.phase is Phase.WAITING:
        return _outcome(free, decide(free, rules))
    born = replace(
        free,
        booking=replace(free.booking, phase=Phase.WAITING),
        now=min(free.now, free.booking.created_at),
    )
    first = decide(born, rules)
    begun = _outcome(born, first)
    followed = _followed(born, begun, first)
    if followed is None:
        return begun
    lived = replace(followed, booking=free.booking, now=free.now)
    return _moved(begun, begun.leads[0].lead_id or MADE, decide(lived, rules))


def as_if_new(known: BookingFacts) -> BookingFacts:
    """As if its newest state were the first news of it, at the moment of that change: without its link, and
    without the lead that we opened for it. A lead that had been there before is free again.
    """
    links = (known.link, *(held.link for held in (*known.satellites, *known.nexts)))
    own = {link.lead_id for link in links if link and link.opened_by_us}
    candidates = tuple(
        Candidate(one.lead) if one.holder and one.holder.key == known.booking.key else one
        for one in known.candidates
        if one.lead.id not in own
    )
    moment = min(known.now, known.booking.changed_at)
    return replace(
        known, now=moment, seen=None, link=None, lead=None, keyed=None, candidates=candidates,
        satellites=(), nexts=(), wins=(),
    )  # fmt: skip


def writes(facts: BookingFacts, rules: BookingRules) -> tuple[Command, ...]:
    """What these rules would write now into the lead that the booking has."""
    return decide(replace(facts, seen=None), rules).commands


def _outcome(facts: BookingFacts, decision: Decision) -> Outcome:
    leads = tuple(_placed(facts, decision.commands))
    if not leads:
        kind = Verdict.JOINS if decision.joins else Verdict.WAITS if decision.wait else Verdict.NONE
        return Outcome(kind, decision.reason)
    verdict = Verdict.OPENS if leads[0].lead_id is None else Verdict.CONTINUES
    return Outcome(verdict, decision.reason, leads)


def _placed(facts: BookingFacts, commands: Iterable[Command]) -> Iterable[Placed]:
    for command in sorted(commands, key=_share):
        if isinstance(command, CreateLead):
            yield Placed(
                command.direction,
                command.pipeline_id,
                command.stage_id,
                command.responsible_id,
                command.price,
            )
        elif isinstance(command, UpdateLead) and command.attaches is not None:
            lead = _lead(facts, command.lead_id)
            yield Placed(
                command.attaches, command.pipeline_id or lead.pipeline_id, command.stage_id or lead.stage_id,
                lead.responsible_id, lead.price if command.price is None else command.price, lead.id,
            )  # fmt: skip


def _lead(facts: BookingFacts, lead_id: int) -> Lead:
    known = [one.lead for one in facts.candidates if one.lead.id == lead_id]
    return known[0] if known else Lead(lead_id, 0, 0, ZERO)


def _followed(born: BookingFacts, begun: Outcome, decision: Decision) -> BookingFacts | None:
    """The facts once the first decision was carried out; None when it opened and continued nothing."""
    main = begun.main
    if main is None:
        return None
    command = next(one for one in decision.commands if _is_main(one))
    remembered = {
        name: value for one in decision.commands if not _share(one) for name, value in one.remembers
    }
    before = Lead(MADE, 0, 0, ZERO) if main.lead_id is None else _lead(born, main.lead_id)
    lead = replace(
        before, pipeline_id=main.pipeline_id, stage_id=main.stage_id, price=main.price,
        responsible_id=main.responsible_id, name=command.name or before.name, created_at=born.now,
    )  # fmt: skip
    link = Link(
        born.booking.key, lead.id, direction=main.direction, applied=remembered,
        stage_id=command.stage_id, stage_at=born.now, opened_by_us=main.lead_id is None,
    )  # fmt: skip
    others = tuple(one for one in born.candidates if one.lead.id != lead.id)
    return replace(born, link=link, lead=lead, candidates=others)


def _moved(begun: Outcome, lead_id: int, decision: Decision) -> Outcome:
    """The lead where the booking's last state brought it."""
    moves = [one for one in decision.commands if isinstance(one, UpdateLead) and one.lead_id == lead_id]
    main = begun.leads[0]
    for move in moves:
        main = replace(
            main,
            stage_id=move.stage_id or main.stage_id,
            pipeline_id=move.pipeline_id or main.pipeline_id,
            price=main.price if move.price is None else move.price,
        )
    return replace(begun, leads=(main, *begun.leads[1:]))


def _is_main(command: Command) -> TypeGuard[CreateLead | UpdateLead]:
    """Whether it gives the booking its main lead."""
    if isinstance(command, UpdateLead):
        return command.attaches is not None and not command.share
    return isinstance(command, CreateLead) and not command.share


def _share(command: Command) -> str:
    """Of which direction the command's lead is a satellite; empty for the main one."""
    share: str = getattr(command, "share", "")
    return share
