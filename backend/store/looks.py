"""Bookings that have to be looked at by time alone: which are due, and that they were passed on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.core.salon import Phase
from backend.store import bulk, db, events
from backend.store.inbound import NewEvent


@dataclass(frozen=True, slots=True)
class Look:
    """A booking whose time has come; `branch_id` is the id of our branch row."""

    id: int
    account_id: int
    branch_id: int
    key: str
    look_at: datetime


def due(now: datetime, limit: int) -> list[Look]:
    """The earliest first, of accounts that work: an index of what is still ahead, whatever the history."""
    found = db.rows(
        """SELECT b.id, b.account_id, b.branch_id, b.key, b.look_at FROM bookings b
        JOIN accounts a ON a.id = b.account_id AND a.state = 'active'
        WHERE b.look_at IS NOT NULL AND b.look_at <= %s ORDER BY b.look_at LIMIT %s""",
        (db.micros(now), limit),
    )
    return [Look(row_id, account, branch, key, db.moment(at)) for row_id, account, branch, key, at in found]


def pass_on(looks: Sequence[Look], new: Sequence[NewEvent], now: datetime) -> None:
    """Their events are stored and their times are over, both or neither. A time that a decision has set anew
    meanwhile stays.
    """
    with db.atomic():
        events.record_many(now, new)
        for look in looks:
            db.run(
                "UPDATE bookings SET look_at = NULL WHERE id = %s AND look_at = %s",
                (look.id, db.micros(look.look_at)),
            )


def renew(
    account_id: int, phases: Collection[Phase], since: datetime, pause: timedelta, now: datetime
) -> int:
    """New rules: linked bookings of these phases, whose visit began after `since`, are looked at `pause`
    after that, what is over already, now; one that is looked at sooner stays so. Returns how many.
    """
    if not phases:
        return 0
    least, most = ("min", "max") if db.is_sqlite() else ("least", "greatest")
    wanted = f"{most}(starts_at + %s, %s)"
    times = (int(pause.total_seconds()) * db.SECOND, db.micros(now))
    changed = db.run(
        f"""UPDATE bookings SET look_at = {least}({wanted}, coalesce(look_at, {wanted}))
        WHERE account_id = %s AND starts_at >= %s AND phase IN ({bulk.marks(len(phases))}) AND EXISTS (
            SELECT 1 FROM links l
            WHERE l.account_id = bookings.account_id AND l.key = bookings.key AND l.role = 'main')""",
        (
            *times, *times, account_id, db.micros(since), *(str(phase) for phase in phases),
        ),
    )  # fmt: skip
    return int(changed.rowcount)


def count_waiting(account_id: int, phases: Collection[Phase], since: datetime, until: datetime) -> int:
    """Linked bookings of these phases whose visit began in this time."""
    found = db.rows(
        f"""SELECT count(*) FROM bookings b WHERE b.account_id = %s AND b.starts_at >= %s AND b.starts_at < %s
        AND b.phase IN ({bulk.marks(len(phases))}) AND EXISTS (
            SELECT 1 FROM links l
            WHERE l.account_id = b.account_id AND l.key = b.key AND l.role = 'main')""",
        (account_id, db.micros(since), db.micros(until), *(str(phase) for phase in phases)),
    )
    return int(found[0][0])


def count_booked(account_id: int, since: datetime, pause: timedelta) -> int:
    """Bookings linked since then whose visit, and the time `pause` after it, were still ahead."""
    found = db.rows(
        """SELECT count(DISTINCT b.key) FROM links l
        JOIN bookings b ON b.account_id = l.account_id AND b.key = l.key
        WHERE l.account_id = %s AND l.created_at >= %s AND b.starts_at > l.created_at
        AND b.starts_at + %s > l.created_at""",
        (account_id, db.micros(since), int(pause.total_seconds()) * db.SECOND),
    )
    return int(found[0][0])
