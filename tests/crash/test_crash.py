"""Hundreds of bookings while busy workers are killed all the time: nothing is doubled, nothing is lost, all is right."""

import time
from typing import NamedTuple

import pytest

from backend.store import db, events
from tests.crash import autopsy, points
from tests.crash.checker import judge
from tests.crash.killer import Killer
from tests.crash.salon import Journal
from tests.crash.world import Installation
from tests.support.postgres import postgres_server

SEEDED = 3  # leads per account that a manager had opened before the booking
BACKLOG = 120  # events that may wait: with more of them, one decision would swallow many changes
GRACE = 30


class Deaths(NamedTuple):
    workers: int  # that hold a lane
    web: int


@pytest.fixture(scope="module")
def durable_postgres():
    with postgres_server(fsync=True) as server:
        yield server


@pytest.fixture
def database(request, tmp_path):
    """A database that is as durable as production."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'mostik.db'}"
    return request.getfixturevalue("durable_postgres").fresh_url()


@pytest.fixture
def installation(tmp_path, monkeypatch):
    """Makes installations of so many accounts; each is stopped at the end, whatever happened."""
    made = []

    def make(database_url, accounts_count, **settings):
        made.append(Installation(tmp_path, database_url, accounts_count, monkeypatch, **settings))
        made[-1].start()
        return made[-1]

    yield make
    for one in made:
        one.stop()


@pytest.mark.parametrize(
    ("database", "accounts_count", "bookings", "deaths", "seconds"),
    [
        pytest.param("postgres", 16, 500, Deaths(workers=200, web=30), 85, id="postgres"),
        pytest.param("sqlite", 4, 120, Deaths(workers=30, web=10), 25, id="sqlite"),
    ],
    indirect=["database"],
)
def test_busy_processes_are_killed_and_everything_is_right(
    database, accounts_count, bookings, deaths, seconds, installation, capsys
):
    started = time.monotonic()
    world = installation(database, accounts_count)
    journal = prepared(world, bookings)
    troubled = time.monotonic()
    killer = Killer(world.scaffold, deaths.workers, deaths.web, seconds)
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
        print(f"\n\n{points.histogram(strikes)}")
        print(f"bookings={verdict.bookings} leads={verdict.leads} never opened={verdict.never_opened} "
              f"problems={len(verdict.problems)} start={troubled - started:.0f}s "
              f"trouble={recovering - troubled:.0f}s recovery={time.monotonic() - recovering:.0f}s")  # fmt: skip
    assert not verdict.problems, autopsy.report(verdict.problems)
    assert unhealthy() == []


def prepared(world, bookings):
    """Some people had asked before, and a manager had opened a lead for them; nothing has been booked yet."""
    seeded = [(company, f"+78{company % 1000:03}{n:06}") for company, _ in world.pairs for n in range(SEEDED)]
    domains = dict(world.pairs)
    for company, phone in seeded:
        world.person_asks(domains[company], phone)
    world.calm()
    return Journal(world.salons, list(domains), bookings, seeded)


def live(world, journal, killer, seconds):
    """The salons work at the pace of the killer, so that there is something to interrupt until the last blow."""
    deadline = time.monotonic() + seconds
    total, deeds = sum(killer.wanted.values()), journal.left
    while killer.is_alive() or not journal.is_over:
        killed = sum(killer.done().values())
        assert time.monotonic() < deadline, f"{killed} of {total} deaths, {journal.left} of {deeds} deeds left"
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
    """Events that did not end well: nothing of all this may use up an attempt."""
    return db.rows(
        "SELECT subject, kind, status, attempts, error FROM inbound_events "
        "WHERE attempts > 0 OR status NOT IN ('done', 'superseded')"
    )
