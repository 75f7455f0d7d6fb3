"""«Проверить ещё раз»: bookings behind leads are read anew from the salon's journal and decided again.

What a replay does for an event, asked for by booking: an old booking may have no event left.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from backend.core.salon import branch_of
from backend.flows.context import Context
from backend.flows.rules.requeue import UNREAD
from backend.store import connections, events, lanes, visits
from backend.store.accounts import Account
from backend.store.connections import BranchRow
from backend.store.events import NewEvent

MOST_BOOKINGS = 400
WIDGET, PIPELINE = "widget", "pipeline"  # who asked: a person in a card, or a step of the digital pipeline
QUIET = {WIDGET: timedelta(seconds=10), PIPELINE: timedelta(minutes=1)}


def leads(ctx: Context, account: Account, lead_ids: Sequence[int], source: str) -> tuple[int, int]:
    """How many bookings are looked at again, and how many of them nobody had asked for a moment ago."""
    return _ask(ctx, account, visits.keys_of_leads(account.id, lead_ids, MOST_BOOKINGS), source)


def contact(ctx: Context, account: Account, contact_id: int, source: str) -> tuple[int, int]:
    keys = [row.key for row in visits.of_person(account.id, contact_id)]
    return _ask(ctx, account, keys, source)


def _ask(ctx: Context, account: Account, keys: Sequence[str], source: str) -> tuple[int, int]:
    branches = {row.company_id: row for row in connections.of_account(account.id) if row.mode != "off"}
    wanted = [(key, branch) for key in keys if (branch := branches.get(branch_of(key)))]
    if not wanted:
        return 0, 0
    now = ctx.now()
    recent = visits.asked_since(account.id, (key for key, _ in wanted), tuple(QUIET), now - QUIET[source])
    moment = int(now.timestamp() / QUIET[source].total_seconds())  # two clicks at once see no event yet
    new = [_event(key, branch, source, moment) for key, branch in wanted if key not in recent]
    stored = [event_id for event_id in events.record_many(now, new) if event_id is not None]
    if stored:
        ctx.ring(lanes.lane_id(account.id, lanes.BOOKINGS))
    return len(wanted), len(stored)


def _event(key: str, branch: BranchRow, source: str, moment: int) -> NewEvent:
    return NewEvent(
        branch.account_id, branch.id, lanes.BOOKINGS, key, source, "yclients.record", f"{key}:{moment}",
        UNREAD,
    )  # fmt: skip
