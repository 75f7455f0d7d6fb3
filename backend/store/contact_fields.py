"""Which contact fields of an account hold what: name → field id, as `lead_fields` does for leads."""

from __future__ import annotations

from collections.abc import Mapping

import peewee

from backend.store import bulk, db
from backend.store.db import BaseModel


class ContactField(BaseModel):
    """`is_broken`: somebody deleted it in the CRM."""

    account_id = peewee.BigIntegerField()
    name = peewee.TextField()
    field_id = peewee.BigIntegerField()
    is_broken = peewee.BooleanField()

    class Meta:
        table_name = "contact_fields"
        primary_key = peewee.CompositeKey("account_id", "name")


def ids(account_id: int) -> dict[str, int]:
    """Without the broken ones."""
    found = db.rows(
        "SELECT name, field_id FROM contact_fields WHERE account_id = %s AND NOT is_broken", (account_id,)
    )
    return dict(found)


def broken(account_id: int) -> list[str]:
    found = db.rows("SELECT name FROM contact_fields WHERE account_id = %s AND is_broken", (account_id,))
    return sorted(name for (name,) in found)


def save(account_id: int, field_ids: Mapping[str, int]) -> None:
    """The whole set: names that are left out are no longer filled."""
    new = [
        {"account_id": account_id, "name": name, "field_id": number, "is_broken": False}
        for name, number in field_ids.items()
    ]
    with db.atomic():
        ContactField.delete().where(
            (ContactField.account_id == account_id) & ContactField.name.not_in(list(field_ids))
        ).execute()
        bulk.upsert(ContactField, new, ("account_id", "name"))


def mark_broken(account_id: int, field_id: int) -> bool:
    """Whether it was one of these."""
    where = (ContactField.account_id == account_id) & (ContactField.field_id == field_id)
    return bool(ContactField.update(is_broken=True).where(where).execute())
