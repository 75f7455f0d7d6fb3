"""What a person should look at: one open alarm per code and scope, however often it is raised."""

from __future__ import annotations

from datetime import datetime

import peewee

from backend.core.errors import Scope
from backend.store import db
from backend.store.db import BaseModel, UtcField


class Alarm(BaseModel):
    """`times` counts how often it was raised while open."""

    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    code = peewee.TextField()
    scope_kind = peewee.TextField()
    scope_key = peewee.TextField()
    details = peewee.TextField()
    raised_at = UtcField()
    seen_at = UtcField()
    times = peewee.BigIntegerField()
    resolved_at = UtcField(null=True)

    class Meta:
        table_name = "alarms"

    @property
    def scope(self) -> Scope:
        return Scope(self.scope_kind, self.scope_key)


def raise_alarm(
    account_id: int, code: str, scope_kind: str, scope_key: str, details: str, now: datetime
) -> None:
    """Idempotent while open: a repetition updates the details and the count."""
    seen = db.micros(now)
    db.run(
        """INSERT INTO alarms (account_id, code, scope_kind, scope_key, details, raised_at, seen_at, times)
        VALUES (%s, %s, %s, %s, %s, %s, %s, 1)
        ON CONFLICT (account_id, code, scope_kind, scope_key) WHERE resolved_at IS NULL DO UPDATE SET
            details = excluded.details, seen_at = excluded.seen_at, times = alarms.times + 1""",
        (account_id, code, scope_kind, scope_key, details, seen, seen),
    )


def resolve(account_id: int, code: str | None, scope: Scope | None, now: datetime) -> int:
    """Close the open alarms of a code and a scope (None: any); returns how many."""
    where = (Alarm.account_id == account_id) & Alarm.resolved_at.is_null()
    if code is not None:
        where &= Alarm.code == code
    if scope is not None:
        where &= (Alarm.scope_kind == scope.kind) & (Alarm.scope_key == scope.key)
    return int(Alarm.update(resolved_at=now).where(where).execute())


def open_alarms(account_id: int | None = None) -> list[Alarm]:
    """Newest first; None asks for all accounts."""
    query = (
        Alarm.select().where(Alarm.resolved_at.is_null()).order_by(Alarm.raised_at.desc(), Alarm.id.desc())
    )
    return list(query if account_id is None else query.where(Alarm.account_id == account_id))
