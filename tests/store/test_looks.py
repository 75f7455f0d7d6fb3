"""When bookings are looked at by time alone: found by an index, passed on once, set anew by new rules."""

from dataclasses import replace
from datetime import timedelta

import peewee
import pytest

from backend.core.salon import Phase
from backend.store import accounts, bookings, db, events, links, looks
from backend.store.bookings import SeenBooking
from backend.store.inbound import NewEvent
from backend.store.links import LinkChange
from tests.store.conftest import NOW

DAY = timedelta(days=1)
WEEK = 7 * DAY
KEY = "yclients:41001:770001"


@pytest.fixture
def save(account, branch, lease):
    """Stores a booking of a working account as a drain does; with a lead it is linked."""
    accounts.activate(account.id)

    def one(number=1, lead_id=None, **changes):
        usual = SeenBooking(
            f"yclients:41001:{number}", branch.id, number, Phase.WAITING, NOW - DAY, NOW, "h", "{}"
        )
        seen = replace(usual, **changes)
        bookings.save_many(lease, [seen], NOW)
        if lead_id:
            links.remember(lease, account.id, [LinkChange(seen.key, lead_id=lead_id)], NOW)
        return seen.key

    return one


@pytest.fixture
def look_at(account):
    return lambda key: bookings.by_keys(account.id, [key])[key].look_at


@pytest.fixture
def pass_on(account, branch):
    """What the periodic look does with what it found."""

    def all_of(found):
        new = [
            NewEvent(
                account.id, branch.id, "bookings", one.key, "reminders", "yclients.record", one.key, "{}"
            )
            for one in found
        ]
        looks.pass_on(found, new, NOW)

    return all_of


def test_what_is_due_comes_in_the_order_of_its_time(save):
    later, sooner, ahead = save(1, look_at=NOW), save(2, look_at=NOW - DAY), save(3, look_at=NOW + DAY)
    save(4)

    assert [one.key for one in looks.due(NOW, 10)] == [sooner, later]
    assert [one.key for one in looks.due(NOW, 1)] == [sooner]
    assert ahead in [one.key for one in looks.due(NOW + DAY, 10)]


def test_an_account_that_does_not_work_is_not_looked_at(account, save):
    save(1, look_at=NOW)
    accounts.pause(account.id, "tests", "", NOW)

    assert looks.due(NOW, 10) == []


def test_what_was_passed_on_is_not_due_again(account, save, look_at, pass_on):
    key = save(1, look_at=NOW)

    pass_on(looks.due(NOW, 10))

    assert looks.due(NOW, 10) == []
    assert look_at(key) is None
    assert [event.source for event in events.of_subject(account.id, key)] == ["reminders"]


def test_a_time_that_a_decision_set_meanwhile_stays(save, look_at, pass_on):
    key = save(1, look_at=NOW)
    found = looks.due(NOW, 10)
    save(1, look_at=NOW + DAY)

    pass_on(found)

    assert look_at(key) == NOW + DAY


def test_an_event_that_cannot_be_stored_leaves_the_time(save, look_at, account, branch):
    key = save(1, look_at=NOW)
    broken = NewEvent(account.id, branch.id, "bookings", None, "reminders", "yclients.record", "x", "{}")

    with pytest.raises(peewee.IntegrityError):
        looks.pass_on(looks.due(NOW, 10), [broken], NOW)

    assert look_at(key) == NOW


def test_new_rules_set_the_time_of_linked_bookings(account, save, look_at):
    recent, ahead = save(1, lead_id=1), save(2, lead_id=2, starts_at=NOW + DAY)
    strangers = [
        save(3),
        save(4, lead_id=4, starts_at=NOW - 9 * DAY),
        save(5, lead_id=5, phase=Phase.ARRIVED),
    ]

    assert looks.renew(account.id, (Phase.WAITING,), NOW - WEEK, timedelta(hours=2), NOW) == 2

    assert look_at(recent) == NOW
    assert look_at(ahead) == NOW + DAY + timedelta(hours=2)
    assert [look_at(key) for key in strangers] == [None, None, None]


def test_a_second_rule_does_not_put_off_what_the_first_one_asks(account, save, look_at):
    key = save(1, lead_id=1, starts_at=NOW + DAY)

    for days in (2, 5, 3):
        looks.renew(account.id, (Phase.WAITING,), NOW - WEEK, days * DAY, NOW)

    assert look_at(key) == NOW + 3 * DAY


def test_counts_tell_what_a_rule_would_have_done(account, save):
    save(1, lead_id=1)
    save(2, lead_id=2, starts_at=NOW + DAY)
    save(3, lead_id=3, phase=Phase.NO_SHOW)
    save(4)

    assert looks.count_waiting(account.id, (Phase.WAITING, Phase.CONFIRMED), NOW - WEEK, NOW) == 1
    assert looks.count_waiting(account.id, (Phase.NO_SHOW,), NOW - WEEK, NOW) == 1
    assert looks.count_booked(account.id, NOW - WEEK, timedelta()) == 1
    assert looks.count_booked(account.id, NOW - WEEK, -2 * DAY) == 0
    assert looks.count_booked(account.id, NOW + DAY, timedelta()) == 0


def test_looking_costs_the_same_whatever_the_history(save):
    """What is over has no time: the index holds what is still ahead only."""
    for number in range(20):
        save(number, phase=Phase.ARRIVED)
    kept = "SELECT count(*) FROM bookings WHERE look_at IS NOT NULL"

    assert db.rows(kept) == [(0,)]
    assert looks.due(NOW + 99 * DAY, 10) == []
