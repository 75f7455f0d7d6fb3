"""Redis forgets everything in the middle of the work: doorbells, limits, RQ's books. Only time is lost."""

import time

from tests.crash.checker import judge
from tests.crash.salon import Journal
from tests.crash.test_crash import unhealthy

BOOKINGS, WIPES = 60, 10


def test_a_wiped_redis_costs_time_and_nothing_else(installation, database):
    world = installation(database, 3)
    world.trouble(0.02)
    journal = Journal(world.salons, [company for company, _ in world.pairs], BOOKINGS)
    deeds = journal.left
    for wipe in range(1, WIPES + 1):
        while not journal.is_over and 1 - journal.left / deeds < wipe / WIPES:
            journal.next()
        time.sleep(0.3)
        assert world.memory.dbsize() > 0, "nothing was there to be lost"
        world.memory.flushall()
        world.advance(0.5)  # the offset of the clock lives in Redis too
    world.no_more_trouble()
    world.calm()
    world.reconcile()
    world.calm()

    verdict = judge(world.salons, world.crm, world.pairs)
    assert (verdict.bookings, verdict.problems) == (BOOKINGS, [])
    assert unhealthy() == []
