"""Bookings that a new version of the configuration concerns are decided again, with what the salons'
journals say now.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from backend.core.errors import AppError
from backend.core.reasons import Reason
from backend.core.rules.configuration import Configuration
from backend.core.salon import Phase
from backend.core.sync import lapsing, tasks
from backend.flows.context import Context
from backend.flows.rules import configuration
from backend.flows.work import Work
from backend.integrations import BOOKING_SOURCES
from backend.store import bulk, connections, events, in_force, lanes, looks
from backend.store.connections import BranchRow
from backend.store.events import Closing, NewEvent

log = logging.getLogger(__name__)

SOURCE = "configuration"  # of the events that a new version causes
KIND = "configuration.changed"
SETTLED = (Reason.NO_CLIENT, Reason.NO_SERVICES)  # no configuration gives these a lead
AHEAD = timedelta(days=365)
UNREAD = "{}"  # a body that makes the flow read the booking from its source


def order(ctx: Context, account_id: int, number: int) -> None:
    """Written together with version `number`: whatever happens to this process, the bookings go again."""
    events.record(
        ctx.now(), account_id=account_id, branch_id=None, lane=lanes.BOOKINGS, subject="configuration",
        source=SOURCE, kind=KIND, dedup_key=str(number), body="{}", settle_seconds=0,
    )  # fmt: skip


def ring(ctx: Context, account_id: int) -> None:
    ctx.ring(lanes.lane_id(account_id, lanes.BOOKINGS))


def changed(work: Work) -> None:
    """The flow of `configuration.changed`: what was skipped for want of a mapping, or only observed, is
    decided again.
    """
    rules, number = configuration.current(work.account_id), configuration.number(work.account_id)
    _look_anew(work, rules)
    since = work.ctx.now() - timedelta(days=rules.options.import_past_days)
    waiting: dict[int, list[str]] = {}
    for booking in in_force.without_lead(work.account_id, since, SETTLED):
        waiting.setdefault(booking.branch_id, []).append(booking.key)
    for branch in connections.of_account(work.account_id):
        if branch.id in waiting:
            bodies = _bodies(work, branch, rules)
            _store(work.ctx, branch, [(key, bodies.get(key, UNREAD)) for key in waiting[branch.id]], number)
    work.close([Closing(event_id, "done", Reason.RULES_APPLIED) for event_id in work.open])


def _look_anew(work: Work, rules: Configuration) -> None:
    """New rules about time speak of the bookings that are there already, but for those of long ago. What
    they wait for by rules that have not changed stands already.
    """
    now, known = work.ctx.now(), _waits(_before(work))
    for phases, pause in (wait for wait in _waits(rules) if wait not in known):
        looks.renew(work.account_id, phases, now - pause - tasks.TOO_LATE, pause, now)


def _waits(rules: Configuration | None) -> list[tuple[tuple[Phase, ...], timedelta]]:
    return [*tasks.waits(rules.tasks), *lapsing.waits(rules.options)] if rules else []


def _before(work: Work) -> Configuration | None:
    """The version before those that these events tell of."""
    number = min(int(event.dedup_key) for event in work.open.values()) - 1
    is_there = configuration.has_version(work.account_id, number)
    return configuration.version(work.account_id, number) if is_there else None


def again(ctx: Context, branch: BranchRow, keys: Sequence[str], number: int) -> None:
    """Decided by an older version while version `number` was being written: once more, by the new one."""
    _store(ctx, branch, [(key, UNREAD) for key in keys], number)


def _bodies(work: Work, branch: BranchRow, rules: Configuration) -> dict[str, str]:
    """Booking key → event body, from a few pages of the journal. A salon that does not answer gives none:
    its bookings are then read one by one when it does.
    """
    told, today = BOOKING_SOURCES["yclients"].told, work.ctx.now().date()
    first = today - timedelta(days=rules.options.import_past_days)
    try:
        client = work.yclients(branch.company_id)
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
            NewEvent(
                account_id, branch.id, lanes.BOOKINGS, key, SOURCE, "yclients.record", f"{number}:{key}", body
            )
            for key, body in chunk
        ]
        events.record_many(ctx.now(), new)
    ctx.ring(lanes.lane_id(account_id, lanes.BOOKINGS))
