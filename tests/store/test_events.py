"""The inbox: dedupe, the settle clock, due by subject, outcomes, the journal."""

import re
from datetime import datetime, timedelta

import pytest

from backend.core.errors import Scope
from backend.store import accounts, connections, db, due, events, lanes, links
from backend.store.events import Closing, Filters, NewEvent
from backend.store.lanes import LeaseLost
from backend.store.links import LinkChange
from tests.store.conftest import COMPANY, NOW

KEY = f"yclients:{COMPANY}:1"
NAIVE = datetime(2026, 3, 1)  # noqa: DTZ001


def at(seconds):
    return NOW + timedelta(seconds=seconds)


def begun(lease, seconds, limit=200):
    return [event.id for event in events.begin(lease, at(seconds), limit)]


def test_a_repeated_event_is_stored_once(record):
    first = record(dedup_key="same")

    assert record(dedup_key="same") is None
    assert events.get(first).status == "received"


def test_another_source_or_account_may_use_the_same_key(record, account):
    record(dedup_key="same")
    other = accounts.install(
        NOW, domain="other.amocrm.ru", crm_id=2, name="", timezone="", user_id=1,
        tokens=accounts.Tokens("a", "r", NOW),
    )  # fmt: skip

    assert record(dedup_key="same", source="replay") is not None
    assert record(dedup_key="same", account_id=other.id, branch_id=None) is not None


def test_recording_is_one_statement(record, statements):
    record()
    statements.clear()

    record()

    assert len(statements) == 1


def test_many_are_recorded_in_one_transaction(record, account, branch):
    def new(key):
        return NewEvent(account.id, branch.id, "bookings", KEY, "yclients", "yclients.record", key, "{}", 30)

    ids = events.record_many(NOW, [new("a"), new("b"), new("a")])

    assert [event_id is not None for event_id in ids] == [True, True, False]


def test_the_settle_clock_starts_anew_with_each_change(record, lease):
    first = record()
    second = record(at(20))

    assert begun(lease, 31) == []  # the first alone would be due
    assert begun(lease, 50) == [first, second]


def test_the_settle_clock_is_bound_by_three_settle_times(record, lease):
    ids = [record(at(seconds)) for seconds in (0, 25, 50, 75)]

    assert events.get(ids[-1]).due_at == at(90)
    assert begun(lease, 89) == []
    assert begun(lease, 90) == ids


def test_a_subject_that_was_closed_starts_with_a_fresh_bound(record, lease):
    first = record()
    events.close_many(lease, [Closing(first, "done")], at(40))

    assert events.get(record(at(300))).due_at == at(330)


def test_subjects_do_not_wait_for_each_other(record, lease):
    early = record(subject="yclients:41001:1")
    record(at(25), subject="yclients:41001:2")

    assert begun(lease, 30) == [early]


def test_the_oldest_due_comes_first_and_a_subject_is_never_cut(record, lease):
    slow = record(settle=60)
    quick = record(subject="yclients:41001:2", settle=5)
    again = record(at(10), subject="yclients:41001:2", settle=5)

    assert begun(lease, 100) == [quick, again, slow]
    assert begun(lease, 100, limit=1) == [quick, again]


def test_lanes_with_due_subjects_are_open(record, account):
    record()
    lane = lanes.lane_id(account.id, "bookings")

    assert events.open_lanes(at(29)) == []
    assert events.open_lanes(at(30)) == [lane]
    assert (events.is_due(lane, at(29)), events.is_due(lane, at(30))) == (False, True)


def test_a_paused_salon_waits_alone_and_goes_on_after_resume(record, lease, account):
    held = record()
    free = record(subject="amocrm:leads", branch_id=None)
    connections.pause(account.id, COMPANY, "yclients.unauthorized")

    assert begun(lease, 60) == [free]
    connections.resume(account.id, COMPANY)
    assert begun(lease, 60) == [held, free]


@pytest.mark.parametrize(
    "stop", [accounts.remove, lambda i, now: accounts.pause(i, "amocrm.unpaid", "", now)]
)
def test_nothing_of_a_stopped_account_is_due(record, lease, account, stop):
    record()
    stop(account.id, NOW)

    assert begun(lease, 60) == []
    assert events.open_lanes(at(60)) == []


def test_outcomes_are_written_with_reason_and_decision(record, lease, branch, account):
    done, old = record(at(5)), record()

    events.close_many(
        lease,
        [Closing(done, "done", "created", {"причина": "новая"}), Closing(old, "superseded")],
        at(60),
    )

    event = events.get(done)
    assert (event.status, event.reason, event.decision) == ("done", "created", {"причина": "новая"})
    assert event.closed_at == at(60)
    assert events.get(old).status == "superseded"
    assert connections.get(account.id, COMPANY).last_hook_at == at(5)


def test_json_is_stored_as_people_read_it(record, lease):
    event_id = record()
    events.close_many(lease, [Closing(event_id, "done", "created", {"причина": "новая"})], NOW)

    assert db.rows("SELECT decision FROM inbound_events") == [('{"причина":"новая"}',)]


def test_a_poll_is_not_taken_for_a_hook(record, lease, account):
    event_id = record(source="yclients.poll")
    events.close_many(lease, [Closing(event_id, "done")], at(60))

    assert connections.get(account.id, COMPANY).last_hook_at is None


def test_a_closed_event_keeps_its_first_outcome(record, lease):
    event_id = record()
    events.close_many(lease, [Closing(event_id, "done", "created")], NOW)
    events.close_many(lease, [Closing(event_id, "failed")], NOW)

    assert events.get(event_id).status == "done"


def test_waiting_for_the_other_side_never_fails(record, lease):
    event_id = record()
    for _ in range(20):
        assert events.wait(lease, [event_id], at(600), "amocrm.unreachable", counts_as_attempt=False) == []

    event = events.get(event_id)
    assert (event.status, event.attempts, event.tries, event.due_at) == ("waiting", 0, 20, at(600))


def test_eight_mistakes_of_our_own_fail_the_event(record, lease):
    event_id = record()
    outcomes = [events.wait(lease, [event_id], at(1), "KeyError()", counts_as_attempt=True) for _ in range(8)]

    assert outcomes == [[]] * 7 + [[event_id]]
    assert events.get(event_id).status == "failed"
    events.reopen(event_id, at(100))
    assert begun(lease, 100) == [event_id]
    assert events.get(event_id).attempts == 0


def test_blocked_events_come_back_by_scope(record, lease, account):
    route, field = record(), record(subject="yclients:41001:2")
    events.block(lease, [route], Scope("route", "41001:epilation"), "route.stage_gone", NOW)
    events.block(lease, [field], Scope("field", "salon"), "field.gone", NOW)

    assert begun(lease, 100) == []
    assert events.unblock(account.id, Scope("route", "41001:epilation")) == 1
    assert begun(lease, 100) == [route]
    assert events.unblock(account.id, None) == 1
    assert begun(lease, 100) == [route, field]


def test_pending_counts_open_and_blocked(record, lease, account):
    ids = [record(subject=f"yclients:41001:{n}", settle=n) for n in range(4)]
    events.close_many(lease, [Closing(ids[0], "done")], NOW)
    events.block(lease, [ids[1]], Scope(), "x", NOW)

    assert (events.pending_count(), events.pending_count(account.id), events.pending_count(999)) == (3, 3, 0)
    assert events.oldest_pending_at() == at(2)
    assert events.oldest_pending_at(999) is None


def test_the_journal_is_filtered_and_paged(record, lease, account, branch):
    ids = [record(at(n), subject=f"yclients:41001:{n}") for n in range(5)]
    events.close_many(lease, [Closing(ids[2], "rejected", error="bad")], NOW)
    links.remember(lease, account.id, [LinkChange("yclients:41001:3", lead_id=900)], NOW)

    def found(before_id=None, limit=50, **filters):
        return [e.id for e in events.page(account.id, Filters(**filters), before_id, limit)]

    assert found(limit=2) == [ids[4], ids[3]]
    assert found(before_id=ids[3], limit=2) == [ids[2], ids[1]]
    assert found(status="rejected") == found(status="trouble") == [ids[2]]
    assert found(status="received") == [ids[4], ids[3], ids[1], ids[0]]
    assert found(subjects=()) == []
    assert found(branch_id=branch.id, kind="yclients.record", subjects=("yclients:41001:1",)) == [ids[1]]
    assert found(lead_id=900) == [ids[3]]
    assert found(since=at(1), until=at(3)) == [ids[2], ids[1]]
    assert found(kind="other") == []
    assert [e.id for e in events.of_subject(account.id, "yclients:41001:4")] == [ids[4]]


def test_events_of_many_bookings_are_read_at_once(record, account):
    keys = [f"yclients:{COMPANY}:{n}" for n in range(3)]
    ids = [record(subject=keys[n % 2], dedup_key=str(n)) for n in range(6)]

    found = events.of_subjects(account.id, keys, 2)

    assert {key: [e.id for e in came] for key, came in found.items()} == {
        keys[0]: [ids[4], ids[2]],
        keys[1]: [ids[5], ids[3]],
    }
    assert events.of_subjects(account.id + 1, keys, 2) == events.of_subjects(account.id, [], 2) == {}


def test_a_stale_lease_writes_nothing(record, lease):
    event_id = record()
    lanes.release(lease)
    lanes.take(lease.lane_id, "worker-2", 60)

    for write in (
        lambda: events.begin(lease, at(60), 10),
        lambda: events.close_many(lease, [Closing(event_id, "done")], NOW),
        lambda: events.wait(lease, [event_id], at(60), "x", counts_as_attempt=True),
        lambda: events.block(lease, [event_id], Scope(), "x", NOW),
    ):
        with pytest.raises(LeaseLost):
            write()
    assert events.get(event_id).status == "received"


def test_naive_times_are_refused(record, store):
    with pytest.raises(ValueError, match="naive"):
        record(NAIVE)
    with pytest.raises(ValueError, match="naive"):
        events.InboundEvent.update(due_at=NAIVE).execute()


def test_a_poisonous_event_cannot_hold_back_the_others(record, lease):
    poison = record()
    others = [record(at(1), subject=f"yclients:41001:{n}") for n in (2, 3)]

    tried = [begun(lease, 100, limit=1) for _ in range(3)]  # each of them "crashes": nothing is closed

    assert tried == [[poison], [others[0]], [others[1]]]


def test_a_suspect_comes_alone_until_it_is_disposed_of(record, lease):
    suspect, other = record(), record(at(1), subject="yclients:41001:2")
    assert begun(lease, 100, limit=1) == [suspect]  # and "crashes"

    assert begun(lease, 100, limit=200) == [other]
    events.wait(lease, [suspect], at(100), "a vendor is away", counts_as_attempt=False)
    assert begun(lease, 100, limit=200) == [other, suspect]


@pytest.mark.parametrize("size", [1, 200])
def test_begin_uses_its_indices_however_long_the_history(store, account, branch, record, lease, size):
    if db.is_sqlite():
        _fill_sqlite(account, branch, lease.lane_id)
        explain = "EXPLAIN QUERY PLAN "
    else:
        _fill_postgres(account, branch, lease.lane_id)
        explain = "EXPLAIN "
    open_id = record()

    queries = (
        due.subjects(lease.lane_id, at(60), size),
        due.whole(lease.lane_id, [KEY, "other"]),
        due.lanes(at(60)),
    )
    plans = ["\n".join(str(row) for row in db.rows(explain + sql, params)) for sql, params in queries]

    for plan in plans:
        assert "inbound_events_due" in plan or "inbound_events_open_subject" in plan
        assert "Seq Scan on inbound_events" not in plan
        assert not re.search(r"SCAN (inbound_events|e|n)\b", plan)
    assert begun(lease, 60) == [open_id]


HISTORY = """INSERT INTO inbound_events (account_id, branch_id, lane_id, subject, source, kind, dedup_key,
    body, received_at, due_at, status)
    SELECT %s, %s, %s, 'yclients:41001:' || n, 'yclients', 'yclients.record', 'old-' || n, '{{}}',
    n, n, 'done' {rows}"""


def _fill_postgres(account, branch, lane):
    db.run(HISTORY.format(rows="FROM generate_series(1, 50000) AS n"), (account.id, branch.id, lane))
    db.run("ANALYZE inbound_events")


def _fill_sqlite(account, branch, lane):
    numbers = (
        "FROM (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 50000) SELECT n FROM c)"
    )
    db.run(HISTORY.format(rows=numbers), (account.id, branch.id, lane))
