"""Two who write for one salon are found out (booking-sync-scenarios.md §12.7), before, during and after its
switch. Each signal stops something or only tells, and says what to press; nothing is ever written back: the
rule is stop and tell, never fight.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import redis

from backend.core.errors import AppError, NeedsHuman, Scope
from backend.core.takeover import conflicts
from backend.core.takeover.conflicts import Foreign, Signal
from backend.core.takeover.recognition import LEADS, Kind
from backend.flows import stops, turns
from backend.flows.context import Context, KeepAlive, nothing
from backend.flows.rules import configuration, schemas
from backend.flows.takeover.profile import recognition
from backend.flows.takeover.returning import born, doubled, placing, rollback, told_addresses
from backend.flows.takeover.returning.moving import CODES, Salon
from backend.store import accounts, alarms, connections, foreign_writes, lanes, takeover_changes, writers
from backend.store.foreign_writes import CREATIONS, NO_LEAD
from backend.store.writers import WriterName

log = logging.getLogger(__name__)

T = TypeVar("T", int, Salon)

LANE = "takeover_watch"
RECENT = timedelta(minutes=10)
SHOWN_FOR = timedelta(hours=1)  # after the last such change its alarm is over
KEPT = timedelta(days=60)
LISTS_SECONDS = 300  # between two looks at the lists outside, on the real clock


def ring_all(ctx: Context) -> int:
    """The periodic round: accounts with a salon on its move, each in a lane of its own; returns how many."""
    moving = [
        one.id for one in accounts.all_accounts() if one.state == "active" and writers.of_account(one.id)
    ]
    for account_id in moving:
        rollback.ring(ctx, account_id)
        ctx.ring(lanes.lane_id(account_id, LANE))
    return len(moving)


def run(ctx: Context, lane_id: int) -> int:
    """The job: one account, as the only one who looks; returns how many of its salons are on their move."""
    return turns.take(ctx, lane_id, lambda lease, keep_alive: look(ctx, lease.account_id, keep_alive))


def listen(ctx: Context, account_id: int) -> None:
    """Says whose leads those are that somebody else made; the switch waits for their silence."""
    placing.place(ctx, account_id)


def look(ctx: Context, account_id: int, keep_alive: KeepAlive = nothing) -> int:
    """Every signal by itself: what one of them trips over does not keep the others from being seen."""
    salons = _salons(ctx, account_id, keep_alive)
    if salons:
        _guarded(partial(listen, ctx), account_id)
    for salon in salons:
        for part in PARTS if salon.writer.is_ours else ():
            _guarded(part, salon)
    if salons and _is_time_for_lists(ctx, account_id):
        for salon in salons:
            _guarded(told_addresses.look, salon)
        _guarded(told_addresses.look_at_crm, salons[0])
    _guarded(partial(born.look, ctx), account_id)
    foreign_writes.prune(account_id, ctx.now() - KEPT)
    return len(salons)


def _salons(ctx: Context, account_id: int, keep_alive: KeepAlive) -> list[Salon]:
    held = [one for one in writers.of_account(account_id).values() if one.writer is not WriterName.GET8]
    if not held:
        return []
    titles = {row.company_id: row.title for row in connections.of_account(account_id)}
    known = recognition.load(account_id)
    return [
        Salon(ctx, account_id, one, titles.get(one.company_id, str(one.company_id)), known, keep_alive)
        for one in held
    ]


def _guarded(part: Callable[[T], object], of: T) -> None:
    """What a vendor refuses is told by the watch of every account; here it waits for the next look."""
    try:
        part(of)
    except AppError as error:
        log.warning("signal postponed error=%s", error)


def _is_time_for_lists(ctx: Context, account_id: int) -> bool:
    """The first to ask in five minutes; without Redis nobody counts requests, so nobody asks."""
    try:
        return bool(ctx.redis.set(f"mostik:takeover:lists:{account_id}", 1, nx=True, ex=LISTS_SECONDS))
    except redis.RedisError:
        return False


# Signals that stand in our own rows


def _two_leads(salon: Salon) -> None:
    """One record, two leads: no more are made for this salon until a person has chosen."""
    found = doubled.records(salon.account_id, salon.company_id, salon.since, salon.known)
    if not found:
        foreign_writes.release(salon.account_id, salon.company_id, NO_LEAD, CREATIONS)
        salon.over(Signal.TWO_LEADS)
        return
    key, leads = next(iter(found.items()))
    foreign_writes.stop(salon.account_id, salon.company_id, NO_LEAD, CREATIONS, salon.ctx.now())
    named = ", ".join(f"№ {lead_id}" for lead_id in leads)
    salon.tell(Signal.TWO_LEADS, {"n": len(found), "record": key.rsplit(":", 1)[1], "leads": named})


def _contested(salon: Salon) -> None:
    """Somebody else answers the salon's news with us: our writer of this salon pauses."""
    branch, now = connections.get(salon.account_id, salon.company_id), salon.ctx.now()
    if branch is None or branch.paused_code:
        return
    seen = foreign_writes.told_at(salon.account_id, CODES[Signal.CONTESTED], salon.key)
    since = max(now - RECENT, salon.since, seen or salon.since)
    changes = _foreign(salon, since)
    news = foreign_writes.news_of(
        salon.account_id, (one.key for one in changes), since - conflicts.AFTER_NEWS
    )
    own = configuration.load(salon.account_id).field_ids.values()
    found = conflicts.contested(changes, news, tuple(own))
    if conflicts.is_storm(found):
        scope = Scope("branch", salon.key)
        error = NeedsHuman(CODES[Signal.CONTESTED], scope, branch=salon.title, n=len(found))
        writers.move(salon.account_id, salon.company_id, WriterName.OURS, WriterName.OURS, now)
        stops.stop(salon.ctx, salon.account_id, error)


def _their_fields(salon: Salon) -> None:
    """The other widget was stopped, and its own fields change all the same."""
    theirs = {one.field_id for one in salon.known.places if one.entity == LEADS and _is_in_field(one.kind)}
    since = max(salon.ctx.now() - SHOWN_FOR, salon.writer.since)
    changes = _foreign(salon, since)
    if not salon.known.writer_ids:  # anybody's new lead would pass for theirs
        changes = [one for one in changes if one.what != conflicts.MADE]
    found = conflicts.in_their_fields(changes, theirs)
    if not found:
        salon.over(Signal.THEIR_FIELDS)
        return
    leads = dict.fromkeys(f"№ {one.lead_id}" for one in found)
    salon.tell(Signal.THEIR_FIELDS, {"n": len(found), "leads": ", ".join(list(leads)[:5])})


def _is_in_field(kind: Kind) -> bool:
    return kind in (Kind.FIELD, Kind.URL)


def _flipping(salon: Salon) -> None:
    """A value goes to and fro: this one of this lead is left alone until a person lets it go."""
    now = salon.ctx.now()
    ours = takeover_changes.of_salon(salon.account_id, salon.company_id, now - conflicts.FLIP_WINDOW)
    types = {field.id: field.type for field in schemas.load(salon.account_id).lead_fields}
    for lead_id, what in conflicts.flipping(ours, types, now):
        key = f"{salon.company_id}:{lead_id}:{what}"
        if _is_let_go(salon, key, [one.at for one in ours if (one.lead_id, one.what) == (lead_id, what)]):
            continue
        if foreign_writes.stop(salon.account_id, salon.company_id, lead_id, what, now):
            details = {"branch": salon.title, "lead": lead_id}
            alarms.raise_alarm(
                salon.account_id, CODES[Signal.FLIPPING], "notice", key, details, salon.ctx.now()
            )


def _is_let_go(salon: Salon, key: str, written: Iterable[datetime | None]) -> bool:
    """A person has seen it, and nothing was written since."""
    told = foreign_writes.told_at(salon.account_id, CODES[Signal.FLIPPING], key)
    return told is not None and all(at is None or at <= told for at in written)


PARTS = (_two_leads, _contested, _their_fields, _flipping)


def release(ctx: Context, account_id: int, company_id: int, lead_id: int, what: str) -> bool:
    """A person lets a value go: it is written again at the booking's next change."""
    if not foreign_writes.release(account_id, company_id, lead_id, what):
        return False
    key = f"{company_id}:{lead_id}:{what}"
    alarms.resolve(account_id, CODES[Signal.FLIPPING], scope_kind="notice", scope_key=key)
    log.info("value let go lead_id=%d at=%s", lead_id, ctx.now())
    return True


def _foreign(salon: Salon, since: datetime) -> list[Foreign]:
    """What others changed in this salon's leads; the other widget alone, where we know its author."""
    found = foreign_writes.since(salon.account_id, since, salon.company_id)
    return [one for one in found if conflicts.is_foreign(one.author, salon.known.writer_ids)]
