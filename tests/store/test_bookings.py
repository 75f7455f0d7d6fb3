"""The mirror of the salons' journals and the search behind «why this lead?»."""

from datetime import timedelta

import pytest

from backend.core.salon import Phase
from backend.store import bookings, lanes
from backend.store.bookings import SeenBooking
from backend.store.lanes import LeaseLost
from tests.store.conftest import NOW

KEY = "yclients:41001:770001"


def phase_of(account):
    return Phase(bookings.by_keys(account.id, [KEY])[KEY].phase)


def minutes(count):
    return NOW + timedelta(minutes=count)


@pytest.fixture
def see(lease, branch):
    def _see(record_id=770001, changed=NOW, now=NOW, **changes):
        values = {
            "phase": Phase.WAITING, "starts_at": NOW, "content_hash": "h1",
            "snapshot": '{"имя":"Анна"}', **changes,
        }  # fmt: skip
        key = f"yclients:41001:{record_id}"
        seen = SeenBooking(key, branch.id, record_id, changed_at=changed, **values)
        bookings.save_many(lease, [seen], now)

    return _see


def test_a_booking_is_kept_as_last_seen(see, account):
    see(reason="created", lead_id=900)
    see(changed=minutes(5), phase=Phase.ARRIVED, content_hash="h2")

    row = bookings.by_keys(account.id, [KEY])[KEY]
    assert (row.phase, row.content_hash, row.reason, row.lead_id) == ("arrived", "h2", "created", 900)
    assert row.snapshot == '{"имя":"Анна"}'
    assert phase_of(account) is Phase.ARRIVED
    assert bookings.hashes(account.id, [KEY, "unknown"]) == {KEY: "h2"}


def test_an_older_state_never_overwrites_a_newer_one(see, account):
    see(changed=minutes(5), phase=Phase.CANCELLED)
    see(changed=minutes(4), phase=Phase.WAITING)

    assert phase_of(account) is Phase.CANCELLED


def test_the_newest_of_one_batch_wins(lease, branch, account):
    states = [
        SeenBooking(KEY, branch.id, 770001, phase, NOW, minutes(order), "h", "{}")
        for order, phase in ((2, Phase.CANCELLED), (1, Phase.WAITING))
    ]
    bookings.save_many(lease, states, NOW)

    assert phase_of(account) is Phase.CANCELLED


def test_an_unknown_booking_has_no_row(account):
    assert bookings.by_keys(account.id, [KEY]) == {}


def test_pages_go_from_new_to_old_without_gaps(see, account):
    for number in range(5):
        see(number, now=minutes(number // 2))

    first = bookings.page(account.id, limit=3)
    rest = bookings.page(account.id, (first[-1].updated_at, first[-1].id), 3)
    assert [row.record_id for row in first + rest] == [4, 3, 2, 1, 0]


def test_a_page_of_one_salon_holds_its_bookings_alone(see, account, lease, branch):
    other = SeenBooking(
        "yclients:41002:1", branch.id + 1, 1, Phase.WAITING, NOW, NOW, content_hash="h", snapshot="{}"
    )
    bookings.save_many(lease, [other], minutes(9))
    see(770001)

    assert [row.record_id for row in bookings.page(account.id, limit=1, branch_id=branch.id)] == [770001]


def test_a_stale_lease_saves_nothing(see, account, lease):
    lanes.release(lease)

    with pytest.raises(LeaseLost):
        see()
    assert bookings.by_keys(account.id, [KEY]) == {}
