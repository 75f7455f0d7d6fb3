"""Cards of clients, what contacts were told, payments and products, on both engines."""

from datetime import UTC, datetime

import pytest

from backend.core.clients import Abonement, ClientCard
from backend.core.crm import Contact, Lead
from backend.core.money import Kopecks
from backend.core.payments import Payments
from backend.core.salon import Phase
from backend.store import (
    client_cards,
    contact_fields,
    contact_notes,
    db,
    links,
    mirror,
    own_writes,
    products,
    visit_money,
)
from backend.store.links import LinkChange
from backend.store.own_writes import ContactPatch, LeadPatch
from backend.store.products import Element
from backend.store.visit_money import Known

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
MARIA, INNA = "yclients:41001:5001", "yclients:41001:5002"
CARD = ClientCard(
    MARIA, "Мария", "+79990000001", "m@example.test", NOW, 3, 0, ("VIP",), False, Kopecks(100), 5, "A-1",
    "1990-05-01", (Abonement(1, "788", "Эпиляция", "(x7)", 10, NOW, Kopecks(5)), Abonement(2, "789")),
)  # fmt: skip


@pytest.fixture
def account_id(account):
    return account.id


def contact(account_id, number, phones=(), **more):
    mirror.save_contacts(account_id, [Contact(number, f"№ {number}", phones, **more)], lambda one: one.phones)


def test_a_card_comes_back_as_it_was_told(account_id):
    client_cards.save(account_id, [CARD, ClientCard(INNA, is_gone=True)], NOW)

    assert client_cards.of(account_id, [MARIA, INNA, "other"]) == {
        MARIA: CARD,
        INNA: ClientCard(INNA, is_gone=True),
    }


def test_a_card_told_again_replaces_the_former(account_id):
    client_cards.save(account_id, [CARD], NOW)
    client_cards.save(account_id, [ClientCard(MARIA, "Маша", abonements=())], NOW)

    assert client_cards.of(account_id, [MARIA])[MARIA] == ClientCard(MARIA, "Маша", abonements=())


def test_cards_of_contacts_are_not_their_phones(account_id):
    contact(account_id, 1, ("+79990000001",))
    mirror.remember_keys(account_id, [(MARIA, 1), (INNA, 1)])

    assert client_cards.of_contacts(account_id, [1, 2]) == {1: (MARIA, INNA)}


def test_visits_are_found_by_the_contact_and_by_the_card(account_id):
    insert = """INSERT INTO booking_figures (account_id, key, branch_id, phase, day, made_day, starts_at,
        ended_at, changed_at, person, staff_id, author_id)
        VALUES (%s, %s, 1, 'arrived', 1, 1, %s, 0, 0, %s, 0, 0)"""
    for key, person in (("a", "contact:1"), ("b", MARIA)):
        db.run(insert, (account_id, key, db.micros(NOW), person))

    found = client_cards.visits_of(account_id, ["contact:1", MARIA, "nobody"])

    assert found == {"contact:1": {"a": (NOW, Phase.ARRIVED)}, MARIA: {"b": (NOW, Phase.ARRIVED)}}


def test_a_merged_contact_is_found_by_the_leads_it_had(account_id, lease):
    contact(account_id, 2)
    mirror.remember_keys(account_id, [(MARIA, 1)])
    links.remember(lease, account_id, [LinkChange("a", 77, contact_id=1)], NOW)
    mirror.save_leads(account_id, [Lead(77, 1, 1, Kopecks(0), contact_ids=(2,))])

    assert client_cards.survivors(account_id, [MARIA, INNA]) == {MARIA: 2}


def test_a_contact_deleted_for_good_has_no_survivor(account_id, lease):
    contact(account_id, 1, is_deleted=True)
    mirror.remember_keys(account_id, [(MARIA, 1)])
    links.remember(lease, account_id, [LinkChange("a", 77, contact_id=1)], NOW)
    mirror.save_leads(account_id, [Lead(77, 1, 1, Kopecks(0), contact_ids=(1,))])

    assert client_cards.survivors(account_id, [MARIA]) == {}


def test_what_was_written_later_is_added_to_what_is_remembered(account_id):
    contact_notes.add(account_id, {1: {"a": "1", "b": "1"}}, NOW)
    contact_notes.add(account_id, {1: {"b": "2"}, 2: {"c": "3"}}, NOW)
    contact_notes.add(account_id, {}, NOW)

    assert contact_notes.of(account_id, [1, 2, 3]) == {1: {"a": "1", "b": "2"}, 2: {"c": "3"}}


def test_a_changed_contact_is_found_by_its_new_phone_and_card(account_id):
    contact(account_id, 1, ("+79990000001",))
    patch = ContactPatch(1, "Мария П.", ("+79990000002",), (MARIA,), {"field:1": "3"})
    own_writes.patch_contacts(account_id, [patch, ContactPatch(9, applied={"x": "y"})], NOW)

    (found,) = mirror.contacts_by_keys(account_id, ["+79990000002"])["+79990000002"]
    assert (found.name, found.phones) == ("Мария П.", ("+79990000001", "+79990000002"))
    assert mirror.contacts_by_keys(account_id, [MARIA])[MARIA][0].id == 1
    assert contact_notes.of(account_id, [1, 9]) == {1: {"field:1": "3"}, 9: {"x": "y"}}


def test_another_main_contact_takes_the_first_place(account_id):
    mirror.save_leads(account_id, [Lead(77, 1, 1, Kopecks(0), contact_ids=(1, 5))])
    own_writes.patch(account_id, [LeadPatch(77, main_contact=2)])

    assert mirror.leads_by_ids(account_id, [77])[77].contact_ids == (2, 5)


def test_payments_come_back_as_they_were_read(account_id):
    paid = Payments(Kopecks(100), Kopecks(50), abonement_value=Kopecks(5))
    visit_money.save(account_id, {"a": Known("mark", paid, False, NOW), "b": Known("mark", None, True)})

    assert visit_money.of(account_id, ["a", "b", "c"]) == {
        "a": Known("mark", paid, False, NOW), "b": Known("mark", None, True),
    }  # fmt: skip


def test_news_of_a_payment_keep_what_was_read_before(account_id):
    paid = Payments(Kopecks(100), Kopecks(50))
    visit_money.save(account_id, {"a": Known("mark", paid, False, NOW)})
    visit_money.mark_stale(account_id, ["a", "b", "a"])

    assert visit_money.of(account_id, ["a", "b"]) == {
        "a": Known("mark", paid, True, NOW), "b": Known("", None, True),
    }  # fmt: skip


def test_contact_fields_are_the_whole_set(account_id):
    contact_fields.save(account_id, {"visits": 1, "spent": 2})
    contact_fields.save(account_id, {"visits": 3})

    assert contact_fields.ids(account_id) == {"visits": 3}
    contact_fields.save(account_id, {})
    assert contact_fields.ids(account_id) == {}


def test_a_field_that_was_deleted_is_not_filled_any_more(account_id):
    contact_fields.save(account_id, {"visits": 1, "spent": 2})

    assert contact_fields.mark_broken(account_id, 1)
    assert not contact_fields.mark_broken(account_id, 99)
    assert (contact_fields.ids(account_id), contact_fields.broken(account_id)) == ({"spent": 2}, ["visits"])


def test_products_are_known_by_the_catalogue(account_id):
    products.save(account_id, 4001, {"41001:1": Element(5001, Kopecks(100))})
    products.save(account_id, 4001, {"41001:1": Element(5001, Kopecks(200))})

    assert products.of(account_id, 4001, ["41001:1", "41001:2"]) == {"41001:1": Element(5001, Kopecks(200))}
    assert products.of(account_id, 4002, ["41001:1"]) == {}


def test_nothing_to_keep_is_nothing(account_id):
    client_cards.save(account_id, [], NOW)
    products.save(account_id, 1, {})
    visit_money.save(account_id, {})
    visit_money.mark_stale(account_id, [])

    assert client_cards.of(account_id, []) == {}
    assert client_cards.survivors(account_id, []) == {}
