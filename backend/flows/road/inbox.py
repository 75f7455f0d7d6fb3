"""The road: receive stores an event and rings its lane, drain empties it, sweep rings what nobody rang."""

from __future__ import annotations

import hashlib
import hmac
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.core.errors import AppError, InvalidInput
from backend.core.reasons import Reason
from backend.core.sync import settling
from backend.flows.accounts import accounts as accounts_flow
from backend.flows.context import Context
from backend.flows.duplicates import deeds
from backend.flows.rules import catalogue, configuration, requeue
from backend.flows.sync import attendance, bookings, clients, crm_changes, next_leads
from backend.flows.telephony.after import calls, ringing
from backend.flows.telephony.hearing import cloud, cloud_dials, table_rounds
from backend.flows.work import Work
from backend.integrations import BOOKING_SOURCES
from backend.integrations.amocrm import hooks as amo_hooks
from backend.integrations.envelope import Envelope
from backend.store import accounts, alarms, connections, events, lanes
from backend.store.accounts import Account
from backend.store.connections import BranchRow, Door
from backend.store.inbound import InboundEvent, NewEvent
from backend.store.lanes import Lease, LeaseLost

log = logging.getLogger(__name__)

BATCH = 200
SLICE_SECONDS = 60  # then the lane queues again: one account's backlog must not hold a worker for long
SLICES = {calls.LANE: 5, cloud.LANE: 2}  # one worker serves who rings and what has ended

CATALOGUE = catalogue.KIND
CATALOGUE_RESOURCES = frozenset({"service", "service_category", "staff"})

# In this order: what the CRM and the catalogue tell is known before bookings are decided.
FLOWS: dict[str, Callable[[Work], None]] = {
    "account.prepare": accounts_flow.prepare,
    "amocrm.changes": crm_changes.changed,
    next_leads.KIND: next_leads.gathered,
    CATALOGUE: catalogue.changed,
    requeue.KIND: requeue.changed,
    clients.CARD: clients.changed,
    clients.SOLD: clients.sold,
    clients.PAID: clients.paid,
    "yclients.record": bookings.changed,
    deeds.KIND: deeds.changed,
    attendance.KIND: attendance.changed,
    cloud_dials.KIND: cloud_dials.asked,
    cloud.KIND: cloud.told,
    ringing.KIND: ringing.rang,
    calls.KIND: calls.ended,
    table_rounds.PERIOD_KIND: table_rounds.period,
}


class UnknownHook(Exception):
    """No connection has this secret: to a stranger the address does not exist."""


@dataclass(frozen=True, slots=True)
class Receipt:
    stored: int
    duplicates: int


# Receive


def receive(ctx: Context, source: str, secret: str, body: bytes) -> Receipt:
    """Stores a booking system's hook before it is answered. Raises UnknownHook, or InvalidInput for another
    salon's data.
    """
    branch = connections.by_hook_secret(secret) if source in BOOKING_SOURCES else None
    if branch is None or not hmac.compare_digest(branch.hook_secret, secret):
        raise UnknownHook
    if branch.is_removed:
        return Receipt(0, 0)
    envelopes = BOOKING_SOURCES[source].read_hook(body)
    for envelope in envelopes:
        if envelope.company_id not in (None, branch.company_id):
            ours, theirs = str(branch.company_id), str(envelope.company_id)
            alarms.raise_alarm(
                branch.account_id, "hooks.foreign_branch", "branch", ours, {"company_id": theirs}, ctx.now()
            )
            raise InvalidInput("hooks.foreign_branch", company_id=envelope.company_id)
    return store(ctx, branch, source, envelopes)


def store(ctx: Context, branch: BranchRow | Door, source: str, envelopes: Sequence[Envelope]) -> Receipt:
    """One durable row per envelope, all in one transaction, then the doorbell for what is due at once."""
    now = ctx.now()
    rests = _settle_seconds(now, branch.account_id, envelopes)
    new = [
        _new_event(branch, source, envelope, rest) for envelope, rest in zip(envelopes, rests, strict=True)
    ]
    ids = events.record_many(now, new)
    if any(
        i and not event.settle_seconds and event.status == "received"
        for i, event in zip(ids, new, strict=True)
    ):
        ctx.ring(lanes.lane_id(branch.account_id, lanes.BOOKINGS))
    stored = sum(event_id is not None for event_id in ids)
    return Receipt(stored, len(envelopes) - stored)


def _new_event(branch: BranchRow | Door, source: str, envelope: Envelope, rest: float) -> NewEvent:
    """What no flow needs is kept and shown, and is over as soon as it is stored."""
    kind = CATALOGUE if envelope.resource in CATALOGUE_RESOURCES else envelope.kind
    status = "received" if kind in FLOWS else "done" if envelope.is_readable else "rejected"
    return NewEvent(
        branch.account_id, branch.id, lanes.BOOKINGS, envelope.subject, source, kind,
        envelope.dedup_key, envelope.body,
        settle_seconds=rest,
        status=status, reason=str(Reason.NOT_NEEDED) if status == "done" else None,
        error=None if envelope.is_readable else "hooks.unreadable",
    )  # fmt: skip


def _settle_seconds(now: datetime, account_id: int, envelopes: Sequence[Envelope]) -> list[float]:
    """How long each rests, less what it has rested before we heard of it. Only bookings rest."""
    subjects = [envelope.subject for envelope in envelopes if envelope.phase]
    if not subjects:
        return [0.0] * len(envelopes)
    settle, before = configuration.resting(account_id, subjects)

    def rest(envelope: Envelope) -> float:
        if envelope.phase is None:
            return 0.0
        wait = settling.seconds(before.get(envelope.subject), envelope.phase, settle)
        rested = (now - envelope.changed_at).total_seconds() if envelope.changed_at else 0
        return max(0, wait - max(0, rested))

    return [rest(envelope) for envelope in envelopes]


def receive_amocrm(ctx: Context, secret: str, body: bytes) -> Receipt:
    """Stores a hook of the CRM: it only freshens the mirror, so it never waits. What cannot be read is
    kept and shown, because amoCRM switches a hook off after a hundred refusals.
    """
    account = accounts.by_hook_secret(secret)
    if account is None or not hmac.compare_digest(account.hook_secret, secret):
        raise UnknownHook
    if account.state == "removed":
        return Receipt(0, 0)
    unreadable = _unreadable(account, body)
    digest = hashlib.sha256(body).hexdigest()
    stored = events.record(
        ctx.now(), account_id=account.id, branch_id=None, lane=lanes.BOOKINGS,
        subject=f"amocrm:{digest[:16]}", source="amocrm", kind="amocrm.changes", dedup_key=digest,
        body=body.decode("utf-8", "replace"), settle_seconds=0,
        status="rejected" if unreadable else "received", error=unreadable,
    )  # fmt: skip
    if stored:
        ctx.ring(lanes.lane_id(account.id, lanes.BOOKINGS))
    return Receipt(int(stored is not None), int(stored is None))


def _unreadable(account: Account, body: bytes) -> str | None:
    """The code of what is wrong with a CRM hook's body. Another account's hook is refused outright."""
    try:
        crm_id = amo_hooks.read(body).account_id
    except InvalidInput as error:
        return error.code
    if crm_id != account.crm_id:
        raise InvalidInput("hooks.foreign_account", crm_id=crm_id)
    return None


# Drain


def drain(ctx: Context, lane_id: int) -> int:
    """Empties a lane, as the only one who does; returns how many events were disposed of."""
    lease = lanes.take(lane_id, ctx.owner, ctx.settings.lease_seconds)
    if lease is None:  # its holder will see our events
        return 0
    handled = 0
    try:
        for batch in _batches(ctx, lease):
            handled += len(batch)
            _handle(ctx, Work.of(ctx, lease, batch))
        lanes.release(lease)
    except LeaseLost:
        log.warning("lane lost lane=%d handled=%d", lane_id, handled)
        return handled
    if events.is_due(lane_id, ctx.now()):  # came between the last look and the release
        ctx.ring(lane_id)
    return handled


def _batches(ctx: Context, lease: Lease) -> Iterator[list[InboundEvent]]:
    """After deaths the first batch is small; each one that goes well doubles the next. Suspects come last,
    alone.
    """
    seconds = SLICES.get(lease.name, SLICE_SECONDS)
    size, until = min(BATCH, lease.batch_limit), time.monotonic() + seconds
    while time.monotonic() < until and accounts.by_id(lease.account_id).state in ("new", "active"):
        batch = events.begin(lease, ctx.now(), size) or events.begin(lease, ctx.now(), 1)
        if not batch:
            return
        yield batch
        size = min(BATCH, size * 2)


def _handle(ctx: Context, work: Work) -> None:
    for kind in FLOWS:
        batch = [event for event in work.open.values() if event.kind == kind]
        if batch:
            _run(kind, Work.of(ctx, work.lease, batch))
    strangers = [event for event in work.open.values() if event.kind not in FLOWS]
    Work.of(ctx, work.lease, strangers).dispose(InvalidInput("events.no_flow"))


def _run(kind: str, work: Work) -> None:
    """One kind's events through their flow; an unexpected error is narrowed down to the subject that
    causes it.
    """
    try:
        FLOWS[kind](work)
    except LeaseLost:
        raise
    except AppError as error:
        work.dispose(error)
    except Exception as error:
        subjects = dict.fromkeys(event.subject for event in work.open.values())
        if len(subjects) > 1:
            for subject in subjects:
                alone = [event for event in work.open.values() if event.subject == subject]
                _run(kind, Work.of(work.ctx, work.lease, alone))
            return
        log.exception("event failed kind=%s event_ids=%s", kind, list(work.open))
        work.count_attempt(error)


# Sweep


def sweep(ctx: Context) -> int:
    """Rings every lane with due events: whoever should have rung it may have died, and settle times simply
    pass.
    """
    due = events.open_lanes(ctx.now())
    for lane in due:
        ctx.ring(lane)
    return len(due)
