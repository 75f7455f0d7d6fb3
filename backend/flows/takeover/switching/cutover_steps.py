"""What each step of a switch does. A step that was cut is done again from its beginning: it looks first what
is done already. It returns whether it is over, or raises `Waits`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from backend.core.errors import InvalidInput
from backend.core.takeover import cutover as way
from backend.core.takeover.cutover import State, Wish
from backend.flows.road import reconcile
from backend.flows.rules import configuration
from backend.flows.sync import mirror
from backend.flows.takeover.counting import counters
from backend.flows.takeover.counting.counters import Moment
from backend.flows.takeover.hands import hook_lists, lease
from backend.flows.takeover.profile import recognition
from backend.flows.takeover.returning import watch
from backend.flows.takeover.switching import catch_up, cutover_back, preflight, snapshots
from backend.flows.takeover.switching import switch as hands
from backend.flows.takeover.switching.switch import RED, Switch
from backend.store import accounts, alarms, configs, cutovers, foreign_writes, lanes, writers
from backend.store.cutovers import Cutover
from backend.store.writers import WriterName


def is_taken_away(one: Cutover) -> bool:
    """A rollback began meanwhile: the switch has nothing more to do."""
    if one.state not in (State.CATCHING_UP, State.VERIFYING, State.WATCHING):
        return False
    held = writers.of_salon(one.account_id, one.company_id)
    return held is None or not held.is_ours


# Before


def queued(switch: Switch) -> bool:
    """One salon at a time; after one that went back nobody follows."""
    after = switch.kept.get("after")
    if after and cutovers.get(after).state in (State.FAILED_BACK, State.ROLLING_BACK):
        raise InvalidInput("takeover_cutover.group_stopped")
    for other in cutovers.open_ones(switch.account_id):
        if other.id < switch.cutover.id and other.state not in way.LET_GO:
            switch.told["behind"] = other.company_id
            return switch.wait()
    return True


def checked(switch: Switch) -> bool:
    """The list of conditions, once more: time has passed since somebody looked at it."""
    checks = preflight.checks(switch.ctx, switch.account_id, switch.company_id, switch.keep_alive)
    red = [check.code for check in checks if check.is_needed and not check.is_green]
    switch.told |= {"checks": len(checks), "red": red}
    if red:
        raise InvalidInput("takeover_cutover.not_ready", red=", ".join(red))
    return True


def announced(switch: Switch) -> bool:
    """People read of it, the configuration is frozen, and everything is written down as it stands now."""
    writers.begin(switch.account_id, [switch.company_id], switch.ctx.now())
    hands.announce(switch.ctx, switch.cutover)
    if "snapshot" not in switch.kept:
        taken = snapshots.take(switch.ctx, switch.account_id, switch.company_id, switch.keep_alive)
        counted = counters.take(
            switch.ctx, switch.account_id, switch.company_id, Moment.BEFORE, keep_alive=switch.keep_alive
        )
        switch.told |= snapshots.in_short(taken) | {"red": [c.code for c in counted if not c.is_green]}
        cutovers.keep(switch.cutover.id, snapshot=taken, urls=taken["urls"])
    if switch.ctx.now() - switch.step.began_at < way.ANNOUNCED_FOR:
        return switch.wait()
    return True


# The other one stops


def stopped(switch: Switch) -> bool:
    """What is taken out is written down before it is: a cut between the two can be put right."""
    held, now = switch.writer(), switch.ctx.now()
    if held is WriterName.GET8:
        if not _is_cut_off(switch):
            return switch.wait()
        t0 = switch.ctx.now()
        with configs.transaction():
            cutovers.mark(switch.cutover.id, t0=t0)
            writers.move(
                switch.account_id, switch.company_id, WriterName.GET8, WriterName.DRAINING, now, t0=t0
            )
    return True


def _is_cut_off(switch: Switch) -> bool:
    listed = hook_lists.read(switch.ctx, switch.account_id, switch.company_id, switch.keep_alive)
    if listed.urls is None:  # only a person can do it
        switch.told["by_hand"] = True
        return switch.cutover.wish is Wish.STOPPED
    removed = switch.kept.get("removed")
    if removed is None:
        removed = _likely(switch, listed.strangers)
    written = way.without(listed.urls, removed, listed.ours)
    cutovers.keep(switch.cutover.id, removed=list(removed), written=written)
    hook_lists.remove(switch.ctx, switch.account_id, switch.company_id, removed, switch.keep_alive)
    switch.told |= {"removed": list(removed), "left": len(written)}
    return True


def _likely(switch: Switch, strangers: tuple[str, ...]) -> tuple[str, ...]:
    crm_urls = (switch.kept.get("snapshot") or {}).get("crm_urls") or ()
    found = way.suspects(strangers, crm_urls, switch.ctx.settings.public_url)
    if strangers and not found:
        raise InvalidInput("takeover_cutover.which_url")
    return found


def drained(switch: Switch) -> bool:
    """The proof of silence: three minutes without a write of the other one. Its last deeds are adopted before
    anything is ours.
    """
    t0, now, told = _t0(switch), switch.ctx.now(), switch.step.details
    before = [datetime.fromisoformat(told[name]) if told.get(name) else None for name in ("at", "last")]
    if not way.listens_now(now, before[0], way.silent_at(t0, before[1])):
        return switch.wait()
    client = switch.ctx.amo(switch.account_id, switch.keep_alive)
    mirror.refresh(switch.account_id, mirror.LEADS, client)
    watch.listen(switch.ctx, switch.account_id)
    last = last_foreign(switch, t0)
    switch.told |= {"at": now.isoformat(), "last": last.isoformat() if last else ""}
    switch.told["heard"] = _heard(switch, t0)
    if now < way.silent_at(t0, last):
        if way.is_hopeless(t0, now):
            raise InvalidInput("takeover_cutover.not_silent")
        return switch.wait()
    mirror.refresh(switch.account_id, mirror.CONTACTS, client)
    switch.told["adopted"] = catch_up.adopt(
        switch.ctx, switch.account_id, switch.company_id, t0, switch.keep_alive
    )
    return True


def last_foreign(switch: Switch, since: datetime) -> datetime | None:
    """When the other one wrote into a lead of this salon, or into one that nobody has placed yet."""
    authors = recognition.load(switch.account_id).writer_ids
    found = [
        moment
        for company_id in (switch.company_id, 0)
        if (moment := foreign_writes.last(switch.account_id, company_id, authors)) and moment >= since
    ]
    return max(found, default=None)


def _heard(switch: Switch, since: datetime) -> int:
    authors = recognition.load(switch.account_id).writer_ids
    return len(foreign_writes.since(switch.account_id, since, switch.company_id, authors))


def _t0(switch: Switch) -> datetime:
    t0 = switch.cutover.t0
    assert t0 is not None, "nobody drains before T0"
    return t0


# Ours


def leased(switch: Switch) -> bool:
    """One transaction: the salon is ours, the configuration says so, the switch remembers since when."""
    if switch.writer() is WriterName.DRAINING:
        if accounts.by_id(switch.account_id).state != "active":  # ours, and nobody would write
            raise InvalidInput("takeover_cutover.paused")
        with configs.transaction():
            cutovers.mark(switch.cutover.id, leased_at=switch.ctx.now())
            lease.hand_over(
                switch.ctx, switch.account_id, switch.company_id, WriterName.DRAINING, WriterName.OURS,
                author=switch.cutover.author, note=f"cutover {switch.company_id}",
            )  # fmt: skip
    switch.told["version"] = configuration.number(switch.account_id)
    return True


def caught_up(switch: Switch) -> bool:
    """What changed since a day before T0 goes the ordinary road, where only differences are written."""
    if "asked" not in switch.kept:
        found = catch_up.ask(switch.ctx, switch.cutover, switch.keep_alive)
        switch.told |= {"records": found.records, "adopted": found.adopted, "equal": found.equal}
        switch.told |= {"held": found.held, "asked": len(found.asked)}
        cutovers.keep(switch.cutover.id, asked=list(found.asked))
        asked = list(found.asked)
    else:
        asked = switch.kept["asked"]
    left = cutovers.left_open(switch.account_id, asked, catch_up.SOURCE)
    switch.told["left"] = left
    if not way.caught_up(switch.step.began_at, switch.ctx.now(), left):
        switch.ctx.ring(lanes.lane_id(switch.account_id, lanes.BOOKINGS))
        return switch.wait()
    return True


def verified(switch: Switch) -> bool:
    counted = counters.take(
        switch.ctx, switch.account_id, switch.company_id, Moment.AFTER, switch.cutover.t0, switch.keep_alive
    )
    red = [str(counter.code) for counter in counted if not counter.is_green]
    switch.told |= {"counters": len(counted), "red": red}
    if red:
        details = {"branch": hands.title(switch.cutover), "red": len(red)}
        hands.notice(switch.ctx, switch.cutover, RED, details)
    return True


def watched(switch: Switch) -> bool:
    """An hour in which the salon's journal is compared each minute and the alarms of two writers are looked
    at; then the counters once more.
    """
    now, looked = switch.ctx.now(), switch.kept.get("looked_at")
    if looked is None or now - datetime.fromisoformat(looked) >= way.LOOK_EVERY:
        _look(switch)
        cutovers.keep(switch.cutover.id, looked_at=now.isoformat())
    if now - switch.step.began_at < way.WATCHED_FOR:
        return switch.wait()
    alarms.resolve(switch.account_id, RED, scope_kind="notice", scope_key=str(switch.company_id))
    verified(switch)
    return True


def _look(switch: Switch) -> None:
    told = switch.step.details
    branch = hook_lists.branch_of(switch.account_id, switch.company_id)
    client = switch.ctx.yclients(switch.account_id, switch.company_id, switch.keep_alive)
    found = reconcile.reconcile_branch(switch.ctx, client, branch)
    watch.look(switch.ctx, switch.account_id)
    switch.told |= {"looks": int(told.get("looks", 0)) + 1, "found": int(told.get("found", 0)) + found}
    switch.told["heard"] = _heard(switch, _t0(switch))
    switch.ctx.ring(lanes.lane_id(switch.account_id, lanes.BOOKINGS))


STEPS: Mapping[State, Callable[[Switch], bool]] = {
    State.QUEUED: queued,
    State.PREFLIGHT: checked,
    State.ANNOUNCED: announced,
    State.STOPPING: stopped,
    State.DRAINING: drained,
    State.LEASING: leased,
    State.CATCHING_UP: caught_up,
    State.VERIFYING: verified,
    State.WATCHING: watched,
    State.GOING_BACK: cutover_back.went_back,
}
