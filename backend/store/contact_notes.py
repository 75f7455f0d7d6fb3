"""What we wrote into a contact last, so that only news of the salon are written and a person's correction
stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import peewee

from backend.store import bulk
from backend.store.db import BaseModel, JsonField, UtcField


class ContactNote(BaseModel):
    """`applied`: name of what was written → its text."""

    account_id = peewee.BigIntegerField()
    contact_id = peewee.BigIntegerField()
    applied = JsonField()
    updated_at = UtcField()

    class Meta:
        table_name = "contact_notes"
        primary_key = peewee.CompositeKey("account_id", "contact_id")


def of(account_id: int, contact_ids: Iterable[int]) -> dict[int, Mapping[str, str]]:
    found: dict[int, Mapping[str, str]] = {}
    for chunk in bulk.chunks(set(contact_ids)):
        where = (ContactNote.account_id == account_id) & ContactNote.contact_id.in_(chunk)
        found |= {row.contact_id: row.applied for row in ContactNote.select().where(where)}
    return found


def add(account_id: int, written: Mapping[int, Mapping[str, str]], now: datetime) -> None:
    """Contact id → what was written now; the rest of what is remembered stays."""
    if not written:
        return
    before = of(account_id, written)
    new = [
        {
            "account_id": account_id,
            "contact_id": contact_id,
            "applied": {**before.get(contact_id, {}), **applied},
            "updated_at": now,
        }
        for contact_id, applied in written.items()
    ]
    bulk.upsert(ContactNote, new, ("account_id", "contact_id"))
