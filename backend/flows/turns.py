"""A turn at a lane: a job takes it, does its work as the only one there, lets go. Events go by flows/road."""

from __future__ import annotations

import logging
from collections.abc import Callable

from backend.core.errors import AppError
from backend.flows.context import Context, KeepAlive
from backend.store import lanes
from backend.store.lanes import Lease, LeaseLost

log = logging.getLogger(__name__)


def take(ctx: Context, lane_id: int, do: Callable[[Lease, KeepAlive], int]) -> int:
    """What `do` returns; 0 when somebody else holds the lane, or came to hold it meanwhile.

    After an expected error the lane is let go at once: else the next one would wait for the end of the lease,
    and take its holder for dead. After any other error it is kept: then the holder is as good as dead.
    """
    lease = lanes.take(lane_id, ctx.owner, ctx.settings.lease_seconds)
    if lease is None:
        return 0
    try:
        done = do(lease, lambda: lanes.renew(lease, ctx.settings.lease_seconds))
    except LeaseLost:
        log.warning("%s gave way to another worker", lease.name)
        return 0
    except AppError as error:
        log.warning("%s postponed error=%s", lease.name, error)
        done = 0
    lanes.release(lease)
    return done
