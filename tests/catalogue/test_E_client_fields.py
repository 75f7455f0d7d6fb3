"""E11, E15. What the salon knows of a client stands in fields: labels, first and next visits, money spent."""

from tests.support.people import contact_of, edit_client
from tests.support.stand import (
    CLEANING,
    COSMETOLOGY,
    DOMAIN,
    LASER_ARMPITS,
    LASER_LEGS,
    OLGA,
    TVERSKAYA,
    URAL,
    URAL_LASER,
    URAL_MASTER,
)
from tests.support.wishes import money, told, wish


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
