"""Inbound events: the inbox. Dedupe on the way in, due by subject on the way out, and the outcome of each.

`due_at` is the one clock of an event: the settle time at first, the next attempt later. A subject is due when
the latest of its open events is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from backend.core.errors import Scope
from backend.store import bulk, db, due, journal, lanes
from backend.store.due import OPEN
from backend.store.inbound import Closing, Filters, InboundEvent, NewEvent
from backend.store.lanes import Lease

__all__ = ["Closing", "Filters", "InboundEvent", "NewEvent"]  # readers know them as events.InboundEvent

MAX_ATTEMPTS = 8
SETTLE_BOUND = 3  # settle times after a subject's first open event it is due, however often it changes

TROUBLE = "status IN ('blocked', 'rejected', 'failed')"
ANEW = (
    "status = 'received', attempts = 0, tries = 0, begun_alone = 0, error = NULL, scope_kind = NULL, "
    "scope_key = NULL, closed_at = NULL"
)


def record(  # noqa: PLR0913 - the columns of an event
    now: datetime,
    *,
    account_id: int,
    branch_id: int | None,
    lane: str,
    subject: str,
    source: str,
    kind: str,
    dedup_key: str,
    body: str,
    settle_seconds: float,
    status: str = "received",
    reason: str | None = None,
    error: str | None = None,
) -> int | None:
    """Store one event, durably, in one statement; None when we have it already."""
    event = NewEvent(
        account_id,
        branch_id,
        lane,
        subject,
        source,
        kind,
        dedup_key,
        body,
        settle_seconds,
        status,
        reason,
        error,
    )
    return _insert(now, event)


def record_many(now: datetime, envelopes: Iterable[NewEvent]) -> list[int | None]:
    """Store several in one transaction; one answer per envelope, in order."""
    wanted = list(envelopes)
    for account_id, lane in {(envelope.account_id, envelope.lane) for envelope in wanted}:
        lanes.lane_id(account_id, lane)  # remembered before the transaction, which may fail
    if len(wanted) == 1:
        return [_insert(now, wanted[0])]  # one statement is a transaction by itself
    with db.atomic():
        return [_insert(now, envelope) for envelope in wanted]


def _insert(now: datetime, event: NewEvent) -> int | None:
    lane_id = lanes.lane_id(event.account_id, event.lane)
    received = db.micros(now)
    settle = int(event.settle_seconds * db.SECOND)
    least = "min" if db.is_sqlite() else "least"
    oldest = f"""SELECT received_at FROM inbound_events WHERE lane_id = %s AND subject = %s AND {OPEN}
        ORDER BY received_at LIMIT 1"""
    inserted = db.prepared(
        f"""INSERT INTO inbound_events (account_id, branch_id, lane_id, subject, source, kind, dedup_key,
            body, received_at, status, reason, error, closed_at, due_at)
        VALUES ({bulk.marks(13)}, {least}(%s, %s + coalesce(({oldest}), %s)))
        ON CONFLICT (account_id, source, dedup_key) DO NOTHING RETURNING id""",
        (
            event.account_id, event.branch_id, lane_id, event.subject, event.source, event.kind,
            event.dedup_key, event.body, received, event.status, event.reason, event.error,
            None if event.status == "received" else received,
            received + settle, SETTLE_BOUND * settle, lane_id, event.subject, received,
        ),
    ).fetchall()  # fmt: skip
    return int(inserted[0][0]) if inserted else None


def begin(lease: Lease, now: datetime, limit: int) -> list[InboundEvent]:
    """Due events of the lane, oldest due first, with all open events of the same subjects; nothing of what is
    paused.

    `limit` counts before the rest of the subjects is added, so that no subject is ever cut in two. With a
    limit of one (after crashes) the event that was tried alone least often comes first, and whoever was
    begun alone and not disposed of comes in no larger batch: a poisonous one cannot hold back the others.
    """
    with db.atomic():
        lanes.assert_held(lease)
        subjects = list(
            dict.fromkeys(subject for (subject,) in db.rows(*due.subjects(lease.lane_id, now, limit)))
        )
        if not subjects:
            return []
        events = _select(*due.whole(lease.lane_id, subjects))
        if limit == 1:
            ids = [event.id for event in events]
            alone = {InboundEvent.begun_alone: InboundEvent.begun_alone + 1}
            InboundEvent.update(alone).where(InboundEvent.id.in_(ids)).execute()
        return events


def close_many(lease: Lease, closings: Iterable[Closing], now: datetime) -> None:
    """Write the outcomes of a batch; what somebody closed meanwhile stays as it is."""
    new = [
        {
            "id": closing.event_id,
            "status": closing.status,
            "reason": closing.reason,
            "decision": closing.decision,
            "error": closing.error,
            "scope_kind": closing.scope.kind if closing.scope else None,
            "scope_key": closing.scope.key if closing.scope else None,
            "closed_at": now,
        }
        for closing in closings
    ]
    with db.atomic():
        lanes.assert_held(lease)
        bulk.update(InboundEvent, "id", new, f"AND t.{OPEN}")
        _note_hooks([row["id"] for row in new])


def wait(
    lease: Lease, event_ids: Sequence[int], due_at: datetime, error: str, *, counts_as_attempt: bool
) -> list[int]:
    """Try again at `due_at`. Only our own mistakes count; returns the events that have failed for good by
    that.
    """
    step = 1 if counts_as_attempt else 0
    gave_up: list[int] = []
    with db.atomic():
        lanes.assert_held(lease)
        for ids in bulk.chunks(event_ids):
            updated = db.run(
                f"""UPDATE inbound_events SET
                    attempts = attempts + %s, tries = tries + 1, begun_alone = 0, due_at = %s, error = %s,
                    status = CASE WHEN attempts + %s >= %s THEN 'failed' ELSE 'waiting' END
                WHERE id IN ({bulk.marks(len(ids))}) AND {OPEN} RETURNING id, status""",
                (step, db.micros(due_at), error, step, MAX_ATTEMPTS, *ids),
            )
            gave_up += [event_id for event_id, status in updated.fetchall() if status == "failed"]
    return gave_up


def open_lanes(now: datetime) -> list[int]:
    """Lanes with a due subject, for the sweep: one index probe per lane, whatever the history."""
    return [lane_id for (lane_id,) in db.rows(*due.lanes(now))]


def is_due(lane_id: int, now: datetime) -> bool:
    """Whether `begin` would find something in this lane."""
    return bool(db.rows(*due.lanes(now, lane_id)))


def oldest_pending_at(account_id: int | None = None) -> datetime | None:
    """The earliest due time of what we could work on, for the lag. Paused work is not late."""
    ((found,),) = db.rows(*due.oldest(account_id))
    return db.moment(found) if found is not None else None


def pending_count(account_id: int | None = None) -> int:
    """Events not yet done: open or blocked, but not of accounts that have left."""
    of_account, params = ("AND account_id = %s", (account_id,)) if account_id is not None else ("", ())
    stays = "account_id NOT IN (SELECT id FROM accounts WHERE state = 'removed')"
    return sum(
        int(
            db.rows(f"SELECT count(*) FROM inbound_events WHERE {state} AND {stays} {of_account}", params)[0][
                0
            ]
        )
        for state in (OPEN, f"{TROUBLE} AND status = 'blocked'")
    )


def block(lease: Lease, event_ids: Sequence[int], scope: Scope, error: str, now: datetime) -> None:
    """These wait for a person to put `scope` in order."""
    close_many(lease, [Closing(i, "blocked", error=error, scope=scope) for i in event_ids], now)


def unblock(account_id: int, scope: Scope | None) -> int:
    """Replay what waited for `scope` (None: for anything in the account); returns how many events."""
    condition, params = (
        ("AND scope_kind = %s AND scope_key = %s", (scope.kind, scope.key)) if scope else ("", ())
    )
    sql = f"""UPDATE inbound_events SET {ANEW}
        WHERE account_id = %s AND {TROUBLE} AND status = 'blocked' {condition}"""
    return int(db.run(sql, (account_id, *params)).rowcount)


def reopen(event_id: int, now: datetime) -> None:
    """Replay one event: as if it had just come."""
    db.run(f"UPDATE inbound_events SET {ANEW}, due_at = %s WHERE id = %s", (db.micros(now), event_id))


def get(event_id: int) -> InboundEvent | None:
    return InboundEvent.get_or_none(InboundEvent.id == event_id)


def pending_of(account_id: int, subjects: Sequence[str]) -> list[InboundEvent]:
    """What came about these and was not handled yet, in the order of arrival."""
    found: list[InboundEvent] = []
    for chunk in bulk.chunks(subjects):
        found += _select(
            f"""SELECT * FROM inbound_events WHERE account_id = %s
            AND subject IN ({bulk.marks(len(chunk))}) AND {OPEN} ORDER BY id""",
            (account_id, *chunk),
        )
    return found


def of_subject(account_id: int, subject: str, limit: int = 200) -> list[InboundEvent]:
    """All that came about one booking, newest first."""
    where = (InboundEvent.account_id == account_id) & (InboundEvent.subject == subject)
    return list(InboundEvent.select().where(where).order_by(InboundEvent.id.desc()).limit(limit))


def of_subjects(account_id: int, subjects: Sequence[str], limit: int) -> dict[str, list[InboundEvent]]:
    """Subject → the newest `limit` events about it, newest first; subjects without any are left out."""
    if not subjects:
        return {}
    marks = bulk.marks(len(subjects))
    found = _select(
        f"""SELECT * FROM (SELECT e.*, row_number() OVER (PARTITION BY e.subject ORDER BY e.id DESC) AS place
            FROM inbound_events e WHERE e.account_id = %s AND e.subject IN ({marks})) AS newest
        WHERE place <= %s ORDER BY id DESC""",
        (account_id, *subjects, limit),
    )
    by_subject: dict[str, list[InboundEvent]] = {}
    for event in found:
        by_subject.setdefault(event.subject, []).append(event)
    return by_subject


def page(
    account_id: int, filters: Filters, before_id: int | None = None, limit: int = 50
) -> list[InboundEvent]:
    """Events of the journal, newest first; the next page starts before the last id of this one."""
    return journal.search(account_id, filters, before_id, limit).rows


def _select(sql: str, params: Iterable[Any]) -> list[InboundEvent]:
    return list(InboundEvent.raw(sql.replace("%s", db.database.param), *params))


def _note_hooks(event_ids: Sequence[int]) -> None:
    """When each branch's newest hook came. Noted here, not on the way in, where the branch's row would be
    fought over.
    """
    for ids in bulk.chunks(event_ids):
        db.run(
            f"""UPDATE branches SET last_hook_at = h.newest FROM (
                SELECT branch_id AS id, max(received_at) AS newest FROM inbound_events
                WHERE id IN ({bulk.marks(len(ids))}) AND source NOT LIKE %s GROUP BY branch_id) AS h
            WHERE branches.id = h.id AND (last_hook_at IS NULL OR last_hook_at < h.newest)""",
            (*ids, "%.poll"),
        )
