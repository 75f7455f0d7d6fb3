"""Rounds through the call tables of an account's PBXes, in a lane of the background queue: at once what a
break hid, at night a whole day, and a period when a person asks for it.
"""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import datetime, timedelta

from backend.core.errors import AppError, InvalidInput
from backend.core.telephony.hearing import fold, merging
from backend.core.telephony.hearing.fold import Change
from backend.flows import turns
from backend.flows.context import Context, KeepAlive
from backend.flows.rules import configuration
from backend.flows.telephony.hearing import live, repair
from backend.flows.telephony.hearing.repair import Repaired
from backend.flows.work import Work
from backend.store import accounts, events, lanes
from backend.store.events import Closing
from backend.store.telephony import calls, pbxes, readings
from backend.store.telephony.pbxes import Pbx

log = logging.getLogger(__name__)

LANE = live.TABLES_LANE
PERIODS_LANE, PERIOD_KIND = "call_periods", "calls.period"
NIGHT_BEGINS, NIGHT_ENDS = 2, 6  # hours of the PBX's own clock
DAY = timedelta(days=1)
ABANDONED = timedelta(hours=1)
LONGEST = timedelta(days=92)


def ring_all(ctx: Context) -> int:
    """Accounts with a PBX whose tables we may read."""
    working = {account.id for account in accounts.all_accounts() if account.state == "active"}
    found = {pbx.account_id for pbx in pbxes.everything_on(pbxes.ASTERISK) if repair.has_tables(pbx)}
    for account_id in found & working:
        ctx.ring(lanes.lane_id(account_id, LANE))
    return len(found & working)


def run(ctx: Context, lane_id: int) -> int:
    """The job: one account's PBXes, one after another; returns how many calls were put right."""
    return turns.take(ctx, lane_id, lambda lease, keep_alive: _look(ctx, lease.account_id, keep_alive))


def _look(ctx: Context, account_id: int, keep_alive: KeepAlive) -> int:
    done = 0
    for pbx in pbxes.of_account(account_id):
        if pbx.is_on and repair.has_tables(pbx):
            keep_alive()
            done += _round(ctx, pbx)
    return done


def close_abandoned(ctx: Context) -> int:
    """Calls that went on when somebody switched their PBX off: nobody will tell how they ended."""
    found = calls.abandoned(ctx.now() - ABANDONED)
    for row in found:
        rules = configuration.current(row.account_id).telephony
        change = Change(fold.ENDED, merging.closed(row.call, row.updated_at))
        pbx = replace(pbxes.by_id(row.pbx_id), options={})
        live.store_changes(ctx, pbx, rules, [change])
    return len(found)


def order(ctx: Context, pbx: Pbx, since: datetime, until: datetime) -> None:
    """A person wants a period processed again. InvalidInput when it is no sensible one."""
    if not since < until <= since + LONGEST:
        raise InvalidInput("tables.period", days=LONGEST.days)
    body = json.dumps({"pbx_id": pbx.id, "since": since.isoformat(), "until": until.isoformat()})
    events.record(
        ctx.now(), account_id=pbx.account_id, branch_id=None, lane=PERIODS_LANE, subject=f"period:{pbx.id}",
        source="panel", kind=PERIOD_KIND, dedup_key=f"{pbx.id}:{ctx.now().isoformat()}", body=body,
        settle_seconds=0,
    )  # fmt: skip
    ctx.ring(lanes.lane_id(pbx.account_id, PERIODS_LANE))


def period(work: Work) -> None:
    """The flow of `calls.period` events."""
    for event in list(work.open.values()):
        asked = json.loads(event.body)
        since, until = (datetime.fromisoformat(asked[name]) for name in ("since", "until"))
        try:
            repaired, again = repair.reprocess(work.ctx, pbxes.by_id(asked["pbx_id"]), since, until)
        except AppError as error:
            work.close([Closing(event.id, "failed", error=error.code)])
            continue
        work.close([Closing(event.id, "done", decision={**repaired.report, "n_again": again})])


def _round(ctx: Context, pbx: Pbx) -> int:
    """Trouble is noted where the status page shows it; the other PBXes do not suffer."""
    repaired = Repaired()
    try:
        repaired = repair.run(ctx, pbx)
        if day := _due_night(ctx, pbx):
            repair.compare(ctx, pbx, day, day + DAY)
    except AppError as error:
        log.warning("call tables not read pbx=%s error=%s", pbx.id, error)
    return len(repaired.added) + len(repaired.completed)


def _due_night(ctx: Context, pbx: Pbx) -> datetime | None:
    """The day before, when this is its night and nobody has looked at it yet."""
    now = ctx.now().astimezone(repair.zone(pbx))
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if not NIGHT_BEGINS <= now.hour < NIGHT_ENDS:
        return None
    last = readings.comparisons(pbx.id, limit=1)
    return None if last and last[0].until >= midnight else midnight - DAY
