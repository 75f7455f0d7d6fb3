"""E. Clients and contacts: one person is one contact."""

import pytest

from tests.support.stand import (
    ANNA,
    CLEANING,
    COSMETOLOGY,
    DOMAIN,
    EPILATION,
    LASER_ARMPITS,
    LASER_LEGS,
    OLGA,
    STAGES,
    TVERSKAYA,
    URAL,
    URAL_LASER,
    URAL_MASTER,
)
from tests.support.wishes import money, told, wish

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


def tags_of(stand, entity):
    return {tag.name for tag in stand.world.amocrm.find(DOMAIN).tags[entity].values()}


def contact_of(stand, record):
    """The main contact of a booking's lead."""
    (who,) = stand.lead_of(record)["_embedded"]["contacts"]
    return next(contact for contact in stand.contacts() if contact["id"] == who["id"])


def edit_client(stand, record, **changes):
    stand.world.yclients.ui_client(record["company_id"], record["client"]["id"], **changes)


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


def test_E5_merged_cards_keep_the_lead_and_its_contact(stand):
    first = stand.book(LASER_ARMPITS, client=("Мария", "+79990000001"), at="+2")
    stand.settle()
    other = stand.book(LASER_LEGS, client=("Мария К.", ""), at="+4")
    stand.settle()
    before = stand.lead_of(first)["_embedded"]["contacts"]
    stand.world.yclients.ui_merge_clients(TVERSKAYA, first["client"]["id"], other["client"]["id"])
    stand.edit(first, comment="после объединения")

    stand.settle()

    assert stand.lead_of(first)["_embedded"]["contacts"] == before
    assert stand.value(stand.lead_of(first), "MOSTIK_COMMENT") == ["после объединения"]
    assert len(stand.contacts()) == 2


def test_E5_new_booking_of_a_merged_card_makes_no_new_contact(stand):
    first = stand.book(LASER_ARMPITS, client=("Мария", "+79990000001"), at="+2")
    stand.settle()
    other = stand.book(LASER_LEGS, client=("Мария К.", ""), at="+4")
    stand.settle()
    stand.world.yclients.ui_merge_clients(TVERSKAYA, other["client"]["id"], first["client"]["id"])
    stand.book(LASER_ARMPITS, client=("Мария", "+79990000001"), at="+9")

    stand.settle()

    assert len(stand.contacts()) == 2


def test_E6_merged_contacts_are_followed(stand, nameless_phone):
    gone = contact_of(stand, nameless_phone)
    kept = stand.world.amocrm.ui_contact(DOMAIN, user_id=ANNA, name="Ирина Полная", phones=["+79990000055"])
    stand.world.amocrm.ui_merge_contacts(DOMAIN, user_id=ANNA, from_id=gone["id"], into_id=kept["id"])
    stand.settle()
    second = stand.book(LASER_ARMPITS, client=None, at="+9")
    stand.edit(second, client={"id": nameless_phone["client"]["id"]})

    stand.settle()

    assert contact_of(stand, second)["id"] == kept["id"]
    assert contact_of(stand, nameless_phone)["id"] == kept["id"]
    assert len(stand.contacts()) == 1


def test_E6_merged_contacts_of_a_lead_that_people_opened_are_followed(stand):
    gone = stand.world.amocrm.ui_contact(DOMAIN, user_id=ANNA, name="Мария", phones=["+79990000001"])
    stand.open_lead(EPILATION, STAGES[EPILATION], client=gone["id"])
    stand.settle()
    first = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.edit(first, comment="придёт")
    stand.settle()
    kept = stand.world.amocrm.ui_contact(DOMAIN, user_id=ANNA, name="Мария Полная", phones=[])
    stand.world.amocrm.ui_merge_contacts(DOMAIN, user_id=ANNA, from_id=gone["id"], into_id=kept["id"])
    stand.world.amocrm.ui_contact_edit(DOMAIN, ANNA, kept["id"], phones=[])
    stand.world.yclients.ui_client(TVERSKAYA, first["client"]["id"], phone="")
    stand.settle()
    second = stand.book(LASER_LEGS, client=None, at="+9")
    stand.edit(second, client={"id": first["client"]["id"]})

    stand.settle()

    assert contact_of(stand, second)["id"] == kept["id"]
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


def rename_contact(stand, record, name):
    stand.world.amocrm.ui_contact_edit(
        DOMAIN, user_id=OLGA, contact_id=contact_of(stand, record)["id"], name=name
    )


def test_E8_name_that_a_manager_gave_stays(stand):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    rename_contact(stand, record, "Мария Ивановна (VIP)")
    edit_client(stand, record, name="Маша")
    stand.edit(record, comment="звонить после 12")

    stand.settle()

    assert contact_of(stand, record)["name"] == "Мария Ивановна (VIP)"


def test_E8_salon_is_master_of_names_by_option(stand):
    wish(stand, options={"names_from_salon": True})
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    rename_contact(stand, record, "Мария Ивановна (VIP)")
    stand.settle()
    edit_client(stand, record, name="Маша")

    stand.settle()

    assert contact_of(stand, record)["name"] == "Маша"


def test_E9_mother_and_children_with_one_phone_are_one_contact(stand):
    first = stand.book(LASER_ARMPITS, client=("Мария", "+79990000001"), at="+2")
    second = stand.book(
        LASER_ARMPITS, client=("Мария", "+79990000001"), at="+3", comer={"id": 5, "title": "Коля"}
    )
    wish(stand, fields=["visitor"])

    stand.settle()

    assert len(stand.contacts()) == 1
    assert money(stand, first, "visitor") is None
    assert money(stand, second, "visitor") == "Коля"


def test_E9_lead_of_another_family_member_is_not_continued_by_option(stand):
    wish(stand, options={"match_by_name": True})
    mother = stand.book(LASER_ARMPITS, client=("Мария", "+79990000001"), at="+1")
    stand.settle()
    stand.pass_time(2 * 86_400)
    stand.mark(mother, -1)
    stand.settle()
    child = stand.book(
        LASER_ARMPITS, client=("Мария", "+79990000001"), at="+3", comer={"id": 5, "title": "Николай"}
    )

    stand.settle()

    assert stand.lead_of(child)["id"] != stand.lead_of(mother)["id"]
    assert len(stand.contacts()) == 1


def test_E9_without_the_option_a_missed_visit_is_continued_by_the_family(stand):
    mother = stand.book(LASER_ARMPITS, client=("Мария", "+79990000001"), at="+1")
    stand.settle()
    lead = stand.lead_of(mother)
    stand.pass_time(2 * 86_400)
    stand.mark(mother, -1)
    stand.settle()
    child = stand.book(
        LASER_ARMPITS, client=("Мария", "+79990000001"), at="+3", comer={"id": 5, "title": "Николай"}
    )

    stand.settle()

    assert stand.lead_of(child)["id"] == lead["id"]


def test_E10_payer_is_the_contact_and_the_visitor_a_field(stand):
    wish(stand, fields=["visitor"])
    record = stand.book(LASER_ARMPITS, comer={"id": 5, "title": "Пётр Пробный"})

    stand.settle()

    assert contact_of(stand, record)["name"] == "Мария"
    assert money(stand, record, "visitor") == "Пётр Пробный"


def test_E11_labels_and_refusal_of_mailings_stand_at_the_contact(stand):
    wish(stand, contact=["labels", "do_not_send"])
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    edit_client(stand, record, categories=[{"id": 101, "title": "Чёрный список"}], sms_not=1)

    stand.settle()

    contact = contact_of(stand, record)
    assert told(stand, contact, "labels") == "Чёрный список"
    assert told(stand, contact, "do_not_send") is True


def test_E11_labels_of_all_salons_are_joined(stand):
    wish(stand, contact=["labels"])
    first = stand.book(LASER_ARMPITS)
    second = stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, at="+5")
    stand.settle()
    edit_client(stand, first, categories=[{"id": 101, "title": "VIP"}])
    stand.settle()
    edit_client(stand, second, categories=[{"id": 102, "title": "Аллергия"}])

    stand.settle()

    (contact,) = stand.contacts()
    assert set(told(stand, contact, "labels").split(", ")) == {"VIP", "Аллергия"}


def test_E11_client_that_is_not_to_be_passed_on_gets_no_lead(stand):
    record = stand.book(LASER_ARMPITS, client=None)
    card = stand.world.yclients.desk.new_client(
        stand.world.yclients.store.companies[TVERSKAYA], {"name": "Тайна", "phone": "+79990000031"}
    )
    stand.world.yclients.ui_client(TVERSKAYA, card.id, categories=[{"id": 9, "title": "Не передавать"}])
    stand.edit(record, client={"id": card.id})

    stand.settle()

    assert stand.leads() == []


def test_E12_of_two_contacts_the_one_with_an_open_lead_is_chosen(stand, alarm_codes):
    stand.world.amocrm.ui_contact(DOMAIN, ANNA, "Мария без сделок", ["+79990000001"])
    lead = stand.open_lead(EPILATION, STAGES[EPILATION], client=("Мария со сделкой", "8 999 000-00-01"))
    stand.world.amocrm.ui_contact(DOMAIN, ANNA, "Мария новая", ["+7 999 000 00 01"])
    stand.settle()
    record = stand.book(LASER_ARMPITS)

    stand.settle()

    assert stand.lead_of(record)["id"] == lead["id"]
    assert "contacts_alike" in alarm_codes()
    assert len(stand.contacts()) == 3


def test_E12_without_open_leads_the_newest_contact_is_chosen(stand):
    stand.world.amocrm.ui_contact(DOMAIN, ANNA, "Мария старая", ["+79990000001"])
    newest = stand.world.amocrm.ui_contact(DOMAIN, ANNA, "Мария новая", ["+7 999 000 00 01"])
    stand.settle()
    record = stand.book(LASER_ARMPITS)

    stand.settle()

    assert contact_of(stand, record)["id"] == newest["id"]


def test_E13_booking_given_to_another_client_takes_its_lead_along(stand):
    record = stand.book(LASER_ARMPITS, client=("Мария", "+79990000001"))
    stand.settle()
    lead = stand.lead_of(record)
    stand.edit(record, client={"name": "Светлана", "phone": "+79990000002"})

    stand.settle()

    assert stand.lead_of(record)["id"] == lead["id"]
    assert stand.phones(contact_of(stand, record)) == ["+79990000002"]
    assert "передана другому клиенту: Светлана" in stand.notes(lead)[-1]
    assert len(stand.contacts()) == 2


def test_E13_known_contact_of_the_other_client_is_taken(stand):
    known = stand.world.amocrm.ui_contact(DOMAIN, ANNA, "Светлана", ["+79990000002"])
    record = stand.book(LASER_ARMPITS, client=("Мария", "+79990000001"))
    stand.settle()
    stand.edit(record, client={"name": "Светлана", "phone": "+79990000002"})

    stand.settle()

    assert contact_of(stand, record)["id"] == known["id"]


def test_E13_lead_that_people_worked_on_keeps_its_contact(stand):
    record = stand.book(LASER_ARMPITS, client=("Мария", "+79990000001"))
    stand.settle()
    stand.move(stand.lead_of(record), STAGES[EPILATION] + 9)
    stand.work()
    stand.edit(record, client={"name": "Светлана", "phone": "+79990000002"})

    stand.settle()
    stand.edit(record, comment="ещё раз")
    stand.settle()

    tasks = [task["text"] for task in stand.crm()["tasks"]]
    assert stand.phones(contact_of(stand, record)) == ["+79990000001"]
    assert tasks == ["В записи теперь другой клиент: Светлана. Проверьте контакт сделки."]


def test_E14_contact_of_a_deleted_client_stays_and_is_marked(stand):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.world.yclients.ui_delete_client(TVERSKAYA, record["client"]["id"])

    stand.settle()

    assert contact_of(stand, record)["name"] == "Мария"
    assert "карточка удалена в YCLIENTS" in tags_of(stand, "contacts")


def test_E15_first_in_the_salon_and_first_in_the_network_are_two_things(stand):
    wish(stand, fields=["first_visit", "first_in_network"])
    first = stand.book(LASER_ARMPITS, at="+1")
    stand.settle()
    stand.pass_time(2 * 86_400)
    stand.mark(first, 1)
    stand.settle()
    second = stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, at="+5")

    stand.settle()

    assert money(stand, second, "first_visit") is True
    assert money(stand, second, "first_in_network") is not True


def test_E15_first_visit_of_a_new_client_is_both(stand):
    wish(stand, fields=["first_visit", "first_in_network"])
    record = stand.book(LASER_ARMPITS)

    stand.settle()

    assert (money(stand, record, "first_visit"), money(stand, record, "first_in_network")) == (True, True)


def test_E15_first_visit_stays_the_first_after_it_took_place(stand):
    wish(stand, fields=["first_visit"])
    record = stand.book(LASER_ARMPITS, at="+1")
    stand.settle()
    stand.pass_time(2 * 86_400)
    stand.mark(record, 1)

    stand.settle()

    assert money(stand, record, "first_visit") is True


def test_visits_and_no_shows_of_all_salons_stand_at_the_contact(stand):
    wish(stand, contact=["visits", "no_shows", "last_visit", "next_visit"])
    came = stand.book(LASER_ARMPITS, at="+1")
    missed = stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, at="+1")
    ahead = stand.book(LASER_LEGS, at="+9")
    stand.settle()
    stand.pass_time(2 * 86_400)
    stand.mark(came, 1)
    stand.mark(missed, -1)

    stand.settle()

    (contact,) = stand.contacts()
    assert (told(stand, contact, "visits"), told(stand, contact, "no_shows")) == ("1", "1")
    assert told(stand, contact, "last_visit") is not None
    assert told(stand, contact, "next_visit") == stand.value(stand.lead_of(ahead), "MOSTIK_VISIT_AT")[0]


def test_deleted_next_booking_clears_its_field(stand):
    wish(stand, contact=["next_visit"])
    record = stand.book(LASER_ARMPITS, at="+5")
    stand.settle()
    stand.delete(record)

    stand.settle()

    (contact,) = stand.contacts()
    assert told(stand, contact, "next_visit") is None


def test_correction_of_a_person_survives_until_the_salon_has_news(stand):
    wish(stand, contact=["discount"])
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    edit_client(stand, record, discount=10)
    stand.settle()
    (contact,) = stand.contacts()
    field = next(f["id"] for f in stand.crm()["fields"] if f["code"] == "MOSTIK_CLIENT_DISCOUNT")
    stand.world.amocrm.ui_contact_edit(DOMAIN, OLGA, contact["id"], fields={field: "15"})
    stand.edit(record, comment="просто так")

    stand.settle()

    assert told(stand, stand.contacts()[0], "discount") == "15"


def test_birthday_and_card_come_from_the_clients_card(stand):
    wish(stand, contact=["birthday", "card", "spent"])
    record = stand.book(CLEANING)
    stand.settle()
    edit_client(stand, record, birth_date="1965-05-01", card="A-17")

    stand.settle()

    (contact,) = stand.contacts()
    assert told(stand, contact, "card") == "A-17"
    assert told(stand, contact, "birthday") is not None
    assert stand.lead_of(record)["pipeline_id"] == COSMETOLOGY


def test_contacts_of_one_batch_go_in_one_request(stand):
    wish(stand, contact=["visits", "next_visit"])
    records = [
        stand.book(LASER_ARMPITS, client=(f"Клиент {n}", f"+7999000020{n}"), at="+2") for n in range(6)
    ]
    stand.settle()
    stand.world.amocrm.journal_clear()
    for record in records:
        stand.edit(record, datetime=stand.wall("+6"))

    stand.settle()

    written = [row for row in stand.world.amocrm.journal(DOMAIN) if row["method"] == "PATCH"]
    assert [row["rows"] for row in written if row["path"].endswith("/contacts")] == [6]


def test_labels_that_a_card_had_before_us_are_read_once(stand):
    wish(stand, contact=["labels"])
    yclients = stand.world.yclients
    card = yclients.desk.new_client(
        yclients.store.companies[TVERSKAYA], {"name": "Мария", "phone": "+79990000001"}
    )
    card.categories = [{"id": 9, "title": "VIP"}]
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.edit(record, comment="ещё раз")

    stand.settle()

    (contact,) = stand.contacts()
    assert told(stand, contact, "labels") == "VIP"
    assert sum("/client/" in row["path"] for row in yclients.journal()) == 1


def test_what_a_client_spent_is_read_after_each_visit(stand):
    wish(stand, contact=["spent"])
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    before = told(stand, stand.contacts()[0], "spent")
    stand.mark(record, 1)

    stand.settle()

    assert (before, told(stand, stand.contacts()[0], "spent")) == ("0", "2500")
