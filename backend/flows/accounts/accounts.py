"""An account's life: connect, pause, resume, remove."""

from __future__ import annotations

import logging
from datetime import timedelta

from backend.core.errors import AppError, InvalidInput, Scope, TryLater
from backend.core.reasons import Reason
from backend.core.rules.configuration import FieldName
from backend.flows import stops
from backend.flows.context import Context, nothing
from backend.flows.rules import configuration, lead_fields
from backend.flows.sync import mirror
from backend.flows.vendors import pace, tokens
from backend.flows.work import Work
from backend.integrations.amocrm.client import AmoClient
from backend.integrations.amocrm.oauth import is_account_domain
from backend.integrations.http import Http, NoLimit
from backend.store import accounts, alarms, configs, connections, events, lanes, operators
from backend.store.accounts import Account, Tokens
from backend.store.events import Closing

log = logging.getLogger(__name__)

PLATFORM = "amoCRM"  # as the trail shows what its server asked for
PREPARATION = "account:prepare"
MIRROR_LANE = "mirror"
HOOKS = (
    "add_lead", "update_lead", "status_lead", "responsible_lead", "delete_lead", "restore_lead",
    "add_contact", "update_contact", "delete_contact", "restore_contact",
)  # fmt: skip


def authorization_url(ctx: Context, state: str) -> str:
    """Where the panel sends the administrator's browser to grant access."""
    return tokens.oauth_app(ctx).authorization_url(state)


def install(ctx: Context, *, domain: str, code: str, author: str = PLATFORM) -> Account:
    """Exchanges the code and remembers the account. A reinstall finds its configuration where it left it.

    The platform gives the server-side call three seconds, so everything slow happens afterwards in `prepare`.
    """
    if not is_account_domain(domain):
        raise InvalidInput("oauth.foreign_domain", domain=domain)
    pair = tokens.oauth_app(ctx).exchange(domain, code, ctx.now())
    url = ctx.settings.amocrm_api_url.format(domain=domain)
    facts = AmoClient(Http("amocrm", NoLimit(), nothing, ctx.session), url, lambda _: pair.access).account()
    before = accounts.by_crm_id(facts.id)
    account = accounts.install(
        ctx.now(), domain=domain, crm_id=facts.id, name=facts.name, timezone=facts.timezone,
        user_id=facts.user_id, tokens=Tokens(pair.access, pair.refresh, pair.expires_at),
    )  # fmt: skip
    alarms.resolve(account.id, scope_kind="account")
    events.unblock(account.id, Scope())
    log.info("account connected account_id=%d", account.id)
    _note(ctx, author, "account.connected", account, before)
    _order_preparation(ctx, account)
    return account


def _order_preparation(ctx: Context, account: Account) -> bool:
    """One open order at a time: a second one would only repeat the first."""
    if any(event.is_open for event in events.of_subject(account.id, PREPARATION, limit=1)):
        return False
    now = ctx.now()
    events.record(
        now, account_id=account.id, branch_id=None, lane=MIRROR_LANE, subject=PREPARATION, source="install",
        kind="account.prepare", dedup_key=now.isoformat(), body="{}", settle_seconds=0,
    )  # fmt: skip
    ctx.ring(lanes.lane_id(account.id, MIRROR_LANE))
    return True


def prepare(work: Work) -> None:
    """The flow of `account.prepare`: our webhook and key field in amoCRM, then the full pass of the mirror.

    The visible fields wait for the configuration: it may name fields that the account has already. The pass
    takes half of what amoCRM allows: it shuts out who reads everything at full speed.
    """
    client, account_id = work.amo(), work.account_id
    client.subscribe(hook_url(work.ctx, accounts.by_id(account_id)), HOOKS)
    if FieldName.KEY not in configs.field_ids(account_id):
        lead_fields.repair_key(account_id, client, configuration.current(account_id))
    slowly = pace.slowly(work.ctx, "amocrm", work.keep_alive, account_id)
    if not mirror.build(account_id, work.ctx.amo(account_id, slowly)):
        raise TryLater("mirror.building", after=timedelta(0))
    work.close([Closing(event.id, "done", Reason.MIRRORED) for event in work.open.values()])
    work.ctx.ring(lanes.lane_id(account_id, lanes.BOOKINGS))


def hook_url(ctx: Context, account: Account) -> str:
    return f"{ctx.settings.public_url}/hooks/amocrm/{account.hook_secret}"


def uninstall(ctx: Context, *, crm_id: int, client_uuid: str, signature: str) -> None:
    """The platform's signed goodbye: tokens are wiped, hooks ignored, the configuration stays."""
    if not tokens.oauth_app(ctx).is_uninstall_signed(client_uuid, str(crm_id), signature):
        raise InvalidInput("oauth.bad_signature")
    account = accounts.by_crm_id(crm_id)
    if account:
        stops.remove(ctx, account.id)
        _note(ctx, PLATFORM, "account.removed", accounts.by_id(account.id), account)


def _note(ctx: Context, author: str, action: str, account: Account, before: Account | None) -> None:
    operators.audit(
        ctx.now(), operator=author, action=action, account_id=account.id,
        before={"state": before.state} if before else None, after={"state": account.state},
    )  # fmt: skip


def pause(ctx: Context, account_id: int) -> None:
    """A person presses pause: events pile up until resume."""
    accounts.pause(account_id, accounts.PAUSED_BY_PERSON, "", ctx.now())


def resume(ctx: Context, account_id: int) -> int:
    """Everything that waited for a person goes on; returns how many events came alive."""
    accounts.resume(account_id, ctx.now())
    for branch in connections.of_account(account_id):
        connections.resume(account_id, branch.company_id)
    alarms.resolve(account_id)
    revived = events.unblock(account_id, None)
    for name in (lanes.BOOKINGS, MIRROR_LANE):
        ctx.ring(lanes.lane_id(account_id, name))
    return revived


def order_missing_preparations(ctx: Context) -> int:
    """Accounts whose index is not complete and nobody is at it: a lost preparation is ordered again."""
    ordered = 0
    for account in accounts.all_accounts():
        if account.state in ("new", "active") and not mirror.is_complete(account.id):
            ordered += _order_preparation(ctx, account)
    return ordered


def check(ctx: Context, account_id: int) -> AppError | None:
    """Asks amoCRM who we are; the trouble, or None. Used by the button «Проверить связь»."""
    try:
        ctx.amo(account_id).account()
    except AppError as error:
        return error
    return None
