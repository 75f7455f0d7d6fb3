"""E. Clients and contacts: one person is one contact."""

import pytest

from tests.support.stand import ANNA, DOMAIN, LASER_ARMPITS, TVERSKAYA, URAL, URAL_LASER, URAL_MASTER

NO_PHONE = ("Ирина", "")


@pytest.fixture
def nameless_phone(stand):
    """A booking of a client without a phone, with its lead."""
    record = stand.book(LASER_ARMPITS, client=NO_PHONE, at="+2")
    stand.settle()
    return record


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
