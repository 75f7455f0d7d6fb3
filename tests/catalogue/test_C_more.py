"""C4–C17. Corrections, success by payment, visits of several bookings, and what nobody understands."""

import pytest

from backend.flows.reminders import looks
from tests.support.stand import (
    CLIENT,
    DOMAIN,
    INNA,
    LASER_ARMPITS,
    LASER_LEGS,
    OLGA,
    TVERSKAYA,
    VERA,
)
from tests.support.wishes import wish

NEW, BOOKED, CONFIRMED, TO_BE_MOVED, WON, LOST = 8100, 8101, 8102, 8105, 142, 143
HOUR, DAY = 3600, 86_400


@pytest.fixture
def visited(stand):
    """A visit of yesterday whose lead is in «Записан»."""
    record = stand.book(LASER_ARMPITS, at="-1")
    stand.settle()
    return record


def stage(stand, record):
    return stand.lead_of(record)["status_id"]


def stages_passed(stand, lead):
    """Every stage that the lead was moved to, by amoCRM's own journal of events, in order."""
    session = stand.ctx.session
    token = stand.world.amocrm.token(DOMAIN, CLIENT)["access_token"]
    answer = session.get(
        f"{stand.at.amo}/{DOMAIN}/api/v4/events", headers={"Authorization": f"Bearer {token}"}
    ).json()
    events = [
        one
        for one in answer["_embedded"]["events"]
        if one["type"] == "lead_status_changed" and one["entity_id"] == lead["id"]
    ]
    events.sort(key=lambda one: one["created_at"])
    return [one["value_after"][0]["lead_status"]["id"] for one in events]


def test_C4_corrections_within_minutes_are_one_change(stand, visited):
    for attendance in (1, -1, 1):
        stand.mark(visited, attendance)
        stand.work()
        stand.pass_time(30)

    stand.settle(900)

    assert stages_passed(stand, stand.lead_of(visited)) == [WON]


def test_C7_success_taken_back_days_later_stays_and_is_told(stand, visited):
    stand.mark(visited, 1)
    stand.settle()
    stand.pass_time(5 * DAY)

    stand.mark(visited, -1)
    stand.settle()

    assert stage(stand, visited) == WON
    assert "закрыта" in stand.notes(stand.lead_of(visited))[-1]


def test_C9_missed_visit_dragged_to_a_new_date_is_booked_again(stand, visited):
    stand.mark(visited, -1)
    stand.settle()
    assert stage(stand, visited) == TO_BE_MOVED

    stand.edit(visited, datetime=stand.wall("+3"), attendance=0)
    stand.settle()

    assert stage(stand, visited) == BOOKED
    assert "Перенос записи" in stand.notes(stand.lead_of(visited))[-1]


def test_C11_arrival_before_the_visit_wins_with_a_warning(stand):
    record = stand.book(LASER_ARMPITS, at="+2")
    stand.settle()

    stand.mark(record, 1)
    stand.settle()

    assert stage(stand, record) == WON
    assert stand.reason(record) == "won_early"


def test_C11_it_waits_for_the_visit_where_the_account_wants_that(stand):
    wish(stand, {"success": {"after_start": True}})
    record = stand.book(LASER_ARMPITS, at="+2")
    stand.settle()

    stand.mark(record, 1)
    stand.settle()
    assert stage(stand, record) == BOOKED
    stand.pass_time(3 * DAY)
    looks.look(stand.ctx)  # what time alone asks for, as the scheduler does
    stand.work()

    assert stage(stand, record) == WON


def test_C11_a_booking_that_comes_as_arrived_waits_for_the_visit_too(stand):
    wish(stand, {"success": {"after_start": True}})
    record = stand.book(LASER_ARMPITS, at="+2")
    stand.mark(record, 1)
    stand.settle()
    assert stage(stand, record) == BOOKED

    stand.pass_time(3 * DAY)
    looks.look(stand.ctx)
    stand.work()

    assert stage(stand, record) == WON


@pytest.fixture
def paid_success(stand):
    wish(stand, {"success": {"needs_payment": True}})
    record = stand.book(LASER_ARMPITS, at="-1")
    stand.settle()
    return record


def test_C13_arrival_without_payment_does_not_win(stand, paid_success):
    stand.mark(paid_success, 1)
    stand.settle()

    assert stage(stand, paid_success) == BOOKED
    assert stand.reason(paid_success) == "waits_for_payment"


def test_C13_a_booking_that_comes_as_arrived_waits_for_its_money_too(stand):
    wish(stand, {"success": {"needs_payment": True}})
    record = stand.book(LASER_ARMPITS, at="-1")
    stand.mark(record, 1)
    stand.settle()
    assert stage(stand, record) == BOOKED

    stand.world.yclients.ui_pay(TVERSKAYA, record["id"], 2500)
    stand.settle()

    assert stage(stand, record) == WON


def test_C13_payment_wins_it_then(stand, paid_success):
    stand.mark(paid_success, 1)
    stand.settle()

    stand.world.yclients.ui_pay(TVERSKAYA, paid_success["id"], 2500)
    stand.settle()

    assert stage(stand, paid_success) == WON


def test_C14_payment_first_and_arrival_later_win_once(stand, paid_success):
    stand.world.yclients.ui_pay(TVERSKAYA, paid_success["id"], 2500)
    stand.settle()
    assert stage(stand, paid_success) == BOOKED

    stand.mark(paid_success, 1)
    stand.settle()

    assert stages_passed(stand, stand.lead_of(paid_success)) == [WON]


def parallel(stand):
    """Two masters at once: two records of one visit."""
    first = stand.book(LASER_ARMPITS, staff=VERA, at="2030-03-10 14:30:00")
    second = stand.book(LASER_LEGS, staff=INNA, at="2030-03-10 14:30:00", visit_id=first["visit_id"])
    assert str(first["visit_id"]) == str(second["visit_id"])
    return first, second


def test_C15_two_bookings_of_a_visit_are_two_leads_with_their_own_ends(stand):
    first, second = parallel(stand)
    stand.settle()

    stand.mark(first, -1)
    stand.mark(second, 1)
    stand.settle()

    assert (stage(stand, first), stage(stand, second)) == (TO_BE_MOVED, WON)


@pytest.fixture
def grouped(stand):
    wish(stand, {"group_by_visit": True})
    return stand


def lead_of_visit(stand, first):
    (lead,) = stand.leads()
    assert stand.linked_lead(first) == lead["id"]
    return lead


def test_C15_one_lead_for_the_visit_where_the_account_wants_that(grouped):
    first, second = parallel(grouped)

    grouped.settle()

    lead = lead_of_visit(grouped, first)
    assert lead["price"] == 2500 + 4500
    assert grouped.linked_lead(second) == lead["id"]
    (services,) = grouped.value(lead, "MOSTIK_SERVICES")
    assert services.splitlines() == ["Лазер: подмышки — 2 500 ₽", "Лазер: голени — 4 500 ₽"]


def test_C15_visit_is_won_when_anybody_came(grouped):
    first, second = parallel(grouped)
    grouped.settle()

    grouped.mark(first, -1)
    grouped.settle()
    grouped.mark(second, 1)
    grouped.settle()

    assert lead_of_visit(grouped, first)["status_id"] == WON


def test_C15_visit_is_missed_only_when_all_are(grouped):
    first, second = parallel(grouped)
    grouped.settle()

    grouped.mark(first, -1)
    grouped.settle()
    assert lead_of_visit(grouped, first)["status_id"] == BOOKED
    grouped.mark(second, -1)
    grouped.settle()

    assert lead_of_visit(grouped, first)["status_id"] == TO_BE_MOVED


def test_C15_deleted_booking_leaves_the_visit(grouped):
    first, second = parallel(grouped)
    grouped.settle()

    grouped.delete(second)
    grouped.settle()

    lead = lead_of_visit(grouped, first)
    assert (lead["status_id"], lead["price"]) == (BOOKED, 2500)


def test_C17_unknown_attendance_moves_nothing_and_is_told(stand, visited, post_hook, alarm_codes):
    body = {
        "company_id": TVERSKAYA, "resource": "record", "resource_id": visited["id"], "status": "update",
        "data": {**visited, "attendance": 3, "last_change_date": "2030-01-01T10:00:00+0300"},
    }  # fmt: skip

    assert post_hook(body) == 200
    stand.settle()

    assert stage(stand, visited) == BOOKED
    assert alarm_codes() == ["yclients.attendance_unknown"]
    kept = [event.body for event in stand.events(visited) if event.status == "rejected"]
    assert '"attendance":3' in kept[0]


def test_C19_stage_that_a_person_closed_is_left_alone(stand, visited):
    stand.move(stand.lead_of(visited), LOST, user=OLGA)
    stand.work()

    stand.mark(visited, 1)
    stand.settle()

    assert stage(stand, visited) == LOST
    assert stand.world.amocrm.state(DOMAIN)["tasks"] == []
