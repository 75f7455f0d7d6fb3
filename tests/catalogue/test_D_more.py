"""D2–D15. Masters and salons change, bookings come back, and a lead that people work with stays."""

import pytest

from tests.support.stand import (
    INNA,
    LASER_ARMPITS,
    TVERSKAYA,
    URAL,
    URAL_LASER,
    URAL_MASTER,
    VERA,
)
from tests.support.wishes import wish

BOOKED, TO_BE_MOVED, COMPLAINT, WON, LOST = 8101, 8105, 8109, 142, 143
DAY = 86_400


@pytest.fixture
def booked(stand):
    record = stand.book(LASER_ARMPITS, at="2030-03-10 14:30:00")
    stand.settle()
    return record


def test_D2_other_master_changes_the_field_and_not_the_responsible(stand, booked):
    before = stand.lead_of(booked)

    stand.edit(booked, staff_id=INNA)
    stand.settle()

    lead = stand.lead_of(booked)
    assert stand.value(lead, "MOSTIK_MASTER") == ["Инна"]
    assert lead["responsible_user_id"] == before["responsible_user_id"]


def moved_to_ural(stand, booked):
    """Deleted here and entered there a moment later."""
    stand.delete(booked)
    stand.work()
    stand.pass_time(20)
    there = stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, at="2030-03-12 10:00:00")
    stand.settle()
    return there


def test_D3_another_salon_is_another_lead_and_the_two_name_each_other(stand, booked):
    there = moved_to_ural(stand, booked)

    old, new = stand.lead_of(booked), stand.lead_of(there)
    assert (old["status_id"], new["status_id"]) == (LOST, BOOKED)
    assert f"№ {new['id']}" in stand.notes(old)[-1]
    assert f"№ {old['id']}" in stand.notes(new)[0]


def test_D3_the_lead_follows_where_the_account_wants_that(stand):
    wish(stand, {"moved_between_salons": "follow"})
    booked = stand.book(LASER_ARMPITS, at="2030-03-10 14:30:00")
    stand.settle()

    there = moved_to_ural(stand, booked)

    (lead,) = stand.leads()
    assert stand.lead_of(there)["id"] == lead["id"]
    assert lead["status_id"] == BOOKED
    assert stand.value(lead, "MOSTIK_SALON") == ["Урал"]


def test_D5_restored_booking_opens_its_lead_again(stand, booked):
    stand.delete(booked)
    stand.settle()
    assert stand.lead_of(booked)["status_id"] == LOST
    stand.pass_time(600)

    stand.world.yclients.ui_restore(TVERSKAYA, booked["id"])
    stand.settle()

    (lead,) = stand.leads()
    assert lead["status_id"] == BOOKED
    assert stand.linked_lead(booked) == lead["id"]


def restored_after_three_days(stand, booked):
    stand.delete(booked)
    stand.settle()
    stand.pass_time(3 * DAY)
    stand.world.yclients.ui_restore(TVERSKAYA, booked["id"])
    stand.settle()


def test_D6_booking_restored_late_gets_a_new_lead_that_names_the_old_one(stand, booked):
    old = stand.lead_of(booked)

    restored_after_three_days(stand, booked)

    new = stand.lead_of(booked)
    assert new["id"] != old["id"]
    assert new["status_id"] == BOOKED
    assert f"№ {old['id']}" in stand.notes(new)[0]
    assert stand.reason(booked) == "created"


def test_D6_the_old_lead_opens_where_the_account_wants_that(stand):
    wish(stand, {"restored_late": "reopen"})
    booked = stand.book(LASER_ARMPITS, at="2030-03-10 14:30:00")
    stand.settle()

    restored_after_three_days(stand, booked)

    (lead,) = stand.leads()
    assert lead["status_id"] == BOOKED


def test_D7_deleted_and_entered_again_is_one_move_of_one_lead(stand, booked):
    stand.delete(booked)
    stand.work()
    stand.pass_time(20)
    again = stand.book(LASER_ARMPITS, at="2030-03-12 16:00:00")
    stand.settle()

    (lead,) = stand.leads()
    assert stand.lead_of(again)["id"] == lead["id"]
    assert lead["status_id"] == BOOKED
    assert stand.notes(lead)[1:] == ["Перенос записи: с 10.03.2030 14:30 на 12.03.2030 16:00"]


def test_D8_lead_in_manual_work_is_not_closed_and_a_task_asks(stand, booked):
    stand.move(stand.lead_of(booked), COMPLAINT)
    stand.work()

    stand.delete(booked)
    stand.settle()

    lead = stand.lead_of(booked)
    assert lead["status_id"] == COMPLAINT
    assert stand.value(lead, "MOSTIK_STATUS") == ["Запись отменена"]
    assert [task["entity_id"] for task in stand.crm()["tasks"]] == [lead["id"]]


def test_D12_wall_time_of_the_salon_counts(stand):
    there = stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, at="2030-03-12 10:00:00")
    stand.settle()

    (visit_at,) = stand.value(stand.lead_of(there), "MOSTIK_VISIT_AT")
    assert visit_at == 1899522000  # 10:00 in Yekaterinburg is 05:00 UTC
    assert "12.03.2030 10:00" in stand.notes(stand.lead_of(there))[0]


def test_D13_two_bookings_at_one_minute_are_two_leads_of_one_visit(stand):
    wish(stand, fields=("visit_id",))
    first = stand.book(LASER_ARMPITS, staff=VERA, at="2030-03-10 14:30:00")
    second = stand.book(LASER_ARMPITS, staff=INNA, at="2030-03-10 14:30:00", visit_id=first["visit_id"])
    stand.settle()

    leads = stand.lead_of(first), stand.lead_of(second)
    assert leads[0]["id"] != leads[1]["id"]
    said = [stand.value(lead, "MOSTIK_VISIT_ID") for lead in leads]
    assert said == [[str(first["visit_id"])]] * 2
    assert len(stand.contacts()) == 1


def test_D14_longer_visit_changes_a_field_and_writes_no_note(stand):
    wish(stand, fields=("duration",))
    record = stand.book(LASER_ARMPITS)
    stand.settle()

    stand.edit(record, seance_length=5400)
    stand.settle()

    lead = stand.lead_of(record)
    assert stand.value(lead, "MOSTIK_DURATION") == ["90"]
    assert len(stand.notes(lead)) == 1


def test_D15_break_of_a_master_is_no_booking(stand):
    record = stand.book(client=None, at="+1", comment="обед")

    stand.settle()

    assert stand.leads() == []
    assert stand.reason(record) == "no_client"


def test_D16_strict_no_show_closes_the_old_lead_and_opens_a_new_one(stand):
    wish(stand, {"after_no_show": "strict"})
    missed = stand.book(LASER_ARMPITS, at="-1")
    stand.settle()
    stand.mark(missed, -1)
    stand.settle()
    assert stand.lead_of(missed)["status_id"] == TO_BE_MOVED

    again = stand.book(LASER_ARMPITS)
    stand.settle()

    old = next(lead for lead in stand.leads() if lead["id"] == stand.linked_lead(missed))
    assert (old["status_id"], old["loss_reason_id"]) == (LOST, 502)
    assert stand.lead_of(again)["status_id"] == BOOKED
    assert stand.lead_of(again)["id"] != old["id"]


def test_D16_no_show_is_continued_by_the_next_booking(stand):
    missed = stand.book(LASER_ARMPITS, at="-1")
    stand.settle()
    stand.mark(missed, -1)
    stand.settle()

    again = stand.book(LASER_ARMPITS)
    stand.settle()

    (lead,) = stand.leads()
    assert stand.lead_of(again)["id"] == lead["id"]
    assert lead["status_id"] == BOOKED
