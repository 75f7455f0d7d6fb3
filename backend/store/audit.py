"""The audit trail: who changed what, when and from where, and what was there before and after."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import peewee

from backend.store.db import BaseModel, JsonField, UtcField


class AuditEntry(BaseModel):
    """Who changed what, when and from where."""

    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField(null=True)
    operator = peewee.TextField()
    address = peewee.TextField()
    action = peewee.TextField()
    subject = peewee.TextField()
    before = JsonField(null=True)
    after = JsonField(null=True)
    created_at = UtcField()

    class Meta:
        table_name = "audit_entries"


def write(  # noqa: PLR0913 - the columns of a line
    now: datetime,
    *,
    operator: str,
    action: str,
    subject: str = "",
    account_id: int | None = None,
    address: str = "",
    before: Any = None,
    after: Any = None,
) -> None:
    """One line of the trail; `before` and `after` are JSON without secrets."""
    AuditEntry.insert(
        account_id=account_id, operator=operator, address=address, action=action, subject=subject,
        before=before, after=after, created_at=now,
    ).execute()  # fmt: skip


def page(
    account_id: int | None = None,
    before_id: int | None = None,
    limit: int = 50,
    *,
    person: str = "",
    action: str = "",
) -> list[AuditEntry]:
    """Newest first; None shows all accounts."""
    query = AuditEntry.select().order_by(AuditEntry.id.desc()).limit(limit)
    if account_id is not None:
        query = query.where(AuditEntry.account_id == account_id)
    if person:
        query = query.where(AuditEntry.operator == person)
    if action:
        query = query.where(AuditEntry.action == action)
    return list(query if before_id is None else query.where(AuditEntry.id < before_id))
