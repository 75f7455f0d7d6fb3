"""A salon goes back to the widget it came from (booking-sync-scenarios.md §12.6): our writer stops at once,
the salon's list of addresses is as it was, the other one writes again; then what we wrote may be taken back,
and the report says what was, what was not and why.

Each state is carried out so that doing it twice is doing it once: a killed worker costs nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from backend.core.errors import AppError, InvalidInput, NeedsHuman, Scope, TryLater
from backend.core.takeover import cutover as cutover_way
from backend.core.takeover.cutover import State
from backend.core.takeover.undo import Wish
from backend.flows import stops
from backend.flows.context import Context, KeepAlive, nothing
from backend.flows.sync import mirror
from backend.flows.takeover.hands import hook_lists, lease
from backend.flows.takeover.pairs import adoption
from backend.flows.takeover.returning import born, undoing
from backend.flows.takeover.returning.moving import CODES
from backend.flows.works import long_work
from backend.flows.works.long_steps import Step, Task
from backend.store import alarms, connections, cutovers, events, foreign_writes, rollbacks, writers
from backend.store.accounts import Account
from backend.store.rollbacks import Rollback
from backend.store.writers import WriterName

log = logging.getLogger(__name__)

KIND = "rollback"
HOOKS, RETURNING, UNDOING, LISTING, DONE = "hooks", "returning", "undoing", "listing", "done"
STATES = (HOOKS, RETURNING, UNDOING, LISTING, DONE)
NOTE = "возврат на GET8"
PORTION = 500  # links at a time
BEFORE_OURS = frozenset(cutover_way.WAY[: cutover_way.WAY.index(State.CATCHING_UP)])
TRIES = 3  # somebody may be saving the configuration at the same moment
LIST_STAYS, SWITCH_ON = "takeover.list_not_restored", "takeover.switch_on"
UNHEARD = "takeover.unheard"
MOST_NAMED = 30  # records that the other widget has not heard of
TOLD_FOR = timedelta(days=1)


def start(  # noqa: PLR0913 - what a person chooses
    ctx: Context,
    account: Account,
    company_id: int,
    author: str,
    undo: bool = False,
    *,
    stages: bool = False,
    created: bool = False,
) -> int:
    """From this moment nothing of ours is written for the salon; the rest goes on as long work. Pressed again
    it is the same return. InvalidInput when the salon is not ours.
    """
    known = rollbacks.newest(account.id, company_id)
    if known is None or known.is_over:
        wish = Wish(undo, stages, created)
        known = _begun(ctx, account.id, company_id, author, wish)
    long_work.start(ctx, account.id, KIND, {"rollback": known.id}, author)
    return known.id


def ring(ctx: Context, account_id: int) -> None:
    """What is under way goes on, although somebody has stopped its work; what was told is over some day."""
    for known in rollbacks.of_account(account_id):
        if not known.is_over:
            long_work.start(ctx, account_id, KIND, {"rollback": known.id}, known.author)
    for alarm in alarms.open_alarms(account_id):
        if alarm.code in (LIST_STAYS, SWITCH_ON, UNHEARD) and ctx.now() - alarm.seen_at > TOLD_FOR:
            alarms.resolve(account_id, alarm.code, scope_kind="notice", scope_key=alarm.scope_key)


def _begun(ctx: Context, account_id: int, company_id: int, author: str, wish: Wish) -> Rollback:
    """The lease and the mode in one transaction with the note of the return itself."""
    writer = writers.of_salon(account_id, company_id)
    if writer is None or writer.writer is WriterName.GET8:
        raise InvalidInput("takeover_rollback.not_ours", company_id=company_id)
    _refuse_between(account_id, company_id)
    for left in reversed(range(TRIES)):
        try:
            with rollbacks.transaction():
                if writer.is_ours:
                    lease.hand_over(
                        ctx, account_id, company_id, WriterName.OURS, WriterName.DRAINING,
                        author=author, note=NOTE,
                    )  # fmt: skip
                since = writer.t0 or writer.since
                row_id = rollbacks.begin(account_id, company_id, author, wish, HOOKS, since, ctx.now())
            break
        except InvalidInput as error:
            if error.code != "configuration.changed_meanwhile" or not left:
                raise
    found = rollbacks.get(row_id)
    assert found is not None
    log.warning("rollback begun company_id=%d rollback_id=%d", company_id, row_id)
    return found


def _refuse_between(account_id: int, company_id: int) -> None:
    """Until the salon is ours a switch has a way back of its own; two machines would hand it to and fro."""
    cutover = cutovers.newest(account_id, company_id)
    if cutover is not None and cutover.state in BEFORE_OURS:
        raise InvalidInput("takeover_rollback.switching", company_id=company_id)


def step(task: Task) -> Step:
    """A slice of long work."""
    rollback_id = int(task.params["rollback"])
    is_over = go_on(task.ctx, rollback_id, task.keep_alive)
    done = STATES.index(_state(rollback_id))
    return Step(task.params, done, len(STATES) - 1, is_over)


def _state(rollback_id: int) -> str:
    found = rollbacks.get(rollback_id)
    return found.state if found and found.state in STATES else DONE


def go_on(ctx: Context, rollback_id: int, keep_alive: KeepAlive = nothing) -> bool:
    """One state, or a portion of one; True when the return is over."""
    found = rollbacks.get(rollback_id)
    if found is None or found.is_over:
        return True
    WAY[found.state](ctx, found, keep_alive)
    after = rollbacks.get(rollback_id)
    return after is None or after.is_over


def _restore_list(ctx: Context, known: Rollback, keep_alive: KeepAlive) -> None:
    """A list that only a person can put right keeps nobody from the rest: it is told."""
    kept = _kept(known)
    try:
        hook_lists.restore(ctx, known.account_id, known.company_id, kept, keep_alive)
        if not kept.get("removed"):
            _tell(ctx, known, SWITCH_ON, {})
    except TryLater as error:
        rollbacks.trouble(known.id, error.code)
        raise
    except AppError as error:
        _tell(ctx, known, LIST_STAYS, {"why": error.code})
    rollbacks.advance(known.id, HOOKS, RETURNING, ctx.now())


def _tell(ctx: Context, known: Rollback, code: str, details: Mapping[str, object]) -> None:
    branch = connections.get(known.account_id, known.company_id)
    named = {"branch": branch.title if branch else known.company_id, **details}
    alarms.raise_alarm(known.account_id, code, "notice", str(known.company_id), named, ctx.now())


def _kept(known: Rollback) -> Mapping[str, Any]:
    """What the switch had taken out of the list; nothing when there was none."""
    cutover = cutovers.newest(known.account_id, known.company_id)
    return cutover.kept if cutover else {}


def _return(ctx: Context, known: Rollback, _: KeepAlive) -> None:
    """The other widget writes again; what was stopped because of two writers is nobody's business now."""
    writer = writers.of_salon(known.account_id, known.company_id)
    with rollbacks.transaction():
        if writer is not None and writer.writer is WriterName.DRAINING:
            lease.hand_over(
                ctx, known.account_id, known.company_id, WriterName.DRAINING, WriterName.GET8,
                author=known.author, note=NOTE,
            )  # fmt: skip
        _end_alarms(known)
        _tell_unheard(ctx, known)
        rollbacks.advance(known.id, RETURNING, UNDOING, ctx.now(), returned_at=ctx.now())
    log.warning("rollback returned company_id=%d", known.company_id)


def _tell_unheard(ctx: Context, known: Rollback) -> None:
    """News that came while the other widget was out of the list, and that we had not carried out yet."""
    found = cutovers.not_carried_out(known.account_id, known.company_id, known.begun_at, MOST_NAMED)
    if found:
        _tell(ctx, known, UNHEARD, {"records": ", ".join(map(str, found))})


def _end_alarms(known: Rollback) -> None:
    account_id, company_id = known.account_id, known.company_id
    foreign_writes.release(account_id, company_id)
    for alarm in alarms.open_alarms(account_id):
        if alarm.code in CODES.values() and alarm.scope_key.partition(":")[0] == str(company_id):
            alarms.resolve(account_id, alarm.code, scope_kind=alarm.scope_kind, scope_key=alarm.scope_key)
    branch = connections.get(account_id, company_id)
    if branch is not None and branch.paused_code in CODES.values():
        connections.resume(account_id, company_id)
        events.unblock(account_id, Scope("branch", str(company_id)))


def _undo(ctx: Context, known: Rollback, keep_alive: KeepAlive) -> None:
    try:
        is_over = undoing.portion(ctx, known, keep_alive)
    except NeedsHuman as error:  # amoCRM does not let us: the report says so, the salon is back all the same
        stops.stop(ctx, known.account_id, error)
        undoing.give_up(ctx, known, error)
        is_over = True
    if is_over:
        rollbacks.advance(known.id, UNDOING, LISTING, ctx.now())


def _list(ctx: Context, known: Rollback, keep_alive: KeepAlive) -> None:
    """The links forget what we wrote: the shadow that follows, and a second switch, begin from the leads."""
    born.note(known)
    mirror.refresh(known.account_id, mirror.LEADS, ctx.amo(known.account_id, keep_alive))
    after = 0
    while rows := rollbacks.give_back(known.account_id, known.company_id, after, PORTION):
        keep_alive()
        adoption.renew(known.account_id, [key for _, key in rows])
        after = rows[-1][0]
    rollbacks.advance(known.id, LISTING, DONE, ctx.now())
    log.info("rollback done company_id=%d", known.company_id)


WAY: dict[str, Callable[[Context, Rollback, KeepAlive], None]] = {
    HOOKS: _restore_list, RETURNING: _return, UNDOING: _undo, LISTING: _list,
}  # fmt: skip
