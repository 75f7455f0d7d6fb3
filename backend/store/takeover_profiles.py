"""The profile of another integration: what was measured, what a person said of it, and while it is being
measured the values that the booking system knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import peewee

from backend.store import bulk, db
from backend.store.db import BaseModel, JsonField, UtcField


class Profile(BaseModel):
    """`result` are the tables that are shown, `measured` the recognition that follows from them,
    `corrected` the one that a person left; None: nobody has touched it.
    """

    account_id = peewee.BigIntegerField(primary_key=True)
    result = JsonField()
    measured = JsonField()
    corrected = JsonField(null=True)
    measured_at = UtcField(null=True)
    corrected_at = UtcField(null=True)
    corrected_by = peewee.TextField()

    class Meta:
        table_name = "takeover_profiles"


class KnownValue(BaseModel):
    account_id = peewee.BigIntegerField()
    what = peewee.TextField()
    value = peewee.TextField()

    class Meta:
        table_name = "takeover_values"
        primary_key = peewee.CompositeKey("account_id", "value", "what")


def of(account_id: int) -> Profile | None:
    return Profile.get_or_none(Profile.account_id == account_id)


def recognised(account_id: int) -> Mapping[str, Any]:
    """What a person left of it, else what was measured; nothing before that."""
    row = of(account_id)
    found: Mapping[str, Any] = {} if row is None else row.measured if row.corrected is None else row.corrected
    return found


def save_measured(
    account_id: int, result: Mapping[str, Any], measured: Mapping[str, Any], now: datetime
) -> None:
    """A person's word stays beside it."""
    row = {"account_id": account_id, "result": dict(result), "measured": dict(measured), "measured_at": now}
    with db.atomic():
        changed = Profile.update(**row).where(Profile.account_id == account_id).execute()
        if not changed:
            Profile.insert(**row, corrected_by="").execute()


def save_corrected(account_id: int, corrected: Mapping[str, Any] | None, author: str, now: datetime) -> None:
    """None: back to what was measured."""
    row = {
        "account_id": account_id,
        "corrected": None if corrected is None else dict(corrected),
        "corrected_by": author,
        "corrected_at": now,
    }
    with db.atomic():
        changed = Profile.update(**row).where(Profile.account_id == account_id).execute()
        if not changed:
            Profile.insert(**row, result={}, measured={}).execute()


def add_values(account_id: int, pairs: Iterable[tuple[str, str]]) -> None:
    """(what it is, value); known ones are left as they are."""
    new = [{"account_id": account_id, "what": what, "value": value} for what, value in set(pairs)]
    bulk.insert(KnownValue, new, "ON CONFLICT DO NOTHING")


def whats(account_id: int, values: Iterable[str]) -> dict[str, frozenset[str]]:
    """Value → everything it is; unknown ones are left out."""
    found: dict[str, frozenset[str]] = {}
    for chunk in bulk.chunks(set(values)):
        query = KnownValue.select().where((KnownValue.account_id == account_id) & KnownValue.value.in_(chunk))
        for row in query:
            found[row.value] = found.get(row.value, frozenset()) | {row.what}
    return found


def forget_values(account_id: int) -> None:
    KnownValue.delete().where(KnownValue.account_id == account_id).execute()
