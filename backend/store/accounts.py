"""amoCRM accounts: where they live, their tokens and whether we may work for them."""

from __future__ import annotations

import json
import secrets as random_secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from backend.store import db, lanes
from backend.store.db import BaseModel, UtcField
from backend.store.lanes import Lease
from backend.store.secrets import EncryptedField

PAUSED_BY_PERSON = "account.paused_by_person"


class Account(BaseModel):
    """`state`: new (never configured), active, paused (a person has to act) or removed (uninstalled)."""

    id = peewee.BigAutoField()
    domain = peewee.TextField()
    crm_id = peewee.BigIntegerField()
    name = peewee.TextField(default="")
    timezone = peewee.TextField(default="")
    state = peewee.TextField(default="new")
    pause_code = peewee.TextField(default="")
    pause_details = peewee.TextField(default="")
    hook_secret = peewee.TextField()
    user_id = peewee.BigIntegerField(default=0)
    schema = peewee.TextField(null=True)
    installed_at = UtcField()
    removed_at = UtcField(null=True)
    tokens = EncryptedField(null=True)
    token_expires_at = UtcField(null=True)
    token_generation = peewee.BigIntegerField(default=0)
    refresh_started_at = UtcField(null=True)

    class Meta:
        table_name = "accounts"


@dataclass(frozen=True, slots=True)
class Tokens:
    """`generation` counts the pairs an account has had; kept by the store."""

    access: str
    refresh: str
    expires_at: datetime
    generation: int = 0

    def __repr__(self) -> str:
        return f"Tokens(generation={self.generation}, expires_at={self.expires_at})"


def by_id(account_id: int) -> Account:
    """LookupError when there is none."""
    found = find(account_id)
    if found is None:
        raise LookupError(f"no account {account_id}")
    return found


def find(account_id: int) -> Account | None:
    return Account.get_or_none(Account.id == account_id)


def by_domain(domain: str) -> Account | None:
    return Account.get_or_none(Account.domain == domain.lower())


def by_crm_id(crm_id: int) -> Account | None:
    return Account.get_or_none(Account.crm_id == crm_id)


def by_hook_secret(secret: str) -> Account | None:
    return Account.get_or_none(Account.hook_secret == secret)


def is_any_connected() -> bool:
    """Whether there is an account that has not left; no row is read, for pages of the widget ask again and
    again.
    """
    return bool(db.rows("SELECT 1 FROM accounts WHERE state <> 'removed' LIMIT 1"))


def count_by_state() -> dict[str, int]:
    """State → how many accounts are in it; states of nobody are left out."""
    return dict(db.rows("SELECT state, count(*) FROM accounts GROUP BY state"))


def all_accounts() -> list[Account]:
    return list(Account.select().order_by(Account.id))


def install(  # noqa: PLR0913 - what the platform tells of an account
    now: datetime, *, domain: str, crm_id: int, name: str, timezone: str, user_id: int, tokens: Tokens
) -> Account:
    """Create the account, or revive it with the configuration it had. Its CRM id is what it is known by;
    domains move.
    """
    with db.atomic():
        _free_domain(domain.lower(), crm_id)
        known = by_crm_id(crm_id)
        if known is None:
            account_id = Account.insert(
                domain=domain.lower(),
                crm_id=crm_id,
                hook_secret=random_secrets.token_urlsafe(32),
                installed_at=now,
            ).execute()
        else:
            account_id = known.id
        facts = {"domain": domain.lower(), "name": name, "timezone": timezone, "user_id": user_id}
        _update(account_id, **facts, **_state_after_install(known), removed_at=None, installed_at=now)
        _store_tokens(account_id, tokens)
        return by_id(account_id)


def _state_after_install(known: Account | None) -> dict[str, str]:
    """A new grant ends every trouble with access; a pause that a person chose stays until a person ends
    it.
    """
    if known is not None and known.state == "paused" and known.pause_code == PAUSED_BY_PERSON:
        return {"state": "paused", "pause_code": PAUSED_BY_PERSON}
    state = "new" if known is None or known.state == "new" else "active"
    return {"state": state, "pause_code": "", "pause_details": ""}


def save_tokens(account_id: int, tokens: Tokens, *, lease: Lease, now: datetime) -> None:
    """A refreshed pair, written by the holder of the account's token lock only. Ends a noted refresh."""
    del now  # business time plays no part: the lease runs on the database's clock
    with db.atomic():
        lanes.assert_held(lease)
        _store_tokens(account_id, tokens)


def tokens(account_id: int) -> Tokens | None:
    """None when the account never had any or was removed."""
    account = by_id(account_id)
    if account.tokens is None:
        return None
    pair = json.loads(account.tokens)
    return Tokens(pair["access"], pair["refresh"], account.token_expires_at, account.token_generation)


def note_refresh_started(account_id: int, now: datetime) -> None:
    """Before the one-time refresh token is spent: a crash in between stays visible in this column."""
    _update(account_id, refresh_started_at=now)


def activate(account_id: int) -> None:
    """The first configuration has come: new → active."""
    Account.update(state="active").where((Account.id == account_id) & (Account.state == "new")).execute()


def remove(account_id: int, now: datetime) -> None:
    """Uninstalled: tokens are wiped, hooks are ignored, the configuration stays for a reinstall."""
    wiped = {"tokens": None, "token_expires_at": None, "refresh_started_at": None}
    _update(account_id, state="removed", removed_at=now, **wiped)


def pause(account_id: int, code: str, details: str, now: datetime) -> None:
    """Only a person can go on; a removed account stays removed."""
    del now
    paused = {"state": "paused", "pause_code": code, "pause_details": details}
    Account.update(**paused).where((Account.id == account_id) & (Account.state != "removed")).execute()


def resume(account_id: int, now: datetime) -> None:
    del now
    resumed = {"state": "active", "pause_code": "", "pause_details": ""}
    Account.update(**resumed).where((Account.id == account_id) & (Account.state == "paused")).execute()


def save_schema(account_id: int, schema_json: str) -> None:
    """The account's pipelines, users and fields as last read, as JSON text."""
    _update(account_id, schema=schema_json)


def _free_domain(domain: str, crm_id: int) -> None:
    """A domain given up by one account may be taken by another: the old owner keeps its row under a marked
    name.
    """
    Account.update(domain=Account.domain.concat("~").concat(Account.id.cast("text"))).where(
        (Account.domain == domain) & (Account.crm_id != crm_id)
    ).execute()


def _store_tokens(account_id: int, tokens: Tokens) -> None:
    pair = json.dumps({"access": tokens.access, "refresh": tokens.refresh})
    _update(
        account_id,
        tokens=pair,
        token_expires_at=tokens.expires_at,
        token_generation=Account.token_generation + 1,
        refresh_started_at=None,
    )


def _update(account_id: int, **values: Any) -> None:
    Account.update(**values).where(Account.id == account_id).execute()
