"""What hooks lost: ask each salon what changed, and feed what we have not seen to the inbox as if a hook had
told us.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import islice

from backend.core.errors import AppError, NeedsHuman
from backend.core.salon import DEFAULT_ZONE
from backend.flows import stops, turns
from backend.flows.context import Context, KeepAlive, nothing
from backend.flows.road import inbox
from backend.flows.sync import readings
from backend.integrations import BOOKING_SOURCES
from backend.integrations.envelope import Envelope
from backend.integrations.http import JsonObject
from backend.integrations.yclients.client import YclientsClient
from backend.store import accounts, alarms, bookings, connections, lanes
from backend.store.connections import BranchRow

log = logging.getLogger(__name__)

OVERLAP = timedelta(hours=24)  # nobody knows in which zone `changed_after` is read (yclients.md §3.5)
FIRST_LOOK = timedelta(days=30)
AHEAD = timedelta(days=365)
CHUNK = 200
SOURCE = "yclients.poll"
LANE = "reconcile"
RIGHTS_CUT = "yclients.rights_cut"
SAMPLE = 50  # of the salon's bookings handled last: a busy neighbour must not crowd a quiet salon out
# A booking changed in this span before a look must stand in its list: long ago enough, well in the overlap.
SURELY_LISTED = (timedelta(minutes=2), timedelta(hours=12))

Progress = Callable[[int, int], None]


def quiet(done: int, new: int) -> None:
    """Nobody watches."""


def ring_all(ctx: Context) -> int:
    """The periodic round: each working account gets a look of its own, one at a time per account."""
    working = [account.id for account in accounts.all_accounts() if account.state == "active"]
    for account_id in working:
        ctx.ring(lanes.lane_id(account_id, LANE))
    return len(working)


def run(ctx: Context, lane_id: int) -> int:
    """The look of one account, as the only one who looks; returns how many changes were news to us."""
    return turns.take(
        ctx,
        lane_id,
        lambda lease, keep_alive: reconcile_account(ctx, lease.account_id, keep_alive=keep_alive),
    )


def reconcile_account(
    ctx: Context, account_id: int, on_progress: Progress = quiet, keep_alive: KeepAlive = nothing
) -> int:
    """Every salon's changes since the last look, deleted ones too; returns how many were news to us."""
    found = 0
    for branch in connections.of_account(account_id):
        if branch.mode == "off" or branch.paused_code:
            continue
        try:
            client = ctx.yclients(account_id, branch.company_id, keep_alive)
            found += reconcile_branch(ctx, client, branch, on_progress)
        except NeedsHuman as error:
            stops.stop(ctx, account_id, error)
        except AppError as error:
            log.warning("reconcile postponed company_id=%d error=%s", branch.company_id, error)
    return found


def reconcile_branch(
    ctx: Context, client: YclientsClient, branch: BranchRow, on_progress: Progress = quiet
) -> int:
    """One salon's changes since the last look; the mark moves unless our rights were cut."""
    account_id, started = branch.account_id, ctx.now()
    since = (branch.reconciled_to or started - FIRST_LOOK) - OVERLAP
    listed: set[int] = set()
    rows = _noted(client.records(branch.company_id, changed_after=since), listed)
    found = feed(ctx, account_id, branch, rows, on_progress)
    if not _is_cut(ctx, account_id, branch, listed):
        connections.save_mark(branch.id, started)
    return found


def _noted(rows: Iterable[JsonObject], listed: set[int]) -> Iterator[JsonObject]:
    for row in rows:
        listed.add(int(row["id"]))
        yield row


def _is_cut(ctx: Context, account_id: int, branch: BranchRow, listed: set[int]) -> bool:
    """A booking that changed lately must stand in the list, deleted or not. When it does not, our rights were
    cut: nothing is taken for deleted, the mark stays where it was, and a person is told (row D11).
    """
    now, where = ctx.now(), str(branch.company_id)
    recent = bookings.page(account_id, limit=SAMPLE, branch_id=branch.id)
    missing = [
        row.record_id
        for row in recent
        if SURELY_LISTED[0] <= now - row.changed_at <= SURELY_LISTED[1] and row.record_id not in listed
    ]
    if missing:
        alarms.raise_alarm(account_id, RIGHTS_CUT, "branch", where, {"missing": len(missing)}, now)
    elif listed:
        alarms.resolve(account_id, RIGHTS_CUT, scope_kind="branch", scope_key=where)
    return any((a.code, a.scope_key) == (RIGHTS_CUT, where) for a in alarms.open_alarms(account_id))


def import_bookings(ctx: Context, account_id: int, on_progress: Progress = quiet) -> int:
    """Existing bookings of every salon: the last days by the rules' limit, and everything ahead."""
    found = 0
    for branch in connections.of_account(account_id):
        if branch.mode == "off" or branch.paused_code:
            continue
        today = ctx.now().date()
        try:
            client = ctx.yclients(account_id, branch.company_id)
            rows = client.records_between(branch.company_id, today - FIRST_LOOK, today + AHEAD)
            found += feed(ctx, account_id, branch, rows, on_progress)
        except NeedsHuman as error:  # this salon stops and says so; the others are imported
            stops.stop(ctx, account_id, error)
    return found


def feed(
    ctx: Context,
    account_id: int,
    branch: BranchRow,
    rows: Iterable[JsonObject],
    on_progress: Progress = quiet,
) -> int:
    """Records whose content differs from what we have seen become events; the rest costs one comparison."""
    done = found = 0
    for chunk in _chunks(rows):
        found += inbox.store(ctx, branch, SOURCE, _news(account_id, branch, chunk)).stored
        done += len(chunk)
        on_progress(done, found)
    return found


def _news(account_id: int, branch: BranchRow, chunk: list[JsonObject]) -> list[Envelope]:
    source = BOOKING_SOURCES["yclients"]
    fresh: dict[str, tuple[str, Envelope]] = {}
    for row in chunk:
        try:
            booking = source.parse(row, branch.timezone or DEFAULT_ZONE)
        except AppError as error:
            log.warning("record unreadable company_id=%d error=%s", branch.company_id, error.code)
            continue
        envelope = replace(source.told(branch.company_id, row), changed_at=booking.changed_at)
        fresh[booking.key] = readings.content_hash(booking), envelope
    known = bookings.hashes(account_id, list(fresh))
    return [envelope for key, (content, envelope) in fresh.items() if known.get(key) != content]


def _chunks(rows: Iterable[JsonObject]) -> Iterator[list[JsonObject]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
