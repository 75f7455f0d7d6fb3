"""Somebody books online and calls at the same moment: two workers, two lanes, one person."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from backend.flows.road import inbox
from backend.store import db, events, lanes, outbox
from tests.support import make
from tests.support.stand import LASER_ARMPITS

PEOPLE = 4


@pytest.fixture
def at_once(monkeypatch):
    """Both lanes have decided before either has planned."""
    meeting, met = threading.Barrier(2), set()
    plan = outbox.plan

    def plan_together(lease, *args, **more):
        if lease.name not in met:
            met.add(lease.name)
            meeting.wait(20)
        return plan(lease, *args, **more)

    monkeypatch.setattr(outbox, "plan", plan_together)
    return met


def test_a_booking_and_a_call_make_one_person(calls, at_once):
    phones = [f"7999000{number:04}" for number in range(PEOPLE)]
    records = [calls.book(LASER_ARMPITS, client=("Мария", f"+{phone}")) for phone in phones]
    calls.world.deliver()
    calls.store(*(calls.call("in", talks=[("101", 5, 30)], client=phone) for phone in phones))
    calls.world.clock.advance(60)

    drained_together(calls, "bookings", "calls")
    calls.settle()

    assert at_once == {"bookings", "calls"}
    owners = [phone for contact in calls.contacts() for phone in calls.phones(contact)]
    assert sorted(owners) == sorted(f"+{phone}" for phone in phones)
    assert all(calls.lead_of(record) for record in records)
    assert len(calls.logged()) == PEOPLE
    assert db.rows("SELECT count(*) FROM person_claims") == [(0,)]


def test_whoever_came_second_is_decided_again_and_fails_at_nothing(calls, at_once):
    record = calls.book(LASER_ARMPITS, client=("Мария", f"+{make.CLIENT}"))
    calls.world.deliver()
    call = calls.call("in", talks=[("101", 5, 30)])
    calls.store(call)
    calls.world.clock.advance(60)

    drained_together(calls, "bookings", "calls")
    calls.settle()

    told = [*calls.events(record), *calls.call_events(call)]
    assert {event.status for event in told} == {"done"}
    assert [event.attempts for event in told] == [0] * len(told)
    assert events.pending_count() == 0


def drained_together(stand, *names):
    """Each lane by a worker of its own."""

    def run(name):
        with db.connection():
            inbox.drain(stand.ctx, lanes.lane_id(stand.account.id, name))

    with ThreadPoolExecutor(len(names)) as workers:
        for done in [workers.submit(run, name) for name in names]:
            done.result(60)
