"""Attendance → stage: ranks, manual moves, locks and reopening (booking-sync-scenarios.md §6.3, §8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backend.core.crm import CLOSED_STAGES, LOST, Lead
from backend.core.reasons import Reason
from backend.core.rules.configuration import BookingRules, Configuration, Route
from backend.core.rules.options import RestoredLate
from backend.core.salon import Booking, Phase
from backend.core.sync.links import Link

RANKS = {
    Phase.NO_SHOW: 15,
    Phase.WAITING: 20,
    Phase.CONFIRMED: 30,
    Phase.ARRIVED: 100,
    Phase.CANCELLED: 100,
}
OPEN_RANK = 10  # «lead»: a stage before any booking
CLOSED_RANK = 100


@dataclass(frozen=True, slots=True)
class Move:
    """Where the lead goes (None: it stays) and the reason worth telling, if there is one."""

    stage_id: int | None = None
    pipeline_id: int | None = None
    reason: Reason | None = None


STAY = Move()


def not_counted(booking: Booking, rules: BookingRules, now: datetime) -> Reason | None:
    """Why a visit that took place is no success yet: it waits for money, or for its own beginning (C11)."""
    success = rules.configuration.options.success
    if booking.phase is not Phase.ARRIVED:
        return None
    if success.needs_payment and not booking.is_paid:
        return Reason.WAITS_FOR_PAYMENT
    return Reason.WAITS_FOR_START if success.after_start and now < booking.starts_at else None


def counted(booking: Booking, rules: BookingRules, now: datetime) -> Phase:
    """The phase by which a lead that begins now gets its stage."""
    return Phase.WAITING if not_counted(booking, rules, now) else booking.phase


def on_attach(phase: Phase, lead: Lead, route: Route) -> Move:
    """An adopted lead rises to the stage of its booking, and is never pushed down."""
    home = route if lead.pipeline_id == route.pipeline_id else None
    target = route.stages.get(phase)
    if target is None or target == lead.stage_id:
        return STAY
    if home is None:
        return STAY if lead.is_closed else Move(target, route.pipeline_id)
    missed = lead.stage_id == route.stages.get(Phase.NO_SHOW)
    return (
        Move(target, route.pipeline_id)
        if missed or rank(target, route) > rank(lead.stage_id, route)
        else STAY
    )


def on_change(booking: Booking, link: Link, lead: Lead, rules: BookingRules, now: datetime) -> Move:
    """Only a change of attendance moves a stage; an edit never does (INV5)."""
    configuration = rules.configuration
    if link.applied.get("phase") == booking.phase:
        return STAY
    route = route_of(link, lead, booking.branch_id, configuration)
    target = route.stages.get(booking.phase) if route else None
    if route is None or target is None or target == lead.stage_id:
        return STAY
    if configuration.options.do_not_move_tag in lead.tags:
        return Move(reason=Reason.STAGE_LOCKED)
    if lead.is_closed:
        return _out_of_closed(target, link, lead, rules, now)
    return _between_open(booking.phase, target, link, lead, route)


def route_of(link: Link, lead: Lead, branch_id: int, configuration: Configuration) -> Route | None:
    """The link's own route, or, when a person took the lead to another pipeline, the salon's mapping there
    (row I4).
    """
    own = configuration.route(branch_id, link.direction)
    return (
        own
        if own and own.pipeline_id == lead.pipeline_id
        else configuration.route_in(branch_id, lead.pipeline_id)
    )


def _out_of_closed(target: int, link: Link, lead: Lead, rules: BookingRules, now: datetime) -> Move:
    """A lead closed by a person stays closed; one that we closed a short while ago follows the correction
    (§8).
    """
    ours, options = lead.stage_id == link.stage_id, rules.configuration.options
    was_deleted = link.applied.get("phase") == Phase.CANCELLED
    is_restored = was_deleted and options.restored_late is RestoredLate.REOPEN
    is_recent = link.stage_at is not None and now - link.stage_at <= options.reopen_window
    if ours and (is_recent or is_restored):
        return Move(target, lead.pipeline_id, Reason.REOPENED)
    return Move(reason=Reason.LEAD_CLOSED)


def _between_open(phase: Phase, target: int, link: Link, lead: Lead, route: Route) -> Move:
    if phase in (Phase.ARRIVED, Phase.NO_SHOW):
        return Move(target, lead.pipeline_id, Reason.MOVED)
    if lead.stage_id not in known(route):  # a stage of people's own work: not even a deletion moves it (D8)
        return Move(reason=Reason.STAGE_LOCKED)
    if phase is Phase.CANCELLED:
        return Move(target, lead.pipeline_id, Reason.MOVED)
    rises = rank(target, route) > rank(lead.stage_id, route)
    if rises or lead.stage_id == link.stage_id:
        return Move(target, lead.pipeline_id, Reason.MOVED)
    return Move(reason=Reason.STAGE_KEPT)


def loss_reason(stage_id: int | None, rules: BookingRules) -> int | None:
    """Of a lead that is closed because its booking is gone."""
    return rules.configuration.options.cancelled_loss_reason if stage_id == LOST else None


def known(route: Route) -> set[int]:
    """Stages the configuration speaks of; any other was chosen by a person for a reason of their own."""
    return {*route.stages.values(), *route.attachable, *route.ranks}


def rank(stage_id: int, route: Route) -> int:
    """The configured rank, else the rank of the phase that leads to this stage."""
    if stage_id in CLOSED_STAGES:
        return CLOSED_RANK
    if stage_id in route.ranks:
        return route.ranks[stage_id]
    ranks = [RANKS[phase] for phase, stage in route.stages.items() if stage == stage_id]
    return max(ranks, default=OPEN_RANK)
