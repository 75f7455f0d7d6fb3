"""Who is who: one person with two phones, people without a card, phones that move and phones as typed."""

import pytest

from backend.core.crm import Contact
from backend.flows.sync import mirror
from tests.support.stand import (
    ANNA,
    DOMAIN,
    EPILATION,
    LASER_ARMPITS,
    LASER_LEGS,
    URAL,
    URAL_LASER,
    URAL_MASTER,
)  # fmt: skip

MARIA, IVAN = ("Мария", "+79990000001"), ("Иван", "+79990000002")


def test_two_bookings_of_a_contact_with_two_phones_do_not_share_a_lead(stand):
    family = stand.world.amocrm.ui_contact(DOMAIN, user_id=ANNA, name="Семья", phones=[MARIA[1], IVAN[1]])
    stand.open_lead(EPILATION, 8100, client=family["id"])
    stand.work()

    first = stand.book(LASER_ARMPITS, client=MARIA)
    second = stand.book(LASER_LEGS, client=IVAN, at="+5")
    stand.settle()

    assert stand.lead_of(first)["id"] != stand.lead_of(second)["id"]
    assert len(stand.contacts()) == 1


def test_people_whose_cards_have_no_id_are_told_apart_by_phone(stand, post_hook, caught_hooks):
    stand.book(LASER_ARMPITS, client=MARIA)
    stand.book(LASER_ARMPITS, client=IVAN, at="+3")

    for event in caught_hooks():
        del event["data"]["client"]["id"]
        post_hook(event)
        stand.settle()

    assert sorted(stand.phones(contact)[0] for contact in stand.contacts()) == [MARIA[1], IVAN[1]]


def test_phone_that_a_manager_took_off_a_contact_no_longer_leads_to_it(stand):
    stand.book(LASER_ARMPITS, client=MARIA)
    stand.settle()
    maria = stand.contacts()[0]
    phone = next(row["field_id"] for row in maria["custom_fields_values"] if row["field_code"] == "PHONE")
    moved = {"field_id": phone, "values": [{"value": "+79995554433"}]}
    stand.pass_time(120)
    stand.ctx.amo(stand.account.id).write(
        "PATCH", "contacts", [{"id": maria["id"], "custom_fields_values": [moved]}]
    )
    stand.pass_time(120)

    stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, client=("Пётр", MARIA[1]), at="+3")
    stand.settle()

    assert [stand.phones(contact) for contact in stand.contacts()] == [["+79995554433"], [MARIA[1]]]


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("8 (999) 000-00-01", (MARIA[1],)),
        ("+7 999 000-00-01 доб. 12", (MARIA[1],)),
        ("+79990000001, 89990000002", (MARIA[1], IVAN[1])),
        ("89990000001; +7 999 000 00 01", (MARIA[1],)),
    ],
)
def test_contact_is_found_by_each_number_that_people_typed_into_one_field(typed, keys):
    assert mirror.person_keys(Contact(1, "Мария", (typed,))) == keys
