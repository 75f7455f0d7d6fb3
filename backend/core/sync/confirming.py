"""Stage → attendance: a person moved a lead to «Подтвердил», so the salon's journal may learn it (row L4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backend.core.rules.configuration import Configuration, Mode
from backend.core.salon import Phase, branch_of
from backend.core.sync.links import Link, Role


@dataclass(frozen=True, slots=True)
class StageMove:
    """What a hook of the CRM tells of a move; `at` is when the CRM last changed the lead."""

    lead_id: int
    pipeline_id: int
    stage_id: int
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Awaited:
    """The booking that drives the lead, as last seen."""

    link: Link
    phase: Phase
    starts_at: datetime


def confirms(move: StageMove, booking: Awaited, rules: Configuration, now: datetime) -> bool:
    """Whether the move is a person's «confirmed». A stage that we set ourselves is our own echo (row C16)."""
    if not rules.options.attendance_from_stage:
        return False
    link, branch_id = booking.link, branch_of(booking.link.key)
    branch = rules.branch(branch_id)
    own = rules.route(branch_id, link.direction)
    route = (
        own if own and own.pipeline_id == move.pipeline_id else rules.route_in(branch_id, move.pipeline_id)
    )
    return (
        branch is not None
        and branch.mode is Mode.ACTIVE
        and route is not None
        and route.stages.get(Phase.CONFIRMED) == move.stage_id
        and link.role is Role.MAIN
        and link.stage_id != move.stage_id
        and booking.phase is Phase.WAITING
        and booking.starts_at > now
    )
