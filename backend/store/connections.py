"""YCLIENTS branches connected to an account: one row per salon, with its token, hook secret and marks."""

from __future__ import annotations

import secrets as random_secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from backend.store import db
from backend.store.catalogue import catalogue, categories_of, save_catalogue
from backend.store.db import BaseModel, UtcField
from backend.store.secrets import EncryptedField

__all__ = ["catalogue", "categories_of", "save_catalogue"]  # a branch's catalogue is asked for here as well


class BranchRow(BaseModel):
    """`reconciled_to`: up to where the source was asked what changed. `paused_code` is empty while the branch
    works.
    """

    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    company_id = peewee.BigIntegerField()
    title = peewee.TextField()
    mode = peewee.TextField()
    timezone = peewee.TextField(null=True)
    responsible_id = peewee.BigIntegerField(null=True)
    user_token = EncryptedField(null=True)
    hook_secret = peewee.TextField()
    paused_code = peewee.TextField(default="")
    paused_details = peewee.TextField(default="")
    reconciled_to = UtcField(null=True)
    last_hook_at = UtcField(null=True)

    class Meta:
        table_name = "branches"


@dataclass(frozen=True, slots=True)
class BranchSettings:
    """What a configuration says of a branch; `user_token` None keeps the stored one."""

    company_id: int
    title: str
    mode: str
    timezone: str | None = None
    user_token: str | None = None
    responsible_id: int | None = None


@dataclass(frozen=True, slots=True)
class Door:
    """The branch behind a hook's address; `is_removed` when its account has left."""

    id: int
    account_id: int
    company_id: int
    hook_secret: str
    is_removed: bool


def upsert(account_id: int, branches: Iterable[BranchSettings]) -> None:
    """The whole set of an account's branches: one that is left out is switched off but remembered."""
    with db.atomic():
        known = {row.company_id: row for row in of_account(account_id)}
        for settings in branches:
            row = known.pop(settings.company_id, None)
            _save(account_id, row, settings)
        gone = [row.id for row in known.values()]
        BranchRow.update(mode="off").where(BranchRow.id.in_(gone)).execute()


def by_hook_secret(secret: str) -> Door | None:
    """In one small query, for it is asked for every hook; no token is read, let alone decrypted."""
    found = db.prepared(
        """SELECT b.id, b.account_id, b.company_id, b.hook_secret, a.state = 'removed'
        FROM branches b JOIN accounts a ON a.id = b.account_id WHERE b.hook_secret = %s""",
        (secret,),
    ).fetchall()
    return Door(*found[0]) if found else None


def of_account(account_id: int) -> list[BranchRow]:
    return list(BranchRow.select().where(BranchRow.account_id == account_id).order_by(BranchRow.company_id))


def by_id(branch_id: int) -> BranchRow:
    """LookupError when there is none."""
    found = BranchRow.get_or_none(BranchRow.id == branch_id)
    if found is None:
        raise LookupError(f"no branch {branch_id}")
    return found


def get(account_id: int, company_id: int) -> BranchRow | None:
    return BranchRow.get_or_none((BranchRow.account_id == account_id) & (BranchRow.company_id == company_id))


def set_mode(account_id: int, company_id: int, mode: str) -> None:
    where = (BranchRow.account_id == account_id) & (BranchRow.company_id == company_id)
    BranchRow.update(mode=mode).where(where).execute()


def pause(account_id: int, company_id: int, code: str, details: str = "") -> None:
    """Only a person can go on with this branch; its events pile up (see events.begin)."""
    where = (BranchRow.account_id == account_id) & (BranchRow.company_id == company_id)
    BranchRow.update(paused_code=code, paused_details=details).where(where).execute()


def resume(account_id: int, company_id: int) -> None:
    where = (BranchRow.account_id == account_id) & (BranchRow.company_id == company_id)
    BranchRow.update(paused_code="", paused_details="").where(where).execute()


def forget_token(account_id: int, company_id: int) -> None:
    """The salon was disconnected: its key is nothing to keep."""
    where = (BranchRow.account_id == account_id) & (BranchRow.company_id == company_id)
    BranchRow.update(user_token=None, paused_code="", paused_details="").where(where).execute()


def save_mark(branch_id: int, mark: datetime) -> None:
    """The source was asked up to `mark`; a mark never goes back."""
    further = BranchRow.reconciled_to.is_null() | (BranchRow.reconciled_to < mark)
    BranchRow.update(reconciled_to=mark).where((BranchRow.id == branch_id) & further).execute()


def _save(account_id: int, row: BranchRow | None, settings: BranchSettings) -> None:
    values: dict[str, Any] = {
        "title": settings.title,
        "mode": settings.mode,
        "timezone": settings.timezone,
        "responsible_id": settings.responsible_id,
    }
    if settings.user_token is not None:
        values["user_token"] = settings.user_token
    if row is not None:
        BranchRow.update(**values).where(BranchRow.id == row.id).execute()
        return
    secret = random_secrets.token_urlsafe(32)
    BranchRow.insert(
        account_id=account_id, company_id=settings.company_id, hook_secret=secret, **values
    ).execute()
