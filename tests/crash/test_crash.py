"""Hundreds of bookings while busy workers are killed: nothing is doubled, nothing lost, all is right."""

import random
import sys
import time
from typing import NamedTuple

import pytest

from backend.store import db, events
from tests.crash import autopsy, points
from tests.crash.checker import judge
from tests.crash.killer import Killer
from tests.crash.salon import Journal

SEEDED = 3  # leads per account that a manager had opened before the booking
BACKLOG = 120  # events that may wait: with more of them, one decision would swallow many changes
GRACE = 30


class Deaths(NamedTuple):
    """How many processes have to die, at least: workers that hold a lane, web processes inside the door; in
    every row of the table, and between amoCRM's commit and ours.
    """

    workers: int
    web: int
    in_a_row: int
    in_the_gap: int


@pytest.mark.long
@pytest.mark.parametrize(
    ("database", "accounts_count", "bookings", "deaths", "seconds"),
    [
        pytest.param("postgres", 16, 500, Deaths(200, 30, in_a_row=5, in_the_gap=20), 85, id="postgres"),
        pytest.param("sqlite", 6, 500, Deaths(30, 10, in_a_row=1, in_the_gap=3), 35, id="sqlite"),
    ],
    indirect=["database"],
)
def test_busy_processes_are_killed_and_everything_is_right(
    database, accounts_count, bookings, deaths, seconds, installation, capsys
):
    started, seed = time.monotonic(), random.randrange(1000)
    world = installation(database, accounts_count)
    journal = prepared(world, bookings, seed)
    troubled = time.monotonic()
    killer = Killer(world.scaffold, deaths.workers, deaths.web, seconds, seed)
    world.trouble(0.03)
    killer.start()
    try:
        live(world, journal, killer, seconds + GRACE)
    finally:
        killer.stop()
    recovering = time.monotonic()
    recover(world)

    strikes = world.scaffold.strikes()
    verdict = judge(world.salons, world.crm, world.pairs)
    with capsys.disabled():
        phases = (troubled - started, recovering - troubled, time.monotonic() - recovering)
        sys.stdout.write(f"\n\n{points.histogram(strikes)}\n{verdict}\n")
        sys.stdout.write(
            "seed {}, seconds: start {:.0f}, trouble {:.0f}, recovery {:.0f}\n".format(seed, *phases)
        )
    assert not verdict.problems, autopsy.report(verdict.problems)
    assert (verdict.bookings, unhealthy()) == (bookings, [])
    assert killer.done()["worker"] >= deaths.workers
    assert min(points.by_row(strikes)[row] for row in points.ROWS) >= deaths.in_a_row
    assert points.in_the_gap(strikes) >= deaths.in_the_gap


def prepared(world, bookings, seed):
    """Some people had asked before, and a manager had opened a lead for them; nothing has been booked yet."""
    seeded = [(company, f"+78{company % 1000:03}{n:06}") for company, _ in world.pairs for n in range(SEEDED)]
    domains = dict(world.pairs)
    for company, phone in seeded:
        world.person_asks(domains[company], phone)
    world.calm()
    return Journal(world.salons, list(domains), bookings, seeded, seed)


def live(world, journal, killer, seconds):
    """The salons work at the pace of the killer, so that there is something to interrupt to the last blow."""
    deadline = time.monotonic() + seconds
    total, deeds = sum(killer.wanted.values()), journal.left
    while killer.is_alive() or not journal.is_over:
        killed = sum(killer.done().values())
        assert time.monotonic() < deadline, (
            f"{killed} of {total} deaths, {journal.left} of {deeds} deeds left"
        )
        for _ in range(5):
            if journal.is_over:
                journal.one_more()
            elif 1 - journal.left / deeds <= killed / total + 0.1:
                journal.next()
        while killer.is_alive() and events.pending_count() > BACKLOG:
            world.advance(0.5)  # pauses between attempts pass faster than leases
            time.sleep(0.1)


def recover(world):
    """The vendors are well again, hooks arrive, and what was never told is asked for."""
    world.no_more_trouble()
    world.calm()
    world.reconcile()
    world.calm()


def unhealthy():
    """Events that did not end well: nothing of all this may use up an attempt. The scheduler looks by itself
    too: what it finds when all had been calm is waited for.
    """
    deadline = time.monotonic() + GRACE
    while (found := _unfinished()) and time.monotonic() < deadline:
        if not all((status, attempts) == ("received", 0) for _, _, status, attempts, _ in found):
            break
        time.sleep(0.2)
    return found


def _unfinished():
    return db.rows(
        "SELECT subject, kind, status, attempts, error FROM inbound_events "
        "WHERE attempts > 0 OR status NOT IN ('done', 'superseded')"
    )
