"""What the watch keeps, on both engines: doubles, looks with their differences, the brake's memory, and which
alarms were told.
"""

from datetime import timedelta

import pytest

from backend.core.crm import Contact, Lead
from backend.core.money import Kopecks
from backend.core.salon import Phase
from backend.core.sync.brake import Act
from backend.core.watch.doubles import Action, Double, Kind
from backend.core.watch.drift import Drift, Look
from backend.core.watch.drift import Kind as Difference
from backend.store import alarms, bookings, creations, doubles, drifts, events, links, mirror
from backend.store.bookings import SeenBooking
from backend.store.links import LinkChange
from tests.store.conftest import COMPANY, NOW

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KEY = f"yclients:{COMPANY}:1"
TWICE = Double(Kind.ONE_KEY, f"{KEY}/2", (1, 2), (), Action.CLEAR_COPY, 2, "copied")


def lead(number, stage=100, contact=None, fields=(), **more):
    contacts = (contact,) if contact else ()
    return Lead(
        number,
        10,
        stage,
        Kopecks(0),
        contact_ids=contacts,
        fields=fields,
        created_at=NOW,
        updated_at=NOW,
        **more,
    )


def contact(account, number, phone="79990000001", **more):
    mirror.save_contacts(
        account.id, [Contact(number, "Мария", (phone,), updated_at=NOW, **more)], lambda c: c.phones
    )


# Doubles


def test_found_again_it_stays_the_same_finding(account):
    doubles.save(account.id, [TWICE], NOW)
    doubles.save(account.id, [TWICE], NOW + DAY)

    (row,) = doubles.page(account.id, Kind.ONE_KEY)
    assert row.double == TWICE
    assert (row.found_at, row.seen_at) == (NOW, NOW + DAY)
    assert doubles.counts(account.id) == {Kind.ONE_KEY: 1, Kind.SEVERAL_OPEN: 0, Kind.ONE_PHONE: 0}


def test_what_a_search_did_not_see_is_over_and_may_come_back(account):
    doubles.save(account.id, [TWICE], NOW)
    doubles.close_unseen(account.id, Kind.ONE_PHONE, NOW + HOUR)
    kept = doubles.page(account.id, Kind.ONE_KEY)
    doubles.close_unseen(account.id, Kind.ONE_KEY, NOW + HOUR)
    gone = doubles.page(account.id, Kind.ONE_KEY)
    doubles.save(account.id, [TWICE], NOW + DAY)

    (back,) = doubles.page(account.id, Kind.ONE_KEY)
    assert (len(kept), gone) == (1, [])
    assert back.found_at == NOW + DAY


def test_pages_follow_one_another(account):
    doubles.save(account.id, [Double(Kind.ONE_PHONE, str(n), (), (n, n + 1)) for n in range(5)], NOW)

    first = doubles.page(account.id, Kind.ONE_PHONE, limit=3)
    second = doubles.page(account.id, Kind.ONE_PHONE, after=first[-1].id, limit=3)

    assert [row.subject for row in (*first, *second)] == list("01234")
    doubles.close(first[0].id)
    assert not doubles.get(first[0].id).is_open


def test_leads_with_a_key_are_read_in_portions(account, monkeypatch):
    monkeypatch.setattr(doubles, "CHUNK", 2)
    keyed = [lead(n, fields=((9, f"yclients:1:{n}"),)) for n in range(1, 6)]
    others = [lead(7, fields=((9, "слово"),)), lead(8, fields=((9, KEY),), is_deleted=True)]
    mirror.save_leads(account.id, [*keyed, *others])

    assert list(doubles.keyed_leads(account.id)) == [[1, 2], [3, 4], [5]]
    assert doubles.keyed_since(account.id, NOW) == [1, 2, 3, 4, 5]
    assert doubles.keyed_since(account.id, NOW + HOUR) == []


def test_people_with_several_open_leads(account, monkeypatch):
    monkeypatch.setattr(doubles, "CHUNK", 1)
    found = [
        lead(1, contact=1), lead(2, contact=1), lead(3, contact=2), lead(4, 142, contact=2),
        lead(5, contact=3), lead(6, contact=3), lead(7, contact=3, is_deleted=True),
    ]  # fmt: skip
    mirror.save_leads(account.id, found)

    assert list(doubles.crowded(account.id)) == [[1], [3]]
    assert doubles.open_counts(account.id, [1, 2, 3, 9]) == {1: 2, 2: 1, 3: 2}


def test_phones_that_several_contacts_carry(account, monkeypatch):
    monkeypatch.setattr(doubles, "CHUNK", 1)
    for number in (1, 2):
        contact(account, number)
    contact(account, 3, "79990000003")
    contact(account, 4, "79990000004")
    contact(account, 5, "79990000004", is_deleted=True)
    contact(account, 6, "79990000006")
    contact(account, 7, "79990000006")
    mirror.remember_card(account.id, "card", 1)
    mirror.remember_card(account.id, "card", 2)

    assert list(doubles.phones_shared(account.id)) == [{"79990000001": [1, 2]}, {"79990000006": [6, 7]}]


def test_leads_that_our_creations_were_answered_with(account):
    assert doubles.made_by_us(account.id, [KEY]) == {}


# Looks and differences


def test_look_of_one_night_is_gone_on_with(account, branch):
    first = drifts.begin(account.id, branch.id, Look.NIGHT, "2026-03-01", NOW)
    again = drifts.begin(account.id, branch.id, Look.NIGHT, "2026-03-01", NOW + HOUR)
    other = drifts.begin(account.id, branch.id, Look.NIGHT, "2026-03-02", NOW + DAY)

    assert first == again != other
    assert [row.id for row in drifts.looks(account.id)] == [other, first]
    assert [row.id for row in drifts.looks(account.id, before=other)] == [first]


def test_differences_are_counted_once(account, branch):
    look = drifts.begin(account.id, branch.id, Look.NIGHT, "2026-03-01", NOW)
    found = [Drift(KEY, Difference.MISSED), Drift(KEY, Difference.BUDGET, 5, {"lead_price": 1})]

    news = [drifts.save(look, account.id, 10, found, NOW) for _ in range(2)]
    drifts.end(look, NOW + HOUR)

    (row,) = drifts.looks(account.id)
    assert news == [2, 0]
    assert (row.looked, row.repaired, row.left_over, row.ended_at) == (20, 1, 1, NOW + HOUR)
    assert drifts.get_look(look).id == look


def test_differences_are_read_newest_first_and_by_look(account, branch):
    looks = [drifts.begin(account.id, branch.id, Look.NIGHT, night, NOW) for night in ("1", "2")]
    for look in looks:
        drifts.save(look, account.id, 1, [Drift(KEY, Difference.MISSED)], NOW)

    every = drifts.page(account.id)

    assert [row.look_id for row in every] == looks[::-1]
    assert [row.look_id for row in drifts.page(account.id, looks[0])] == looks[:1]
    assert [row.id for row in drifts.page(account.id, before=every[0].id)] == [every[1].id]


def test_old_looks_go_with_their_differences(account, branch):
    look = drifts.begin(account.id, branch.id, Look.NIGHT, "1", NOW)
    drifts.save(look, account.id, 1, [Drift(KEY, Difference.MISSED)], NOW)

    drifts.prune(NOW)
    kept = len(drifts.page(account.id))
    drifts.prune(NOW + DAY)

    assert (kept, drifts.page(account.id), drifts.looks(account.id)) == (1, [], [])


def seen(branch, number, phase=Phase.WAITING, day=0):
    return SeenBooking(
        f"yclients:{COMPANY}:{number}", branch.id, number, phase, NOW + day * DAY, NOW, "hash", "{}"
    )


def test_bookings_that_a_journal_should_show(account, branch, lease):
    bookings.save_many(
        lease, [seen(branch, 1), seen(branch, 2, Phase.CANCELLED), seen(branch, 3, day=40)], NOW
    )

    assert drifts.expected(account.id, branch.id, NOW, NOW + DAY) == [KEY]
    assert drifts.expected(account.id, branch.id + 1, NOW, NOW + DAY) == []


def test_active_links_in_portions(account, branch, lease):
    bookings.save_many(lease, [seen(branch, n) for n in range(1, 5)], NOW)
    changes = [LinkChange(f"yclients:{COMPANY}:{n}", 100 + n, "epilation") for n in range(1, 5)]
    links.remember(lease, account.id, changes, NOW)
    links.remember(lease, account.id, [LinkChange(f"yclients:{COMPANY}:2", is_released=True)], NOW)

    first = drifts.active_links(account.id, COMPANY, 0, NOW - DAY, limit=2)
    rest = drifts.active_links(account.id, COMPANY, first[-1].row_id, NOW - DAY)

    assert [one.lead_id for one in (*first, *rest)] == [101, 103, 104]
    assert drifts.active_links(account.id, 99, 0, NOW - DAY) == []
    assert drifts.active_links(account.id, COMPANY, 0, NOW + DAY) == []


def test_bookings_under_way_are_known(account, record):
    record(subject=KEY)

    assert drifts.busy(account.id, [KEY, "yclients:1:9"]) == {KEY}


# The brake


def acts(*numbers, person="p", series="s"):
    return [Act(f"k{n}", COMPANY, person, f"{series}{n}", n) for n in numbers]


def test_what_passed_is_remembered_once(account):
    creations.note(account.id, acts(1, 2), NOW)
    creations.note(account.id, acts(2, 3), NOW + HOUR)

    assert {one.key for one in creations.of_people(account.id, ["p"], NOW)} == {"k1", "k2", "k3"}
    assert {one.key for one in creations.of_people(account.id, ["p"], NOW + HOUR)} == {"k3"}
    assert creations.of_people(account.id, ["q"], NOW) == []
    assert creations.of_salons(account.id, NOW) == {COMPANY: 3}


def test_repeated_bookings_of_a_schedule_are_one_for_their_salon(account):
    same = [Act(f"k{n}", COMPANY, "p", "weekly", n) for n in range(5)]
    creations.note(account.id, same, NOW)

    assert creations.of_salons(account.id, NOW) == {COMPANY: 1}


def test_usual_pace_is_of_the_hours_that_brought_anything(account):
    for hour in range(4):
        creations.note(
            account.id, acts(*range(hour * 10, hour * 10 + 3), series=f"h{hour}"), NOW + hour * HOUR
        )

    creations.count_usual(account.id, NOW + 5 * HOUR, days=14, fewest_hours=5)
    unknown = creations.usual(account.id)
    creations.count_usual(account.id, NOW + 5 * HOUR, days=14, fewest_hours=4)

    assert (unknown, creations.usual(account.id)) == ({}, {COMPANY: 3})


def test_old_creations_are_forgotten(account):
    creations.note(account.id, acts(1), NOW)

    creations.count_usual(account.id, NOW + 15 * DAY, days=14, fewest_hours=1)

    assert creations.of_people(account.id, ["p"], NOW) == []
    assert creations.usual(account.id) == {}


def test_what_waits_is_counted_and_let_go(account, record, lease):
    for number in (1, 2):
        record(subject=f"yclients:{COMPANY}:{number}", settle=0)
    ids = [event.id for event in events.begin(lease, NOW, 10)]
    events.wait(lease, ids, NOW + DAY, "brake.held scope=person:p", counts_as_attempt=False)
    before = creations.waiting(account.id)

    freed = creations.release(account.id, "person:p", NOW + HOUR)

    assert before == {"person:p": 2}
    assert freed == 2
    assert len(events.begin(lease, NOW + HOUR, 10)) == 2
    assert creations.released(account.id, NOW) == {"person:p"}
    assert creations.released(account.id, NOW + DAY) == frozenset()


@pytest.mark.parametrize("scope", ["person:q", "salon:1"])
def test_other_scopes_go_on_waiting(account, record, lease, scope):
    record(settle=0)
    ids = [event.id for event in events.begin(lease, NOW, 10)]
    events.wait(lease, ids, NOW + DAY, "brake.held scope=person:p", counts_as_attempt=False)

    assert creations.release(account.id, scope, NOW) == 0
    assert creations.waiting(account.id) == {"person:p": 1}


# Alarms


def test_alarm_is_told_once(account):
    alarms.raise_alarm(account.id, "code", "branch", "1", {}, NOW)
    (found,) = alarms.untold(account.id, NOW)

    claims = [alarms.claim([found.id], NOW + HOUR) for _ in range(2)]
    told = alarms.untold(account.id, NOW + HOUR)
    alarms.unclaim([found.id])

    assert (claims, told) == ([[found.id], []], [])
    assert [one.id for one in alarms.untold(account.id, NOW + HOUR)] == [found.id]
    assert alarms.untold(account.id, NOW - HOUR) == []


def test_alarm_that_comes_back_is_a_new_one_to_tell(account):
    for _ in range(2):
        alarms.raise_alarm(account.id, "code", "branch", "1", {}, NOW)
        (found,) = alarms.untold(account.id, NOW)
        alarms.claim([found.id], NOW)
        alarms.resolve(account.id)

    assert alarms.untold(account.id, NOW) == []
