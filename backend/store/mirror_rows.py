"""The rows of our index of the CRM."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from backend.core.crm import Contact, Lead
from backend.core.money import Kopecks
from backend.store import db
from backend.store.db import BaseModel, JsonField, UtcField


class CrmContact(BaseModel):
    account_id = peewee.BigIntegerField()
    contact_id = peewee.BigIntegerField()
    name = peewee.TextField()
    phones = JsonField()
    created_at = UtcField(null=True)
    updated_at = UtcField()
    is_deleted = peewee.BooleanField()
    fields = JsonField(null=True)
    tags = JsonField(null=True)
    created_by = peewee.BigIntegerField(null=True)
    responsible_id = peewee.BigIntegerField(null=True)

    class Meta:
        table_name = "crm_contacts"
        primary_key = peewee.CompositeKey("account_id", "contact_id")


class CrmLead(BaseModel):
    account_id = peewee.BigIntegerField()
    lead_id = peewee.BigIntegerField()
    name = peewee.TextField()
    pipeline_id = peewee.BigIntegerField()
    stage_id = peewee.BigIntegerField()
    responsible_id = peewee.BigIntegerField()
    price = peewee.BigIntegerField()
    tags = JsonField()
    fields = JsonField()
    created_by = peewee.BigIntegerField()
    updated_by = peewee.BigIntegerField(null=True)
    created_at = UtcField(null=True)
    updated_at = UtcField()
    is_deleted = peewee.BooleanField()

    class Meta:
        table_name = "crm_leads"
        primary_key = peewee.CompositeKey("account_id", "lead_id")


class LeadContact(BaseModel):
    """`position` 0 is the lead's main contact."""

    account_id = peewee.BigIntegerField()
    lead_id = peewee.BigIntegerField()
    contact_id = peewee.BigIntegerField()
    position = peewee.BigIntegerField()

    class Meta:
        table_name = "lead_contacts"
        primary_key = peewee.CompositeKey("account_id", "lead_id", "contact_id")


class PersonKey(BaseModel):
    """What a person is found by. `is_card`: a client card of a salon, remembered by us; else a phone of the
    contact.
    """

    account_id = peewee.BigIntegerField()
    key = peewee.TextField()
    contact_id = peewee.BigIntegerField()
    is_card = peewee.BooleanField()

    class Meta:
        table_name = "person_keys"
        primary_key = peewee.CompositeKey("account_id", "key", "contact_id")


class SyncMarkRow(BaseModel):
    account_id = peewee.BigIntegerField()
    collection = peewee.TextField()
    high = UtcField(null=True)
    page = peewee.BigIntegerField()
    is_complete = peewee.BooleanField()
    total = peewee.BigIntegerField()

    class Meta:
        table_name = "sync_marks"
        primary_key = peewee.CompositeKey("account_id", "collection")


@dataclass(frozen=True, slots=True)
class SyncMark:
    """How far a collection was read: `high` is the newest change seen, `page` where an unfinished full pass
    goes on.
    """

    high: datetime | None = None
    page: int = 1
    is_complete: bool = False
    total: int = 0


def lead_row(account_id: int, lead: Lead) -> dict[str, Any]:
    return {
        "account_id": account_id, "lead_id": lead.id, "name": lead.name, "pipeline_id": lead.pipeline_id,
        "stage_id": lead.stage_id, "responsible_id": lead.responsible_id, "price": lead.price,
        "tags": list(lead.tags), "fields": [list(pair) for pair in lead.fields],
        "created_by": lead.created_by, "updated_by": lead.updated_by,
        "created_at": lead.created_at, "updated_at": _stamp(lead),
        "is_deleted": lead.is_deleted,
    }  # fmt: skip


def lead_of(row: CrmLead, contact_ids: Iterable[int]) -> Lead:
    return Lead(
        id=row.lead_id, pipeline_id=row.pipeline_id, stage_id=row.stage_id, price=Kopecks(row.price),
        name=row.name, responsible_id=row.responsible_id, contact_ids=tuple(contact_ids),
        tags=tuple(row.tags), fields=tuple((i, value) for i, value in row.fields), created_at=row.created_at,
        updated_at=row.updated_at, created_by=row.created_by, updated_by=row.updated_by,
        is_deleted=row.is_deleted,
    )  # fmt: skip


def contact_row(account_id: int, contact: Contact) -> dict[str, Any]:
    fields = contact.fields
    return {
        "account_id": account_id, "contact_id": contact.id, "name": contact.name,
        "phones": list(contact.phones), "created_at": contact.created_at, "updated_at": _stamp(contact),
        "is_deleted": contact.is_deleted,
        "fields": None if fields is None else [list(pair) for pair in fields],
        "tags": list(contact.tags), "created_by": contact.created_by,
        "responsible_id": contact.responsible_id,
    }  # fmt: skip


def contact_of(row: Any) -> Contact:
    """Without its leads: those are asked for apart."""
    return Contact(
        row.contact_id, row.name, tuple(row.phones), (), row.created_at, row.updated_at,
        is_deleted=row.is_deleted,
        fields=None if row.fields is None else tuple((i, value) for i, value in row.fields),
        tags=tuple(row.tags or ()), created_by=row.created_by, responsible_id=row.responsible_id,
    )  # fmt: skip


def _stamp(entity: Lead | Contact) -> datetime:
    """What the CRM did not date counts as the oldest."""
    return entity.updated_at or db.EPOCH
