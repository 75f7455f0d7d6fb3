"""Clients of the outside systems, with the tokens and the shared limits of the account they speak for."""

from __future__ import annotations

from collections.abc import Callable

from backend.core.errors import NeedsHuman, Scope
from backend.flows.context import Context, KeepAlive, nothing
from backend.flows.vendors import figures, tokens
from backend.integrations.amocrm.client import AmoClient
from backend.integrations.http import Http, RedisLimiter, windows_for
from backend.integrations.yclients.client import YclientsClient
from backend.integrations.yclients.partner import YclientsPartner
from backend.integrations.yclients.writes import YclientsDesk
from backend.store import accounts, connections, db

AMO_BURST = 7  # amoCRM counts 7 requests in a second (amocrm.md §4)
# YCLIENTS counts 5/s and 200/min per outgoing address. Background work leaves a part of both to whoever waits
# at a card: it may never fill a window alone.
YCLIENTS_WINDOWS = ((4, 1.1), (150, 60.0))
DESK_WINDOWS = ((5, 1.1), (190, 60.0))
MOST = max(count for count, _ in DESK_WINDOWS)  # requests that the common log has to remember
DESK_WAIT = 5.0  # a longer queue is told to the person instead
DESK_TIMEOUT = (3.0, 8.0)  # of one answer, in seconds


def amo(ctx: Context, account_id: int, keep_alive: KeepAlive) -> AmoClient:
    """The account's CRM; NeedsHuman when it is not connected."""
    account = accounts.by_id(account_id)
    windows = windows_for(ctx.settings.amocrm_rate, AMO_BURST)
    count = figures.counter(ctx.redis, figures.AMO, account_id)
    limiter = RedisLimiter(ctx.redis, f"amocrm:{account_id}", windows, on_grant=count)
    refused = figures.counter(ctx.redis, figures.REFUSED, account_id)
    http = Http("amocrm", limiter, _before_request(ctx, keep_alive), ctx.session, on_refusal=refused)
    url = ctx.settings.amocrm_api_url.format(domain=account.domain)
    return AmoClient(http, url, _tokens(ctx, account_id))


def yclients(ctx: Context, account_id: int, company_id: int, keep_alive: KeepAlive) -> YclientsClient:
    """A salon's journal. All salons share one limit, because the vendor counts by our address."""
    branch = connections.get(account_id, company_id)
    if branch is None or not branch.user_token:
        raise NeedsHuman("yclients.not_connected", Scope("branch", str(company_id)), company_id=company_id)
    return yclients_by(ctx, branch.user_token, keep_alive, account_id)


def yclients_by(
    ctx: Context, user_token: str, keep_alive: KeepAlive = nothing, account_id: int | None = None
) -> YclientsClient:
    """The journals behind a user's key, also of salons that are not connected yet."""
    line, settings = _yclients_line(ctx, keep_alive, account_id), ctx.settings
    return YclientsClient(line, settings.yclients_api_url, settings.yclients_partner_token, user_token)


def yclients_desk(
    ctx: Context, account_id: int, company_id: int, keep_alive: KeepAlive = nothing
) -> YclientsDesk:
    """A salon's journal for what a person did a moment ago; comes before background work."""
    branch = connections.get(account_id, company_id)
    if branch is None or not branch.user_token:
        raise NeedsHuman("yclients.not_connected", Scope("branch", str(company_id)), company_id=company_id)
    count = figures.counter(ctx.redis, figures.YCLIENTS, account_id)
    limiter = RedisLimiter(ctx.redis, "yclients", DESK_WINDOWS, DESK_WAIT, on_grant=count, remembered=MOST)
    line = Http("yclients", limiter, _before_request(ctx, keep_alive), ctx.session, DESK_TIMEOUT)
    settings = ctx.settings
    return YclientsDesk(line, settings.yclients_api_url, settings.yclients_partner_token, branch.user_token)


def yclients_partner(ctx: Context) -> YclientsPartner:
    """What YCLIENTS answers to us as a partner, whoever the salon is."""
    line, settings = _yclients_line(ctx, nothing), ctx.settings
    return YclientsPartner(line, settings.yclients_api_url, settings.yclients_partner_token)


def _yclients_line(ctx: Context, keep_alive: KeepAlive, account_id: int | None = None) -> Http:
    """What an account's charts show is what was asked in its name."""
    count = figures.counter(ctx.redis, figures.YCLIENTS, account_id) if account_id else nothing
    limiter = RedisLimiter(ctx.redis, "yclients", YCLIENTS_WINDOWS, on_grant=count, remembered=MOST)
    refused = figures.counter(ctx.redis, figures.REFUSED, account_id) if account_id else nothing
    return Http("yclients", limiter, _before_request(ctx, keep_alive), ctx.session, on_refusal=refused)


def _tokens(ctx: Context, account_id: int) -> Callable[[bool], str]:
    given = ""

    def token(is_stale: bool) -> str:
        nonlocal given
        given = tokens.access_token(ctx, account_id, rejected=given if is_stale else None)
        return given

    return token


def _before_request(ctx: Context, keep_alive: KeepAlive) -> KeepAlive:
    """A vendor's answer may take seconds: no transaction ever waits for one, and a person not for many."""

    def check() -> None:
        assert db.transaction_depth() == 0, "network call inside a transaction"
        ctx.patience()
        keep_alive()

    return check
