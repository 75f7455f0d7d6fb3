"""E5, E6, E8–E10, E12–E14. One person is one contact: merged cards, families, a booking given away."""

from tests.support.people import contact_of, edit_client, nameless_phone, tags_of
from tests.support.stand import ANNA, DOMAIN, EPILATION, LASER_ARMPITS, LASER_LEGS, OLGA, STAGES, TVERSKAYA
from tests.support.wishes import money, wish

__all__ = ["nameless_phone"]


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
