"""How the calls of an account fare: what waits to be processed, what failed, when the last one ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backend.store import db, lanes
from backend.store.stats import ENOUGH, TROUBLE

LANE = "calls"


@dataclass(frozen=True, slots=True)
class Backlog:
    """`waiting` are due or will be, the oldest since `oldest_at`; `stuck` wait for a person; `error` is the
    newest trouble of any of them.
    """

    waiting: int = 0
    oldest_at: datetime | None = None
    stuck: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Totals:
    """Calls by state, and the newest."""

    states: dict[str, int]
    last_ended_at: datetime | None


def backlog(account_id: int) -> Backlog:
    """Of the events of ended calls in their lane; of troubles only the newest thousand are looked at."""
    lane_id = lanes.lane_id(account_id, LANE)
    waiting, oldest = db.rows(
        """SELECT count(*), min(received_at) FROM inbound_events
        WHERE lane_id = %s AND status IN ('received', 'waiting')""",
        (lane_id,),
    )[0]
    stuck = db.rows(
        f"""SELECT w.error FROM (SELECT lane_id, status, error FROM inbound_events
            WHERE account_id = %s AND {TROUBLE} ORDER BY id DESC LIMIT {ENOUGH}) w
        WHERE w.lane_id = %s AND w.status <> 'rejected'""",
        (account_id, lane_id),
    )
    error = str(stuck[0][0] or "") if stuck else _error(lane_id)
    return Backlog(int(waiting), _moment(oldest), len(stuck), error)


def _error(lane_id: int) -> str:
    """Why the newest of those that are tried again did not go through."""
    sql = """SELECT error FROM inbound_events WHERE lane_id = %s AND status IN ('received', 'waiting')
        AND status = 'waiting' AND error IS NOT NULL ORDER BY id DESC LIMIT 1"""
    found = db.rows(sql, (lane_id,))
    return str(found[0][0]) if found else ""


def totals(account_id: int, since: datetime) -> Totals:
    """Of calls that began since then."""
    sql = """SELECT state, count(*), max(ended_at) FROM calls WHERE account_id = %s AND began_at >= %s
        GROUP BY state"""
    rows = db.rows(sql, (account_id, db.micros(since)))
    ended = [moment for _, _, last in rows if (moment := _moment(last)) is not None]
    return Totals({state: int(count) for state, count, _ in rows}, max(ended, default=None))


def has_any(account_id: int) -> bool:
    return bool(db.rows("SELECT 1 FROM calls WHERE account_id = %s LIMIT 1", (account_id,)))


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else db.moment(int(micros))
