"""Recordings: a row and its link are there before the file is. What became of looking for it is in the row.

State: waiting (looked for at `due_at`) → ready | missing (looked for long enough, it is not there) | failed
(there, and cannot be kept) → deleted (its time is over). A link may be revoked in any of them.
"""

from __future__ import annotations

import secrets as random_secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from backend.store import bulk, db
from backend.store.db import BaseModel, JsonField, UtcField
from backend.store.telephony import recording_keys

WAITING, READY, MISSING, FAILED, DELETED = "waiting", "ready", "missing", "failed", "deleted"
STATES = (WAITING, READY, MISSING, FAILED, DELETED)
PUBLIC_BYTES = 12


class Recording(BaseModel):
    """`public` stands in the link; `names` is what the PBX called the file, with other names it may have.
    `path` is inside the folder of recordings; `digest` is SHA-256 of the file. `trouble` is a code of texts.
    """

    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    pbx_id = peewee.BigIntegerField()
    uniq = peewee.TextField()
    part = peewee.BigIntegerField()
    public = peewee.TextField()
    key_id = peewee.BigIntegerField()
    names = JsonField()
    state = peewee.TextField(default=WAITING)
    trouble = peewee.TextField(default="")
    details = JsonField(default=dict)
    tries = peewee.BigIntegerField(default=0)
    due_at = UtcField(null=True)
    called_at = UtcField()
    made_at = UtcField()
    kept_at = UtcField(null=True)
    path = peewee.TextField(default="")
    mime = peewee.TextField(default="")
    size = peewee.BigIntegerField(default=0)
    milliseconds = peewee.BigIntegerField(default=0)
    digest = peewee.TextField(default="")
    revoked_at = UtcField(null=True)

    class Meta:
        table_name = "recordings"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One recording of a call. `names`: where it may lie, the likeliest first."""

    uniq: str
    part: int
    pbx_id: int
    names: Sequence[str]
    called_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """The file that is ours now."""

    path: str
    mime: str
    size: int
    milliseconds: int
    digest: str


@dataclass(frozen=True, slots=True)
class Total:
    """What an account keeps: how many files, how many bytes, and by state."""

    files: int
    size: int
    states: dict[str, int]


def expect(account_id: int, wanted: Sequence[Wanted], now: datetime) -> list[Recording]:
    """A row for each, which may be there already. One that was not found is looked for again when the PBX has
    named the file meanwhile.
    """
    if not wanted:
        return []
    with db.atomic():
        key_id = recording_keys.current(account_id, now).id
        new = [_row(account_id, one, key_id, now) for one in wanted]
        bulk.insert(Recording, new, "ON CONFLICT (account_id, uniq, part) DO NOTHING")
        known = {row.part: row for row in of_call(account_id, wanted[0].uniq)}
        for one in wanted:
            _learn(known[one.part], one)
        return [by_id(account_id, known[one.part].id) or known[one.part] for one in wanted]


def _learn(row: Recording, wanted: Wanted) -> None:
    """Other names than were known: they are the better ones, and the search begins anew."""
    if list(wanted.names) == list(row.names) or row.state not in (WAITING, MISSING):
        return
    values: dict[str, Any] = {"names": list(wanted.names)}
    if row.state == MISSING:
        values |= {"state": WAITING, "tries": 0, "trouble": "", "details": {}, "due_at": wanted.due_at}
    Recording.update(**values).where(Recording.id == row.id).execute()


def _row(account_id: int, one: Wanted, key_id: int, now: datetime) -> dict[str, Any]:
    return {
        "account_id": account_id, "pbx_id": one.pbx_id, "uniq": one.uniq, "part": one.part,
        "public": random_secrets.token_urlsafe(PUBLIC_BYTES), "key_id": key_id, "names": list(one.names),
        "state": WAITING, "trouble": "", "details": {}, "tries": 0, "due_at": one.due_at,
        "called_at": one.called_at, "made_at": now, "kept_at": None, "path": "", "mime": "", "size": 0,
        "milliseconds": 0, "digest": "", "revoked_at": None,
    }  # fmt: skip


def by_id(account_id: int, recording_id: int) -> Recording | None:
    mine = (Recording.account_id == account_id) & (Recording.id == recording_id)
    return Recording.get_or_none(mine)


def by_public(public: str) -> Recording | None:
    return Recording.get_or_none(Recording.public == public)


def of_call(account_id: int, uniq: str) -> list[Recording]:
    """In the order of its parts."""
    mine = (Recording.account_id == account_id) & (Recording.uniq == uniq)
    return list(Recording.select().where(mine).order_by(Recording.part))


def portion(account_id: int, state: str, before_id: int | None, limit: int) -> list[Recording]:
    """Newest first; `state` "" is all of them, «revoked» those whose link is closed."""
    query: Any = Recording.select().where(Recording.account_id == account_id)
    if state == "revoked":
        query = query.where(Recording.revoked_at.is_null(False))
    elif state:
        query = query.where(Recording.state == state)
    query = query if before_id is None else query.where(Recording.id < before_id)
    return list(query.order_by(Recording.id.desc()).limit(limit))


def total(account_id: int) -> Total:
    found = db.rows(
        "SELECT state, count(*), coalesce(sum(size), 0) FROM recordings WHERE account_id = %s GROUP BY state",
        (account_id,),
    )
    ready = [(count, size) for state, count, size in found if state == READY]
    files, size = ready[0] if ready else (0, 0)
    return Total(int(files), int(size), {state: int(count) for state, count, _ in found})


def due_accounts(now: datetime) -> list[int]:
    """Who has one to be looked for now; accounts that have left wait for nothing."""
    sql = """SELECT DISTINCT r.account_id FROM recordings r JOIN accounts a ON a.id = r.account_id
        WHERE r.state = 'waiting' AND r.due_at <= %s AND a.state <> 'removed' ORDER BY r.account_id"""
    return [account_id for (account_id,) in db.rows(sql, (db.micros(now),))]


def due(account_id: int, now: datetime, limit: int) -> list[Recording]:
    """The earliest first."""
    mine = (Recording.account_id == account_id) & (Recording.state == WAITING) & (Recording.due_at <= now)
    return list(Recording.select().where(mine).order_by(Recording.due_at, Recording.id).limit(limit))


def keep(recording_id: int, kept: Kept, now: datetime) -> bool:
    """The file is ours. False when somebody was quicker, or it is not wanted any more."""
    values: dict[str, Any] = {
        "state": READY, "path": kept.path, "mime": kept.mime, "size": kept.size, "digest": kept.digest,
        "milliseconds": kept.milliseconds, "kept_at": now, "due_at": None, "trouble": "", "details": {},
    }  # fmt: skip
    waiting = (Recording.id == recording_id) & (Recording.state == WAITING)
    return bool(Recording.update(values).where(waiting).execute())


def put_off(recording_id: int, due_at: datetime, trouble: str, details: dict[str, Any]) -> None:
    """Not there yet, or its source is away: looked for again then."""
    values: dict[str, Any] = {"due_at": due_at, "trouble": trouble, "details": details}
    waiting = (Recording.id == recording_id) & (Recording.state == WAITING)
    Recording.update(tries=Recording.tries + 1, **values).where(waiting).execute()


def give_up(recording_id: int, state: str, trouble: str, details: dict[str, Any]) -> None:
    """`state` missing or failed; a person may press «look again»."""
    values: dict[str, Any] = {"state": state, "due_at": None, "trouble": trouble, "details": details}
    waiting = (Recording.id == recording_id) & (Recording.state == WAITING)
    Recording.update(tries=Recording.tries + 1, **values).where(waiting).execute()


def look_again(account_id: int, recording_id: int, now: datetime) -> bool:
    """A person asks for it; one that is here, or was thrown away in time, is not looked for."""
    anew: dict[str, Any] = {"state": WAITING, "tries": 0, "due_at": now, "trouble": "", "details": {}}
    lost = (Recording.account_id == account_id) & (Recording.id == recording_id)
    lost &= Recording.state.in_((WAITING, MISSING, FAILED))
    return bool(Recording.update(anew).where(lost).execute())


def look_again_for_all(account_id: int, now: datetime) -> int:
    """All that were not found or could not be kept."""
    anew: dict[str, Any] = {"state": WAITING, "tries": 0, "due_at": now, "trouble": "", "details": {}}
    lost = (Recording.account_id == account_id) & Recording.state.in_((MISSING, FAILED))
    return int(Recording.update(anew).where(lost).execute())


def revoke(account_id: int, recording_id: int, now: datetime) -> bool:
    """Its link opens nothing from now on."""
    mine = (Recording.account_id == account_id) & (Recording.id == recording_id)
    open_ = mine & Recording.revoked_at.is_null()
    return bool(Recording.update(revoked_at=now).where(open_).execute())


def reissue(account_id: int, recording_id: int, now: datetime) -> bool:
    """A new link under the newest key; the old one is as if it had never been."""
    mine = (Recording.account_id == account_id) & (Recording.id == recording_id)
    with db.atomic():
        if by_id(account_id, recording_id) is None:
            return False
        fresh: dict[str, Any] = {
            "public": random_secrets.token_urlsafe(PUBLIC_BYTES), "revoked_at": None,
            "key_id": recording_keys.current(account_id, now).id,
        }  # fmt: skip
        return bool(Recording.update(fresh).where(mine).execute())


def outlived(account_id: int, before: datetime, limit: int) -> list[Recording]:
    """Of calls before then, whatever became of them; thrown away ones are not found again."""
    old = (Recording.account_id == account_id) & (Recording.called_at < before) & (Recording.state != DELETED)
    return list(Recording.select().where(old).order_by(Recording.called_at).limit(limit))


def throw_away(recording_id: int) -> None:
    """The file is gone; the row stays, so that its link can say so."""
    values: dict[str, Any] = {"state": DELETED, "path": "", "size": 0, "digest": "", "due_at": None}
    Recording.update(values).where(Recording.id == recording_id).execute()
