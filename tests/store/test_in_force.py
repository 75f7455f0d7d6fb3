"""What the rules in force are read from, and which bookings a new version concerns."""

from datetime import timedelta

import pytest

from backend.core.reasons import Reason
from backend.core.salon import Phase
from backend.store import bookings, configs, connections, in_force, links
from backend.store.bookings import SeenBooking
from backend.store.links import LinkChange
from tests.store.conftest import COMPANY, NOW

SETTLED = (Reason.NO_CLIENT,)


def seen(branch, number, **changes):
    key = f"yclients:{COMPANY}:{number}"
    given = {
        "key": key, "branch_id": branch.id, "record_id": number, "phase": Phase.WAITING,
        "starts_at": NOW + timedelta(days=number), "changed_at": NOW, "content_hash": "h", "snapshot": "{}",
        "reason": "no_direction",
    }  # fmt: skip
    return SeenBooking(**{**given, **changes})


@pytest.fixture
def waiting(account):
    """Keys of the bookings without a lead, as a new version would find them."""
    return lambda: [w.key for w in in_force.without_lead(account.id, NOW, SETTLED)]


def test_an_account_without_a_version(account):
    assert in_force.newest(account.id) == in_force.InForce(None, {}, {})


def test_the_newest_version_counts(account, branch):
    configs.save(account.id, {}, "a", "", NOW)
    configs.save(account.id, {}, "a", "", NOW + timedelta(seconds=1))
    configs.save_field_ids(account.id, {"key": 9001, "salon": 9002})
    configs.mark_field_broken(account.id, "salon")
    in_force.save_timezone(branch.id, "Asia/Omsk")

    found = in_force.newest(account.id)

    assert (found.stamp.number, found.field_ids, found.timezones) == (
        2,
        {"key": 9001},
        {COMPANY: "Asia/Omsk"},
    )


def test_a_stamp_of_one_version(account):
    configs.save(account.id, {}, "a", "", NOW)
    configs.save(account.id, {}, "a", "", NOW + timedelta(seconds=1))

    assert in_force.stamp(account.id, 1).number == 1
    assert in_force.stamp(account.id, 1) != in_force.stamp(account.id)
    assert in_force.stamp(account.id, 3) is None


def test_bookings_without_a_lead_wait_the_nearest_first(lease, branch, waiting):
    bookings.save_many(lease, [seen(branch, 2), seen(branch, 1), seen(branch, 3, reason=None)], NOW)

    assert waiting() == [f"yclients:{COMPANY}:{number}" for number in (1, 2, 3)]


@pytest.mark.parametrize("changes", [
    {"phase": Phase.CANCELLED},
    {"reason": "no_client"},
    {"starts_at": NOW - timedelta(seconds=1)},
])  # fmt: skip
def test_what_no_version_can_change_does_not_wait(lease, branch, waiting, changes):
    bookings.save_many(lease, [seen(branch, 1, **changes)], NOW)

    assert waiting() == []


def test_a_booking_with_a_lead_does_not_wait(account, lease, branch, waiting):
    booking = seen(branch, 1)
    bookings.save_many(lease, [booking, seen(branch, 2)], NOW)

    links.remember(lease, account.id, [LinkChange(booking.key, lead_id=20000001, direction="epilation")], NOW)

    assert waiting() == [f"yclients:{COMPANY}:2"]


@pytest.mark.parametrize(("mode", "reason"), [("off", "no_direction"), ("observe", "no_phone")])
def test_bookings_of_a_salon_that_does_not_write_do_not_wait(account, lease, branch, waiting, mode, reason):
    bookings.save_many(lease, [seen(branch, 1, reason=reason)], NOW)

    connections.set_mode(account.id, COMPANY, mode)

    assert waiting() == []


def test_an_observed_salons_booking_that_had_no_place_does(account, lease, branch, waiting):
    bookings.save_many(lease, [seen(branch, 1, reason="no_route"), seen(branch, 2, reason="created")], NOW)

    connections.set_mode(account.id, COMPANY, "observe")

    assert waiting() == [f"yclients:{COMPANY}:1"]


def test_what_decides_how_long_a_hook_rests(account, branch, lease):
    bookings.save_many(lease, [seen(branch, 1, phase=Phase.ARRIVED)], NOW)
    known, unknown = f"yclients:{COMPANY}:1", f"yclients:{COMPANY}:2"
    assert in_force.resting(account.id, [known]) == (None, {})
    configs.save(account.id, {}, "a", "", NOW)
    configs.save(account.id, {}, "a", "", NOW)

    stamp, phases = in_force.resting(account.id, [known, unknown])

    assert (stamp, phases) == (in_force.stamp(account.id), {known: Phase.ARRIVED})
    assert stamp.number == 2
    assert in_force.resting(account.id, [unknown]) == (stamp, {})
