"""Who is told the salons' and the account's news while we write: the other widget should hear nothing any
more, and we everything. Ours is put back; a stranger's is never taken out without a person.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta

from backend.core.errors import NeedsHuman
from backend.core.takeover import conflicts
from backend.core.takeover.conflicts import Signal
from backend.flows.takeover.hands import hook_lists
from backend.flows.takeover.returning.moving import CODES, Salon
from backend.flows.watch import watchers
from backend.store import alarms, cutovers, lanes, takeover_pulls, writers

log = logging.getLogger(__name__)

ROLLBACK_DAYS = timedelta(days=14)  # until then the other widget may have to come back
TOLD_FOR = timedelta(days=1)


def look(salon: Salon) -> None:
    """The salon's list in YCLIENTS."""
    listed = hook_lists.read(salon.ctx, salon.account_id, salon.company_id, salon.keep_alive)
    if listed.urls is None:
        return
    removed = _removed(salon)
    if salon.writer.is_ours:
        _their_address(salon, listed.strangers, removed)
    if not listed.has_ours:
        _restore(salon)
    else:
        _over_after_a_day(salon)


def _removed(salon: Salon) -> tuple[str, ...]:
    """What the switch took out of the list."""
    cutover = cutovers.newest(salon.account_id, salon.company_id)
    return tuple((cutover.kept.get("removed") if cutover else None) or ())


def _their_address(salon: Salon, strangers: Iterable[str], removed: tuple[str, ...]) -> None:
    found = conflicts.still_told(strangers, removed)
    if found:
        salon.tell(Signal.ADDRESS_STAYS, {"url": found[0]})
    else:
        salon.over(Signal.ADDRESS_STAYS)


def _restore(salon: Salon) -> None:
    """Somebody replaced the list: ours joins what stands there, and what was missed is asked for."""
    try:
        hook_lists.remove(salon.ctx, salon.account_id, salon.company_id, (), salon.keep_alive)
    except NeedsHuman as error:
        details = {"branch": salon.title, "why": error.code}
        alarms.raise_alarm(
            salon.account_id, watchers.HOOKS_LOST, "notice", salon.key, details, salon.ctx.now()
        )
        return
    salon.tell(Signal.OURS_LOST, {})
    salon.ctx.ring(lanes.lane_id(salon.account_id, watchers.RECONCILE))
    log.warning("address restored company_id=%d", salon.company_id)


def _over_after_a_day(salon: Salon) -> None:
    for alarm in alarms.open_alarms(salon.account_id):
        is_it = (alarm.code, alarm.scope_key) == (CODES[Signal.OURS_LOST], salon.key)
        if is_it and salon.ctx.now() - alarm.seen_at > TOLD_FOR:
            salon.over(Signal.OURS_LOST)


def look_at_crm(salon: Salon) -> None:
    """The account's hooks in amoCRM, once for all salons. While a salon may go back the other widget's hook
    has to stay; when all are ours for good, or after somebody had removed it, it should not be there.
    """
    theirs = _crm_hosts(salon)
    if not theirs:
        return
    client = salon.ctx.amo(salon.account_id, salon.keep_alive)
    found = conflicts.still_told(client.webhooks(), theirs)
    if not found:
        takeover_pulls.save_surroundings(salon.account_id, {"crm_cleaned": True}, salon.ctx.now())
        alarms.resolve(salon.account_id, CODES[Signal.CRM_HOOK_STAYS])
    elif _is_cleaned_up(salon):
        details = {"url": found[0]}
        alarms.raise_alarm(
            salon.account_id, CODES[Signal.CRM_HOOK_STAYS], "notice", "", details, salon.ctx.now()
        )


def _crm_hosts(salon: Salon) -> tuple[str, ...]:
    """The account's hooks of the host that the salons' news went to."""
    facts, _ = takeover_pulls.surroundings(salon.account_id)
    hooks = [str(row.get("url") or "") for row in facts.get("webhooks") or ()]
    kept = [one.kept for one in cutovers.of_account(salon.account_id).values()]
    seen = [url for one in kept for url in (one.get("snapshot") or {}).get("crm_urls") or ()]
    removed = [url for one in kept for url in one.get("removed") or ()]
    return conflicts.still_told([*hooks, *seen], removed)


def _is_cleaned_up(salon: Salon) -> bool:
    facts, _ = takeover_pulls.surroundings(salon.account_id)
    if facts.get("crm_cleaned"):
        return True
    now = salon.ctx.now()
    held = writers.of_account(salon.account_id).values()
    return all(one.is_ours and now - (one.t0 or one.since) > ROLLBACK_DAYS for one in held)
