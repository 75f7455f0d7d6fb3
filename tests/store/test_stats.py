"""Figures of the last day, and what is thrown away."""

from datetime import timedelta

import pytest

from backend.core.errors import Scope
from backend.store import db, events, maintenance, outbox, stats
from backend.store.events import Closing
from backend.store.outbox import PlannedRow
from tests.store.conftest import NOW


@pytest.fixture
def record(account, branch):
    numbers = iter(range(1_000_000))

    def _record(hours_ago=0, account_id=account.id):
        number = next(numbers)
        return events.record(
            NOW - timedelta(hours=hours_ago), account_id=account_id, branch_id=branch.id, lane="bookings",
            subject=f"s:{number}", source="yclients", kind="yclients.record", dedup_key=str(number),
            body="{}", settle_seconds=0,
        )  # fmt: skip

    return _record


def test_counters_cover_the_last_day(record, lease, account):
    old, done, failed = record(25), record(23), record(1)
    events.close_many(lease, [Closing(old, "done", "created"), Closing(done, "done", "created")], NOW)
    events.close_many(lease, [Closing(failed, "rejected")], NOW)
    record()

    assert stats.by_status(NOW) == {"done": 1, "rejected": 1, "received": 1}


def test_troubles_of_the_last_day_are_told_by_status(record, lease, account):
    events.block(lease, [record(1), record(25)], Scope(), "x", NOW)
    events.close_many(lease, [Closing(record(1), "rejected"), Closing(record(1), "done")], NOW)

    assert stats.troubled(NOW, account.id) == [("blocked", 1), ("rejected", 1)]
    assert stats.troubled(NOW, account.id + 1) == []


def test_old_closed_events_are_thrown_away_with_their_commands(record, lease):
    old, recent, still_open, blocked = record(24 * 31), record(24 * 29), record(24 * 31), record(24 * 31)
    outbox.plan(lease, [PlannedRow(i, 0, "s", "AddNote", {}) for i in (old, recent)], NOW)
    events.close_many(lease, [Closing(old, "done"), Closing(recent, "done")], NOW)
    events.block(lease, [blocked], Scope(), "x", NOW)

    assert maintenance.prune(NOW, days=30) == 1

    assert events.get(old) is None
    assert all(events.get(event_id) for event_id in (recent, still_open, blocked))
    assert outbox.of_event(old) == []
    assert len(outbox.of_event(recent)) == 1


def test_pruning_goes_in_bounded_batches(record, lease, statements, monkeypatch):
    monkeypatch.setattr(maintenance, "BATCH", 2)
    events.close_many(lease, [Closing(record(24 * 31), "done") for _ in range(5)], NOW)
    statements.clear()

    assert maintenance.prune(NOW, days=30) == 5
    assert db.transaction_depth() == 0
    assert sum("DELETE FROM inbound_events" in sql for sql in statements) == 3
