"""A worker that slept longer than its lease writes nothing when it wakes: another has done its work."""

import os
import signal
import time

import pytest

from backend.store import db
from tests.crash.checker import judge
from tests.crash.points import FROZEN
from tests.crash.salon import Journal

LEASE_SECONDS = 2


@pytest.mark.parametrize(
    ("database", "point"),
    [("postgres", "plan.after"), ("postgres", "settle.before"), ("sqlite", "close.before")],
    indirect=["database"],
)
def test_a_worker_that_wakes_after_its_lease_writes_nothing(installation, database, point):
    world = installation(database, 1, LEASE_SECONDS=str(LEASE_SECONDS))
    world.scaffold.order(point, FROZEN)
    journal = Journal(world.salons, [41001], 3)
    while not journal.is_over:
        journal.next()
    pid = wait_for(lambda: frozen(world))
    wait_for(lambda: world.pending() == 0)  # the lease ran out, another worker did it all
    before = written()

    os.kill(pid, signal.SIGCONT)
    wait_for(lambda: "lane lost" in world.logs()["workers.log"])
    wait_for(lambda: not os.path.exists(f"/proc/{pid}"))

    assert written() == before
    verdict = judge(world.salons, world.crm, world.pairs)
    assert (verdict.bookings, verdict.problems) == (3, [])


def frozen(world):
    return next((int(path.name.split("-")[2]) for path in world.scaffold.struck.iterdir()), None)


def written():
    """Everything a drain may write, as it stands now."""
    tables = ("outbox_commands", "links", "bookings", "inbound_events", "crm_leads", "crm_contacts")
    return {table: sorted(map(repr, db.rows(f"SELECT * FROM {table}"))) for table in tables}


def wait_for(look, seconds=30):
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.1)
    return found
