"""Catalogues of the emulator, their elements and the products of leads (chapters 3.8 and 3.13)."""

import pytest

from tests.support.amocrm_sandbox import Api, new_world, problems


@pytest.fixture
def api():
    return Api(new_world())


@pytest.fixture
def catalog(api):
    answer = api.post("catalogs", [{"name": "Товары", "type": "products"}])
    return answer.json()["_embedded"]["catalogs"][0]["id"]


@pytest.fixture
def add(api, catalog):
    def one(name="Лазер", price="2500"):
        fields = [{"field_code": "PRICE", "values": [{"value": price}]}]
        answer = api.post(f"catalogs/{catalog}/elements", [{"name": name, "custom_fields_values": fields}])
        return answer.json()["_embedded"]["elements"][0]["id"]

    return one


def link(api, lead, element, catalog, quantity=1):
    metadata = {"quantity": quantity, "catalog_id": catalog}
    row = {"to_entity_id": element, "to_entity_type": "catalog_elements", "metadata": metadata}
    return api.post(f"leads/{lead}/link", [row])


def linked(api, lead):
    rows = api.get(f"leads/{lead}/links").json()["_embedded"]["links"]
    return {row["to_entity_id"]: row["metadata"]["quantity"] for row in rows if "quantity" in row["metadata"]}


def test_without_catalogues_the_list_is_empty(api):
    assert api.get("catalogs").status_code == 204


def test_an_account_has_one_catalogue_of_products(api, catalog):
    answer = api.post("catalogs", [{"name": "Ещё", "type": "products"}])

    assert problems(answer) == {"0": [("NotUnique", "type")]}
    assert [row["id"] for row in api.get("catalogs").json()["_embedded"]["catalogs"]] == [catalog]
    assert api.get(f"catalogs/{catalog}").json()["type"] == "products"


def test_there_are_ten_catalogues_at_most(api):
    assert api.post("catalogs", [{"name": f"№ {n}"} for n in range(11)]).status_code == 422


def test_elements_answer_with_whole_models(api, catalog):
    answer = api.post(
        f"catalogs/{catalog}/elements",
        [{"name": "Лазер", "request_id": "r1",
          "custom_fields_values": [{"field_code": "SKU", "values": [{"value": "A1"}]}]}],
    )  # fmt: skip

    (row,) = answer.json()["_embedded"]["elements"]
    assert (row["name"], row["catalog_id"], row["request_id"]) == ("Лазер", catalog, 0)
    assert row["custom_fields_values"][0]["values"] == [{"value": "A1"}]


def test_an_element_is_changed_by_its_id(api, catalog, add):
    element = add()
    fields = [{"field_code": "PRICE", "values": [{"value": "2600"}]}]

    answer = api.patch(f"catalogs/{catalog}/elements", [{"id": element, "custom_fields_values": fields}])

    assert answer.status_code == 200
    shown = api.get(f"catalogs/{catalog}/elements/{element}").json()
    assert shown["name"] == "Лазер"
    assert shown["custom_fields_values"][0]["values"] == [{"value": "2600"}]


def test_wrong_elements_are_refused(api, catalog):
    nameless = api.post(f"catalogs/{catalog}/elements", [{}])
    unknown = api.patch(f"catalogs/{catalog}/elements", [{"id": 1, "name": "Лазер"}])

    assert problems(nameless) == {"0": [("FieldMissing", "name")]}
    assert problems(unknown) == {"0": [("NotSupportedChoice", "id")]}
    assert api.get("catalogs/9/elements").status_code == 404


def test_elements_come_in_pages(api, catalog, add):
    names = [f"Услуга {n}" for n in range(3)]
    for name in names:
        add(name)

    first = api.get(f"catalogs/{catalog}/elements", limit=2).json()
    second = api.get(f"catalogs/{catalog}/elements", limit=2, page=2).json()

    assert [row["name"] for row in first["_embedded"]["elements"]] == names[:2]
    assert "next" in first["_links"]
    assert [row["name"] for row in second["_embedded"]["elements"]] == names[2:]
    assert "next" not in second["_links"]


def test_the_same_element_linked_again_gets_another_quantity(api, catalog, add):
    lead, element = api.lead(), add()

    assert link(api, lead, element, catalog, 2).status_code == 200
    link(api, lead, element, catalog, 5)

    assert linked(api, lead) == {element: 5}


def test_many_leads_are_linked_in_one_request(api, catalog, add):
    leads, element = [api.lead(), api.lead()], add()
    rows = [
        {"entity_id": lead, "to_entity_id": element, "to_entity_type": "catalog_elements",
         "metadata": {"quantity": 1, "catalog_id": catalog}}
        for lead in leads
    ]  # fmt: skip

    assert api.post("leads/link", rows).status_code == 200
    assert [linked(api, lead) for lead in leads] == [{element: 1}] * 2


def test_unlinking_needs_the_catalogue(api, catalog, add):
    lead, element = api.lead(), add()
    link(api, lead, element, catalog)
    row = {"to_entity_id": element, "to_entity_type": "catalog_elements"}

    refused = api.post(f"leads/{lead}/unlink", [row])
    done = api.post(f"leads/{lead}/unlink", [{**row, "metadata": {"catalog_id": catalog}}])

    assert problems(refused) == {"0": [("FieldMissing", "metadata.catalog_id")]}
    assert done.status_code == 204
    assert linked(api, lead) == {}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"to_entity_id": 1}, ("NotSupportedChoice", "to_entity_id")),
        ({"metadata": {"catalog_id": 9}}, ("NotSupportedChoice", "metadata.catalog_id")),
        ({"entity_id": 1}, ("NotSupportedChoice", "entity_id")),
    ],
)
def test_wrong_links_are_refused(api, catalog, add, changes, problem):
    row = {
        "entity_id": api.lead(), "to_entity_id": add(), "to_entity_type": "catalog_elements",
        "metadata": {"catalog_id": catalog}, **changes,
    }  # fmt: skip

    assert problems(api.post("leads/link", [row])) == {"0": [problem]}


def test_a_quantity_is_a_positive_number(api, catalog, add):
    lead = api.lead()

    refused = link(api, lead, add(), catalog, "много")

    assert problems(refused) == {"0": [("InvalidType", "metadata.quantity")]}
