"""E1–E4, E7. A client is known by the phone: in any spelling, abroad, hidden, changed, or absent."""

import pytest

from tests.support.people import NO_PHONE, contact_of, edit_client, nameless_phone
from tests.support.stand import (
    ANNA,
    DOMAIN,
    LASER_ARMPITS,
    LASER_LEGS,
    TVERSKAYA,
    URAL,
    URAL_LASER,
    URAL_MASTER,
)
from tests.support.wishes import wish

__all__ = ["nameless_phone"]


def test_E1_client_without_phone_gets_a_tagged_contact(stand):
    record = stand.book(LASER_ARMPITS, client=NO_PHONE)

    stand.settle()

    lead, (contact,) = stand.lead_of(record), stand.contacts()
    tags = [tag.name for tag in stand.world.amocrm.find(DOMAIN).tags["contacts"].values()]
    assert [who["id"] for who in lead["_embedded"]["contacts"]] == [contact["id"]]
    assert contact["name"] == "Ирина"
    assert stand.phones(contact) == []
    assert tags == ["без телефона"]


def test_E1_client_without_phone_is_known_by_the_card(stand, nameless_phone):
    second = stand.book(LASER_ARMPITS, client=None, at="+9")
    stand.edit(second, client={"id": nameless_phone["client"]["id"]})

    stand.settle()

    assert len(stand.leads()) == 2
    assert len(stand.contacts()) == 1


def test_E1_two_clients_without_phone_are_two_contacts(stand, nameless_phone):
    stand.book(LASER_ARMPITS, client=("Светлана", ""), at="+9")

    stand.settle()

    assert [contact["name"] for contact in stand.contacts()] == ["Ирина", "Светлана"]


def test_E1_phone_that_appears_later_meets_the_same_contact(stand, nameless_phone):
    card = nameless_phone["client"]["id"]
    stand.world.yclients.ui_client(TVERSKAYA, card, phone="+79990000077")
    second = stand.book(LASER_ARMPITS, client=("Ирина", "+79990000077"), at="+9")

    stand.settle()

    assert second["client"]["id"] == card
    assert len(stand.contacts()) == 1
    assert len(stand.leads()) == 2


def test_E1_phone_of_another_contact_is_a_proposal_to_merge(stand, nameless_phone, alarm_codes):
    stand.world.amocrm.ui_contact(DOMAIN, user_id=ANNA, name="Ирина П.", phones=["+79990000077"])
    stand.world.yclients.ui_client(TVERSKAYA, nameless_phone["client"]["id"], phone="+79990000077")
    stand.book(LASER_ARMPITS, client=("Ирина", "+79990000077"), at="+9")

    stand.settle()

    assert "contacts_alike" in alarm_codes()
    assert len(stand.contacts()) == 2


@pytest.mark.parametrize("spelling", ["8 999 000-00-01", "+7 (999) 000 00 01", "79990000001", "9990000001"])
def test_E2_one_phone_in_two_spellings_is_one_contact(stand, spelling):
    stand.book(LASER_ARMPITS, client=("Мария", "+79990000001"), at="+2")
    stand.settle()
    stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, client=("Мария", spelling), at="+9")

    stand.settle()

    assert len(stand.leads()) == 2
    assert len(stand.contacts()) == 1


def test_E2_contact_that_a_manager_wrote_in_another_spelling_is_found(stand):
    known = stand.world.amocrm.ui_contact(DOMAIN, ANNA, "Мария К.", ["8-999-000-00-01"])
    record = stand.book(LASER_ARMPITS, client=("Мария", "+79990000001"))

    stand.settle()

    assert [contact["id"] for contact in stand.contacts()] == [known["id"]]
    assert [who["id"] for who in stand.lead_of(record)["_embedded"]["contacts"]] == [known["id"]]
    assert stand.contacts()[0]["name"] == "Мария К."


def test_E1_phone_written_into_the_card_is_added_to_the_contact(stand, nameless_phone):
    edit_client(stand, nameless_phone, phone="+79990000077")

    stand.settle()

    assert stand.phones(contact_of(stand, nameless_phone)) == ["+79990000077"]


def test_E1_client_without_phone_is_skipped_by_option(stand):
    wish(stand, options={"without_phone": "skip"})
    stand.book(LASER_ARMPITS, client=NO_PHONE)

    stand.settle()

    assert stand.leads() == []


def test_E3_foreign_numbers_with_the_same_last_digits_are_two_people(stand):
    stand.book(LASER_ARMPITS, client=("Мария", "+79990000001"), at="+2")
    stand.book(LASER_ARMPITS, client=("Прия", "+919990000001"), at="+3")

    stand.settle()

    phones = [stand.phones(contact) for contact in stand.contacts()]
    assert phones == [["+79990000001"], ["+919990000001"]]


def test_E4_hidden_phones_stop_creations_and_raise_an_alarm(stand, alarm_codes):
    stand.world.yclients.options(phones_hidden=True)
    stand.book(LASER_ARMPITS)

    stand.settle()

    assert stand.leads() == []
    assert stand.contacts() == []
    assert "phones_hidden" in alarm_codes()


def test_E4_with_the_right_back_the_booking_goes_on_by_itself(stand, alarm_codes):
    stand.world.yclients.options(phones_hidden=True)
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.world.yclients.options(phones_hidden=False)

    stand.settle(1300)

    assert stand.phones(contact_of(stand, record)) == ["+79990000001"]
    assert "phones_hidden" not in alarm_codes()


def test_E4_leads_that_are_there_follow_their_bookings_all_the_same(stand):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.world.yclients.options(phones_hidden=True)
    stand.edit(record, comment="опоздает")

    stand.settle()

    assert stand.value(stand.lead_of(record), "MOSTIK_COMMENT") == ["опоздает"]
    assert len(stand.contacts()) == 1


def test_E7_new_phone_is_added_and_the_old_one_stays(stand):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    edit_client(stand, record, phone="+79990000099")

    stand.settle()

    assert stand.phones(contact_of(stand, record)) == ["+79990000001", "+79990000099"]


def test_E7_booking_after_a_change_of_phone_meets_the_same_contact(stand):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    edit_client(stand, record, phone="+79990000099")
    stand.settle()
    second = stand.book(LASER_LEGS, client=("Мария", "+79990000099"), at="+9")

    stand.settle()

    assert contact_of(stand, second)["id"] == contact_of(stand, record)["id"]
    assert len(stand.contacts()) == 1


def test_E7_phone_of_another_contact_is_a_proposal(stand, alarm_codes):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.world.amocrm.ui_contact(DOMAIN, user_id=ANNA, name="Другая", phones=["+79990000099"])
    stand.settle()
    edit_client(stand, record, phone="+79990000099")

    stand.settle()

    assert stand.phones(contact_of(stand, record)) == ["+79990000001"]
    assert "contacts_alike" in alarm_codes()


def test_E7_a_phone_that_a_manager_filed_as_mobile_stays_so(stand):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    account = stand.world.amocrm.find(DOMAIN)
    phone = account.field_by_code("contacts", "PHONE")
    contact = account.contacts.rows[contact_of(stand, record)["id"]]
    mobile = next(enum for enum in phone.enums if enum.value == "MOB")
    contact.fields[phone.id] = [{"value": "+79990000001", "enum_id": mobile.id, "enum_code": "MOB"}]
    edit_client(stand, record, phone="+79990000099")

    stand.settle()

    kept = account.contacts.rows[contact.id].fields[phone.id]
    assert [(value["value"], value["enum_code"]) for value in kept] == [
        ("+79990000001", "MOB"), ("+79990000099", "WORK"),
    ]  # fmt: skip
