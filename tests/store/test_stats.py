"""Figures of the overview, and what is thrown away."""

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
    assert stats.by_status(NOW, account.id + 1) == {}
    assert stats.by_reason(NOW, account.id) == {"created": 1}


def test_volumes_are_told_by_the_hour(record, lease, account):
    record(), record()
    events.block(lease, [record(1)], Scope(), "x", NOW)
    record(47)
    record(48)

    volumes = stats.hourly(NOW, account.id)

    assert len(volumes) == 48
    assert (volumes[-1].begins_at, volumes[-1].received, volumes[-1].troubled) == (NOW, 2, 0)
    assert (volumes[-2].received, volumes[-2].troubled) == (1, 1)
    assert (volumes[0].begins_at, volumes[0].received) == (NOW - timedelta(hours=47), 1)
    assert sum(volume.received for volume in volumes) == 4
    assert sum(volume.received for volume in stats.hourly(NOW)) == 4


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
