"""L2, L3, L6. What stands in the way of a booking: a time just taken, no such client, a missing right."""

import pytest

from backend.store import connections
from tests.support.from_card import FRESH, booked, calls, card, fresh, journal, lead
from tests.support.stand import EPILATION, LASER_ARMPITS, TVERSKAYA, URAL

__all__ = ["booked", "card", "lead"]

# L2


def test_L2_a_taken_time_is_told_with_the_nearest_free_ones(stand, card, lead):
    day = stand.wall("+2")[:10]
    stand.book(LASER_ARMPITS, at=f"{day} 14:30:00", client=("Ольга", "+79990000005"))
    stand.settle()

    answer = card.book(lead, at=f"{day} 14:30:00")

    assert (answer.status_code, answer.json["code"]) == (409, "booking.slot_taken")
    assert answer.json["message"] == "Это время только что заняли. Ничего не записано — выберите другое."
    assert {f"{day} 13:30", f"{day} 15:30"}.issubset(answer.json["nearest"])
    assert answer.json["nearest"] == sorted(answer.json["nearest"])
    assert len(journal(stand)) == 1


def test_L2_another_time_can_be_booked_after_it(stand, card, lead):
    day = stand.wall("+2")[:10]
    stand.book(LASER_ARMPITS, at=f"{day} 14:30:00", client=("Ольга", "+79990000005"))
    nearest = card.book(lead, at=f"{day} 14:30:00").json["nearest"]

    answer = card.press("book", **{**card.wish(lead), "at": nearest[0]})

    assert answer.status_code == 201
    assert len(journal(stand)) == 2


def test_L2_a_move_onto_a_taken_time_changes_nothing(stand, card, booked):
    day = stand.wall("+3")[:10]
    stand.book(LASER_ARMPITS, at=f"{day} 12:00:00", client=("Ольга", "+79990000005"))
    stand.settle()

    answer = card.act("move", stand.lead_of(booked), booked, at=f"{day} 12:00")

    assert (answer.status_code, answer.json["code"]) == (409, "booking.slot_taken")
    assert f"{day} 11:00" in answer.json["nearest"]
    assert fresh(stand, booked)["date"] == booked["date"]


def test_L2_a_taken_time_is_told_even_when_no_other_can_be_found(stand, card, lead):
    day = stand.wall("+2")[:10]
    stand.book(LASER_ARMPITS, at=f"{day} 14:30:00", client=("Ольга", "+79990000005"))
    stand.world.yclients.faults("500", match="staff/schedule", next=1)

    answer = card.book(lead, at=f"{day} 14:30:00")

    assert (answer.status_code, answer.json["nearest"]) == (409, [])


# L3


def test_L3_an_unknown_client_is_made_from_the_contact(stand, card):
    lead = stand.open_lead(EPILATION, FRESH, client=("Дарья", "8 (999) 000-00-07"))
    stand.settle()

    card.book(lead)

    (record,) = journal(stand)
    assert record["client"]["name"] == "Дарья"
    assert str(record["client"]["phone"]).lstrip("+") == "79990000007"
    assert len(calls(stand, "POST", "clients")) == 1


def test_L3_a_known_client_is_found_by_the_phone(stand, card, lead):
    before = stand.book(LASER_ARMPITS, client=("Мария Старая", "89990000001"), at="+1")

    card.book(lead, at="+3")

    new = next(one for one in journal(stand) if one["id"] != before["id"])
    assert new["client"]["id"] == before["client"]["id"]
    assert calls(stand, "POST", "clients") == []


def test_L3_a_known_client_whose_phone_is_hidden_gets_no_second_card(stand, card, lead):
    before = stand.book(LASER_ARMPITS, client=("Мария", "89990000001"), at="+1")
    stand.world.yclients.options(phones_hidden=True)

    answer = card.book(lead, at="+3")

    assert answer.status_code == 201
    new = next(one for one in journal(stand) if one["id"] != before["id"])
    assert new["client"]["id"] == before["client"]["id"]


def test_L3_a_search_that_failed_is_repeated(stand, card, lead):
    stand.world.yclients.faults("success_false", match="clients/search", next=1)
    first = card.book(lead)
    stand.pass_time(60)

    second = card.book(lead)

    assert (first.status_code, second.status_code) == (503, 201)
    assert len(calls(stand, "POST", "clients")) == 1


@pytest.mark.parametrize(
    ("phone", "code"), [("", "card.no_phone"), ("12-34", "card.bad_phone"), ("+7 999 000", "card.bad_phone")]
)
def test_L3_without_a_whole_phone_nobody_is_booked(stand, card, phone, code):
    lead = stand.open_lead(EPILATION, FRESH, client=("Дарья", phone))
    stand.settle()

    answer = card.book(lead)

    assert (answer.status_code, answer.json["code"]) == (400, code)
    assert journal(stand) == []
    assert card.person(lead)["denied"] == answer.json["message"]


# L6


@pytest.mark.parametrize(
    ("act", "denied", "words"),
    [
        ("book", "create_records_access", "«Создание записей»"),
        ("move", "edit_records_access", "«Редактирование записей»"),
        ("cancel", "delete_records_access", "«Удаление записей»"),
        ("confirm", "edit_records_attendance_access", "«Изменение статуса визита»"),
        ("arrive", "edit_records_attendance_access", "«Изменение статуса визита»"),
    ],
)
def test_L6_a_missing_right_is_named(stand, card, act, denied, words):
    record = stand.book(LASER_ARMPITS, at=stand.wall("+0").replace("14:30", "23:30"))
    stand.settle(4)
    stand.world.yclients.user("salon-token", companies=[TVERSKAYA, URAL], denied=[denied])
    lead = stand.lead_of(record) if stand.leads_of(record) else None
    stand.settle()
    lead = lead or stand.lead_of(record)
    at = stand.wall("+3")[:16]

    answer = card.book(lead, at="+4") if act == "book" else card.act(act, lead, record, at=at)

    assert answer.status_code == 409
    assert answer.json["code"] == f"card.no_right.{denied}"
    assert words in answer.json["message"]


def test_L6_a_paid_booking_needs_a_right_of_its_own(stand, card, booked):
    stand.world.yclients.ui_pay(TVERSKAYA, booked["id"], 2500)
    stand.world.yclients.user(
        "salon-token", companies=[TVERSKAYA, URAL], denied=["record_edit_full_paid_access"]
    )
    stand.settle()

    answer = card.act("move", stand.lead_of(booked), booked, at=stand.wall("+3")[:16])

    assert answer.json["code"] == "card.no_right.record_edit_full_paid_access"
    assert "оплачена" in answer.json["message"]
    assert connections.get(stand.account.id, TVERSKAYA).paused_code == ""
