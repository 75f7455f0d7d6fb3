"""Shadow: beside another widget our engine only says what it would do, and every minute what it said is
compared with what the other one did (§12.4). Nothing is written to the CRM.

Both feeds go by a mark: bookings by their newest decision, leads by their newest change. What was compared is
never walked again, however long the history is.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta

from backend.core.errors import AppError, InvalidInput
from backend.core.rules.configuration import Mode
from backend.core.salon import branch_of
from backend.flows import turns
from backend.flows.context import Context, KeepAlive, nothing
from backend.flows.road import reconcile
from backend.flows.rules import configuration, writing
from backend.flows.salons import looks, salons
from backend.flows.salons.looks import Told
from backend.flows.sync import mirror
from backend.flows.takeover.beside import comparing, foreign_leads
from backend.flows.takeover.beside.shadow_cases import Look
from backend.flows.takeover.profile import recognition
from backend.flows.vendors import pace
from backend.store import connections, drifts, lanes, takeover_diffs, takeover_shadows, writers
from backend.store.accounts import Account
from backend.store.takeover_shadows import BOOKINGS, LEADS, ShadowRow
from backend.store.writers import WriterName

log = logging.getLogger(__name__)

LANE = "shadow"
SETTLE_MINUTES = 10  # usually; GET8 may need longer
PORTION = 200
SLICE_SECONDS = 30  # of one round; the next one goes on
HOOKS, POLLING = "hooks", "polling"

Portion = tuple[str, datetime, int]  # a booking, when it was decided, its row


# A salon enters and leaves


def begin(
    ctx: Context, account: Account, company_id: int, author: str, settle_minutes: int = SETTLE_MINUTES
) -> str:
    """The salon is the other widget's from now on, and we look on. Our address joins its list where that is
    possible; the way that is in use is returned.
    """
    branch = connections.get(account.id, company_id)
    if (
        branch is None
        or not branch.user_token
        or configuration.current(account.id).branch(company_id) is None
    ):
        raise InvalidInput("shadow.not_connected")
    held = writers.of_account(account.id)
    writer = held.get(company_id)
    leave = writing.leave(configuration.current(account.id).branch(company_id), held)
    if leave.mode is Mode.ACTIVE or (writer is not None and writer.is_ours):
        raise InvalidInput("shadow.we_write")
    if leave.mode is Mode.OFF:
        raise InvalidInput("shadow.switched_off")
    writers.begin(account.id, [company_id], ctx.now())
    way = hear(ctx, account.id, company_id)
    takeover_shadows.begin(
        account.id, company_id, ctx.now(), author, settle_seconds=settle_minutes * 60, way=way
    )
    return way


def hear(ctx: Context, account_id: int, company_id: int) -> str:
    """Our address is added to the salon's list by reading, merging and writing; where the list is not ours to
    change, the journal is asked each minute, as it is anyway.
    """
    try:
        salons.tell(ctx, account_id, company_id)
        way = HOOKS
    except AppError as error:
        log.warning("salon silent company_id=%d code=%s", company_id, error.code)
        found = looks.of(ctx, account_id, [company_id]).get(company_id)
        way = HOOKS if found is not None and found.told is Told.MARKETPLACE else POLLING
    takeover_shadows.set_way(account_id, company_id, way)
    return way


def end(ctx: Context, account_id: int, company_id: int) -> None:
    """No more comparing; what was found stays to be read."""
    takeover_shadows.end(account_id, company_id, ctx.now())


# Each minute


def ring_all(ctx: Context) -> int:
    """The periodic round: accounts that have a salon in shadow; all others cost one query together."""
    found = takeover_shadows.accounts()
    for account_id in found:
        ctx.ring(lanes.lane_id(account_id, LANE))
        if any(row.way == POLLING for row in takeover_shadows.working(account_id).values()):
            ctx.ring(lanes.lane_id(account_id, reconcile.LANE))  # nobody tells its news: they are asked for
    return len(found)


def run(ctx: Context, lane_id: int) -> int:
    """The job: one account's round, as the only one who compares."""
    return turns.take(ctx, lane_id, lambda lease, keep_alive: compare(ctx, lease.account_id, keep_alive))


def compare(ctx: Context, account_id: int, keep_alive: KeepAlive = nothing) -> int:
    """Everything that has settled since the last round; returns how many bookings were compared."""
    shadows = _working(ctx, account_id)
    if not shadows:
        return 0
    client = ctx.amo(account_id, pace.slowly(ctx, "amocrm", keep_alive))
    for name in (mirror.CONTACTS, mirror.LEADS):
        mirror.refresh(account_id, name, client)
    now = ctx.now()
    until = now - timedelta(seconds=max(row.settle_seconds for row in shadows.values()))
    look = Look(account_id, now, configuration.load(account_id), recognition.load(account_id), client)
    ends = time.monotonic() + SLICE_SECONDS
    done = 0
    while portion := _next(account_id, until):
        done += comparing.first(look, _counting(account_id, portion, shadows))
        _, reached_at, reached_id = portion[-1]
        takeover_shadows.save_mark(account_id, BOOKINGS, (reached_at, reached_id))
        keep_alive()
        if time.monotonic() > ends:
            return done
    takeover_shadows.save_mark(account_id, BOOKINGS, (until, 0))  # nothing more had settled by then
    due = takeover_diffs.due(account_id, now, PORTION)
    takeover_diffs.give_up(row.id for row in due if row.company_id not in shadows)
    comparing.again(look, [row for row in due if row.company_id in shadows])
    _look_at_leads(look, until, shadows)
    return done


def _working(ctx: Context, account_id: int) -> dict[int, ShadowRow]:
    """Salons in shadow; one that we write for by now has left it. While a salon changes hands it is left
    alone: what its links remember is the switch's business then.
    """
    found = takeover_shadows.working(account_id)
    if not found:
        return {}
    held = writers.of_account(account_id)
    ours = writing.ours(account_id, configuration.current(account_id))
    for company_id in ours & found.keys():
        end(ctx, account_id, company_id)
    still = {number for number, one in held.items() if one.writer is WriterName.GET8}
    return {number: row for number, row in found.items() if number in still - ours}


def _next(account_id: int, until: datetime) -> list[Portion]:
    mark = takeover_shadows.mark(account_id, BOOKINGS)
    return takeover_shadows.decided(account_id, mark, until, PORTION) if mark else []


def _counting(account_id: int, portion: list[Portion], shadows: dict[int, ShadowRow]) -> dict[str, datetime]:
    """Of salons in shadow, decided since it began. Whoever waits for another decision comes after it."""
    mine = {
        key: at
        for key, at, _ in portion
        if (row := shadows.get(branch_of(key))) is not None and at >= row.begun_at
    }
    busy = drifts.busy(account_id, list(mine))
    return {key: at for key, at in mine.items() if key not in busy}


def _look_at_leads(look: Look, until: datetime, shadows: dict[int, ShadowRow]) -> None:
    """What the other widget did although no booking had changed."""
    mark = takeover_shadows.mark(look.account_id, LEADS)
    if mark is None:
        return
    portion = takeover_shadows.changed_leads(look.account_id, mark, until, PORTION)
    if portion:
        foreign_leads.look_at(look, [lead_id for lead_id, _ in portion], frozenset(shadows))
        lead_id, reached_at = portion[-1]
        takeover_shadows.save_mark(look.account_id, LEADS, (reached_at, lead_id))
