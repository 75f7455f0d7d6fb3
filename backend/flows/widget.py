"""What the amoCRM widget may ask: who is asking, and how the connection is doing."""

from __future__ import annotations

from dataclasses import dataclass

from backend.core.errors import InvalidInput
from backend.flows import mirror
from backend.flows.context import Context
from backend.integrations.amocrm import widget_token
from backend.store import accounts, alarms, connections, events
from backend.store.accounts import Account

LEEWAY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class State:
    """The connection in a few words. `salons` are (title, mode); `trouble` is the code of the newest open
    alarm, or empty.
    """

    domain: str
    state: str
    is_ready: bool
    salons: tuple[tuple[str, str], ...]
    waiting: int
    trouble: str

    def as_json(self) -> dict[str, object]:
        return {
            "state": self.state,
            "is_ready": self.is_ready,
            "salons": [{"title": title, "mode": mode} for title, mode in self.salons],
            "waiting": self.waiting,
            "trouble": self.trouble,
        }


def state(ctx: Context, token: str) -> State:
    account = caller(ctx, token)
    branches = [branch for branch in connections.of_account(account.id) if branch.mode != "off"]
    open_alarms = alarms.open_alarms(account.id)
    trouble = open_alarms[0].code if open_alarms else ""
    is_ready = mirror.is_complete(account.id)
    salons = tuple((branch.title, branch.mode) for branch in branches)
    waiting = events.pending_count(account.id)
    return State(account.domain, account.state, is_ready, salons, waiting, trouble)


def caller(ctx: Context, token: str) -> Account:
    """The account behind a one-time token. Each token works once: its `jti` is remembered until it
    expires.
    """
    settings = ctx.settings
    user = widget_token.verify(
        token,
        client_id=settings.amocrm_client_id,
        client_secret=settings.amocrm_client_secret,
        redirect_uri=settings.public_url,
        now=ctx.now(),
    )
    lifetime = max(1, user.expires_at - int(ctx.now().timestamp()) + LEEWAY_SECONDS)
    if not ctx.redis.set(f"mostik:widget-token:{user.token_id}", 1, nx=True, ex=lifetime):
        raise InvalidInput("widget.token_used")
    account = accounts.by_crm_id(user.account_id)
    if account is None or account.state == "removed":
        raise InvalidInput("widget.unknown_account")
    return account
