"""Bookings of the past in the order of their visits, with the newest message that brought each whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from backend.store import bulk, db

KIND = "yclients.record"
UNREAD = "{}"  # a body that names the booking only


class Past(NamedTuple):
    """A booking as last seen; `starts_at` and `id` are its place in the order, in the store's units."""

    starts_at: int
    id: int
    key: str
    snapshot: str


def count(account_id: int, since: datetime) -> int:
    sql = "SELECT count(*) FROM bookings WHERE account_id = %s AND starts_at >= %s"
    return int(db.rows(sql, (account_id, db.micros(since)))[0][0])


def portion(account_id: int, since: datetime, after: tuple[int, int] | None, limit: int) -> list[Past]:
    """Visits since then, the earliest first, after this place."""
    at, row_id = after or (db.micros(since), 0)
    found = db.rows(
        """SELECT starts_at, id, key, snapshot FROM bookings
        WHERE account_id = %s AND starts_at >= %s AND (starts_at > %s OR id > %s)
        ORDER BY starts_at, id LIMIT %s""",
        (account_id, at, at, row_id, limit),
    )
    return [Past(*row) for row in found]


def messages(account_id: int, keys: Sequence[str]) -> dict[str, str]:
    """Key → the body of its newest message; bookings of which none is kept are left out."""
    found: dict[str, str] = {}
    for chunk in bulk.chunks(keys):
        found |= dict(
            db.rows(
                f"""SELECT subject, body FROM inbound_events WHERE id IN (
                    SELECT max(id) FROM inbound_events WHERE account_id = %s
                    AND subject IN ({bulk.marks(len(chunk))}) AND kind = %s AND body <> %s
                    GROUP BY subject)""",
                (account_id, *chunk, KIND, UNREAD),
            )
        )
    return found
