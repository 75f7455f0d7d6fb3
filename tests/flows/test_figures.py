"""Figures of an hour: requests are counted where the limiter grants them, and never hold anything up."""

import pytest
import redis

from backend.flows.vendors import figures
from backend.store import db, hour_figures
from tests.support.stand import LASER_ARMPITS


@pytest.fixture(autouse=True)
def early_in_an_hour(stand):
    """The story of a test stays within one hour, whenever it is run."""
    into = stand.world.clock.now() % 3600
    stand.world.clock.advance(3600 - into + 60)


def hour(stand):
    return hour_figures.last(stand.now(), stand.account.id)[-1]


def test_requests_are_counted_by_vendor_and_added_once(stand):
    figures.roll_up(stand.ctx)
    before, asked = hour(stand), stand.counts()["total"]
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.reconcile()
    figures.roll_up(stand.ctx)
    first = hour(stand)
    figures.roll_up(stand.ctx)

    assert first.amo_requests - before.amo_requests == stand.counts()["total"] - asked > 0
    assert first.yc_requests > before.yc_requests
    assert hour(stand) == first
    assert first.created == len(stand.leads_of(record)) == 1


def test_a_counter_without_its_memory_is_no_harm():
    nowhere = redis.Redis(host="127.0.0.1", port=1, socket_connect_timeout=0.2)

    figures.counter(nowhere, figures.AMO, 1)()


def test_an_event_replayed_hours_later_leaves_the_errors_of_its_hour(stand):
    stand.book(LASER_ARMPITS)
    stand.settle()
    db.run("UPDATE inbound_events SET status = 'blocked' WHERE kind = 'yclients.record'")
    figures.roll_up(stand.ctx)
    troubled = hour(stand).troubled
    stand.world.clock.advance(5 * 3600)
    db.run("UPDATE inbound_events SET status = 'done' WHERE kind = 'yclients.record'")

    figures.roll_up_day(stand.ctx)

    assert troubled == 1
    assert sum(one.troubled for one in hour_figures.last(stand.now(), stand.account.id)) == 0
