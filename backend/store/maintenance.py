"""Throwing away what nobody needs any more, a bounded batch per transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

from backend.store import db, takeover_pulls

BATCH = 1_000
FOUND_KEPT = timedelta(days=120)  # after the last reading before a move: longer than any way back


def prune(now: datetime, days: int) -> int:
    """Delete old closed events with their commands, closed alarms, what was done from cards and forgotten
    failures to sign in; returns how many events. Whatever is open stays, and so does the audit trail: it is
    asked for years later.
    """
    before = db.micros(now - timedelta(days=days))
    events = _prune(
        "inbound_events", "received_at < %s AND status IN ('done', 'superseded', 'rejected')", before
    )
    _prune("alarms", "seen_at < %s AND NOT is_open", before)
    _prune("card_actions", "created_at < %s", before)
    takeover_pulls.forget(now - FOUND_KEPT)
    db.run("DELETE FROM sign_in_failures WHERE failed_at < %s", (before,))
    return events


def _prune(table: str, condition: str, before: int) -> int:
    """Short transactions: a long one would make the inbox wait."""
    deleted = 0
    while True:
        oldest = f"SELECT id FROM {table} WHERE {condition} ORDER BY id LIMIT {BATCH}"
        count = int(db.run(f"DELETE FROM {table} WHERE id IN ({oldest})", (before,)).rowcount)
        deleted += count
        if count < BATCH:
            return deleted
