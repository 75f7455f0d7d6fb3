"""The journal of an account, newest first: pages of it and choices from it, bounded whatever is asked.

A filter that matches little would make a database walk the whole history for one page. So a page looks at a
window of events only, and whoever wants more goes on from its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from backend.store import bulk, db
from backend.store.due import OPEN
from backend.store.inbound import Filters, InboundEvent

WINDOW = 5_000
NEVER = 2**62  # an id that no event will have
SLACK = 1_000  # ids of several doors may be a little out of the order of time
TROUBLE_STATUSES = ("blocked", "rejected", "failed")
TROUBLE = "status IN ('blocked', 'rejected', 'failed')"  # literally as in the index
ANY_TROUBLE = "trouble"  # the status that asks for all three

Query = tuple[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Found:
    """`next_before` is where an earlier page begins; with `is_cut` the window ended before the page did."""

    rows: list[InboundEvent]
    next_before: int | None = None
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """An event as far as asking again needs it."""

    id: int
    subject: str
    kind: str
    branch_id: int | None
    lane_id: int


def search(account_id: int, filters: Filters, before_id: int | None = None, limit: int = 50) -> Found:
    """One page; the next one starts before `next_before`."""
    window, params = _window(account_id, filters, before_id)
    wanted, values = _wanted(filters)
    ids = [
        event_id
        for (event_id,) in db.rows(
            f"SELECT w.id FROM ({window}) w WHERE {wanted} ORDER BY w.id DESC LIMIT %s",
            (*params, *values, limit + 1),
        )
    ]
    rows = _by_ids(ids[:limit])
    if len(ids) > limit:
        return Found(rows, ids[limit - 1])
    oldest = _oldest(window, params)
    return Found(rows, oldest, is_cut=oldest is not None)


def choose(
    account_id: int, filters: Filters, before_id: int, kinds: Sequence[str]
) -> tuple[list[Chosen], int | None]:
    """What of the next window matches, newest first, and where the window after it begins (None: that was
    all).
    """
    window, params = _window(account_id, filters, before_id)
    wanted, values = _wanted(filters)
    found = db.rows(
        f"""SELECT w.id, w.subject, w.kind, w.branch_id, w.lane_id FROM ({window}) w
        WHERE {wanted} AND w.kind IN ({bulk.marks(len(kinds))}) ORDER BY w.id DESC""",
        (*params, *values, *kinds),
    )
    return [Chosen(*row) for row in found], _oldest(window, params)


def chosen(account_id: int, event_ids: Iterable[int]) -> list[Chosen]:
    """These events, as far as they are the account's own."""
    found: list[Chosen] = []
    for ids in bulk.chunks(event_ids):
        sql = f"""SELECT id, subject, kind, branch_id, lane_id FROM inbound_events
            WHERE account_id = %s AND id IN ({bulk.marks(len(ids))}) ORDER BY id DESC"""
        found += [Chosen(*row) for row in db.rows(sql, (account_id, *ids))]
    return found


def newest_id(account_id: int) -> int:
    """0 when nothing has come yet."""
    found = db.rows(
        "SELECT id FROM inbound_events WHERE account_id = %s ORDER BY id DESC LIMIT 1", (account_id,)
    )
    return int(found[0][0]) if found else 0


def _window(account_id: int, filters: Filters, before_id: int | None) -> Query:
    """The newest events among those an index finds. `id + 0` keeps a planner from walking history in the
    order of ids where another index is the short way.
    """
    conditions, params, order = _indexed(account_id, filters)
    low, high = _day(filters)
    bounds = [("id < %s", before_id), ("id >= %s", low), ("id < %s", high)]
    for condition, value in bounds:
        if value is not None:
            conditions, params = [*conditions, condition], [*params, value]
    sql = f"""SELECT id, subject, kind, branch_id, lane_id, status, received_at FROM inbound_events
        WHERE {" AND ".join(conditions)} ORDER BY {order} DESC LIMIT {WINDOW}"""
    return sql, params


def _indexed(account_id: int, filters: Filters) -> tuple[list[str], list[Any], str]:
    """Conditions that one index serves, and the order it is read in."""
    own, params = ["account_id = %s"], [account_id]
    if filters.subjects is not None:
        marks = bulk.marks(len(filters.subjects)) or "NULL"
        return [*own, f"subject IN ({marks})"], [*params, *filters.subjects], "id + 0"
    if filters.lead_id is not None:
        keys = "SELECT key FROM links WHERE account_id = %s AND lead_id = %s"
        return [*own, f"subject IN ({keys})"], [*params, account_id, filters.lead_id], "id + 0"
    if filters.status in ("received", "waiting"):
        lanes = "SELECT id FROM lanes WHERE account_id = %s"
        return [f"lane_id IN ({lanes})", OPEN], params, "id + 0"
    if filters.status in (*TROUBLE_STATUSES, ANY_TROUBLE):
        return [*own, TROUBLE], params, "id"
    return own, params, "id"


def _wanted(filters: Filters) -> Query:
    """What is left to check of each event of the window."""
    status = None if filters.status == ANY_TROUBLE else filters.status
    checks = [
        ("w.status = %s", status),
        ("w.branch_id = %s", filters.branch_id),
        ("w.kind = %s", filters.kind),
        ("w.received_at >= %s", db.micros(filters.since) if filters.since else None),
        ("w.received_at < %s", db.micros(filters.until) if filters.until else None),
    ]
    left = [(condition, value) for condition, value in checks if value is not None]
    return " AND ".join(["1 = 1", *(c for c, _ in left)]), [value for _, value in left]


def _day(filters: Filters) -> tuple[int | None, int | None]:
    """Ids between which a span of time lies: the order of ids is that of time but for some slack."""
    low = _first_id(db.micros(filters.since), NEVER) - SLACK if filters.since else None
    high = _first_id(db.micros(filters.until), NEVER) + SLACK if filters.until else None
    return low, high


def _first_id(moment: int, otherwise: int) -> int:
    found = db.rows(
        "SELECT id FROM inbound_events WHERE received_at >= %s ORDER BY received_at LIMIT 1", (moment,)
    )
    return int(found[0][0]) if found else otherwise


def _oldest(window: str, params: Sequence[Any]) -> int | None:
    """The last id of a full window; None when everything has been looked at."""
    ((count, oldest),) = db.rows(f"SELECT count(*), min(w.id) FROM ({window}) w", params)
    return int(oldest) if count == WINDOW else None


def _by_ids(ids: Sequence[int]) -> list[InboundEvent]:
    return list(InboundEvent.select().where(InboundEvent.id.in_(ids)).order_by(InboundEvent.id.desc()))
