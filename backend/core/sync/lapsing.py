"""A client who did not come and never came back: the lead that waits for them is closed after the days that
the account wants (§8).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from backend.core.crm import LOST, Lead
from backend.core.reasons import Reason
from backend.core.rules.configuration import BookingRules
from backend.core.rules.options import Options
from backend.core.salon import Booking, Phase
from backend.core.sync import stages
from backend.core.sync.links import Link
from backend.core.sync.stages import STAY, Move


def waits(options: Options) -> tuple[tuple[tuple[Phase, ...], timedelta], ...]:
    """In which phases a booking waits for this, and how long after its beginning; as tasks.waits."""
    days = options.close_no_show_days
    return (((Phase.NO_SHOW,), timedelta(days=days)),) if days else ()


def time_of(booking: Booking, options: Options) -> datetime | None:
    """When this booking's lead is given up; None: never."""
    pauses = [pause for phases, pause in waits(options) if booking.phase in phases]
    return booking.starts_at + pauses[0] if pauses else None


def move(  # noqa: PLR0913 - what a move is decided by
    booking: Booking, link: Link, lead: Lead, rules: BookingRules, now: datetime, *, is_rebooked: bool
) -> Move:
    """Only from the stage where the lead waits: whoever took it elsewhere works with this client."""
    options, time = rules.configuration.options, time_of(booking, rules.configuration.options)
    route = stages.route_of(link, lead, booking.branch_id, rules.configuration)
    is_waiting = route is not None and lead.stage_id == route.stages.get(Phase.NO_SHOW)
    is_kept = is_rebooked or lead.is_closed or options.do_not_move_tag in lead.tags
    if time is None or now < time or not is_waiting or is_kept:
        return STAY
    return Move(LOST, lead.pipeline_id, Reason.GIVEN_UP)
