"""Commands: planned before they are sent, settled beside, found again after a cut."""

from datetime import timedelta

import pytest

from backend.store import db, events, lanes, outbox
from backend.store.lanes import LeaseLost
from backend.store.outbox import PlannedRow, Settled
from tests.store.conftest import NOW

KEY = "yclients:41001:1"


@pytest.fixture
def event_id(account, branch):
    return events.record(
        NOW, account_id=account.id, branch_id=branch.id, lane="bookings", subject=KEY, source="yclients",
        kind="yclients.record", dedup_key="1", body="{}", settle_seconds=0,
    )  # fmt: skip


def row(event_id, position=0, **changes):
    values = {"subject": KEY, "kind": "CreateLead", "payload": {"имя": "Анна"}, **changes}
    return PlannedRow(event_id, position, **values)


def test_a_plan_is_readable_in_its_order(lease, event_id):
    ids = outbox.plan(lease, [row(event_id, 1, kind="AddNote"), row(event_id)], NOW)

    commands = outbox.of_event(event_id)
    assert [(c.id, c.kind, c.status) for c in commands] == [
        (ids[1], "CreateLead", "planned"),
        (ids[0], "AddNote", "planned"),
    ]
    assert commands[0].payload == {"имя": "Анна"}
    assert commands[0].planned_at == NOW


def test_results_stand_beside_their_commands(lease, event_id):
    done, failed = outbox.plan(lease, [row(event_id), row(event_id, 1)], NOW)
    later = NOW + timedelta(seconds=3)

    outbox.settle(lease, {done: Settled("done", {"id": 5}), failed: Settled("failed", error="400")}, later)

    assert [(c.status, c.result, c.error, c.settled_at) for c in outbox.of_event(event_id)] == [
        ("done", {"id": 5}, None, later),
        ("failed", None, "400", later),
    ]


def test_the_next_attempt_is_a_plan_of_its_own(lease, event_id):
    outbox.plan(lease, [row(event_id)], NOW)
    outbox.plan(lease, [row(event_id)], NOW)

    assert [command.attempt for command in outbox.of_event(event_id)] == [1, 2]


def test_unfinished_are_the_planned_ones_of_these_subjects(lease, event_id):
    cut, done, _, _ = outbox.plan(
        lease,
        [
            row(event_id),
            row(event_id, 1),
            row(event_id, 2, status="observed"),
            row(event_id, 3, subject="other"),
        ],
        NOW,
    )
    outbox.settle(lease, {done: Settled("done")}, NOW)

    assert [command.id for command in outbox.unfinished(lease.account_id, [KEY])] == [cut]
    assert outbox.unfinished(lease.account_id + 1, [KEY]) == []
    assert outbox.unfinished(lease.account_id, []) == []


def test_an_observed_command_is_final_at_once(lease, event_id):
    outbox.plan(lease, [row(event_id, status="observed")], NOW)

    assert outbox.of_event(event_id)[0].settled_at == NOW


def test_a_plan_of_nothing_is_nothing(lease, statements):
    statements.clear()

    assert outbox.plan(lease, [], NOW) == []
    assert statements == []


def test_a_stale_lease_neither_plans_nor_settles(lease, event_id):
    (planned,) = outbox.plan(lease, [row(event_id)], NOW)
    lanes.release(lease)

    with pytest.raises(LeaseLost):
        outbox.plan(lease, [row(event_id)], NOW)
    with pytest.raises(LeaseLost):
        outbox.settle(lease, {planned: Settled("done")}, NOW)
    assert [command.status for command in outbox.of_event(event_id)] == ["planned"]


def test_commands_go_with_their_event(lease, event_id):
    outbox.plan(lease, [row(event_id)], NOW)

    db.run("DELETE FROM inbound_events WHERE id = %s", (event_id,))

    assert db.rows("SELECT count(*) FROM outbox_commands") == [(0,)]
