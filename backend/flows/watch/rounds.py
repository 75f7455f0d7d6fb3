"""The round of the watch, every few minutes: copies of leads lose their keys, leads of the automation that no
hook told of are found, the brake tells what it holds, people hear of new alarms; and once in an hour
everything outside is looked at.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import timedelta

import redis

from backend.core.errors import AppError
from backend.flows import turns
from backend.flows.context import Context, KeepAlive, nothing
from backend.flows.duplicates import deeds
from backend.flows.sync import brake, missed_leads
from backend.flows.watch import alerts, watchers
from backend.store import accounts, alarms, connections, lanes, stats

log = logging.getLogger(__name__)

LANE = "watch"
OFTEN = 5  # messages in an hour
UNREADABLE = "hooks.unreadable_often"
HOUR = 3600  # on the real clock: simulated time must not make us hammer anybody


def ring_all(ctx: Context) -> int:
    """The periodic round: each account in a lane of its own, a stopped one too: people must hear of it."""
    working = [account.id for account in accounts.all_accounts() if account.state in ("active", "paused")]
    for account_id in working:
        ctx.ring(lanes.lane_id(account_id, LANE))
    return len(working)


def run(ctx: Context, lane_id: int) -> int:
    """The job: one account's round, as the only one who looks; returns how many alarms were told."""
    return turns.take(ctx, lane_id, lambda lease, keep_alive: look(ctx, lease.account_id, keep_alive))


def look(ctx: Context, account_id: int, keep_alive: KeepAlive = nothing) -> int:
    """Each part by itself: what one of them trips over does not keep the others from their work. A stopped
    account is left alone but for the word to its people: asking makes a closed door no better (row H19).
    """
    if accounts.by_id(account_id).state != "active":
        return alerts.tell(ctx, account_id)
    if _is_hour_over(ctx, account_id):
        watchers.look(ctx, account_id, keep_alive)
    keep_alive()
    try:
        deeds.clear_copies(ctx, account_id)
    except AppError as error:
        log.warning("copies not looked for error=%s", error)
    keep_alive()
    try:
        missed_leads.look(ctx, account_id, keep_alive)
    except AppError as error:
        log.warning("leads of the automation not looked for error=%s", error)
    brake.tell(ctx, account_id)
    _unreadable(ctx, account_id)
    keep_alive()
    return alerts.tell(ctx, account_id)


def _unreadable(ctx: Context, account_id: int) -> None:
    """One message that cannot be read is a curiosity, several in an hour are somebody's mistake (row H5)."""
    counts = stats.unreadable_since(account_id, ctx.now() - timedelta(seconds=HOUR))
    titles = {row.id: (str(row.company_id), row.title) for row in connections.of_account(account_id)}
    often = {titles[branch]: n for branch, n in counts.items() if n >= OFTEN and branch in titles}
    for (company, title), count in often.items():
        details = {"branch": title, "n": count}
        alarms.raise_alarm(account_id, UNREADABLE, "notice", company, details, ctx.now())
    known = {company for company, _ in often}
    for alarm in alarms.open_alarms(account_id):
        if alarm.code == UNREADABLE and alarm.scope_key not in known:
            alarms.resolve(account_id, UNREADABLE, scope_kind="notice", scope_key=alarm.scope_key)


def _is_hour_over(ctx: Context, account_id: int) -> bool:
    """The first to ask in an hour; without Redis nobody looks, for nobody counts requests either."""
    with suppress(redis.RedisError):
        return bool(ctx.redis.set(f"mostik:watched:{account_id}", 1, nx=True, ex=HOUR))
    return False
