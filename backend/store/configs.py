"""What the customer configured, as numbered versions, and the amoCRM lead fields it turned into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from backend.core.errors import InvalidInput
from backend.store import bulk, db
from backend.store.db import BaseModel, JsonField, UtcField


class ConfigRow(BaseModel):
    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    number = peewee.BigIntegerField()
    document = JsonField()
    author = peewee.TextField()
    note = peewee.TextField()
    created_at = UtcField()

    class Meta:
        table_name = "config_versions"


class LeadField(BaseModel):
    """A lead field that we fill. `is_broken`: the CRM no longer knows it."""

    account_id = peewee.BigIntegerField()
    name = peewee.TextField()
    field_id = peewee.BigIntegerField()
    is_broken = peewee.BooleanField(default=False)

    class Meta:
        table_name = "lead_fields"
        primary_key = peewee.CompositeKey("account_id", "name")


@dataclass(frozen=True, slots=True)
class ConfigVersion:
    """`document` holds no secrets: those live encrypted with the branches."""

    number: int
    document: dict[str, Any]
    author: str
    note: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version as a list shows it, without its document: there may be hundreds, each as large as a book."""

    number: int
    author: str
    note: str
    created_at: datetime


def transaction() -> Any:
    """An import is one transaction: `with configs.transaction():` around everything it writes."""
    return db.atomic()


def current(account_id: int) -> ConfigVersion | None:
    newest = (
        ConfigRow.select().where(ConfigRow.account_id == account_id).order_by(ConfigRow.number.desc()).first()
    )
    return _version(newest) if newest else None


def save(  # noqa: PLR0913 - the columns of a version
    account_id: int, document: dict[str, Any], author: str, note: str, now: datetime, upon: int | None = None
) -> int:
    """Store the next version; returns its number. Two imports at once queue on the account's row; one that
    was made from version `upon` is refused when there is a newer one by then.
    """
    with db.atomic():
        db.run("UPDATE accounts SET state = state WHERE id = %s", (account_id,))
        newest = next(iter(versions(account_id, limit=1)), None)
        last = newest.number if newest else 0
        if newest is not None and upon is not None and last != upon:
            raise InvalidInput("configuration.changed_meanwhile", author=newest.author, number=last)
        ConfigRow.insert(
            account_id=account_id, number=last + 1, document=document, author=author, note=note,
            created_at=now,
        ).execute()  # fmt: skip
        return last + 1


def versions(account_id: int, before: int | None = None, limit: int | None = None) -> list[VersionLine]:
    """Newest first; older than `before`."""
    columns = (ConfigRow.number, ConfigRow.author, ConfigRow.note, ConfigRow.created_at)
    query = ConfigRow.select(*columns).where(ConfigRow.account_id == account_id)
    if before is not None:
        query = query.where(ConfigRow.number < before)
    rows = query.order_by(ConfigRow.number.desc()).limit(limit)
    return [VersionLine(row.number, row.author, row.note, row.created_at) for row in rows]


def get(account_id: int, number: int) -> ConfigVersion | None:
    row = ConfigRow.get_or_none((ConfigRow.account_id == account_id) & (ConfigRow.number == number))
    return _version(row) if row else None


def field_ids(account_id: int) -> dict[str, int]:
    """Name → lead field id, without the broken ones."""
    query = LeadField.select().where((LeadField.account_id == account_id) & ~LeadField.is_broken)
    return {row.name: row.field_id for row in query}


def broken_fields(account_id: int) -> list[str]:
    query = LeadField.select().where((LeadField.account_id == account_id) & LeadField.is_broken)
    return sorted(row.name for row in query)


def save_field_ids(account_id: int, ids: dict[str, int]) -> None:
    """The whole set: names that are left out are no longer filled."""
    new = [{"account_id": account_id, "name": n, "field_id": i, "is_broken": False} for n, i in ids.items()]
    with db.atomic():
        LeadField.delete().where(
            (LeadField.account_id == account_id) & LeadField.name.not_in(list(ids))
        ).execute()
        bulk.upsert(LeadField, new, ("account_id", "name"))


def save_field(account_id: int, name: str, field_id: int) -> None:
    """One field found or made anew."""
    row = {"account_id": account_id, "name": name, "field_id": field_id, "is_broken": False}
    bulk.upsert(LeadField, [row], ("account_id", "name"))


def mark_field_broken(account_id: int, name: str) -> None:
    LeadField.update(is_broken=True).where(
        (LeadField.account_id == account_id) & (LeadField.name == name)
    ).execute()


def _version(row: ConfigRow) -> ConfigVersion:
    return ConfigVersion(row.number, row.document, row.author, row.note, row.created_at)
