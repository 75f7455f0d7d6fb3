"""Switches of salons as rows: one open switch of a salon, each step once, what the machine asks of others."""

from datetime import timedelta

import pytest

from backend.core.takeover.cutover import State, Wish
from backend.store import cutovers, events, lanes, outbox, writers
from backend.store.outbox import PlannedRow, Settled
from backend.store.writers import WriterName
from tests.store.conftest import COMPANY, NOW

LATER = NOW + timedelta(minutes=5)
KEY = f"yclients:{COMPANY}:7"


@pytest.fixture
def begun(account):
    return cutovers.add(account.id, COMPANY, "анна", {"removed": ["u"]}, NOW)


def planned(account, status="done"):
    lease = lanes.take(lanes.lane_id(account.id, lanes.BOOKINGS), "worker", 60)
    event = events.record(
        NOW, account_id=account.id, branch_id=None, lane=lanes.BOOKINGS, subject=KEY, source="takeover",
        kind="yclients.record", dedup_key="1", body="{}", settle_seconds=0,
    )  # fmt: skip
    (row,) = outbox.plan(lease, [PlannedRow(event, 0, KEY, "UpdateLead", {})], LATER)
    if status != "planned":
        outbox.settle(lease, {row: Settled(status)}, LATER)


def test_a_salon_has_one_open_switch(account, begun):
    again = cutovers.add(account.id, COMPANY, "ольга", {}, LATER)

    assert (again.id, again.author, again.kept) == (begun.id, "анна", {"removed": ["u"]})
    assert cutovers.open_ones() == [again]
    cutovers.enter(begun, State.FAILED_BACK, LATER)
    assert cutovers.add(account.id, COMPANY, "ольга", {}, LATER).id > begun.id


def test_a_step_is_begun_once_and_ends_with_its_state(account, begun):
    first = cutovers.begin_step(begun.id, State.QUEUED, NOW)
    assert cutovers.begin_step(begun.id, State.QUEUED, LATER) == first
    cutovers.note_step(begun.id, State.QUEUED, 30, {"a": 1, "b": 1})
    cutovers.note_step(begun.id, State.QUEUED, 12, {"b": 2})

    assert cutovers.enter(begun, State.PREFLIGHT, LATER)
    assert not cutovers.enter(begun, State.PREFLIGHT, LATER), "somebody did it before"
    (step,) = cutovers.steps(begun.id)
    assert (step.outcome, step.began_at, step.ended_at) == ("done", NOW, LATER)
    assert (step.own_ms, step.details) == (42, {"a": 1, "b": 2})
    assert cutovers.get(begun.id).state is State.PREFLIGHT


def test_moments_are_marked_once(account, begun):
    cutovers.mark(begun.id, t0=NOW)
    cutovers.mark(begun.id, t0=LATER, leased_at=LATER)

    one = cutovers.get(begun.id)
    assert (one.t0, one.leased_at, one.ended_at) == (NOW, LATER, None)


def test_wishes_reach_only_what_is_under_way(account, begun):
    cutovers.wish(begun.id, Wish.CANCEL)
    cutovers.trouble(begun.id, "x")
    cutovers.keep(begun.id, why="y")
    one = cutovers.get(begun.id)
    assert (one.wish, one.trouble, one.kept) == (Wish.CANCEL, "x", {"removed": ["u"], "why": "y"})

    cutovers.enter(one, State.FAILED_BACK, LATER)
    cutovers.wish(begun.id, Wish.STOPPED)
    ended = cutovers.get(begun.id)
    assert (ended.wish, ended.trouble, ended.ended_at, ended.is_over) == (Wish.CANCEL, "", LATER, True)
    assert cutovers.newest(account.id, COMPANY) == ended
    assert cutovers.of_account(account.id) == {COMPANY: ended}
    assert cutovers.newest(account.id, 5) is None


def test_only_some_states_freeze(account, begun):
    assert cutovers.freezing(account.id) is None
    cutovers.enter(begun, State.ANNOUNCED, NOW)
    assert cutovers.freezing(account.id).company_id == COMPANY


def test_a_pilot_counts_when_it_is_over_and_old_enough(account, begun):
    writers.begin(account.id, [COMPANY], NOW)
    writers.move(account.id, COMPANY, WriterName.GET8, WriterName.OURS, NOW, t0=NOW)
    cutovers.mark(begun.id, t0=NOW, leased_at=NOW)
    assert not cutovers.is_pilot_over(account.id, LATER)
    cutovers.enter(begun, State.DONE, LATER)

    assert cutovers.is_pilot_over(account.id, NOW)
    assert not cutovers.is_pilot_over(account.id, NOW - timedelta(seconds=1))
    writers.move(account.id, COMPANY, WriterName.OURS, WriterName.GET8, LATER)
    assert not cutovers.is_pilot_over(account.id, NOW), "a pilot that went back has proven nothing"


@pytest.mark.parametrize(("status", "has"), [("done", True), ("planned", True), ("failed", False)])
def test_what_was_sent_or_perhaps_sent_counts_as_written(account, status, has):
    planned(account, status)

    assert cutovers.has_written(account.id, COMPANY, LATER) is has
    assert not cutovers.has_written(account.id, COMPANY, LATER + timedelta(seconds=1))
    assert not cutovers.has_written(account.id, COMPANY + 1, LATER)


def test_what_is_left_of_a_catch_up(account):
    planned(account)

    assert cutovers.left_open(account.id, [KEY, "yclients:1:1"], "takeover") == 1
    assert cutovers.left_open(account.id, [KEY], "yclients") == 0
    assert cutovers.left_open(account.id, [], "takeover") == 0
    assert cutovers.links_of(account.id, COMPANY) == 0
    assert cutovers.changed_since(account.id, COMPANY, NOW, 5) == []


def test_an_unknown_switch_is_an_error(store):
    with pytest.raises(LookupError):
        cutovers.get(77)
