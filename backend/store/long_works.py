"""Long works: what a person asked for and how far it has got. The row is all that the next worker needs to
go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import peewee

from backend.store import db
from backend.store.db import BaseModel, JsonField, UtcField

OPEN = "state IN ('waiting', 'running')"  # literally as in the index


class LongWork(BaseModel):
    """State: waiting → running → done | failed, or cancelled at any time before. `params` hold what was
    asked and where it goes on; `total` is None until it is known; `note` is the code of a trouble.
    """

    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    kind = peewee.TextField()
    params = JsonField()
    state = peewee.TextField()
    done = peewee.BigIntegerField(default=0)
    total = peewee.BigIntegerField(null=True)
    note = peewee.TextField(default="")
    started_by = peewee.TextField()
    created_at = UtcField()
    started_at = UtcField(null=True)
    ended_at = UtcField(null=True)

    class Meta:
        table_name = "long_works"

    @property
    def is_open(self) -> bool:
        return self.state in ("waiting", "running")


def add(now: datetime, account_id: int, kind: str, params: Mapping[str, Any], started_by: str) -> int:
    """Idempotent while open: the same thing asked for twice is one work; returns its id."""
    with db.atomic():
        for work in open_works(account_id):
            if work.kind == kind and _wish(work.params) == _wish(params):
                return int(work.id)
        return int(
            LongWork.insert(
                account_id=account_id, kind=kind, params=dict(params), state="waiting", done=0, note="",
                started_by=started_by, created_at=now,
            ).execute()
        )  # fmt: skip


def get(work_id: int) -> LongWork | None:
    return LongWork.get_or_none(LongWork.id == work_id)


def page(account_id: int, limit: int = 20) -> list[LongWork]:
    """Newest first."""
    query = LongWork.select().where(LongWork.account_id == account_id)
    return list(query.order_by(LongWork.id.desc()).limit(limit))


def newest(account_id: int, kind: str) -> LongWork | None:
    """The last of this kind, whatever became of it."""
    query = LongWork.select().where((LongWork.account_id == account_id) & (LongWork.kind == kind))
    return next(iter(query.order_by(LongWork.id.desc()).limit(1)), None)


def open_works(account_id: int) -> list[LongWork]:
    """Oldest first: they are done one after another."""
    where = (LongWork.account_id == account_id) & LongWork.state.in_(("waiting", "running"))
    return list(LongWork.select().where(where).order_by(LongWork.id))


def accounts_at_work() -> list[int]:
    """Accounts with something open, unless they are paused or have left."""
    sql = f"""SELECT DISTINCT w.account_id FROM long_works w JOIN accounts a ON a.id = w.account_id
        WHERE w.{OPEN} AND a.state IN ('new', 'active') ORDER BY w.account_id"""
    return [account_id for (account_id,) in db.rows(sql)]


def begin(work_id: int, now: datetime) -> None:
    started = LongWork.update(state="running", started_at=now)
    started.where((LongWork.id == work_id) & (LongWork.state == "waiting")).execute()


def advance(work_id: int, params: Mapping[str, Any], done: int, total: int | None) -> bool:
    """Writes a slice down; False when a person has cancelled the work meanwhile."""
    changed = LongWork.update(params=dict(params), done=done, total=total, note="")
    return bool(changed.where((LongWork.id == work_id) & (LongWork.state == "running")).execute())


def note(work_id: int, code: str) -> None:
    """Why it does not get on just now."""
    LongWork.update(note=code).where((LongWork.id == work_id) & (LongWork.state == "running")).execute()


def end(work_id: int, state: str, now: datetime, code: str = "") -> bool:
    """Over, unless it was before; `code` says why it failed."""
    ended = LongWork.update(state=state, ended_at=now, note=code)
    still_open = LongWork.state.in_(("waiting", "running"))
    return bool(ended.where((LongWork.id == work_id) & still_open).execute())


def _wish(params: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked for, without how far it has got."""
    return {name: value for name, value in params.items() if name not in ("cursor", "found", "from", "upto")}
