"""A. Creation and linking: which lead a booking gets, and which bookings get none."""

import pytest

from backend import texts
from tests.support.stand import (
    AD_FIELD,
    ANNA,
    CLEANING,
    COSMETOLOGY,
    EPILATION,
    LASER_ARMPITS,
    LASER_LEGS,
    OLGA,
    WAITING_LIST,
)

MARIA = ("Мария", "8 (999) 000-00-01")
NEW, BOOKED, TO_BE_MOVED = 8100, 8101, 8105


def test_A1_new_client_gets_one_lead(stand):
    record = stand.book(LASER_ARMPITS, client=MARIA, comment="Первый визит")

    stand.work()
    stand.pass_time(60)

    lead = stand.lead_of(record)
    assert len(stand.leads()) == 1
    assert (lead["pipeline_id"], lead["status_id"]) == (EPILATION, BOOKED)
    assert (lead["responsible_user_id"], lead["price"]) == (ANNA, 2500)
    assert stand.reason(record) == "created"


def test_A1_new_client_becomes_a_contact_with_a_normalised_phone(stand):
    record = stand.book(LASER_ARMPITS, client=MARIA)

    stand.settle()

    (contact,) = stand.contacts()
    assert contact["name"] == "Мария"
    assert stand.phones(contact) == ["+79990000001"]
    assert contact["leads"] == [stand.lead_of(record)["id"]]


def test_A1_new_lead_tells_everything_about_the_booking(stand):
    record = stand.book(LASER_ARMPITS, LASER_LEGS, client=MARIA, comment="Аллергия на гель")

    stand.settle()

    lead = stand.lead_of(record)
    assert stand.value(lead, "MOSTIK_RECORD_ID") == [str(record["id"])]
    assert stand.value(lead, "MOSTIK_SALON") == ["Тверская"]
    assert stand.value(lead, "MOSTIK_DIRECTION") == ["Эпиляция"]
    assert stand.value(lead, "MOSTIK_MASTER") == ["Вера"]
    assert stand.value(lead, "MOSTIK_COMMENT") == ["Аллергия на гель"]
    assert stand.value(lead, "MOSTIK_SERVICES") == ["Лазер: подмышки — 2 500 ₽\nЛазер: голени — 4 500 ₽"]
    assert "Аллергия на гель" in stand.notes(lead)[0]
    assert "Итого: 7 000 ₽" in stand.notes(lead)[0]


def test_A2_booking_continues_the_open_lead_of_an_advertisement(stand):
    advertised = stand.open_lead(EPILATION, NEW, client=MARIA, user=OLGA, fields={AD_FIELD: "Яндекс"})
    record = stand.book(LASER_ARMPITS, client=MARIA)

    stand.settle()

    lead = stand.lead_of(record)
    assert [found["id"] for found in stand.leads()] == [advertised["id"]]
    assert lead["id"] == advertised["id"]
    assert lead["status_id"] == BOOKED
    assert stand.value(lead, "MOSTIK_SALON") == ["Тверская"]
    assert stand.value(lead, "MOSTIK_DIRECTION") == ["Эпиляция"]
    assert stand.reason(record) == "attached"


def test_A2_what_the_advertisement_brought_stays(stand):
    stand.open_lead(EPILATION, NEW, client=MARIA, user=OLGA, fields={AD_FIELD: "Яндекс"})
    record = stand.book(LASER_ARMPITS, client=MARIA)

    stand.settle()

    lead = stand.lead_of(record)
    assert stand.value(lead, AD_FIELD) == ["Яндекс"]
    assert lead["name"] == "Заявка с рекламы"
    assert lead["responsible_user_id"] == OLGA
    assert len(stand.contacts()) == 1


def test_A3_booking_continues_the_open_lead_of_its_direction_and_salon(stand, field_id):
    place = {field_id("MOSTIK_SALON"): "Тверская", field_id("MOSTIK_DIRECTION"): ["Эпиляция"]}
    by_hand = stand.open_lead(EPILATION, NEW, client=MARIA, fields=place)
    newer_without_place = stand.open_lead(EPILATION, NEW, client=by_hand["_embedded"]["contacts"][0]["id"])
    record = stand.book(LASER_ARMPITS, client=MARIA)

    stand.settle()

    assert stand.lead_of(record)["id"] == by_hand["id"]
    assert stand.lead_of(record)["status_id"] == BOOKED
    assert len(stand.leads()) == 2
    assert newer_without_place["id"] != by_hand["id"]


def test_A4_lead_of_another_direction_is_left_alone(stand, field_id):
    place = {field_id("MOSTIK_DIRECTION"): ["Косметология"]}
    other = stand.open_lead(EPILATION, NEW, client=MARIA, fields=place)
    record = stand.book(LASER_ARMPITS, client=MARIA)

    stand.settle()

    lead = stand.lead_of(record)
    assert lead["id"] != other["id"]
    assert (lead["pipeline_id"], lead["status_id"]) == (EPILATION, BOOKED)
    assert len(stand.leads()) == 2
    assert len(stand.contacts()) == 1
    assert stand.reason(record) == "created"


def test_A4_each_direction_continues_its_own_lead(stand, field_id):
    direction = field_id("MOSTIK_DIRECTION")
    cosmetology = stand.open_lead(COSMETOLOGY, 8200, client=MARIA, fields={direction: ["Косметология"]})
    contact = cosmetology["_embedded"]["contacts"][0]["id"]
    stand.open_lead(EPILATION, NEW, client=contact, fields={direction: ["Эпиляция"]})
    record = stand.book(CLEANING, client=MARIA)

    stand.settle()

    assert stand.lead_of(record)["id"] == cosmetology["id"]
    assert len(stand.leads()) == 2


def test_A7_lead_that_a_booking_drives_is_not_taken_by_the_next_booking(stand):
    first = stand.book(LASER_ARMPITS, client=MARIA, at="+2")
    stand.settle()
    second = stand.book(LASER_ARMPITS, client=MARIA, at="+9")

    stand.settle()

    assert stand.lead_of(first)["id"] != stand.lead_of(second)["id"]
    assert len(stand.leads()) == 2
    assert len(stand.contacts()) == 1


def test_A7_two_bookings_of_one_person_at_once_are_two_leads_of_one_contact(stand):
    first = stand.book(LASER_ARMPITS, client=MARIA, at="+2")
    second = stand.book(LASER_ARMPITS, client=MARIA, at="+9")

    stand.settle()

    assert stand.lead_of(first)["id"] != stand.lead_of(second)["id"]
    assert len(stand.contacts()) == 1


def test_A12_booking_with_an_excluded_master_is_skipped_and_says_why(stand):
    record = stand.book(LASER_ARMPITS, staff=WAITING_LIST)

    stand.settle()

    assert stand.leads() == []
    assert stand.reason(record) == "excluded_staff"
    assert "исключены в настройках салона" in texts.t("reason.excluded_staff")


@pytest.mark.parametrize(
    ("services", "client", "reason"),
    [
        pytest.param((LASER_ARMPITS,), None, "no_client", id="a block without a client"),
        pytest.param((), MARIA, "no_services", id="a birthday reminder without services"),
        pytest.param((), None, "no_client", id="neither client nor services"),
    ],
)
def test_A13_what_is_not_a_visit_is_skipped(stand, services, client, reason):
    record = stand.book(*services, client=client)

    stand.settle()

    assert stand.leads() == []
    assert stand.contacts() == []
    assert stand.reason(record) == reason
    assert texts.has(f"reason.{reason}")
