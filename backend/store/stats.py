"""Figures for the journal and for metrics, bounded by an index: none reads the whole history. What the charts
show is in `hour_figures`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from backend.store import db

DAY = timedelta(days=1)
ENOUGH = 1_000  # a page that says «999 and more» says all there is to say
TROUBLE = "status IN ('blocked', 'rejected', 'failed')"  # literally as in the index


def by_status(now: datetime) -> dict[str, int]:
    """Events of the last 24 hours by status, of all accounts together."""
    sql = "SELECT status, count(*) FROM inbound_events WHERE received_at > %s GROUP BY status"
    return dict(db.rows(sql, (db.micros(now - DAY),)))


def troubled(now: datetime, account_id: int) -> list[tuple[str, int]]:
    """What of the last 24 hours asks for a look, by status; of the newest thousand only."""
    found = db.rows(
        f"""SELECT w.status, count(*) FROM (
            SELECT status, received_at FROM inbound_events
            WHERE account_id = %s AND {TROUBLE} ORDER BY id DESC LIMIT {ENOUGH}) w
        WHERE w.received_at > %s GROUP BY w.status ORDER BY w.status""",
        (account_id, db.micros(now - DAY)),
    )
    return [(status, int(count)) for status, count in found]


def unreadable_since(account_id: int, since: datetime) -> dict[int, int]:
    """Salon (our row's id) → messages that could not be read; found in the index of troubles."""
    found = db.rows(
        f"""SELECT branch_id, count(*) FROM inbound_events
        WHERE account_id = %s AND {TROUBLE} AND status = 'rejected' AND error = 'hooks.unreadable'
            AND received_at >= %s AND branch_id IS NOT NULL GROUP BY branch_id""",
        (account_id, db.micros(since)),
    )
    return {branch_id: int(count) for branch_id, count in found}
