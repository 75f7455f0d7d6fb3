"""Tasks for missed calls: which of ours stand open at a client, and what closed the others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import peewee

from backend.store import bulk, db
from backend.store.db import BaseModel, UtcField


class CallTaskRow(BaseModel):
    """`client_key` is the number, "" for a hidden one; `closed_by` the call after which it was done, "" when
    a person did it or it is gone.
    """

    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    client_key = peewee.TextField()
    uniq = peewee.TextField()
    task_id = peewee.BigIntegerField()
    entity = peewee.TextField(null=True)
    entity_id = peewee.BigIntegerField(null=True)
    responsible_id = peewee.BigIntegerField()
    began_at = UtcField()
    due_at = UtcField()
    opened_at = UtcField()
    closed_at = UtcField(null=True)
    closed_by = peewee.TextField(null=True)

    class Meta:
        table_name = "call_tasks"


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task that amoCRM has just made for a missed call that began at `began_at`."""

    task_id: int
    client_key: str
    uniq: str
    entity: str | None
    entity_id: int | None
    responsible_id: int
    began_at: datetime
    due_at: datetime


def opened(account_id: int, tasks: Iterable[NewTask], now: datetime) -> None:
    """Told twice, it is one."""
    new = [
        {
            "account_id": account_id, "client_key": one.client_key, "uniq": one.uniq, "task_id": one.task_id,
            "entity": one.entity, "entity_id": one.entity_id, "responsible_id": one.responsible_id,
            "began_at": one.began_at, "due_at": one.due_at, "opened_at": now,
        }
        for one in tasks
    ]  # fmt: skip
    bulk.insert(CallTaskRow, new, "ON CONFLICT (account_id, task_id) DO NOTHING")


def closed(account_id: int, task_ids: Iterable[int], by: str, now: datetime) -> None:
    for chunk in bulk.chunks(task_ids):
        db.run(
            f"""UPDATE call_tasks SET closed_at = %s, closed_by = %s
            WHERE account_id = %s AND task_id IN ({bulk.marks(len(chunk))}) AND closed_at IS NULL""",
            (db.micros(now), by, account_id, *chunk),
        )


def open_of(account_id: int, client_keys: Iterable[str]) -> dict[str, CallTaskRow]:
    """Client → the oldest task that stands open; a hidden number is nobody's."""
    found: dict[str, CallTaskRow] = {}
    for chunk in bulk.chunks(set(client_keys) - {""}):
        where = (CallTaskRow.account_id == account_id) & CallTaskRow.client_key.in_(chunk)
        rows = CallTaskRow.select().where(where & CallTaskRow.closed_at.is_null()).order_by(CallTaskRow.id)
        for row in rows:
            found.setdefault(row.client_key, row)
    return found


def of_call(account_id: int, uniq: str) -> list[CallTaskRow]:
    where = (CallTaskRow.account_id == account_id) & (CallTaskRow.uniq == uniq)
    return list(CallTaskRow.select().where(where).order_by(CallTaskRow.id))
