"""One refresh at a time: amoCRM's refresh tokens are single-use, so N workers must make exactly one
exchange.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from backend.core.errors import NeedsHuman, TryLater
from backend.flows import stops
from backend.flows.context import Context
from backend.integrations.amocrm.oauth import OAuthApp
from backend.store import accounts, alarms, lanes
from backend.store.accounts import Account, Tokens

log = logging.getLogger(__name__)

LOCK = "token"
LOST = "amocrm.tokens_lost"
REFRESH_AHEAD = timedelta(hours=1)  # time for a person, should the new pair be lost: the old token works on
LOCK_WAIT = timedelta(seconds=2)
KEEP_ALIVE = timedelta(days=30)  # a refresh token dies after three months without use (amocrm.md §1.4)


def oauth_app(ctx: Context) -> OAuthApp:
    """Our integration's record with the platform."""
    settings = ctx.settings
    return OAuthApp(
        client_id=settings.amocrm_client_id,
        client_secret=settings.amocrm_client_secret,
        redirect_uri=f"{settings.public_url}/oauth/amocrm/callback",
        api_url=settings.amocrm_api_url,
        consent_url=settings.amocrm_oauth_url,
        adapter=ctx.adapter,
    )


def access_token(ctx: Context, account_id: int, *, rejected: str | None = None) -> str:
    """A token that works now. `rejected` is one that amoCRM has just answered 401 to: it is exchanged,
    once.
    """
    tokens = _stored(account_id)
    is_fresh = tokens.expires_at - ctx.now() > REFRESH_AHEAD
    return tokens.access if is_fresh and tokens.access != rejected else _refreshed(ctx, account_id, rejected)


def _refreshed(ctx: Context, account_id: int, rejected: str | None) -> str:
    lease = lanes.take(lanes.lane_id(account_id, LOCK), ctx.owner, ctx.settings.lease_seconds)
    if lease is None:  # another worker is exchanging right now: its result will do for us
        raise TryLater("amocrm.token_busy", after=LOCK_WAIT)
    try:
        tokens = _stored(account_id)  # once more, now that nobody else writes
        if tokens.access != rejected and tokens.expires_at - ctx.now() > REFRESH_AHEAD:
            return tokens.access
        still_works = tokens.access != rejected and tokens.expires_at > ctx.now()
        return (
            _working_on(ctx, account_id, tokens, lease)
            if still_works
            else _exchange(ctx, account_id, tokens, lease)
        )
    finally:
        lanes.release(lease)


def _working_on(ctx: Context, account_id: int, tokens: Tokens, lease: lanes.Lease) -> str:
    """Before the old token ends: should the new pair turn out lost, people are told and work goes on."""
    if any(alarm.code == LOST for alarm in alarms.open_alarms(account_id)):
        return tokens.access
    try:
        return _exchange(ctx, account_id, tokens, lease)
    except NeedsHuman as error:
        if error.code != LOST:
            raise
        alarms.raise_alarm(account_id, LOST, error.scope.kind, error.scope.key, error.details, ctx.now())
        return tokens.access


def _exchange(ctx: Context, account_id: int, tokens: Tokens, lease: lanes.Lease) -> str:
    """Between amoCRM's answer and our commit the old pair is dead and the new one is only in memory: the mark
    written before the call is what lets the health page say so if we die there.
    """
    account = accounts.by_id(account_id)
    accounts.note_refresh_started(account_id, ctx.now())
    try:
        pair = oauth_app(ctx).refresh(account.domain, tokens.refresh, ctx.now())
    except NeedsHuman as error:
        if account.refresh_started_at:
            raise NeedsHuman(LOST, domain=account.domain) from error
        raise
    fresh = Tokens(pair.access, pair.refresh, pair.expires_at)
    accounts.save_tokens(account_id, fresh, lease=lease, now=ctx.now())
    log.info("tokens refreshed")
    return fresh.access


def _stored(account_id: int) -> Tokens:
    tokens = accounts.tokens(account_id)
    if tokens is None:
        raise NeedsHuman("amocrm.not_connected")
    return tokens


def refresh_idle(ctx: Context) -> int:
    """The round that exchanges tokens of silent accounts before their three months are over. An account
    whose access is gone is stopped and told of; the others do not suffer.
    """
    refreshed = 0
    for account in accounts.all_accounts():
        try:
            refreshed += _refreshed_if_idle(ctx, account)
        except NeedsHuman as error:
            stops.stop(ctx, account.id, error)
        except TryLater as error:
            log.warning("idle refresh postponed account_id=%d error=%s", account.id, error)
    return refreshed


def _refreshed_if_idle(ctx: Context, account: Account) -> bool:
    pair = accounts.tokens(account.id) if account.state == "active" else None
    is_idle = pair is not None and ctx.now() - pair.expires_at > KEEP_ALIVE
    if is_idle:
        access_token(ctx, account.id)
    return is_idle
