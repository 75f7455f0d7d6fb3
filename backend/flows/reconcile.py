"""What hooks lost: ask each salon what changed, and feed what we have not seen to the inbox as if a hook had told us."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from itertools import islice

from backend.core.errors import AppError, NeedsHuman
from backend.flows import accounts as account_flow
from backend.flows import inbox, readings
from backend.flows.context import Context
from backend.integrations import BOOKING_SOURCES
from backend.integrations.http import JsonObject
from backend.store import accounts, bookings, connections
from backend.store.connections import BranchRow

log = logging.getLogger(__name__)

OVERLAP = timedelta(hours=24)  # nobody knows in which zone `changed_after` is read (yclients.md §3.5)
FIRST_LOOK = timedelta(days=30)
AHEAD = timedelta(days=365)
CHUNK = 200
SOURCE = "yclients.poll"

Progress = Callable[[int, int], None]


def quiet(done: int, new: int) -> None:
    """Nobody watches."""


def all_accounts(ctx: Context) -> int:
    """The periodic round over every working account; one that fails does not stop the others."""
    found = 0
    for account in accounts.all_accounts():
        if account.state == "active":
            found += reconcile_account(ctx, account.id)
    return found


def reconcile_account(ctx: Context, account_id: int, on_progress: Progress = quiet) -> int:
    """Every salon's changes since the last look, deleted ones too; returns how many were news to us."""
    found = 0
    for branch in connections.of_account(account_id):
        if branch.mode == "off" or branch.paused_code:
            continue
        try:
            found += _reconcile_branch(ctx, account_id, branch, on_progress)
        except NeedsHuman as error:
            account_flow.stop(ctx, account_id, error)
        except AppError as error:
            log.warning("reconcile postponed company_id=%d error=%s", branch.company_id, error)
    return found


def _reconcile_branch(ctx: Context, account_id: int, branch: BranchRow, on_progress: Progress) -> int:
    started = ctx.now()
    since = (branch.reconciled_to or started - FIRST_LOOK) - OVERLAP
    client = ctx.yclients(account_id, branch.company_id)
    found = feed(ctx, account_id, branch, client.records(branch.company_id, changed_after=since), on_progress)
    connections.save_mark(branch.id, started)
    return found


def import_bookings(ctx: Context, account_id: int, on_progress: Progress = quiet) -> int:
    """Existing bookings of every salon: the last days by the rules' limit, and everything ahead."""
    found = 0
    for branch in connections.of_account(account_id):
        client, today = ctx.yclients(account_id, branch.company_id), ctx.now().date()
        rows = client.records_between(branch.company_id, today - FIRST_LOOK, today + AHEAD)
        found += feed(ctx, account_id, branch, rows, on_progress)
        connections.save_mark(branch.id, ctx.now())
    return found


def feed(
    ctx: Context,
    account_id: int,
    branch: BranchRow,
    rows: Iterable[JsonObject],
    on_progress: Progress = quiet,
) -> int:
    """Records whose content differs from what we have seen become events; the rest costs one comparison."""
    done, found, told = 0, 0, BOOKING_SOURCES["yclients"].told
    for chunk in _chunks(rows):
        news = _news(account_id, branch, chunk)
        envelopes = [told(branch.company_id, row) for row in news]
        found += inbox.store(ctx, branch, SOURCE, envelopes).stored
        done += len(chunk)
        on_progress(done, found)
    return found


def _news(account_id: int, branch: BranchRow, chunk: list[JsonObject]) -> list[JsonObject]:
    parse = BOOKING_SOURCES["yclients"].parse
    fresh = {}
    for row in chunk:
        try:
            booking = parse(row, branch.timezone or readings.DEFAULT_ZONE)
        except AppError as error:
            log.warning("record unreadable company_id=%d error=%s", branch.company_id, error.code)
            continue
        fresh[booking.key] = readings.content_hash(booking), row
    known = bookings.hashes(account_id, list(fresh))
    return [row for key, (content, row) in fresh.items() if known.get(key) != content]


def _chunks(rows: Iterable[JsonObject]) -> Iterator[list[JsonObject]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
