"""Our intents beside what the other widget did: each comparison, and the parts in which both differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee

from backend.core.takeover.gate import Group
from backend.core.takeover.shadow import ALIKE, Diff
from backend.store import bulk, db
from backend.store.db import BaseModel, JsonField, UtcField

DAY = 86_400 * db.SECOND


class DiffRow(BaseModel):
    """One booking's newest decision, compared. `trait` is what kind of thing was asked for, `acted` whether
    the other widget did anything; `next_look_at` while it may still come to it.
    """

    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    company_id = peewee.BigIntegerField()
    key = peewee.TextField()
    decided_at = UtcField()
    compared_at = UtcField()
    looked_at = UtcField()
    next_look_at = UtcField(null=True)
    version = peewee.BigIntegerField()
    action = peewee.TextField()
    trait = peewee.TextField()
    diff = peewee.TextField()
    reason = peewee.TextField()
    lead_id = peewee.BigIntegerField(null=True)
    theirs = JsonField(null=True)
    intent = JsonField()
    lag_seconds = peewee.BigIntegerField(null=True)
    acted = peewee.BooleanField()

    class Meta:
        table_name = "takeover_diffs"


class PartRow(BaseModel):
    """One property in which both differ."""

    id = peewee.BigAutoField()
    diff_id = peewee.BigIntegerField()
    account_id = peewee.BigIntegerField()
    company_id = peewee.BigIntegerField()
    diff = peewee.TextField()
    rule = peewee.TextField()
    what = peewee.TextField()
    ours = JsonField(null=True)
    theirs = JsonField(null=True)
    version = peewee.BigIntegerField()
    found_at = UtcField()

    class Meta:
        table_name = "takeover_diff_parts"


@dataclass(frozen=True, slots=True)
class Asked:
    """None means any; `is_differing` leaves out what is alike."""

    account_id: int
    company_id: int | None = None
    diff: str | None = None
    rule: str | None = None
    since: datetime | None = None
    is_differing: bool = False


@dataclass(frozen=True, slots=True)
class RuleCount:
    """Differences of one class and rule: in how many comparisons, and when last."""

    diff: str
    rule: str
    count: int
    last_at: datetime


def save(row: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]) -> None:
    """A comparison with all its parts, in place of what an earlier look at the same decision said."""
    unchanged = ("account_id", "key", "decided_at", "compared_at", "version")
    changed = [name for name in row if name not in unchanged]
    sets = ", ".join(f"{name} = excluded.{name}" for name in changed)
    tail = f"ON CONFLICT (account_id, key, decided_at) DO UPDATE SET {sets} RETURNING id, compared_at"
    with db.atomic():
        ((diff_id, found_at),) = bulk.insert(DiffRow, [row], tail)
        PartRow.delete().where(PartRow.diff_id == diff_id).execute()
        shared = {
            "diff_id": diff_id, "account_id": row["account_id"], "company_id": row["company_id"],
            "version": row["version"], "found_at": db.moment(found_at),
        }  # fmt: skip
        bulk.insert(PartRow, [{**shared, **part} for part in parts])


def newest(account_id: int, keys: Iterable[str]) -> dict[str, DiffRow]:
    """Booking → its newest comparison."""
    found: dict[str, DiffRow] = {}
    for chunk in bulk.chunks(set(keys)):
        last = f"""SELECT key, max(decided_at) FROM takeover_diffs
            WHERE account_id = %s AND key IN ({bulk.marks(len(chunk))}) GROUP BY key"""
        pairs = db.rows(last, (account_id, *chunk))
        moments = {key: decided_at for key, decided_at in pairs}
        where = (DiffRow.account_id == account_id) & DiffRow.key.in_(chunk)
        where &= DiffRow.decided_at.in_([db.moment(at) for at in moments.values()])
        rows = DiffRow.select().where(where)
        found |= {row.key: row for row in rows if db.micros(row.decided_at) == moments[row.key]}
    return found


def due(account_id: int, now: datetime, limit: int) -> list[DiffRow]:
    """Comparisons to be looked at again."""
    where = (DiffRow.account_id == account_id) & (DiffRow.next_look_at <= now)
    return list(DiffRow.select().where(where).order_by(DiffRow.next_look_at, DiffRow.id).limit(limit))


def give_up(diff_ids: Iterable[int]) -> None:
    """No more looks at these: a newer decision of the same booking is compared."""
    for chunk in bulk.chunks(diff_ids):
        DiffRow.update(next_look_at=None).where(DiffRow.id.in_(chunk)).execute()


def habits(account_id: int, company_id: int, since: datetime) -> dict[str, tuple[int, int]]:
    """Trait → how often the other widget acted, and how often it did not."""
    found = db.rows(
        """SELECT trait, sum(CASE WHEN acted THEN 1 ELSE 0 END), sum(CASE WHEN acted THEN 0 ELSE 1 END)
        FROM takeover_diffs WHERE account_id = %s AND company_id = %s AND compared_at >= %s
        GROUP BY trait""",
        (account_id, company_id, db.micros(since)),
    )
    return {trait: (int(acted), int(idle)) for trait, acted, idle in found}


# For people


def counts(asked: Asked) -> dict[str, int]:
    """Class → how many comparisons."""
    where, params = _where(asked, "d.", "compared_at")
    return dict(db.rows(f"SELECT d.diff, count(*) FROM takeover_diffs d {where} GROUP BY d.diff", params))


def trend(asked: Asked, offset: timedelta) -> dict[tuple[int, str], int]:
    """(day as an ordinal since 1970 on the account's clock, class) → how many."""
    where, params = _where(asked, "d.", "compared_at")
    shift = offset // timedelta(microseconds=1)
    sql = f"""SELECT (d.compared_at + %s) / {DAY}, d.diff, count(*) FROM takeover_diffs d {where}
        GROUP BY 1, 2"""
    return {(int(day), diff): count for day, diff, count in db.rows(sql, (shift, *params))}


def rules(asked: Asked) -> list[RuleCount]:
    """Rules by how many comparisons differ in them, the commonest first."""
    where, params = _where(asked, "p.", "found_at")
    sql = f"""SELECT p.diff, p.rule, count(DISTINCT p.diff_id), max(p.found_at)
        FROM takeover_diff_parts p {where} GROUP BY p.diff, p.rule ORDER BY 3 DESC, 1, 2"""
    return [RuleCount(d, rule, n, db.moment(last)) for d, rule, n, last in db.rows(sql, params)]


def page(asked: Asked, before: int | None = None, limit: int = 50) -> list[DiffRow]:
    """Comparisons, newest first; of one rule those that differ in it."""
    query = DiffRow.select().where(DiffRow.account_id == asked.account_id)
    if asked.company_id is not None:
        query = query.where(DiffRow.company_id == asked.company_id)
    if asked.since is not None:
        query = query.where(DiffRow.compared_at >= asked.since)
    if asked.rule is not None:
        where = (PartRow.account_id == asked.account_id) & (PartRow.rule == asked.rule)
        if asked.diff is not None:
            where &= PartRow.diff == asked.diff
        query = query.where(DiffRow.id.in_(PartRow.select(PartRow.diff_id).where(where)))
    elif asked.diff is not None:
        query = query.where(DiffRow.diff == asked.diff)
    elif asked.is_differing:
        query = query.where(DiffRow.diff.not_in([str(diff) for diff in ALIKE]))
    if before is not None:
        query = query.where(DiffRow.id < before)
    return list(query.order_by(DiffRow.id.desc()).limit(limit))


def parts(diff_ids: Iterable[int]) -> dict[int, list[PartRow]]:
    """Comparison → its parts, the gravest first."""
    found: dict[int, list[PartRow]] = {}
    for chunk in bulk.chunks(diff_ids):
        for row in PartRow.select().where(PartRow.diff_id.in_(chunk)).order_by(PartRow.id):
            found.setdefault(row.diff_id, []).append(row)
    return found


def lags(asked: Asked) -> tuple[int, int] | None:
    """(usual, slowest) seconds in which the other widget arrived at what we would have made."""
    where, params = _where(asked, "d.", "compared_at")
    sql = f"""SELECT d.lag_seconds FROM takeover_diffs d {where} AND d.lag_seconds IS NOT NULL
        ORDER BY d.lag_seconds"""
    found = [seconds for (seconds,) in db.rows(sql, params)]
    return (found[len(found) // 2], found[-1]) if found else None


# For the gate


def compared(account_id: int, company_id: int, since: datetime) -> int:
    """How many different bookings were compared since then."""
    sql = """SELECT count(DISTINCT key) FROM takeover_diffs
        WHERE account_id = %s AND company_id = %s AND compared_at >= %s"""
    return int(db.rows(sql, (account_id, company_id, db.micros(since)))[0][0])


def groups(account_id: int, company_id: int, since: datetime) -> list[Group]:
    """What differs since then, by class, rule and version of the configuration."""
    sql = """SELECT diff, rule, version, count(DISTINCT diff_id), max(found_at) FROM takeover_diff_parts
        WHERE account_id = %s AND company_id = %s AND found_at >= %s GROUP BY diff, rule, version"""
    found = db.rows(sql, (account_id, company_id, db.micros(since)))
    return [Group(Diff(d), rule, version, n, db.moment(last)) for d, rule, version, n, last in found]


def _where(asked: Asked, prefix: str, moment: str) -> tuple[str, tuple[Any, ...]]:
    wanted: list[tuple[str, Any]] = [(f"{prefix}account_id = %s", asked.account_id)]
    if asked.company_id is not None:
        wanted.append((f"{prefix}company_id = %s", asked.company_id))
    if asked.diff is not None:
        wanted.append((f"{prefix}diff = %s", asked.diff))
    if asked.since is not None:
        wanted.append((f"{prefix}{moment} >= %s", db.micros(asked.since)))
    return f"WHERE {' AND '.join(sql for sql, _ in wanted)}", tuple(value for _, value in wanted)
