"""The periodic look: a booking whose time has come becomes an event of its lane, decided like any other.

The salon is asked what the booking is like now, for the hook that told of it may have been lost. Whether a
task is due is decided by core/sync/tasks.py, with everything else about the booking.
"""

from __future__ import annotations

import logging

from backend.flows.context import Context
from backend.flows.rules.requeue import UNREAD
from backend.store import lanes, looks
from backend.store.inbound import NewEvent
from backend.store.looks import Look

log = logging.getLogger(__name__)

SOURCE = "reminders"  # of the events that time causes
BATCH = 200
ROUNDS = 50  # of one look; what is left waits for the next one


def look(ctx: Context) -> int:
    """Passes on what is due; returns how many bookings."""
    found = 0
    for _ in range(ROUNDS):
        due = looks.due(ctx.now(), BATCH)
        if due:
            looks.pass_on(due, [_event(one) for one in due], ctx.now())
        for account_id in {one.account_id for one in due}:
            ctx.ring(lanes.lane_id(account_id, lanes.BOOKINGS))
        found += len(due)
        if len(due) < BATCH:
            break
    if found:
        log.info("bookings looked at by time count=%d", found)
    return found


def _event(due: Look) -> NewEvent:
    """Two processes that look at once make one event."""
    name = f"{due.key}:{due.look_at.isoformat()}"
    return NewEvent(
        due.account_id, due.branch_id, lanes.BOOKINGS, due.key, SOURCE, "yclients.record", name, UNREAD
    )  # fmt: skip
