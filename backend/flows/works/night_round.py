"""The schedule of the night: each account is looked at once a night, its links once a week."""

from __future__ import annotations

from datetime import date, timedelta

from backend.flows.context import Context
from backend.flows.works import long_work, night_steps
from backend.store import accounts, drifts, long_works

SCHEDULE = "Мостик"  # who started it, as the list of long work shows it
KEPT = timedelta(days=60)  # reports of what differed


def order(ctx: Context) -> int:
    """Whatever this night still owes; a look that was cut goes on by itself. Returns how many were begun."""
    begun = 0
    for account in accounts.all_accounts():
        if account.state != "active":
            continue
        local = night_steps.local(ctx, account.id)
        if night_steps.is_dark(local):
            begun += sum(_begin(ctx, account.id, kind, local.date()) for kind in _due(local.date()))
    drifts.prune(ctx.now() - KEPT)
    return begun


def _due(day: date) -> tuple[str, ...]:
    nightly = (night_steps.DOUBLES, night_steps.JOURNALS)
    return (*nightly, night_steps.LINKS) if day.weekday() == night_steps.LINKS_DAY else nightly


def _begin(ctx: Context, account_id: int, kind: str, day: date) -> bool:
    newest = long_works.newest(account_id, kind)
    if newest is not None and (newest.is_open or newest.params.get("day") == day.isoformat()):
        return False
    long_work.start(ctx, account_id, kind, night_steps.wished(ctx.now(), day), SCHEDULE)
    return True
