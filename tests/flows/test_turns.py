"""A job at its lane: alone, and gone from it as soon as it is over, whatever it ran into."""

import pytest

from backend.core.errors import TryLater
from backend.flows import turns
from backend.flows.takeover.beside import shadow
from backend.flows.takeover.returning import watch as takeover_watch
from backend.flows.telephony.hearing import cloud_history, table_rounds
from backend.flows.telephony.recordings import recording_jobs
from backend.flows.watch import rounds
from backend.store import db, lanes

SECONDS = 60
JOBS = {
    rounds.LANE: rounds.run,
    shadow.LANE: shadow.run,
    takeover_watch.LANE: takeover_watch.run,
    table_rounds.LANE: table_rounds.run,
    cloud_history.LANE: cloud_history.run,
    recording_jobs.LANE: recording_jobs.run,
}


@pytest.fixture
def lane(stand):
    return lanes.lane_id(stand.account.id, "some_round")


def is_free(lane):
    """Whoever comes finds a lane that nobody died in: it gives a full batch."""
    lease = lanes.take(lane, "next", SECONDS)
    return lease is not None and lease.batch_limit == lanes.FULL_BATCH


def test_what_was_done_is_told_and_the_lane_let_go(stand, lane):
    done = turns.take(stand.ctx, lane, lambda lease, _keep_alive: 3 if lease.lane_id == lane else 0)

    assert done == 3
    assert is_free(lane)


def test_while_another_is_at_it_nothing_is_done(stand, lane):
    held = lanes.take(lane, "another", SECONDS)

    done = turns.take(stand.ctx, lane, lambda _lease, _keep_alive: pytest.fail("two at one lane"))

    assert done == 0
    lanes.renew(held, SECONDS)


def test_an_expected_error_lets_go_at_once(stand, lane):
    def refused(_lease, _keep_alive):
        raise TryLater("amocrm.unreachable")

    assert turns.take(stand.ctx, lane, refused) == 0
    assert is_free(lane)


def test_a_bug_leaves_the_lane_as_the_dead_do(stand, lane):
    def broken(_lease, _keep_alive):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        turns.take(stand.ctx, lane, broken)

    assert lanes.take(lane, "next", SECONDS) is None


def test_whoever_was_too_slow_writes_no_more_and_takes_nothing_away(stand, lane):
    successors = []

    def slow(_lease, keep_alive):
        db.run("UPDATE lanes SET expires = 0 WHERE id = %s", (lane,))
        successors.append(lanes.take(lane, "next", SECONDS))
        keep_alive()
        pytest.fail("went on with another's lane")

    assert turns.take(stand.ctx, lane, slow) == 0
    lanes.renew(successors[0], SECONDS)


@pytest.mark.parametrize("name", JOBS)
def test_every_round_is_such_a_turn(stand, name):
    lane = lanes.lane_id(stand.account.id, name)
    held = lanes.take(lane, "another", SECONDS)
    assert JOBS[name](stand.ctx, lane) == 0
    lanes.release(held)

    JOBS[name](stand.ctx, lane)

    assert is_free(lane)
