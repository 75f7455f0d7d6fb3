"""What the processes of the lane, lock and migration tests do; each opens the database for itself."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

from backend.store import db, events, lanes, migrate
from backend.store.events import Closing

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def hold_in_turns(url, lane_id, flag, turns):
    """Take the lane `turns` times; while it is ours nobody else may have the flag: (clashes, fencings)."""
    db.connect(url)
    clashes, fencings = 0, []
    while len(fencings) < turns:
        lease = lanes.take(lane_id, f"process-{os.getpid()}", 30)
        if lease is None:
            time.sleep(0.002)
            continue
        clashes += not _flag_was_free(flag)
        fencings.append(lease.fencing)
        time.sleep(0.002)
        Path(flag).unlink()
        lanes.release(lease)
    return clashes, fencings


def _flag_was_free(flag):
    try:
        os.close(os.open(flag, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def take_and_die(url, lane_id, seconds):
    """A worker that is killed while it holds the lane."""
    db.connect(url)
    assert lanes.take(lane_id, "victim", seconds)
    os._exit(9)


def take_once(url, lane_id):
    """The fencing number of a lease taken as soon as the lane can be had."""
    db.connect(url)
    lease = None
    while lease is None:
        lease = lanes.take(lane_id, "heir", 30)
        time.sleep(0.01)
    return lease.fencing


def upgrade(url):
    db.connect(url)
    return migrate.upgrade()


def write_much(url, account_id, name, count):
    """An ingest and a drain in one: events in, outcomes out; returns how many were closed."""
    db.connect(url)
    closed = 0
    for number in range(count):
        events.record(
            NOW, account_id=account_id, branch_id=None, lane=name, subject=f"{name}:{number}", source=name,
            kind="test", dedup_key=str(number), body="{}", settle_seconds=0,
        )  # fmt: skip
        lease = lanes.take(lanes.lane_id(account_id, name), name, 30)
        batch = events.begin(lease, NOW, 10)
        events.close_many(lease, [Closing(event.id, "done") for event in batch], NOW)
        lanes.release(lease)
        closed += len(batch)
    return closed
