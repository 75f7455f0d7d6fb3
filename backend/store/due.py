"""Which events are due, as SQL: conditions and queries that walk the partial indices of open events only.

What could be a join is a scalar subquery here: an index probe per event whatever the planner believes.
Statistics taken at the wrong moment must not make a worker read history.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from backend.store import bulk, db
from backend.store.inbound import CARD

OPEN = "status IN ('received', 'waiting')"  # literally as in the indices: that is what makes them usable

# About event `e`: its subject's last open event is due by %s, or a person did it at a card and waits for
# nothing (the hook of the same deed rests, and would hold it up); its salon is not paused.
SUBJECT_IS_DUE = f"""(e.source = '{CARD}' OR (SELECT max(n.due_at) FROM inbound_events n
    WHERE n.lane_id = e.lane_id AND n.subject = e.subject AND n.{OPEN}) <= %s)"""
SALON_WORKS = "coalesce((SELECT b.paused_code FROM branches b WHERE b.id = e.branch_id), '') = ''"
NO_SUSPECTS = "AND e.begun_alone = 0"

Query = tuple[str, tuple[Any, ...]]


def subjects(lane_id: int, now: datetime, size: int) -> Query:
    """Subjects of the lane's first `size` due events. One that was begun alone and never disposed of is
    suspected of having killed its worker: it comes only alone, the least tried first.
    """
    order, suspects = ("e.begun_alone, e.due_at, e.id", "") if size == 1 else ("e.due_at, e.id", NO_SUSPECTS)
    due = db.micros(now)
    sql = f"""SELECT e.subject FROM inbound_events e
        WHERE e.lane_id = %s AND e.{OPEN} AND e.due_at <= %s AND {SUBJECT_IS_DUE} AND {SALON_WORKS} {suspects}
            AND (SELECT a.state FROM accounts a WHERE a.id = e.account_id) NOT IN ('paused', 'removed')
        ORDER BY {order} LIMIT %s"""
    return sql, (lane_id, due, due, size)


def whole(lane_id: int, wanted: Sequence[str]) -> Query:
    """All open events of these subjects, oldest due first."""
    sql = f"""SELECT * FROM inbound_events
        WHERE lane_id = %s AND {OPEN} AND subject IN ({bulk.marks(len(wanted))}) ORDER BY due_at, id"""
    return sql, (lane_id, *wanted)


def lanes(now: datetime, lane_id: int | None = None) -> Query:
    """Lanes with something to do: one probe per lane."""
    only, params = ("AND l.id = %s", (lane_id,)) if lane_id is not None else ("", ())
    due = db.micros(now)
    sql = f"""SELECT l.id FROM lanes l JOIN accounts a ON a.id = l.account_id
        WHERE a.state NOT IN ('paused', 'removed') {only} AND (
            SELECT e.id FROM inbound_events e WHERE e.lane_id = l.id AND e.{OPEN} AND e.due_at <= %s
                AND {SUBJECT_IS_DUE} AND {SALON_WORKS} LIMIT 1) IS NOT NULL
        ORDER BY l.id"""
    return sql, (*params, due, due)


def oldest(account_id: int | None) -> Query:
    """The earliest due time of what may be worked on."""
    sql = f"""SELECT min((SELECT min(e.due_at) FROM inbound_events e
            WHERE e.lane_id = l.id AND e.{OPEN} AND {SALON_WORKS}))
        FROM lanes l JOIN accounts a ON a.id = l.account_id
        WHERE a.state NOT IN ('paused', 'removed') AND a.id = coalesce(%s, a.id)"""
    return sql, (account_id,)
