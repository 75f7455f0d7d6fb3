"""What a cloud PBX has told and we have not heard: it is asked for its history, behind everything else."""

from __future__ import annotations

import logging
from datetime import timedelta

from backend.core.errors import AppError
from backend.flows import turns
from backend.flows.context import Context, KeepAlive
from backend.flows.telephony.exchanges.kind_cloud import connected
from backend.flows.telephony.hearing import cloud
from backend.store import events, lanes
from backend.store.telephony import pbxes
from backend.store.telephony.pbxes import Pbx

log = logging.getLogger(__name__)

LANE = "clouds"
OVERLAP = timedelta(minutes=10)
FIRST_LOOK = timedelta(hours=1)


def ring_all(ctx: Context) -> int:
    """Accounts that have a cloud."""
    account_ids = {pbx.account_id for pbx in pbxes.everything_on(pbxes.CLOUD)}
    for account_id in sorted(account_ids):
        ctx.ring(lanes.lane_id(account_id, LANE))
    return len(account_ids)


def run(ctx: Context, lane_id: int) -> int:
    """The job; returns how many notices were new."""
    return turns.take(ctx, lane_id, lambda lease, keep_alive: _look(ctx, lease.account_id, keep_alive))


def _look(ctx: Context, account_id: int, keep_alive: KeepAlive) -> int:
    new = 0
    for pbx in pbxes.of_account(account_id):
        if pbx.kind == pbxes.CLOUD and pbx.is_on:
            keep_alive()
            new += _catch_up(ctx, pbx)
    return new


def _catch_up(ctx: Context, pbx: Pbx) -> int:
    now, state = ctx.now(), pbxes.state(pbx.id)
    since = (state.seen_at or now - FIRST_LOOK) - OVERLAP
    try:
        told = connected(ctx, pbx).told_since(since)
    except AppError as error:
        pbxes.note_state(pbx.id, trouble=error.code, details={"error": str(error)[:200]})
        return 0
    new = [cloud.kept(pbx, one.notice, one.text) for one in told]
    stored = sum(event_id is not None for event_id in events.record_many(now, new)) if new else 0
    connected_since = state.connected_since or now
    pbxes.note_state(pbx.id, seen_at=now, connected_since=connected_since, trouble="", details={})
    if stored:
        log.info("cloud caught up pbx=%d notices=%d", pbx.id, stored)
        ctx.ring(lanes.lane_id(pbx.account_id, cloud.LANE))
    return stored
