"""How fast a backlog becomes leads, compared with one job per event and one request per command."""

from __future__ import annotations

import time
from collections.abc import Iterator

from redis import Redis

from backend.store import db
from bench import one_by_one
from bench.report import Figure
from bench.world import Office, World, office, postgres, wait_until

BOOKINGS = 2000
BASELINE = 200  # compared by events per second; every one of its events costs the same
PATIENCE = 120.0
NAMES = ("drain_ratio", "drain_events_per_s")


def run(world: World) -> Iterator[Figure]:
    with postgres() as server:
        with office(world, server.fresh_url(), "drain.amocrm.ru") as at:
            ours = _ours(at)
            _check(at, BOOKINGS)
        with office(world, server.fresh_url(), "single.amocrm.ru", number=1) as at:
            theirs = _theirs(at)
            _check(at, BASELINE)
    yield Figure("drain_ratio", ours / theirs, "times", theirs, ours / theirs)
    yield Figure("drain_events_per_s", ours, "events/s", theirs, ours / theirs)


def _ours(at: Office) -> float:
    """A production worker, rung once."""
    at.tell(range(BOOKINGS))
    world = at.world
    with world.family() as family:
        worker = world.start_worker(family, "backend.worker", world.environment(at.url))
        started = time.perf_counter()
        at.ring()
        wait_until(lambda: at.pending() == 0, worker, PATIENCE)
        return BOOKINGS / (time.perf_counter() - started)


def _theirs(at: Office) -> float:
    at.tell(range(BASELINE))
    event_ids = [
        row[0] for row in db.rows("SELECT id FROM inbound_events WHERE source = 'yclients' ORDER BY id")
    ]
    world = at.world
    with world.family() as family, Redis.from_url(world.redis_url) as memory:
        worker = world.start_worker(family, "bench.one_by_one", world.environment(at.url))
        started = time.perf_counter()
        one_by_one.enqueue(memory, event_ids)
        wait_until(lambda: at.pending() == 0, worker, PATIENCE)
        return BASELINE / (time.perf_counter() - started)


def _check(at: Office, expected: int) -> None:
    """A fast wrong answer is worth nothing: every booking has its lead."""
    leads = len(at.world.crm.read("state", domain=at.account.domain)["leads"])
    assert leads == expected, f"{leads} leads of {expected} bookings"
