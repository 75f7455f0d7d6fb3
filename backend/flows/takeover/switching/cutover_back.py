"""The way back of a switch that cannot be done: as if nothing had been, or by the rollback when we had
written anything.
"""

from __future__ import annotations

from backend.core.errors import NeedsHuman
from backend.core.takeover.cutover import State
from backend.flows.takeover.hands import hook_lists, lease
from backend.flows.takeover.returning import rollback
from backend.flows.takeover.switching import switch as hands
from backend.flows.takeover.switching.switch import NOT_RESTORED, Switch
from backend.store import accounts, cutovers
from backend.store.writers import WriterName

MOST_NAMED = 30  # bookings that the other widget may not have heard of
WITHOUT_LIST = "yclients.hooks_unavailable"


def went_back(switch: Switch) -> bool:
    """Our writer stops first. When it had written anything the rollback takes over; else the salon is as it
    was: the list of addresses, the mode, the widget before.
    """
    one, note = switch.cutover, f"cutover back {switch.company_id}"
    if switch.writer() is WriterName.OURS:
        if one.leased_at and cutovers.has_written(one.account_id, one.company_id, one.leased_at):
            return _rolled_back(switch)
        lease.hand_over(
            switch.ctx, one.account_id, one.company_id, WriterName.OURS, WriterName.DRAINING,
            author=one.author, note=note,
        )  # fmt: skip
    if one.leased_at and cutovers.has_written(one.account_id, one.company_id, one.leased_at):
        return _rolled_back(switch)
    _restore(switch)
    if one.t0 is not None and switch.writer() is not WriterName.GET8:
        since = one.t0.replace(microsecond=0)  # the journal counts whole seconds
        switch.told["unheard"] = cutovers.changed_since(one.account_id, one.company_id, since, MOST_NAMED)
    if switch.writer() is WriterName.DRAINING:
        lease.hand_over(
            switch.ctx, one.account_id, one.company_id, WriterName.DRAINING, WriterName.GET8,
            author=one.author, note=note,
        )  # fmt: skip
    return True


def _rolled_back(switch: Switch) -> bool:
    one = switch.cutover
    rollback.start(
        switch.ctx, accounts.by_id(one.account_id), one.company_id, one.author, undo=True, stages=True
    )
    cutovers.enter(one, State.ROLLING_BACK, switch.ctx.now())
    hands.unannounce(switch.ctx, one)
    return False


def _restore(switch: Switch) -> None:
    one = switch.cutover
    try:
        urls = hook_lists.restore(switch.ctx, one.account_id, one.company_id, one.kept, switch.keep_alive)
        switch.told["urls"] = len(urls)
    except NeedsHuman as error:
        if error.code != WITHOUT_LIST:
            raise
        hands.notice(switch.ctx, one, NOT_RESTORED, {"branch": hands.title(one)})
    if one.kept.get("by_hand"):
        hands.notice(switch.ctx, one, NOT_RESTORED, {"branch": hands.title(one)})
