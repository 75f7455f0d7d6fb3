"""H. Delivery: hooks come twice, late, in disorder or not at all, and vendors fail."""

import pytest

from backend.store import events
from tests.support.stand import LASER_ARMPITS, LASER_LEGS, TVERSKAYA

BOOKED, CONFIRMED, TO_BE_MOVED, WON, LOST = 8101, 8102, 8105, 142, 143


def client(number):
    return f"Клиент {number}", f"+7999000{number:04d}"


def all_events(stand):
    return events.page(stand.account.id, events.Filters(), limit=100)


def test_H1_four_identical_hooks_are_one_lead(stand, caught_hooks, post_hook):
    record = stand.book(LASER_ARMPITS)
    (hook,) = caught_hooks()

    statuses = [post_hook(hook) for _ in range(4)]
    stand.settle()

    assert statuses == [200, 200, 200, 200]
    assert len(stand.events(record)) == 1
    assert stand.lead_of(record)["status_id"] == BOOKED
    assert stand.counts()["POST leads/complex"] == 1


def test_H2_deletion_that_overtakes_an_edit_wins(stand, caught_hooks, post_hook):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.mark(record, 2)
    stand.world.clock.advance(5)
    stand.delete(record)
    edited, deleted = caught_hooks()

    post_hook(deleted)
    post_hook(edited)
    stand.settle()

    assert stand.lead_of(record)["status_id"] == LOST


def test_H2_edit_that_comes_long_after_the_deletion_is_dropped(stand, caught_hooks, post_hook):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.mark(record, 2)
    stand.world.clock.advance(5)
    stand.delete(record)
    edited, deleted = caught_hooks()

    post_hook(deleted)
    stand.settle()
    post_hook(edited)
    stand.settle()

    assert stand.lead_of(record)["status_id"] == LOST
    assert stand.value(stand.lead_of(record), "MOSTIK_STATUS") == ["Запись отменена"]
    assert stand.reason(record) == "stale"


def test_H3_lost_creation_is_found_by_asking(stand):
    stand.world.yclients.hooks(loss=1.0)
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    lost = stand.leads_of(record)

    found = stand.reconcile()
    stand.settle()

    assert lost == []
    assert found == 1
    assert stand.lead_of(record)["status_id"] == BOOKED


def test_H3_what_hooks_brought_is_not_taken_twice(stand):
    record = stand.book(LASER_ARMPITS)
    stand.settle()

    found = stand.reconcile()
    stand.settle()

    assert found == 0
    assert len(stand.events(record)) == 1


def test_H4_array_of_events_is_read_one_by_one(stand, caught_hooks, post_hook):
    first = stand.book(LASER_ARMPITS, client=client(1))
    second = stand.book(LASER_LEGS, client=client(2))
    hooks = caught_hooks()

    status = post_hook(hooks)
    stand.settle()

    assert status == 200
    assert stand.lead_of(first)["price"] == 2500
    assert stand.lead_of(second)["price"] == 4500


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"company_id": 41001, "resource": "rec', id="cut in the middle"),
        pytest.param(b"\xff\xfe\x00", id="not text"),
        pytest.param(b"", id="empty"),
        pytest.param(b"[1, 2]", id="numbers"),
    ],
)
def test_H5_broken_body_is_stored_and_answered_kindly(stand, post_hook, body):
    status = post_hook(body)

    (stored, *_) = [event for event in all_events(stand) if event.source == "yclients"]
    assert status == 200
    assert (stored.status, stored.error) == ("rejected", "hooks.unreadable")
    assert stand.leads() == []


def test_H5_unknown_resource_is_stored_and_answered_kindly(stand, post_hook):
    hook = {
        "company_id": TVERSKAYA,
        "resource": "spaceship",
        "resource_id": 7,
        "status": "create",
        "data": {},
    }

    status = post_hook(hook)

    (stored,) = [event for event in all_events(stand) if event.source == "yclients"]
    assert status == 200
    assert (stored.status, stored.error) == ("rejected", "hooks.unreadable")
    assert "spaceship" in stored.body


def test_H6_two_hours_without_us_are_caught_up(stand):
    moved, confirmed, cancelled, arrived = [stand.book(LASER_ARMPITS, client=client(n)) for n in range(4)]
    stand.settle()
    stand.world.yclients.hooks(loss=1.0)
    stand.world.clock.advance(1800)
    stand.edit(moved, datetime=stand.wall("+5"))
    stand.mark(confirmed, 2)
    stand.mark(arrived, 2)
    booked = stand.book(LASER_LEGS, client=client(5))
    short_lived = stand.book(LASER_LEGS, client=client(6))
    stand.world.clock.advance(1800)
    stand.delete(cancelled)
    stand.mark(arrived, 1)
    stand.delete(short_lived)
    stand.world.clock.advance(3600)
    stand.world.yclients.hooks(loss=0.0)

    stand.reconcile()
    stand.settle()

    stages = [stand.lead_of(r)["status_id"] for r in (moved, confirmed, cancelled, arrived, booked)]
    assert stages == [BOOKED, CONFIRMED, LOST, WON, BOOKED]
    assert len(stand.leads()) == 5
    assert stand.leads_of(short_lived) == []


def test_H6_only_the_newest_state_is_carried_out(stand):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.world.yclients.hooks(loss=1.0)
    for attendance in (2, -1, 0, 1):
        stand.world.clock.advance(1800)
        stand.mark(record, attendance)
    stand.world.amocrm.journal_clear()

    stand.reconcile()
    stand.settle()

    changes = [row for row in stand.world.amocrm.journal() if row["method"] == "PATCH"]
    assert stand.lead_of(record)["status_id"] == WON
    assert len(changes) == 1


FAULTS = [
    pytest.param({"kind": "429"}, id="too many requests"),
    pytest.param({"kind": "500"}, id="server error"),
    pytest.param({"kind": "504"}, id="gateway time-out before the work"),
    pytest.param({"kind": "timeout", "seconds": 60}, id="no answer at all"),
    pytest.param({"kind": "reset_after_commit"}, id="reset after the work"),
    pytest.param({"kind": "504_after_commit"}, id="gateway time-out after the work"),
    pytest.param({"kind": "slow", "seconds": 60}, id="answer after we gave up"),
]


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("fault", FAULTS)
def test_H7_failing_creation_ends_in_one_lead(stand, fault, times):
    stand.world.amocrm.faults(**fault, match="leads/complex", next=times)
    record = stand.book(LASER_ARMPITS)

    for _ in range(8):
        stand.settle()

    assert len(stand.leads()) == 1
    assert len(stand.contacts()) == 1
    assert stand.lead_of(record)["status_id"] == BOOKED
    assert len(stand.notes(stand.lead_of(record))) == 1


@pytest.mark.parametrize("fault", FAULTS)
def test_H7_failing_batch_loses_and_doubles_nothing(stand, fault):
    stand.world.amocrm.faults(**fault, match="leads/complex", next=1)
    records = [stand.book(LASER_ARMPITS, client=client(number)) for number in range(5)]

    for _ in range(4):
        stand.settle()

    assert len(stand.leads()) == 5
    assert [len(stand.leads_of(record)) for record in records] == [1] * 5


@pytest.mark.parametrize("kind", ["reset_after_commit", "504_after_commit"])
def test_H7_note_whose_answer_was_lost_is_written_once(stand, kind):
    stand.world.amocrm.faults(kind=kind, match="leads/notes", next=1)
    record = stand.book(LASER_ARMPITS)

    for _ in range(3):
        stand.settle()

    assert len(stand.notes(stand.lead_of(record))) == 1


def test_H7_an_outage_never_uses_up_the_attempts(stand):
    stand.world.amocrm.faults(kind="500", match="leads", next=40)
    record = stand.book(LASER_ARMPITS)

    for _ in range(60):
        stand.settle(1200)

    assert stand.lead_of(record)["status_id"] == BOOKED
    assert max(event.attempts for event in stand.events(record)) == 0
