"""The rows of our index of the CRM."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import peewee

from backend.store.db import BaseModel, JsonField, UtcField


class CrmContact(BaseModel):
    account_id = peewee.BigIntegerField()
    contact_id = peewee.BigIntegerField()
    name = peewee.TextField()
    phones = JsonField()
    created_at = UtcField(null=True)
    updated_at = UtcField()
    is_deleted = peewee.BooleanField()

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
