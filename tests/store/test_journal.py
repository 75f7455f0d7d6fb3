"""The journal: a page looks at a window, and whoever wants more goes on from its end."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.store import events, journal
from backend.store.inbound import Filters
from tests.store.conftest import NOW


@pytest.fixture
def small_window(monkeypatch):
    monkeypatch.setattr(journal, "WINDOW", 3)


def test_a_window_without_a_match_says_where_to_go_on(record, account, small_window):
    ids = [record(NOW + timedelta(seconds=n), subject=f"yclients:41001:{n}") for n in range(7)]
    events.InboundEvent.update(kind="rare").where(events.InboundEvent.id == ids[1]).execute()

    first = journal.search(account.id, Filters(kind="rare"))
    second = journal.search(account.id, Filters(kind="rare"), first.next_before)
    third = journal.search(account.id, Filters(kind="rare"), second.next_before)

    assert (first.rows, first.next_before, first.is_cut) == ([], ids[4], True)
    assert ([event.id for event in second.rows], second.next_before) == ([ids[1]], ids[1])
    assert (third.rows, third.next_before, third.is_cut) == ([], None, False)


def test_choosing_goes_through_everything_window_by_window(record, account, small_window):
    ids = [record(NOW + timedelta(seconds=n), subject=f"yclients:41001:{n}") for n in range(7)]
    before, seen = journal.newest_id(account.id) + 1, []

    while before is not None:
        found, before = journal.choose(account.id, Filters(), before, ["yclients.record"])
        seen += [event.id for event in found]

    assert seen == ids[::-1]
    assert journal.choose(account.id, Filters(), 10**9, ["other.kind"])[0] == []


def test_only_the_accounts_own_events_are_chosen(record, account):
    own = record()

    assert [event.id for event in journal.chosen(account.id, [own, own + 1])] == [own]
    assert journal.chosen(account.id + 1, [own]) == []
    assert journal.newest_id(account.id + 1) == 0


def test_a_day_to_come_is_empty(record, account):
    record()

    assert journal.search(account.id, Filters(since=datetime(2100, 1, 1, tzinfo=UTC))).rows == []
