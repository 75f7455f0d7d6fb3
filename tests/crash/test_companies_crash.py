"""Calls of companies whose process dies after every request and before every note of it: nothing is lost or
stands twice, not even a task.
"""

import time

import pytest

from backend.store import events
from tests.crash import points
from tests.crash.calls import TALK, Story, Switchboard, a_company, judge
from tests.support import make

SECONDS = 60
MOST = 3  # blows before one kind of step in one call: a note that never comes through is no way on
CALLS = ((("out", [TALK]), 0, 1), (("in", []), 1, 3))
"""Way and talks; leads, and as many open tasks; requests. One stands in the company's own card, a missed one
is a lead, the call in it, and a task.
"""


@pytest.fixture
def world(installation, database):
    return installation(database, 1, workers=1)


@pytest.fixture
def board(world):
    return Switchboard(world, 0, seed=1)


def call_ends(world, board, number, way, talks, leads):
    [(_, domain)] = world.pairs
    phone = f"7999000{number:04}"
    company_id = a_company(world.crm, domain, phone)
    call = make.call(way, talks=talks, client=phone, pbx_id=board.lines[domain].id, at=world.ctx.now())
    board.stories.append(Story(domain, phone, (call,), leads, leads, company_id))
    board.left.append((domain, call))
    board.next()


def live_through(world, point):
    """Until there is nothing left to do; whoever comes by this point dies. Returns how many that were."""
    deadline, before = time.monotonic() + SECONDS, len(world.scaffold.strikes())
    while events.pending_count():
        assert time.monotonic() < deadline, f"{events.pending_count()} events are left"
        died = len(world.scaffold.strikes()) - before
        if not world.scaffold.ordered() and died < MOST:
            world.scaffold.order(point, points.ALONE)
        world.advance(1)
        time.sleep(0.05)
    world.scaffold.withdraw()
    return len(world.scaffold.strikes()) - before


@pytest.mark.long
def test_a_company_is_told_of_its_call_once_wherever_the_process_dies(world, board):
    died = {}
    for number, (point, ((way, talks), leads, requests)) in enumerate(
        (point, call) for point in points.GAP for call in CALLS
    ):
        call_ends(world, board, number, way, talks, leads)
        died[point, requests] = live_through(world, point)

    assert judge(world.crm, board.stories) == []
    after, before = points.GAP
    assert died == {(after, 1): 1, (after, 3): 3, (before, 1): MOST, (before, 3): MOST}
