"""Calls of many clients while busy workers are killed: nothing is lost, nothing stands twice."""

import random
import sys
import time
from typing import NamedTuple

import pytest

from backend.store import db, events
from tests.crash import points
from tests.crash.calls import Switchboard, judge
from tests.crash.killer import Killer

BACKLOG = 60  # events that may wait: with more of them, one batch would swallow many calls
GRACE = 40


class Deaths(NamedTuple):
    """How many workers have to die, and between amoCRM's commit and ours."""

    workers: int
    in_the_gap: int


@pytest.mark.long
@pytest.mark.parametrize(
    ("database", "accounts_count", "clients", "deaths", "seconds"),
    [
        pytest.param("postgres", 8, 120, Deaths(60, in_the_gap=6), 40, id="postgres"),
        pytest.param("sqlite", 4, 60, Deaths(15, in_the_gap=1), 25, id="sqlite"),
    ],
    indirect=["database"],
)
def test_busy_workers_are_killed_and_every_call_is_written_once(
    database, accounts_count, clients, deaths, seconds, installation, capsys
):
    seed = random.randrange(1000)
    world = installation(database, accounts_count)
    board = Switchboard(world, clients, seed)
    killer = Killer(world.scaffold, deaths.workers, 0, seconds, seed)
    world.trouble(0.03)
    world.crm("options", search_lag=0.5, lag_clock="real")  # a call of a new client may be refused
    killer.start()
    try:
        live(world, board, killer, seconds + GRACE)
    finally:
        killer.stop()
    world.no_more_trouble()
    world.calm()

    strikes = world.scaffold.strikes()
    with capsys.disabled():
        told = f"calls={len(board.calls)} seed={seed}"
        sys.stdout.write(f"\n\n{points.histogram(strikes)}\n{told}\n")
    problems = judge(world.crm, board.stories)
    assert not problems, told_of(problems)
    assert unhealthy() == []
    assert killer.done()["worker"] >= deaths.workers
    assert points.in_the_gap(strikes) >= deaths.in_the_gap


def live(world, board, killer, seconds):
    """Calls end at the pace of the killer, so that there is something to interrupt to the last blow."""
    deadline, total, all_calls = time.monotonic() + seconds, killer.wanted["worker"], len(board.calls)
    while killer.is_alive() or not board.is_over:
        killed = killer.done()["worker"]
        assert time.monotonic() < deadline, f"{killed} of {total} deaths, {len(board.left)} calls left"
        ahead = 1 - len(board.left) / all_calls - killed / total
        if not board.is_over and (ahead < 0.1 or not killer.is_alive()):
            board.next()
            continue
        if killer.is_alive() and events.pending_count() > BACKLOG:
            world.advance(0.5)  # pauses between attempts pass faster than leases
        time.sleep(0.05)
        if board.is_over and events.pending_count() == 0:
            killer.stop()


def told_of(problems):
    """The problems with what our own tables say of their calls."""
    uniqs = [problem.split()[1] for problem in problems if problem.startswith("call ")]
    rows = [db.rows("SELECT uniq, state, crm FROM calls WHERE uniq = %s", (uniq,)) for uniq in uniqs]
    plans = [
        db.rows(
            """SELECT subject, attempt, kind, status, error FROM outbox_commands
            WHERE subject = %s ORDER BY id""",
            (f"call:{uniq}",),
        )
        for uniq in uniqs
    ]
    return "\n".join(map(str, (*problems, *rows, *plans)))


def unhealthy():
    """Events that did not end well: nothing of all this may use up an attempt."""
    return db.rows(
        "SELECT subject, kind, status, attempts, error FROM inbound_events "
        "WHERE attempts > 0 OR status NOT IN ('done', 'superseded')"
    )
