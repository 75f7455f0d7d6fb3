"""Bookings that a new version of the configuration concerns are decided again, with what the salons'
journals say now.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from backend.core.configuration import Configuration
from backend.core.errors import AppError
from backend.core.reasons import Reason
from backend.flows.context import Context
from backend.integrations import BOOKING_SOURCES
from backend.store import bulk, connections, events, in_force, lanes
from backend.store.connections import BranchRow
from backend.store.events import NewEvent

log = logging.getLogger(__name__)

LANE = "bookings"
SOURCE = "configuration"  # of the events that a new version causes
SETTLED = (Reason.NO_CLIENT, Reason.NO_SERVICES)  # no configuration gives these a lead
AHEAD = timedelta(days=365)
UNREAD = "{}"  # a body that makes the flow read the booking from its source


def after_import(ctx: Context, account_id: int, number: int, rules: Configuration) -> int:
    """What was skipped for want of a mapping, or only observed; returns how many bookings go again."""
    since = ctx.now() - timedelta(days=rules.options.import_past_days)
    waiting: dict[int, list[str]] = {}
    for booking in in_force.without_lead(account_id, since, SETTLED):
        waiting.setdefault(booking.branch_id, []).append(booking.key)
    for branch in connections.of_account(account_id):
        if branch.id in waiting:
            bodies = _bodies(ctx, branch, rules)
            _store(ctx, branch, [(key, bodies.get(key, UNREAD)) for key in waiting[branch.id]], number)
    return sum(map(len, waiting.values()))


def again(ctx: Context, branch: BranchRow, keys: Sequence[str], number: int) -> None:
    """Decided by an older version while version `number` was being written: once more, by the new one."""
    _store(ctx, branch, [(key, UNREAD) for key in keys], number)


def _bodies(ctx: Context, branch: BranchRow, rules: Configuration) -> dict[str, str]:
    """Booking key → event body, from a few pages of the journal. A salon that does not answer gives none:
    its bookings are then read one by one when it does.
    """
    told, today = BOOKING_SOURCES["yclients"].told, ctx.now().date()
    first = today - timedelta(days=rules.options.import_past_days)
    try:
        client = ctx.yclients(branch.account_id, branch.company_id)
        envelopes = [
            told(branch.company_id, row)
            for row in client.records_between(branch.company_id, first, today + AHEAD)
        ]
    except AppError as error:
        log.warning("journal not read company_id=%d error=%s", branch.company_id, error)
        return {}
    return {envelope.subject: envelope.body for envelope in envelopes}


def _store(ctx: Context, branch: BranchRow, bookings: Sequence[tuple[str, str]], number: int) -> None:
    account_id = branch.account_id
    for chunk in bulk.chunks(bookings):
        new = [
            NewEvent(account_id, branch.id, LANE, key, SOURCE, "yclients.record", f"{number}:{key}", body)
            for key, body in chunk
        ]
        events.record_many(ctx.now(), new)
    ctx.ring(lanes.lane_id(account_id, LANE))
