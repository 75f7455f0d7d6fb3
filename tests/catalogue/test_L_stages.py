"""L4, L5. A stage set by a person confirms a visit, and a lost lead asks about its booking."""

import pytest

from backend.store import connections
from tests.support.from_card import CONFIRMED, FRESH, LOST, booked, calls, card, fresh, told
from tests.support.stand import LASER_ARMPITS, TVERSKAYA, URAL

__all__ = ["booked", "card", "told"]


def test_L4_a_stage_set_by_a_person_confirms_the_booking(stand, told, booked):
    stand.move(stand.lead_of(booked), CONFIRMED)

    stand.settle()

    assert fresh(stand, booked)["attendance"] == 2
    assert len(calls(stand, "PUT", "visits")) == 1
    assert stand.lead_of(booked)["status_id"] == CONFIRMED
    assert stand.value(stand.lead_of(booked), "MOSTIK_STATUS") == ["Подтвердил"]


def test_L4_it_is_off_until_somebody_wants_it(stand, booked):
    stand.move(stand.lead_of(booked), CONFIRMED)

    stand.settle()

    assert fresh(stand, booked)["attendance"] == 0


def test_L4_the_comment_stays(stand, told):
    record = stand.book(LASER_ARMPITS, comment="У окна")
    stand.settle()

    stand.move(stand.lead_of(record), CONFIRMED)
    stand.settle()

    assert (fresh(stand, record)["attendance"], fresh(stand, record)["comment"]) == (2, "У окна")


@pytest.mark.parametrize("stage", [142, LOST, FRESH])
def test_L4_no_other_stage_writes_into_the_journal(stand, told, booked, stage):
    stand.move(stand.lead_of(booked), stage)

    stand.settle()

    assert fresh(stand, booked)["last_change_date"] == booked["last_change_date"]


def test_L4_a_visit_marked_meanwhile_is_left_alone(stand, told, booked):
    stand.world.yclients.hooks(loss=1.0)
    stand.mark(booked, -1)

    stand.move(stand.lead_of(booked), CONFIRMED)
    stand.settle()

    assert fresh(stand, booked)["attendance"] == -1


def test_L4_without_the_right_the_salon_goes_on_and_a_person_is_told(stand, told, booked, alarm_codes):
    stand.world.yclients.user(
        "salon-token", companies=[TVERSKAYA, URAL], denied=["edit_records_attendance_access"]
    )

    stand.move(stand.lead_of(booked), CONFIRMED)
    stand.settle()

    assert fresh(stand, booked)["attendance"] == 0
    assert "card.confirm_refused" in alarm_codes()
    assert connections.get(stand.account.id, TVERSKAYA).paused_code == ""


def test_L4_a_salon_that_does_not_answer_is_asked_again(stand, told, booked):
    stand.world.yclients.faults("500", match="PUT /api/v1/visits", next=1)

    stand.move(stand.lead_of(booked), CONFIRMED)
    stand.settle(1200)

    assert fresh(stand, booked)["attendance"] == 2


# L5


def test_L5_a_lost_lead_asks_about_its_booking_and_cancels_nothing(stand, card, booked):
    lead = stand.lead_of(booked)
    stand.move(lead, LOST)
    stand.settle()

    question = card.person(lead)["question"]

    assert question["key"] == f"yclients:{TVERSKAYA}:{booked['id']}"
    assert question["sentence"].startswith("Сделка закрыта как нереализованная, а запись на ")
    assert not fresh(stand, booked)["deleted"]


def test_L5_the_answer_yes_cancels_it(stand, card, booked):
    lead = stand.lead_of(booked)
    stand.move(lead, LOST)
    stand.settle()

    answer = card.act("cancel", lead, booked)
    stand.settle()

    assert answer.status_code == 200
    assert fresh(stand, booked)["deleted"]
    assert card.person(lead)["question"] is None


def test_L5_nobody_is_asked_about_an_open_lead(stand, card, booked):
    assert card.person(stand.lead_of(booked))["question"] is None
