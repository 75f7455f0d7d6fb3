"""How accounts stand right now: all of them in five small queries, or one. No row of tokens or of schemas is
read, no history is counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.store import db
from backend.store.due import OPEN, SALON_WORKS

COLLECTIONS = 2  # contacts and leads: both have to be read before work begins


@dataclass(frozen=True, slots=True)
class Standing:
    """`waiting` events are open, `blocked` ones wait for a person; `oldest_due_at` is of what may be worked
    on, as paused work is not late. `is_read`: the CRM's contacts and leads are known. `working`: salons that
    write leads, and do not only observe.
    """

    account_id: int
    domain: str
    name: str
    timezone: str
    state: str
    pause_code: str
    waiting: int = 0
    blocked: int = 0
    oldest_due_at: datetime | None = None
    last_hook_at: datetime | None = None
    is_read: bool = False
    working: int = 0


def of_all() -> list[Standing]:
    return _standings("", ())


def of_account(account_id: int) -> Standing:
    """LookupError when there is none."""
    found = _standings("WHERE id = %s", (account_id,))
    if not found:
        raise LookupError(f"no account {account_id}")
    return found[0]


def _standings(where: str, params: tuple[int, ...]) -> list[Standing]:
    rows = db.rows(
        f"SELECT id, domain, name, timezone, state, pause_code FROM accounts {where} ORDER BY id", params
    )
    only = where.replace("id =", "account_id =")
    queue, salons = _queues(only.replace("account_id", "l.account_id"), params), _salons(only, params)
    blocked, is_read = _blocked(only.replace("WHERE", "AND"), params), _read(only, params)
    return [_standing(row, queue, salons, blocked, is_read) for row in rows]


def _standing(
    row: tuple[Any, ...],
    queue: Mapping[int, tuple[int, int | None]],
    salons: Mapping[int, tuple[int | None, int]],
    blocked: Mapping[int, int],
    is_read: Mapping[int, int],
) -> Standing:
    account_id, state = row[0], row[4]
    waiting, oldest = queue.get(account_id, (0, None))
    hook, working = salons.get(account_id, (None, 0))
    gone = state == "removed"
    domain, name, timezone, pause_code = row[1], row[2], row[3], row[5]
    return Standing(
        account_id, domain, name, timezone, state, pause_code,
        waiting=0 if gone else waiting,
        blocked=0 if gone else blocked.get(account_id, 0),
        oldest_due_at=db.moment(oldest) if oldest is not None and state in ("new", "active") else None,
        last_hook_at=db.moment(hook) if hook is not None else None,
        is_read=is_read.get(account_id, 0) >= COLLECTIONS,
        working=working,
    )  # fmt: skip


def _queues(where: str, params: tuple[int, ...]) -> dict[int, tuple[int, int | None]]:
    """Account → how many events are open and since when the oldest is due: two probes per lane."""
    found = db.rows(
        f"""SELECT l.account_id,
            (SELECT count(*) FROM inbound_events e WHERE e.lane_id = l.id AND e.{OPEN}),
            (SELECT min(e.due_at) FROM inbound_events e WHERE e.lane_id = l.id AND e.{OPEN} AND {SALON_WORKS})
        FROM lanes l {where}""",
        params,
    )
    queues: dict[int, tuple[int, int | None]] = {}
    for account_id, count, oldest in found:
        known, since = queues.get(account_id, (0, None))
        times = [moment for moment in (since, oldest) if moment is not None]
        queues[account_id] = known + int(count), min(times, default=None)
    return queues


def _salons(where: str, params: tuple[int, ...]) -> dict[int, tuple[int | None, int]]:
    """Account → when its salons were last heard of, and how many of them write leads."""
    sql = f"""SELECT account_id, max(last_hook_at), sum(CASE WHEN mode = 'active' THEN 1 ELSE 0 END)
        FROM branches {where} GROUP BY account_id"""
    return {account_id: (hook, int(working)) for account_id, hook, working in db.rows(sql, params)}


def _blocked(where: str, params: tuple[int, ...]) -> dict[int, int]:
    sql = f"""SELECT account_id, count(*) FROM inbound_events WHERE status = 'blocked' {where}
        GROUP BY account_id"""
    return dict(db.rows(sql, params))


def _read(where: str, params: tuple[int, ...]) -> dict[int, int]:
    """Account → how many collections of its CRM are read."""
    sql = f"""SELECT account_id, sum(CASE WHEN is_complete THEN 1 ELSE 0 END) FROM sync_marks {where}
        GROUP BY account_id"""
    return {account_id: int(count) for account_id, count in db.rows(sql, params)}
