"""Long work: what a person starts and comes back to. A slice at a time in a lane of the account's own, so
that nobody else waits for it; each slice is written down before the next: a killed worker costs one slice.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from backend.core.errors import AppError, InvalidInput, NeedsHuman, TryLater
from backend.flows import stops, turns
from backend.flows.context import Context, KeepAlive
from backend.flows.works import long_steps, night_steps
from backend.flows.works.long_steps import Step, Task
from backend.store import accounts, lanes, long_works
from backend.store.lanes import Lease, LeaseLost
from backend.store.long_works import LongWork

log = logging.getLogger(__name__)

LANE = "works"
SLICE_SECONDS = 20  # then the lane queues again behind other accounts' work
BUG = "work.bug"
URGENT = ("rollback", "cutover")  # a salon stands between two programs: hours of reading wait for it


def start(ctx: Context, account_id: int, kind: str, params: Mapping[str, Any], started_by: str) -> int:
    """Writes the wish down and wakes a worker; returns the work, the open one when it was asked before."""
    if accounts.by_id(account_id).state == "removed":
        raise NeedsHuman("amocrm.not_connected")
    if kind not in _steps(ctx):
        raise InvalidInput("work.unknown", kind=kind)
    work_id = long_works.add(ctx.now(), account_id, kind, params, started_by)
    ring(ctx, account_id)
    return work_id


def _steps(ctx: Context) -> dict[str, Callable[[Task], Step]]:
    """By kind: what a person starts, what the night brings, what belongs to a move from another widget."""
    return {**long_steps.STEPS, **night_steps.STEPS, **ctx.steps}


def cancel(ctx: Context, work_id: int) -> bool:
    """The slice under way is the last one; what it has done stays done."""
    return long_works.end(work_id, "cancelled", ctx.now())


def ring(ctx: Context, account_id: int) -> None:
    ctx.ring(lanes.lane_id(account_id, LANE))


def ring_all(ctx: Context) -> int:
    """Whatever is open goes on: its worker may have died, or a vendor may have come back."""
    at_work = long_works.accounts_at_work()
    for account_id in at_work:
        ring(ctx, account_id)
    return len(at_work)


def run(ctx: Context, lane_id: int) -> int:
    """The job: some slices of the account's open works, oldest first; returns how many."""
    return turns.take(ctx, lane_id, lambda lease, keep_alive: _slices(ctx, lease, keep_alive))


def _slices(ctx: Context, lease: Lease, keep_alive: KeepAlive) -> int:
    until, slices = time.monotonic() + SLICE_SECONDS, 0
    for work in sorted(long_works.open_works(lease.account_id), key=lambda one: one.kind not in URGENT):
        long_works.begin(work.id, ctx.now())
        while _goes_on(ctx, lease, work.id, keep_alive):
            slices += 1
            if time.monotonic() > until:
                ring(ctx, lease.account_id)
                return slices
    return slices


def _goes_on(ctx: Context, lease: Lease, work_id: int, keep_alive: KeepAlive) -> bool:
    """One slice; False when the work is over, or cannot get on now."""
    work = long_works.get(work_id)
    if work is None or work.state != "running":
        return False
    if work.kind not in URGENT and _is_paused(lease.account_id):  # a way back does not wait for us to work
        return False
    keep_alive()
    try:
        step = _steps(ctx)[work.kind](Task(ctx, lease, work))
    except TryLater as error:  # rung again by the schedule
        long_works.note(work_id, error.code)
        return False
    except AppError as error:
        _fail(ctx, work, error)
        return False
    except LeaseLost:
        raise
    except Exception:
        log.exception("long work failed kind=%s work_id=%d", work.kind, work_id)
        long_works.end(work_id, "failed", ctx.now(), BUG)
        return False
    is_kept = long_works.advance(work_id, step.params, step.done, step.total)
    if is_kept and step.is_over:
        long_works.end(work_id, "done", ctx.now())
        log.info("long work done kind=%s work_id=%d done=%d", work.kind, work_id, step.done)
    return is_kept and not step.is_over


def _fail(ctx: Context, work: LongWork, error: AppError) -> None:
    if isinstance(error, NeedsHuman):
        stops.stop(ctx, work.account_id, error)
    long_works.end(work.id, "failed", ctx.now(), error.code)


def _is_paused(account_id: int) -> bool:
    return accounts.by_id(account_id).state not in ("new", "active")
