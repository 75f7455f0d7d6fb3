"""Keys that links to recordings are signed with: the newest signs, older ones are believed until retired."""

from __future__ import annotations

import secrets as random_secrets
from datetime import datetime

import peewee

from backend.store import db
from backend.store.db import BaseModel, UtcField
from backend.store.secrets import EncryptedField


class RecordingKey(BaseModel):
    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    secret = EncryptedField()
    made_at = UtcField()
    retired_at = UtcField(null=True)

    class Meta:
        table_name = "recording_keys"


def by_id(key_id: int) -> RecordingKey | None:
    return RecordingKey.get_or_none(RecordingKey.id == key_id)


def current(account_id: int, now: datetime) -> RecordingKey:
    """The key that signs, made when first asked for."""
    mine = (RecordingKey.account_id == account_id) & RecordingKey.retired_at.is_null()
    newest = RecordingKey.select().where(mine).order_by(RecordingKey.id.desc()).limit(1)
    return next(iter(newest), None) or _made(account_id, now)


def renew(account_id: int, now: datetime, *, retires_others: bool) -> None:
    """A new key for the links to come. With `retires_others` every link given out so far is dead at once."""
    with db.atomic():
        if retires_others:
            mine = (RecordingKey.account_id == account_id) & RecordingKey.retired_at.is_null()
            RecordingKey.update(retired_at=now).where(mine).execute()
        _made(account_id, now)


def of_account(account_id: int) -> list[RecordingKey]:
    """Newest first."""
    mine = RecordingKey.account_id == account_id
    return list(RecordingKey.select().where(mine).order_by(RecordingKey.id.desc()))


def _made(account_id: int, now: datetime) -> RecordingKey:
    secret = random_secrets.token_urlsafe(32)
    key_id = RecordingKey.insert(account_id=account_id, secret=secret, made_at=now).execute()
    found = by_id(int(key_id))
    assert found is not None
    return found
