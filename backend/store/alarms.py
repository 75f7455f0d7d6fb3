"""What a person should look at: one open alarm per code and scope, however often it is raised."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

import peewee

from backend.core.errors import Scope
from backend.store import bulk, db
from backend.store.db import BaseModel, JsonField, UtcField

NOTICES = ("notice", "field")  # scopes of what is worth a look, but stops nothing


class Alarm(BaseModel):
    """`times` counts how often it was raised while open; `told_at` is when people were told of it outside the
    panel.
    """

    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    code = peewee.TextField()
    scope_kind = peewee.TextField()
    scope_key = peewee.TextField()
    details = JsonField()
    raised_at = UtcField()
    seen_at = UtcField()
    times = peewee.BigIntegerField()
    is_open = peewee.BooleanField()
    told_at = UtcField(null=True)

    class Meta:
        table_name = "alarms"

    @property
    def scope(self) -> Scope:
        return Scope(self.scope_kind, self.scope_key)

    @property
    def is_notice(self) -> bool:
        return self.scope_kind in NOTICES


def raise_alarm(  # noqa: PLR0913 - the columns of an alarm
    account_id: int, code: str, scope_kind: str, scope_key: str, details: Mapping[str, object], now: datetime
) -> None:
    """Idempotent while open: a repetition updates the details and the count."""
    seen, stored = db.micros(now), json.dumps(details, ensure_ascii=False, default=str)
    db.run(
        """INSERT INTO alarms (account_id, code, scope_kind, scope_key, details, raised_at, seen_at, times,
        is_open) VALUES (%s, %s, %s, %s, %s, %s, %s, 1, true)
        ON CONFLICT (account_id, code, scope_kind, scope_key) WHERE is_open DO UPDATE SET
            details = excluded.details, seen_at = excluded.seen_at, times = alarms.times + 1""",
        (account_id, code, scope_kind, scope_key, stored, seen, seen),
    )


def resolve(
    account_id: int, code: str | None = None, *, scope_kind: str | None = None, scope_key: str | None = None
) -> int:
    """Close the account's open alarms of this code and scope (None: any); returns how many."""
    where = (Alarm.account_id == account_id) & Alarm.is_open
    for column, wanted in ((Alarm.code, code), (Alarm.scope_kind, scope_kind), (Alarm.scope_key, scope_key)):
        where = where & (column == wanted) if wanted is not None else where
    return int(Alarm.update(is_open=False).where(where).execute())


def open_alarms(account_id: int | None = None) -> list[Alarm]:
    """Newest first; None asks for all accounts."""
    query = Alarm.select().where(Alarm.is_open).order_by(Alarm.raised_at.desc(), Alarm.id.desc())
    return list(query if account_id is None else query.where(Alarm.account_id == account_id))


def untold(account_id: int, raised_before: datetime) -> list[Alarm]:
    """Open alarms that nobody was told of outside the panel, the oldest first; the newest may yet pass by
    themselves.
    """
    where = (Alarm.account_id == account_id) & Alarm.is_open & Alarm.told_at.is_null()
    return list(Alarm.select().where(where & (Alarm.raised_at <= raised_before)).order_by(Alarm.id))


def claim(alarm_ids: Iterable[int], now: datetime) -> list[int]:
    """Marks as told those that nobody else has; returns them, to be told by the caller."""
    claimed: list[int] = []
    for ids in bulk.chunks(alarm_ids):
        sql = f"""UPDATE alarms SET told_at = %s WHERE id IN ({bulk.marks(len(ids))}) AND told_at IS NULL
            RETURNING id"""
        claimed += [row_id for (row_id,) in db.run(sql, (db.micros(now), *ids)).fetchall()]
    return claimed


def unclaim(alarm_ids: Iterable[int]) -> None:
    """They could not be told; the next round tries again."""
    for ids in bulk.chunks(alarm_ids):
        Alarm.update(told_at=None).where(Alarm.id.in_(ids)).execute()
