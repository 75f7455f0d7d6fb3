"""What the counters of a salon are counted from, what of them is kept, and the answers to probes."""

from datetime import timedelta

import pytest

from backend.core.money import Kopecks
from backend.core.salon import Phase
from backend.store import events, hour_figures, lanes, takeover_counters, takeover_found, takeover_probes
from backend.store.hour_figures import Requests
from backend.store.inbound import NewEvent
from backend.store.takeover_found import FoundRecord
from backend.store.takeover_probes import Answer
from tests.store.conftest import COMPANY, NOW

DAY = timedelta(days=1)
KEY, OTHER = f"yclients:{COMPANY}:700", f"yclients:{COMPANY}:701"


def record(number, starts_at, company=COMPANY):
    return FoundRecord(
        f"yclients:{company}:{number}", company, number, 0, 0, "", starts_at, starts_at - DAY, starts_at,
        Phase.WAITING, Kopecks(100),
    )  # fmt: skip


def told(branch, key=KEY, **more):
    """A message about a booking that waits since an hour."""
    return NewEvent(
        branch.account_id, branch.id, lanes.BOOKINGS, key, "yclients", "yclients.record", f"{key}{more}",
        "{}", settle_seconds=0, **more,
    )  # fmt: skip


@pytest.fixture
def found(account):
    takeover_found.save_many(
        account.id, [record(700, NOW), record(701, NOW - 2 * DAY), record(900, NOW, COMPANY + 1)]
    )
    return account.id


def test_what_was_found_is_asked_for_by_salon_and_time(found):
    keys = [one.key for one in takeover_counters.found_since(found, COMPANY, NOW - DAY)]

    assert keys == [KEY]


def test_a_number_leads_to_its_booking_in_whatever_salon(found):
    assert takeover_counters.keys_of_records(found, [700, 900, 5]) == {
        700: KEY, 900: f"yclients:{COMPANY + 1}:900",
    }  # fmt: skip
    assert takeover_counters.known_keys(found, [KEY, "yclients:1:1"]) == {KEY}


def test_how_far_back_the_journals_were_read(account, found):
    assert takeover_counters.earliest_found(found) == NOW - 3 * DAY
    assert takeover_counters.earliest_found(found + 1) is None


def test_the_queue_of_a_salon_and_its_oldest(branch):
    events.record_many(NOW - timedelta(hours=1), [told(branch), told(branch, OTHER)])

    assert takeover_counters.queue_of(branch.account_id, branch.id, NOW) == (2, 3600)
    assert takeover_counters.queue_of(branch.account_id, branch.id + 1, NOW) == (0, 0)


def test_what_the_brake_holds_of_a_salon(branch):
    events.record_many(NOW, [told(branch, error="brake.held scope=salon:1"), told(branch, OTHER)])

    assert takeover_counters.held_of(branch.account_id, branch.id) == [KEY]


def test_messages_of_a_salon_newest_first(branch):
    events.record_many(NOW - 2 * DAY, [told(branch)])
    events.record_many(NOW, [told(branch, OTHER)])

    found = takeover_counters.messages(branch.account_id, branch.id, NOW - DAY)

    assert found == [("yclients", OTHER, "{}", NOW)]


def test_the_newest_of_each_moment_is_kept_before_the_eye(account):
    for number, moment in enumerate(("before", "before", "after")):
        takeover_counters.save(account.id, COMPANY, moment, [{"n": number}], NOW, since=NOW)

    kept = takeover_counters.newest(account.id)

    assert {key: row.counters for key, row in kept.items()} == {
        (COMPANY, "before"): [{"n": 1}], (COMPANY, "after"): [{"n": 2}],
    }  # fmt: skip
    assert kept[COMPANY, "after"].since == NOW


def test_accepted_twice_the_newer_word_stands(account):
    row = {
        "account_id": account.id, "company_id": COMPANY, "counters_id": 1, "customer": "Анна",
        "contractor": "Мостик", "note": "", "author": "irina", "accepted_at": NOW,
    }  # fmt: skip
    takeover_counters.accept(row)
    takeover_counters.accept({**row, "customer": "Ольга"})
    assert takeover_counters.accepted(account.id)[COMPANY].customer == "Ольга"


def test_an_answer_is_kept_replaced_and_taken_back(account):
    answer = Answer("P4", {"categories": "each"}, 77, "две сделки", "irina", NOW)
    takeover_probes.save(account.id, answer)
    assert takeover_probes.answers(account.id) == {"P4": answer}

    later = Answer("P4", {"categories": "one"}, None, "", "irina", NOW + DAY)
    takeover_probes.save(account.id, later)
    assert takeover_probes.answers(account.id) == {"P4": later}

    takeover_probes.forget(account.id, "P4")
    assert takeover_probes.answers(account.id) == {}


def test_refused_requests_add_up_by_the_hour(account):
    for _ in range(2):
        hour_figures.add_requests(NOW, [Requests(account.id, amo=10, yclients=5, refused=1)])

    hour = hour_figures.last(NOW, account.id)[-1]

    assert (hour.amo_requests, hour.yc_requests, hour.refused) == (20, 10, 2)
