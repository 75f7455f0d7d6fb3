"""Leases: one holder at a time, fencing against the late, half a batch after a death; by real processes."""

import multiprocessing
import time

import pytest

from backend.store import accounts, db, lanes
from backend.store.lanes import FULL_BATCH, LeaseLost
from tests.store import contenders
from tests.store.conftest import NOW

SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def lane(account):
    return lanes.lane_id(account.id, "bookings")


def expire(lane):
    """The holder's time is over: the row as it is after the seconds have passed."""
    db.run("UPDATE lanes SET expires = 0 WHERE id = %s", (lane,))


def test_a_lane_comes_into_being_once(account, lane):
    lanes.forget_ids()

    assert lanes.lane_id(account.id, "bookings") == lane
    assert lanes.get(lane) == (account.id, "bookings")
    with pytest.raises(LookupError):
        lanes.get(999)


def test_a_lane_that_was_rolled_back_is_not_remembered(account):
    def create_and_fail():
        with db.atomic():
            lanes.lane_id(account.id, "calls")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        create_and_fail()

    assert lanes.get(lanes.lane_id(account.id, "calls")) == (account.id, "calls")


def test_a_held_lane_is_not_taken(lane):
    lease = lanes.take(lane, "one", 30)

    assert lanes.take(lane, "two", 30) is None
    lanes.release(lease)
    assert lanes.take(lane, "two", 30).owner == "two"


def test_the_leases_of_the_dead_run_out_at_once_and_nobody_elses(account, lane):
    other = lanes.lane_id(account.id, "calls")
    dead, alive = lanes.take(lane, "host:12:ab", 30), lanes.take(other, "host:123:ab", 30)

    assert lanes.end_of("host:12:") == 1

    with pytest.raises(LeaseLost):
        lanes.renew(dead, 30)
    lanes.renew(alive, 30)
    assert lanes.take(lane, "host:14:cd", 30).fencing == dead.fencing + 1


def test_the_fencing_number_grows_with_every_holder(lane):
    first = lanes.take(lane, "one", 30)
    lanes.release(first)

    assert lanes.take(lane, "one", 30).fencing == first.fencing + 1


def test_a_lease_runs_out_by_the_clock_of_the_database(lane):
    lanes.take(lane, "one", 0.05)
    time.sleep(0.1)

    assert lanes.take(lane, "two", 30).owner == "two"


def test_renewing_holds_on_and_is_refused_when_too_late(lane):
    lease = lanes.take(lane, "one", 0.05)
    lanes.renew(lease, 30)
    time.sleep(0.1)

    assert lanes.take(lane, "two", 30) is None
    expire(lane)
    with pytest.raises(LeaseLost):
        lanes.renew(lease, 30)


def test_the_late_holder_neither_writes_nor_renews_nor_releases(lane):
    late = lanes.take(lane, "one", 30)
    expire(lane)
    lanes.take(lane, "two", 30)

    with pytest.raises(LeaseLost), db.atomic():
        lanes.assert_held(late)
    with pytest.raises(LeaseLost):
        lanes.renew(late, 30)
    lanes.release(late)
    assert lanes.take(lane, "three", 30) is None


def test_fencing_tells_two_leases_of_one_owner_apart(lane, account):
    late = lanes.take(lane, "one", 30)
    expire(lane)
    lanes.take(lane, "one", 30)

    with pytest.raises(LeaseLost):
        accounts.save_tokens(account.id, accounts.Tokens("a", "r", NOW), lease=late, now=NOW)
    assert accounts.tokens(account.id).access == "access-1"


def test_a_lease_is_checked_inside_a_transaction_only(lane):
    lease = lanes.take(lane, "one", 30)

    with pytest.raises(AssertionError):
        lanes.assert_held(lease)


def test_each_death_halves_the_batch_and_a_release_restores_it(lane):
    limits = []
    for _ in range(10):
        limits.append(lanes.take(lane, "doomed", 30).batch_limit)
        expire(lane)
    survivor = lanes.take(lane, "survivor", 30)
    lanes.release(survivor)

    assert limits == [FULL_BATCH, 100, 50, 25, 13, 7, 4, 2, 1, 1]
    assert lanes.take(lane, "next", 30).batch_limit == FULL_BATCH


def test_a_killed_process_loses_its_lane_when_its_time_is_over(store, lane):
    victim = SPAWN.Process(target=contenders.take_and_die, args=(store, lane, 0.5))
    victim.start()
    victim.join(30)

    taken = None
    deadline = time.monotonic() + 10
    while taken is None and time.monotonic() < deadline:
        taken = lanes.take(lane, "heir", 30)
        time.sleep(0.05)

    assert victim.exitcode == 9
    assert (taken.owner, taken.fencing, taken.batch_limit) == ("heir", 2, FULL_BATCH // 2)


def test_processes_never_hold_one_lane_together(store, lane, tmp_path):
    with SPAWN.Pool(3) as pool:
        jobs = [
            pool.apply_async(contenders.hold_in_turns, (store, lane, tmp_path / "flag", 40)) for _ in range(3)
        ]
        results = [job.get(60) for job in jobs]

    fencings = [number for _, numbers in results for number in numbers]
    assert [clashes for clashes, _ in results] == [0, 0, 0]
    assert sorted(fencings) == list(range(1, 121))


def test_many_processes_write_at_once_without_a_locked_database(store, account):
    with SPAWN.Pool(3) as pool:
        jobs = [
            pool.apply_async(contenders.write_much, (store, account.id, f"lane-{n}", 30)) for n in range(3)
        ]
        closed = [job.get(60) for job in jobs]

    assert closed == [30, 30, 30]


def test_a_takeover_waits_for_the_transaction_that_checked_the_lease(store, lane):
    """On PostgreSQL by the row's lock, on SQLite by the one writer: a checked lease is good until commit."""
    lease = lanes.take(lane, "one", 0.3)
    with SPAWN.Pool(1) as pool:
        pool.apply(contenders.upgrade, (store,))  # the process is up and connected
        with db.atomic():
            lanes.assert_held(lease)
            job = pool.apply_async(contenders.take_once, (store, lane))
            time.sleep(0.6)
            assert not job.ready()
        assert job.get(30) == 2
