"""How far the reading of both systems has got: one row per collection, and what stands around the leads and
bookings. A page and the place it ends at are written in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from backend.store import bulk, db
from backend.store.db import BaseModel, JsonField, UtcField
from backend.store.takeover_found import (
    FoundClient,
    FoundNote,
    FoundRecord,
    save_clients,
    save_many,
    save_notes,
)

FOUND = (("takeover_records", "key"), ("takeover_notes", "note_id"), ("takeover_clients", "client_id"))
WAITING, READING, DONE, FAILED = "waiting", "reading", "done", "failed"


@dataclass(frozen=True, slots=True)
class Pull:
    """A collection on its way: `cursor` is where it goes on, `unreadable` how many rows nobody could read,
    `total` None until it is known, `code` why it stopped.
    """

    collection: str
    position: int
    cursor: Mapping[str, Any]
    found: int = 0
    unreadable: int = 0
    total: int | None = None
    requests: int = 0
    state: str = WAITING
    code: str = ""
    began_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        return self.state in (DONE, FAILED)


class PullRow(BaseModel):
    account_id = peewee.BigIntegerField()
    collection = peewee.TextField()
    position = peewee.BigIntegerField()
    cursor = JsonField()
    found = peewee.BigIntegerField()
    unreadable = peewee.BigIntegerField()
    total = peewee.BigIntegerField(null=True)
    requests = peewee.BigIntegerField()
    state = peewee.TextField()
    code = peewee.TextField()
    began_at = UtcField(null=True)
    updated_at = UtcField()

    class Meta:
        table_name = "takeover_pulls"
        primary_key = peewee.CompositeKey("account_id", "collection")


class SurroundingsRow(BaseModel):
    account_id = peewee.BigIntegerField(primary_key=True)
    facts = JsonField()
    read_at = UtcField()

    class Meta:
        table_name = "takeover_surroundings"


def of_account(account_id: int) -> list[Pull]:
    """In the order they are read."""
    rows = PullRow.select().where(PullRow.account_id == account_id).order_by(PullRow.position)
    return [_pull(row) for row in rows]


def lay_out(account_id: int, pulls: Iterable[Pull], now: datetime) -> None:
    """What is to be read from now on, in place of what was laid out before; what was found stays."""
    with db.atomic():
        PullRow.delete().where(PullRow.account_id == account_id).execute()
        bulk.insert(PullRow, [_row(account_id, pull, now) for pull in pulls])


@dataclass(frozen=True, slots=True)
class Page:
    """What one answer brought that is kept."""

    records: Sequence[FoundRecord] = ()
    notes: Sequence[FoundNote] = ()
    clients: Sequence[FoundClient] = ()


NOTHING = Page()


def save(account_id: int, pull: Pull, now: datetime, page: Page = NOTHING) -> None:
    """A page with the place where it ends: either both are there after a cut, or neither."""
    with db.atomic():
        save_many(account_id, page.records)
        save_notes(account_id, page.notes)
        save_clients(account_id, page.clients)
        bulk.upsert(PullRow, [_row(account_id, pull, now)], ("account_id", "collection"))


def save_surroundings(account_id: int, facts: Mapping[str, Any], now: datetime) -> None:
    """`facts` replace what was known under the same names; the rest stays."""
    with db.atomic():
        known = surroundings(account_id)[0]
        row = {"account_id": account_id, "facts": {**known, **facts}, "read_at": now}
        bulk.upsert(SurroundingsRow, [row], ("account_id",))


def surroundings(account_id: int) -> tuple[dict[str, Any], datetime | None]:
    """Widgets, hooks, users … as last read, and when; empty before."""
    row = SurroundingsRow.get_or_none(SurroundingsRow.account_id == account_id)
    return (dict(row.facts), row.read_at) if row else ({}, None)


def forget(before: datetime) -> int:
    """Bookings, notes and cards of accounts that were read for the last time before this moment: people's
    names and phones are no memory to keep after a move. Returns how many accounts. Some rows at a time: a
    long transaction would make the inbox wait.
    """
    newest = "SELECT account_id FROM takeover_pulls GROUP BY account_id HAVING max(updated_at) < %s"
    old = [account_id for (account_id,) in db.rows(newest, (db.micros(before),))]
    for account_id in old:
        for table, key in FOUND:
            _empty(table, key, account_id)
        PullRow.delete().where(PullRow.account_id == account_id).execute()
    return len(old)


def _empty(table: str, key: str, account_id: int) -> None:
    some = f"SELECT {key} FROM {table} WHERE account_id = %s LIMIT {bulk.CHUNK}"
    sql = f"DELETE FROM {table} WHERE account_id = %s AND {key} IN ({some})"
    while db.run(sql, (account_id, account_id)).rowcount:
        pass


def _row(account_id: int, pull: Pull, now: datetime) -> dict[str, Any]:
    return {
        "account_id": account_id, "collection": pull.collection, "position": pull.position,
        "cursor": dict(pull.cursor), "found": pull.found, "unreadable": pull.unreadable,
        "total": pull.total, "requests": pull.requests, "state": pull.state, "code": pull.code,
        "began_at": pull.began_at, "updated_at": now,
    }  # fmt: skip


def _pull(row: PullRow) -> Pull:
    return Pull(
        row.collection, row.position, dict(row.cursor), row.found, row.unreadable, row.total, row.requests,
        row.state, row.code, row.began_at, row.updated_at,
    )  # fmt: skip
