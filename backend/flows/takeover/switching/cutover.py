"""The switch of a salon from the widget before to us (§12.5): a long work of which each step may be cut
anywhere and be done again. What a step does stands in cutover_steps.py, what follows what in
core/takeover/cutover.py.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from backend.core.errors import AppError, InvalidInput, TryLater
from backend.core.takeover import cutover as way
from backend.core.takeover.cutover import State, Wish
from backend.flows.context import Context, KeepAlive, nothing
from backend.flows.takeover.hands import hook_lists
from backend.flows.takeover.switching import cutover_steps
from backend.flows.takeover.switching import switch as hands
from backend.flows.takeover.switching.switch import Switch, Waits
from backend.flows.works import long_work
from backend.flows.works.long_steps import Step, Task
from backend.store import cutovers, lanes, rollbacks, writers
from backend.store.accounts import Account
from backend.store.cutovers import Cutover
from backend.store.lanes import LeaseLost

log = logging.getLogger(__name__)

KIND = "cutover"
BUG, CANCELLED, TAKEN = "takeover_cutover.bug", "takeover_cutover.cancelled", "takeover_cutover.taken_away"


# What people ask for


def start(  # noqa: PLR0913 - a press of the button with what was chosen beside it
    ctx: Context,
    account: Account,
    company_id: int,
    author: str,
    *,
    removed: Sequence[str] | None = None,
    after: int | None = None,
) -> Cutover:
    """Begins the switch; the open one of this salon when there is one. `removed`: the addresses that are the
    other widget's (None: the likely ones); `after`: the switch that has to end well before this begins.
    """
    hook_lists.branch_of(account.id, company_id)
    writer = writers.of_salon(account.id, company_id)
    if writer is not None and writer.is_ours:
        raise InvalidInput("takeover_cutover.is_ours")
    back = rollbacks.newest(account.id, company_id)
    if back is not None and not back.is_over:  # it may still be writing values of before
        raise InvalidInput("takeover_cutover.is_returning")
    kept = {"removed": list(removed) if removed is not None else None, "after": after}
    one = cutovers.add(account.id, company_id, author, kept, ctx.now())
    _wake(ctx, one)
    return one


def start_group(ctx: Context, account: Account, company_ids: Sequence[int], author: str) -> list[Cutover]:
    """Salons one after another: each begins when the one before is only watched any more, and none after one
    that went back. InvalidInput before the first salon, the pilot, has been switched for good.
    """
    if not cutovers.is_pilot_over(account.id, ctx.now() - way.PILOT_FOR):
        raise InvalidInput("takeover_cutover.pilot_first")
    begun: list[Cutover] = []
    for company_id in company_ids:
        before = begun[-1].id if begun else None
        begun.append(start(ctx, account, company_id, author, after=before))
    return begun


def cancel(ctx: Context, account_id: int, company_id: int) -> None:
    """InvalidInput when the salon is ours already, or nothing is under way."""
    one = cutovers.newest(account_id, company_id)
    if one is None or not way.may_cancel(one.state):
        raise InvalidInput("takeover_cutover.too_late")
    cutovers.wish(one.id, Wish.CANCEL)
    _wake(ctx, one)


def stopped_by_hand(ctx: Context, account_id: int, company_id: int) -> None:
    """A person has switched the other widget off for this salon: its list of addresses cannot be read."""
    one = cutovers.newest(account_id, company_id)
    if one is None or one.state is not State.STOPPING:
        raise InvalidInput("takeover_cutover.not_asked")
    cutovers.keep(one.id, by_hand=True)  # a later wish does not make it forgotten
    cutovers.wish(one.id, Wish.STOPPED)
    _wake(ctx, one)


def ring_all(ctx: Context) -> int:
    """The periodic round, often: whatever is under way gets its next look, one that lost its work too."""
    found = cutovers.open_ones()
    for one in found:
        _wake(ctx, one)
    return len(found)


def _wake(ctx: Context, one: Cutover) -> None:
    try:
        long_work.start(ctx, one.account_id, KIND, {"cutover": one.id}, one.author)
    except AppError as error:  # the account has left us
        log.warning("cutover not woken id=%d error=%s", one.id, error)


# The long work


def step(task: Task) -> Step:
    """A slice of the work."""
    one = go_on(task.ctx, int(task.params["cutover"]), task.keep_alive)
    return Step(task.params, way.place(one.state), len(way.WAY) - 1, one.is_over)


def go_on(ctx: Context, cutover_id: int, keep_alive: KeepAlive = nothing) -> Cutover:
    """One look at the step that is under way: it ends, or TryLater says when to look again."""
    one = cutovers.get(cutover_id)
    if one.is_over:
        return one
    if one.wish is Wish.CANCEL and way.may_cancel(one.state):
        return _fail(ctx, one, CANCELLED)
    if cutover_steps.is_taken_away(one):
        return _end(ctx, one, State.ROLLING_BACK, "left", TAKEN)
    begun = cutovers.begin_step(one.id, one.state, ctx.now())
    switch = Switch(ctx, one, begun, keep_alive)
    try:
        done = _timed(switch)
    except TryLater as error:
        cutovers.trouble(one.id, "" if isinstance(error, Waits) else error.code)
        raise
    except AppError as error:
        return _failed(ctx, one, error)
    except LeaseLost:
        raise
    except Exception:
        log.exception("step of a cutover failed state=%s id=%d", one.state, one.id)
        return _stumbled(ctx, one)
    return _end(ctx, one, way.FORWARD[one.state], "done") if done else cutovers.get(one.id)


def _end(ctx: Context, one: Cutover, after: State, outcome: str, why: str = "") -> Cutover:
    """The step's end; after the last one nothing is announced any more."""
    if why:
        cutovers.keep(one.id, why=why)
    cutovers.enter(one, after, ctx.now(), outcome)
    if after in way.OVER:
        hands.unannounce(ctx, one)
    return cutovers.get(one.id)


def _timed(switch: Switch) -> bool:
    """Our own time of the slice goes into the step's row, however it ends."""
    one, started = switch.cutover, time.monotonic()
    try:
        return cutover_steps.STEPS[one.state](switch)
    finally:
        own = round((time.monotonic() - started) * 1000)
        cutovers.note_step(one.id, one.state, own, switch.told)


# What goes wrong


def _failed(ctx: Context, one: Cutover, error: AppError) -> Cutover:
    """On the way back nothing is given up: it is tried until it works, and people read why it does not."""
    log.warning("step of a cutover refused state=%s id=%d error=%s", one.state, one.id, error)
    if one.state is State.GOING_BACK:
        cutovers.trouble(one.id, error.code)
        hands.notice(ctx, one, hands.NOT_RESTORED, {"branch": hands.title(one)})
        raise TryLater(error.code)
    cutovers.note_step(one.id, one.state, 0, {"error": str(error)})
    return _fail(ctx, one, error.code)


def _stumbled(ctx: Context, one: Cutover) -> Cutover:
    """A mistake of ours may pass; one that does not pass leads back."""
    tries = int(one.kept.get("tries") or 0) + 1
    cutovers.keep(one.id, tries=tries)
    if tries < way.TRIES or one.state is State.GOING_BACK:
        cutovers.trouble(one.id, BUG)
        raise TryLater(BUG)
    return _fail(ctx, one, BUG)


def _fail(ctx: Context, one: Cutover, code: str) -> Cutover:
    """The way back finds out by itself whether anything was written. In the watch the switch has succeeded:
    what troubles it then is told.
    """
    if one.state is State.WATCHING:
        cutovers.trouble(one.id, code)
        raise TryLater(code)
    after = way.after_failure(one.state, has_written=False)
    return _end(ctx, one, after, "left" if code == CANCELLED else "failed", code)


def lane_of(account_id: int) -> int:
    """Where the work is done; for those who step it by hand."""
    return lanes.lane_id(account_id, long_work.LANE)
