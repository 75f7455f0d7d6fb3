"""Who writes for a salon: one at a time, told apart by a number that grows with each change of hands."""

import threading
from datetime import timedelta

import pytest

from backend.core.errors import InvalidInput
from backend.store import db, events, lanes, outbox, writers
from backend.store.outbox import PlannedRow
from backend.store.writers import WriterMoved, WriterName
from tests.store.conftest import COMPANY, NOW

GET8, DRAINING, OURS = WriterName.GET8, WriterName.DRAINING, WriterName.OURS


@pytest.fixture
def switched(account):
    """A salon that has come to us."""
    writers.begin(account.id, [COMPANY], NOW)
    writers.move(account.id, COMPANY, GET8, DRAINING, NOW, t0=NOW)
    return writers.move(account.id, COMPANY, DRAINING, OURS, NOW + timedelta(minutes=3))


def test_a_salon_that_never_moved_has_no_row(account):
    assert writers.of_account(account.id) == {}
    assert writers.of_salon(account.id, COMPANY) is None
    writers.assert_current(account.id, {})


def test_each_change_of_hands_gives_a_new_number(account, switched):
    assert (switched.writer, switched.fence, switched.t0) == (OURS, 3, NOW)
    assert switched.is_ours
    assert switched.since == NOW + timedelta(minutes=3)


def test_a_beginning_leaves_what_stands(account, switched):
    writers.begin(account.id, [COMPANY, COMPANY + 1], NOW)

    assert writers.of_account(account.id)[COMPANY] == switched
    assert writers.of_account(account.id)[COMPANY + 1].writer is GET8


def test_nobody_takes_what_another_has(account, switched):
    with pytest.raises(InvalidInput, match="writer_is_another"):
        writers.move(account.id, COMPANY, DRAINING, OURS, NOW)
    with pytest.raises(InvalidInput, match="writer_is_another"):
        writers.move(account.id, COMPANY + 1, GET8, DRAINING, NOW)
    assert writers.of_salon(account.id, COMPANY) == switched


def test_of_two_who_move_at_once_one_does(account):
    writers.begin(account.id, [COMPANY], NOW)
    won, start = [], threading.Barrier(2)

    def contend(after):
        start.wait()
        try:
            won.append(writers.move(account.id, COMPANY, GET8, after, NOW))
        except InvalidInput:
            pass
        finally:
            db.release()

    threads = [threading.Thread(target=contend, args=(after,)) for after in (DRAINING, OURS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == 1
    assert writers.of_salon(account.id, COMPANY).fence == 2


def test_an_older_number_is_refused(account, switched):
    writers.assert_current(account.id, {COMPANY: switched.fence})
    with pytest.raises(WriterMoved):
        writers.assert_current(account.id, {COMPANY: switched.fence - 1})

    writers.move(account.id, COMPANY, OURS, DRAINING, NOW)

    with pytest.raises(WriterMoved):
        writers.assert_current(account.id, {COMPANY: switched.fence})
    with pytest.raises(WriterMoved):
        writers.assert_current(account.id, {COMPANY: switched.fence + 1})


def test_what_was_decided_under_an_older_number_is_not_even_planned(account, switched):
    lease = lanes.take(lanes.lane_id(account.id, lanes.BOOKINGS), "worker", 60)
    event = events.record(
        NOW, account_id=account.id, branch_id=None, lane=lanes.BOOKINGS, subject="yclients:41001:1",
        source="yclients", kind="yclients.record", dedup_key="1", body="{}", settle_seconds=0,
    )  # fmt: skip
    row = PlannedRow(event, 0, "yclients:41001:1", "AddNote", {})
    writers.move(account.id, COMPANY, OURS, DRAINING, NOW)

    with pytest.raises(WriterMoved):
        outbox.plan(lease, [row], NOW, writers.fences({COMPANY: switched}, [COMPANY, 5]))

    assert outbox.of_event(event) == []
    assert len(outbox.plan(lease, [row], NOW)) == 1
