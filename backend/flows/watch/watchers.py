"""Once in an hour: does each salon still tell us its news, show us what we need, and is it paid for; does
amoCRM still tell us its news, and has it everything that the configuration names. What can be put right is
put right, the rest is told to people with what to press.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date, timedelta

from backend.core.errors import AppError, NeedsHuman, Scope
from backend.core.rights import Lack
from backend.core.watch import vanished
from backend.flows import stops
from backend.flows.accounts import accounts as account_flow
from backend.flows.context import Context, KeepAlive, nothing
from backend.flows.rules import configuration, schemas
from backend.flows.salons import looks, salons
from backend.flows.salons.looks import Look, Told
from backend.flows.sync import mirror
from backend.flows.widget import spoken
from backend.integrations.amocrm.client import AmoClient
from backend.integrations.yclients.client import YclientsClient
from backend.store import accounts, alarms, configs, connections, lanes
from backend.store.connections import BranchRow

log = logging.getLogger(__name__)

WARNED_AHEAD = timedelta(days=14)
TOLD_FOR = timedelta(days=1)  # how long people see that something was put right without them
UNPAID = "yclients.unpaid"
LICENCE_ENDS, RIGHT_LACKS = "yclients.licence_ends", "yclients.right_lacks"
HOOKS_RESTORED, HOOKS_LOST = "yclients.hooks_restored", "yclients.hooks_lost"
CRM_HOOK_RESTORED, CRM_HOOK_LOST = "amocrm.hook_restored", "amocrm.hook_lost"
RECONCILE = "reconcile"  # the lane that catches up with what nobody told us
OPTIONAL = ("amocrm.forbidden",)  # a right that only some of these looks need


def look(ctx: Context, account_id: int, keep_alive: KeepAlive = nothing) -> None:
    """One account. A trouble of one salon, or of amoCRM, does not keep the others from being looked at."""
    for branch in connections.of_account(account_id):
        if branch.mode == "off" or not branch.user_token:
            continue
        try:
            _salon(ctx, branch, ctx.yclients(account_id, branch.company_id, keep_alive))
        except NeedsHuman as error:
            stops.stop(ctx, account_id, error)
        except AppError as error:
            log.warning("salon not watched company_id=%d error=%s", branch.company_id, error)
    try:
        _crm(ctx, account_id, ctx.amo(account_id, keep_alive))
    except NeedsHuman as error:
        _stop_account(ctx, account_id, error)
    except AppError as error:
        log.warning("crm not watched error=%s", error)


def _stop_account(ctx: Context, account_id: int, error: NeedsHuman) -> None:
    """A look that amoCRM forbids is no reason to stop everything that it allows."""
    if error.code not in OPTIONAL:
        stops.stop(ctx, account_id, error)
        return
    log.warning("crm not watched error=%s", error)


# A salon


def _salon(ctx: Context, branch: BranchRow, client: YclientsClient) -> None:
    account_id, company_id = branch.account_id, branch.company_id
    if not _is_paid(ctx, branch, client) or branch.paused_code not in ("", UNPAID):
        return
    before = looks.of(ctx, account_id, [company_id]).get(company_id)
    now = looks.take(ctx, account_id, company_id, client, salons.hook_url(ctx, branch))
    if not now.trouble:
        _rights(ctx, branch, before, now)
        _news(ctx, branch, client, before, now)


def _is_paid(ctx: Context, branch: BranchRow, client: YclientsClient) -> bool:
    """Stops the salon whose licence is over, starts it again when it was renewed, warns before the end."""
    account_id, company_id, today = branch.account_id, branch.company_id, _today(ctx, branch)
    licence = client.licence(company_id)
    if licence is None:
        return True
    if licence.is_over(today):
        raise NeedsHuman(UNPAID, Scope("branch", str(company_id)))
    if branch.paused_code == UNPAID:
        salons.resume(ctx, account_id, company_id)
    if licence.ends_on is not None and licence.ends_on - today <= WARNED_AHEAD:
        details = {"branch": branch.title, "day": f"{licence.ends_on:%d.%m.%Y}"}
        _notice(ctx, branch, LICENCE_ENDS, details)
    else:
        _over(branch, LICENCE_ENDS)
    return True


def _rights(ctx: Context, branch: BranchRow, before: Look | None, now: Look) -> None:
    """A right that bookings are lost without is told always, another one when it was taken away."""
    known = {lack.topic for lack in before.lacks} if before and not before.trouble else set()
    told = {alarm.scope_key for alarm in alarms.open_alarms(branch.account_id) if alarm.code == RIGHT_LACKS}
    lacking = {_right(branch, lack): lack for lack in now.lacks}
    for where, lack in lacking.items():
        if lack.is_serious or where in told or (before and lack.topic not in known):
            details = {"branch": branch.title, "topic": str(lack.topic)}
            alarms.raise_alarm(branch.account_id, RIGHT_LACKS, "notice", where, details, ctx.now())
    for where in told - lacking.keys():
        if where.startswith(f"{branch.company_id}:"):
            alarms.resolve(branch.account_id, RIGHT_LACKS, scope_kind="notice", scope_key=where)


def _right(branch: BranchRow, lack: Lack) -> str:
    return f"{branch.company_id}:{lack.topic}"


def _news(ctx: Context, branch: BranchRow, client: YclientsClient, before: Look | None, now: Look) -> None:
    """Our address was in the salon's list and is there no more: somebody replaced the list. Ours is added to
    what stands there now, and what changed meanwhile is asked for (row H11).
    """
    if now.told is not Told.OFF:
        _over(branch, HOOKS_LOST)
        _over_after_a_day(ctx, branch.account_id, HOOKS_RESTORED, str(branch.company_id))
        return
    was_told = before is not None and before.told in (Told.SETTINGS, Told.MARKETPLACE)
    if not (was_told or branch.last_hook_at):
        return  # connected without news, by choice
    try:
        client.set_hooks(branch.company_id, salons.hook_url(ctx, branch))
    except NeedsHuman as error:
        _notice(ctx, branch, HOOKS_LOST, {"branch": branch.title, "why": error.code})
        return
    looks.note(ctx, branch.account_id, branch.company_id, Told.SETTINGS)
    _notice(ctx, branch, HOOKS_RESTORED, {"branch": branch.title})
    ctx.ring(lanes.lane_id(branch.account_id, RECONCILE))
    log.warning("address restored company_id=%d", branch.company_id)


# amoCRM


def _crm(ctx: Context, account_id: int, client: AmoClient) -> None:
    _crm_hook(ctx, account_id, client)
    schema = schemas.refresh(account_id, client)
    found = vanished.missing(configuration.load(account_id), schema)
    for one in found:
        if one.scope_kind == "field":
            configs.mark_field_broken(account_id, one.scope_key)
        alarms.raise_alarm(account_id, one.code, one.scope_kind, one.scope_key, one.details, ctx.now())
    still = {(one.code, one.scope_key) for one in found}
    for alarm in alarms.open_alarms(account_id):
        is_ours = alarm.code in vanished.NOTICES and alarm.scope_kind == "notice"
        if is_ours and (alarm.code, alarm.scope_key) not in still:
            alarms.resolve(account_id, alarm.code, scope_kind="notice", scope_key=alarm.scope_key)


def _crm_hook(ctx: Context, account_id: int, client: AmoClient) -> None:
    """amoCRM switches a hook off after many failures, and an administrator may remove it. Made anew, it tells
    of what comes; what came meanwhile is read from the lists.
    """
    url = account_flow.hook_url(ctx, accounts.by_id(account_id))
    if url in client.webhooks():
        alarms.resolve(account_id, CRM_HOOK_LOST)
        _over_after_a_day(ctx, account_id, CRM_HOOK_RESTORED, "")
        return
    client.subscribe(url, account_flow.HOOKS)
    if url not in client.webhooks():  # there, but switched off: only a new one works again
        client.write("DELETE", "webhooks", {"destination": url})
        client.subscribe(url, account_flow.HOOKS)
    is_back = url in client.webhooks()
    alarms.raise_alarm(
        account_id, CRM_HOOK_RESTORED if is_back else CRM_HOOK_LOST, "notice", "", {}, ctx.now()
    )
    if mirror.is_complete(account_id):
        for name in mirror.COLLECTIONS:
            mirror.refresh(account_id, name, client)


# Words for people


def _notice(ctx: Context, branch: BranchRow, code: str, details: Mapping[str, object]) -> None:
    alarms.raise_alarm(branch.account_id, code, "notice", str(branch.company_id), details, ctx.now())


def _over(branch: BranchRow, code: str) -> None:
    alarms.resolve(branch.account_id, code, scope_kind="notice", scope_key=str(branch.company_id))


def _over_after_a_day(ctx: Context, account_id: int, code: str, where: str) -> None:
    for alarm in alarms.open_alarms(account_id):
        is_it = (alarm.code, alarm.scope_key) == (code, where)
        if is_it and ctx.now() - alarm.seen_at > TOLD_FOR:
            alarms.resolve(account_id, code, scope_kind=alarm.scope_kind, scope_key=where)


def _today(ctx: Context, branch: BranchRow) -> date:
    return ctx.now().astimezone(spoken.zone(branch.timezone)).date()
