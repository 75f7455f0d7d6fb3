"""Contacts and products changed in the emulator by our commands."""

import pytest

from backend.core.money import Kopecks
from backend.core.sync.commands import (
    FieldValue,
    LinkProducts,
    NewContact,
    ProductLine,
    ReplaceContact,
    UpdateContact,
)
from backend.integrations.amocrm.apply import Planned, apply
from backend.integrations.amocrm.render import Products
from tests.contract.our_clients import DOMAIN, lead, ready, run, sent, state, values

ADMIN, VISITS, BIRTHDAY = 7000001, 9101, 9102
KEY = "yclients:41001:1"


@pytest.fixture
def place():
    described = [
        {"id": VISITS, "name": "Визитов", "type": "numeric"},
        {"id": BIRTHDAY, "name": "День рождения", "type": "birthday"},
    ]
    made = ready(contact_fields=described)
    made.fields |= {field.id: field for field in made.client.schema().contact_fields}
    made.crm.journal_clear()
    return made


@pytest.fixture
def maria(place):
    return place.crm.ui_contact(DOMAIN, ADMIN, "Мария", ["+79000000011"])["id"]


@pytest.fixture
def opened(place, maria):
    """A lead of Maria's."""
    run(place, lead(1, contact=maria))
    place.crm.journal_clear()
    return state(place)["leads"][0]["id"]


def contact(place, contact_id):
    return next(one for one in state(place)["contacts"] if one["id"] == contact_id)


def phones(place, contact_id):
    rows = contact(place, contact_id)["custom_fields_values"] or []
    return [
        (v["value"], v["enum_code"]) for row in rows if row["field_code"] == "PHONE" for v in row["values"]
    ]


def test_a_contact_gets_its_name_fields_and_tags(place, maria):
    fields = (FieldValue(VISITS, 3), FieldValue(BIRTHDAY, "1965-05-01T00:00:00+03:00"))
    command = UpdateContact(KEY, maria, "Мария Пробная", fields=fields, tags=("VIP",))

    (outcome,) = run(place, command).values()

    found = contact(place, maria)
    assert (outcome.status, found["name"], values(found, VISITS)) == ("done", "Мария Пробная", ["3"])
    assert values(found, BIRTHDAY)[0] < 0
    assert sent(place) == [("PATCH", "/api/v4/contacts", 200)]


def test_a_phone_is_added_to_those_that_are_there_with_their_kinds(place, maria):
    account = place.crm.find(DOMAIN)
    field = account.field_by_code("contacts", "PHONE")
    mobile = next(enum for enum in field.enums if enum.value == "MOB")
    kept = {"value": "+79000000011", "enum_id": mobile.id, "enum_code": "MOB"}
    account.contacts.rows[maria].fields[field.id] = [kept]

    run(place, UpdateContact(KEY, maria, phones=("+79000000012",)))

    assert phones(place, maria) == [("+79000000011", "MOB"), ("+79000000012", "WORK")]


def test_fifty_contacts_take_one_request(place):
    people = [place.crm.ui_contact(DOMAIN, ADMIN, f"№ {n}", [])["id"] for n in range(50)]

    run(place, *(UpdateContact(KEY, who, fields=(FieldValue(VISITS, 1),)) for who in people))

    assert sent(place) == [("PATCH", "/api/v4/contacts", 200)]


def test_one_contact_changed_twice_takes_two_requests_in_their_order(place, maria):
    run(place, UpdateContact(KEY, maria, "Первое"), UpdateContact("other", maria, "Второе"))

    assert contact(place, maria)["name"] == "Второе"
    assert len(sent(place)) == 2


def test_what_changes_nothing_is_done_without_a_request(place, maria):
    (outcome,) = run(place, UpdateContact(KEY, maria, cards=("card",))).values()

    assert (outcome.status, sent(place)) == ("done", [])


def test_a_contact_that_is_gone_says_so_and_costs_only_itself(place, maria):
    outcomes = run(place, UpdateContact(KEY, 999, "Никто"), UpdateContact(KEY, maria, "Мария П."))

    assert outcomes[0].error.code == "amocrm.contact_gone"
    assert outcomes[1].status == "done"


def test_a_field_that_is_gone_is_left_out(place, maria):
    place.crm.ui_delete_field(DOMAIN, VISITS)
    command = UpdateContact(KEY, maria, "Мария П.", fields=(FieldValue(VISITS, 3),))

    (outcome,) = run(place, command).values()

    assert (outcome.status, outcome.broken_fields) == ("done", (VISITS,))
    assert contact(place, maria)["name"] == "Мария П."


def test_a_new_lead_brings_the_fields_of_its_new_contact(place):
    person = NewContact(("+79000000077",), "Нина", "+79000000077", fields=(FieldValue(VISITS, 1),))

    (outcome,) = run(place, lead(7, contact=person)).values()

    assert values(contact(place, outcome.contact_id), VISITS) == ["1"]


def test_a_gone_field_of_a_new_contact_is_left_out_of_the_lead_that_brings_it(place):
    place.crm.ui_delete_field(DOMAIN, VISITS)
    person = NewContact(("+79000000077",), "Нина", "+79000000077", fields=(FieldValue(VISITS, 1),))

    (outcome,) = run(place, lead(7, contact=person)).values()

    assert (outcome.status, outcome.broken_fields) == ("done", (VISITS,))
    assert phones(place, outcome.contact_id) == [("+79000000077", "WORK")]


def test_another_contact_takes_the_place_of_the_former_one(place, maria, opened):
    nina = place.crm.ui_contact(DOMAIN, ADMIN, "Нина", [])["id"]

    (outcome,) = run(place, ReplaceContact(KEY, opened, nina, maria)).values()

    (who,) = state(place)["leads"][0]["_embedded"]["contacts"]
    assert (outcome.contact_id, who) == (nina, {"id": nina, "is_main": True})


def test_a_stranger_is_made_first(place, maria, opened):
    person = NewContact(("+79000000077",), "Нина", "+79000000077")

    (outcome,) = run(place, ReplaceContact(KEY, opened, person, maria)).values()

    (who,) = state(place)["leads"][0]["_embedded"]["contacts"]
    assert who["id"] == outcome.contact_id
    assert phones(place, outcome.contact_id) == [("+79000000077", "WORK")]


@pytest.mark.parametrize(
    ("lead_id", "contact_id", "code"), [(999, None, "lead_gone"), (None, 999, "contact_gone")]
)
def test_what_is_gone_cannot_be_linked(place, maria, opened, lead_id, contact_id, code):
    command = ReplaceContact(KEY, lead_id or opened, contact_id or maria)

    (outcome,) = run(place, command).values()

    assert outcome.error.code == f"amocrm.{code}"


@pytest.fixture
def shop(place):
    """The products catalogue with two elements."""
    rows = place.client.write("POST", "catalogs", [{"name": "Товары", "type": "products"}]).body
    catalog = rows["_embedded"]["catalogs"][0]["id"]
    bodies = [{"name": "Лазер"}, {"name": "Чистка"}]
    made = place.client.write("POST", f"catalogs/{catalog}/elements", bodies).body["_embedded"]["elements"]
    place.crm.journal_clear()
    return Products(catalog, {"a": made[0]["id"], "b": made[1]["id"]})


def carry_out(place, shop, *commands):
    settled = {}
    rows = [Planned(number, command) for number, command in enumerate(commands)]
    apply(
        place.client, place.fields, rows, lambda some: settled.update({o.row_id: o for o in some}),
        products=shop,
    )  # fmt: skip
    return settled


def line(ref, quantity=1):
    return ProductLine(ref, "Услуга", Kopecks(250_000), quantity)


def products(place, shop, lead_id):
    names = {element: ref for ref, element in shop.elements.items()}
    rows = state(place)["products"].get(lead_id, [])
    return {names[row["to_entity_id"]]: row["metadata"]["quantity"] for row in rows}


def test_products_of_a_new_lead_follow_it(place, shop):
    outcomes = carry_out(place, shop, lead(1), LinkProducts(KEY, None, (line("a", 2), line("b"))))

    assert products(place, shop, outcomes[0].lead_id) == {"a": 2, "b": 1}
    assert outcomes[1].status == "done"


def test_products_of_many_leads_take_one_request(place, shop, opened):
    run(place, lead(2))
    second = state(place)["leads"][1]["id"]
    place.crm.journal_clear()

    carry_out(
        place, shop, LinkProducts(KEY, opened, (line("a"),)), LinkProducts("other", second, (line("b"),))
    )

    assert sent(place) == [("POST", "/api/v4/leads/link", 200)]


def test_a_product_that_is_not_wanted_any_more_is_unlinked(place, shop, opened):
    carry_out(place, shop, LinkProducts(KEY, opened, (line("a"),)))

    carry_out(place, shop, LinkProducts(KEY, opened, (line("b"),), gone=("a",)))

    assert products(place, shop, opened) == {"b": 1}


def test_a_lead_that_is_gone_costs_only_itself(place, shop, opened):
    outcomes = carry_out(
        place, shop, LinkProducts("other", 999, (line("a"),)), LinkProducts(KEY, opened, (line("b"),))
    )

    assert outcomes[0].error.code == "amocrm.lead_gone"
    assert products(place, shop, opened) == {"b": 1}


def test_products_of_a_lead_that_was_not_made_are_refused(place, shop):
    (outcome,) = carry_out(place, shop, LinkProducts(KEY, None, (line("a"),))).values()

    assert outcome.error.code == "amocrm.lead_not_created"
