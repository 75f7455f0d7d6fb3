"""Before a salon is switched: what has to be right, in the order in which people put it right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from backend.core import rights
from backend.core.errors import AppError
from backend.core.rules.configuration import Mode
from backend.core.takeover import cutover as way
from backend.core.takeover.counters import Code
from backend.core.takeover.cutover import Check
from backend.core.takeover.pairing import State
from backend.flows.context import Context, KeepAlive, nothing
from backend.flows.rules import configuration
from backend.flows.sync import mirror
from backend.flows.takeover.beside import gate
from backend.flows.takeover.counting import counters
from backend.flows.takeover.counting.counters import Moment
from backend.flows.takeover.hands import hook_lists
from backend.flows.takeover.profile import recognition
from backend.flows.widget import spoken
from backend.store import accounts, connections, cutovers, takeover_pairs, takeover_probes, writers
from backend.store.connections import BranchRow
from backend.store.takeover_pairs import Filter

FRESH = timedelta(hours=24)  # of counters that were taken before
BACK_PROBE = "P7"  # where the other widget keeps its links: the way back depends on it
# What the other widget did wrong in the past keeps nobody from leaving it.
DECIDING = (Code.HELD, Code.QUEUE)


def checks(
    ctx: Context, account_id: int, company_id: int, keep_alive: KeepAlive = nothing, *, is_deep: bool = True
) -> list[Check]:
    """Both vendors are asked; what could not be asked is red. Without `is_deep` nothing is counted anew: a
    page does not wait for it.
    """
    branch = connections.get(account_id, company_id)
    if branch is None:
        return [Check("connected", is_green=False)]
    return [
        *_salon(account_id, branch),
        *_asked(ctx, account_id, branch, keep_alive),
        *_proof(account_id, branch),
        _counted(ctx, account_id, branch, keep_alive if is_deep else None),
        *_hints(ctx, account_id, branch),
    ]


def _salon(account_id: int, branch: BranchRow) -> list[Check]:
    """What our own tables say of it."""
    rules, writer = configuration.current(account_id), writers.of_salon(account_id, branch.company_id)
    own = rules.branch(branch.company_id)
    routes = [route for route in rules.routes if route.branch_id == branch.company_id]
    is_theirs = (writer is None or not writer.is_ours) and own is not None and own.mode is Mode.OBSERVE
    return [
        Check("connected", bool(branch.user_token)),
        Check("observed", is_theirs, details={"mode": str(own.mode) if own else Mode.OFF.value}),
        Check("working", accounts.by_id(account_id).state == "active" and not branch.paused_code),
        Check("routes", bool(routes), details={"n": len(routes)}),
    ]


def _asked(ctx: Context, account_id: int, branch: BranchRow, keep_alive: KeepAlive) -> list[Check]:
    """What the two systems say when they are asked now."""
    found: list[Check] = []
    try:
        lacking = ctx.yclients(account_id, branch.company_id, keep_alive).permissions(branch.company_id)
        serious = [str(lack.topic) for lack in rights.lacks(lacking) if lack.is_serious]
        found.append(Check("rights", not serious, details={"topics": ", ".join(serious)}))
        found += _list(ctx, account_id, branch, keep_alive)
    except AppError as error:
        found.append(Check("yclients", is_green=False, details={"why": error.code}))
    try:
        ctx.amo(account_id, keep_alive).webhooks()
        found.append(Check("crm", mirror.is_complete(account_id)))
    except AppError as error:
        found.append(Check("crm", is_green=False, details={"why": error.code}))
    return found


def _list(ctx: Context, account_id: int, branch: BranchRow, keep_alive: KeepAlive) -> list[Check]:
    """Whose addresses stand in the salon's list. One that cannot be read only means that a person has to
    switch GET8 off.
    """
    listed = hook_lists.read(ctx, account_id, branch.company_id, keep_alive)
    if listed.urls is None:
        return [Check("list", is_green=False, is_needed=False)]
    return [Check("list", listed.has_ours, details={"n": len(listed.urls), "others": len(listed.strangers)})]


def _proof(account_id: int, branch: BranchRow) -> list[Check]:
    """What was compared and counted."""
    marks, gate_now = recognition.load(account_id), gate.of(account_id, branch.company_id)
    waiting = takeover_pairs.count(account_id, Filter(company_id=branch.company_id))
    shown = {"days": gate_now.days, "records": gate_now.records, "undecided": gate_now.undecided}
    return [
        Check("writer", bool(marks.writer_ids), details={"n": len(marks.writer_ids)}),
        Check("gate", gate_now.is_open, details={**shown, "reasons": [str(one) for one in gate_now.reasons]}),
        Check("review", not waiting, is_needed=False, details={"n": waiting}),
    ]


def _counted(ctx: Context, account_id: int, branch: BranchRow, keep_alive: KeepAlive | None) -> Check:
    """Counters of the last day, or counted now."""
    known = counters.kept(account_id).get(branch.company_id, {}).get(Moment.BEFORE)
    is_fresh = known is not None and ctx.now() - known.taken_at <= FRESH
    taken = list(known.counters) if known is not None and is_fresh else []
    if keep_alive is not None and (known is None or not is_fresh or known.red):
        taken = counters.take(ctx, account_id, branch.company_id, Moment.BEFORE, keep_alive=keep_alive)
    if not taken:
        return Check("uncounted", is_green=False, is_needed=False)
    red = [one.code for one in taken if not one.is_green]
    ahead = [odd.key for one in taken if one.code is Code.FUTURE for odd in one.exceptions]
    is_fine = not set(red).intersection(DECIDING) and not _undecided(account_id, ahead)
    return Check("counters", is_fine, details={"red": [str(code) for code in red], "n": len(taken)})


def _undecided(account_id: int, keys: Sequence[str]) -> bool:
    """Visits ahead whose lead may be there while nobody has said so: they would get a second one. What the
    other widget has missed gets its first one from us.
    """
    found = takeover_pairs.of_booking(account_id, keys)
    return any(row.state == State.PROPOSED for rows in found.values() for row in rows)


def _hints(ctx: Context, account_id: int, branch: BranchRow) -> list[Check]:
    """What is wiser, and not forbidden."""
    zone = spoken.zone(branch.timezone or configuration.current(account_id).timezone)
    hour = ctx.now().astimezone(zone).hour
    others = [one for company, one in cutovers.of_account(account_id).items() if company != branch.company_id]
    is_first = not any(one.leased_at for one in others)
    is_proven = is_first or cutovers.is_pilot_over(account_id, ctx.now() - way.PILOT_FOR)
    busy = [one.company_id for one in others if not one.is_over and one.state not in way.LET_GO]
    return [
        Check("hour", way.is_quiet_hour(hour), is_needed=False, details={"hour": hour}),
        Check("pilot", is_proven, is_needed=False, details={"is_first": is_first}),
        Check("probe", BACK_PROBE in takeover_probes.answers(account_id), is_needed=False),
        Check("alone", not busy, is_needed=False, details={"n": len(busy)}),
    ]
