"""The emulator's REST API: contacts, their links to leads, notes and tasks."""

import pytest

from tests.support.amocrm_sandbox import ADMIN, api, problems, rows, world

__all__ = ["api", "world"]


@pytest.mark.parametrize(
    ("item", "name", "parts"),
    [
        ({"name": "Иван Петров"}, "Иван Петров", ("Иван Петров", "")),
        ({"first_name": "Иван", "last_name": "Петров"}, "Иван Петров", ("Иван", "Петров")),
        ({"first_name": "Иван"}, "Иван", ("Иван", "")),
    ],
)
def test_contact_has_a_name_from_its_parts(api, item, name, parts):
    contact_id = rows(api.post("contacts", [item]), "contacts")[0]["id"]

    contact = api.get(f"contacts/{contact_id}").json()
    assert (contact["name"], (contact["first_name"], contact["last_name"])) == (name, parts)


def test_contacts_are_never_checked_for_doubles(api):
    assert api.contact("+79990000001") != api.contact("+79990000001")


def test_phone_is_read_with_its_kind(api):
    phones = [{"value": "+79990000001"}, {"value": "+79990000002", "enum_code": "MOB"}]
    fields = [{"field_code": "PHONE", "values": phones}]
    contact_id = rows(api.post("contacts", [{"custom_fields_values": fields}]), "contacts")[0]["id"]

    [field] = api.get(f"contacts/{contact_id}").json()["custom_fields_values"]
    assert (field["field_code"], field["field_type"]) == ("PHONE", "multitext")
    assert [(v["value"], v["enum_code"]) for v in field["values"]] == [
        ("+79990000001", "WORK"),
        ("+79990000002", "MOB"),
    ]


@pytest.mark.parametrize(
    ("phone", "problem"),
    [
        ({"value": 79990000001}, ("InvalidType", "value")),
        ({"value": "+7", "enum_code": "CELL"}, ("NotSupportedChoice", "enum_code")),
        ({"value": "+7", "enum": "WORK"}, ("FieldNotExpected", "enum")),
    ],
)
def test_wrong_phone_is_refused(api, phone, problem):
    code, path = problem
    answer = api.post("contacts", [{"custom_fields_values": [{"field_code": "PHONE", "values": [phone]}]}])

    assert problems(answer) == {"0": [(code, f"custom_fields_values.0.values.0.{path}")]}


def test_changed_contact_answers_with_its_name(api):
    contact_id = api.contact()

    one = api.patch(f"contacts/{contact_id}", {"first_name": "Олег", "last_name": "К"}).json()
    many = rows(api.patch("contacts", [{"id": contact_id, "name": "Олег"}]), "contacts")

    assert (one["id"], one["name"]) == (contact_id, "Олег К")
    assert many[0]["name"] == "Олег"


def test_first_linked_contact_is_the_main_one(api):
    lead_id, first, second = api.lead(), api.contact("+79990000001"), api.contact("+79990000002")

    api.post(f"leads/{lead_id}/link", [{"to_entity_id": first, "to_entity_type": "contacts"}])
    answer = api.post(
        "leads/link",
        [
            {
                "entity_id": lead_id,
                "to_entity_id": second,
                "to_entity_type": "contacts",
                "metadata": {"is_main": True},
            }
        ],
    )

    assert [row["metadata"] for row in rows(answer, "links")] == [{"main_contact": True}]
    found = rows(api.get(f"leads/{lead_id}/links"), "links")
    assert [(row["to_entity_id"], row["metadata"]["main_contact"]) for row in found] == [
        (first, False),
        (second, True),
    ]


def test_unlinking_answers_204_and_passes_the_lead_on(api):
    lead_id, first, second = api.lead(), api.contact("+79990000001"), api.contact("+79990000002")
    link = lambda contact: {"to_entity_id": contact, "to_entity_type": "contacts"}  # noqa: E731
    api.post(f"leads/{lead_id}/link", [link(first), link(second)])

    answer = api.post(f"leads/{lead_id}/unlink", [link(first)])

    assert answer.status_code == 204
    contacts = api.get(f"leads/{lead_id}", **{"with": "contacts"}).json()["_embedded"]["contacts"]
    assert [(contact["id"], contact["is_main"]) for contact in contacts] == [(second, True)]


def test_wrong_links_are_refused(api):
    lead_id, contact_id = api.lead(), api.contact()
    good = {"to_entity_id": contact_id, "to_entity_type": "contacts"}

    answer = api.post(
        f"leads/{lead_id}/link",
        [
            {**good, "to_entity_id": 1},
            {**good, "to_entity_type": "leads"},
            {**good, "metadata": {"main": True}},
        ],
    )

    assert problems(answer) == {
        "0": [("NotSupportedChoice", "to_entity_id")],
        "1": [("NotSupportedChoice", "to_entity_type")],
        "2": [("FieldNotExpected", "metadata.main")],
    }


def test_notes_are_written_both_ways_and_read_back(api):
    first, second = api.lead(), api.lead()

    one = api.post(f"leads/{first}/notes", [{"note_type": "common", "params": {"text": "раз"}}])
    many = api.post("leads/notes", [{"entity_id": second, "note_type": "service_message", "request_id": "n",
                                     "params": {"service": "Мостик", "text": "два"}}])  # fmt: skip

    assert rows(one, "notes")[0]["entity_id"] == first
    assert rows(many, "notes")[0]["request_id"] == "n"
    [note] = rows(api.get(f"leads/{second}/notes"), "notes")
    assert (note["note_type"], note["params"]["text"], note["created_by"]) == (
        "service_message",
        "два",
        ADMIN,
    )
    both = rows(api.get("leads/notes", **{"order[id]": "desc"}), "notes")
    assert [note["entity_id"] for note in both] == [second, first]
    assert len(rows(api.get("leads/notes", **{"filter[note_type][]": "common"}), "notes")) == 1


def test_note_is_changed(api):
    lead_id = api.lead()
    note_id = rows(
        api.post(f"leads/{lead_id}/notes", [{"note_type": "common", "params": {"text": "a"}}]), "notes"
    )[0]["id"]

    api.patch(f"leads/{lead_id}/notes/{note_id}", {"note_type": "common", "params": {"text": "b"}})

    assert api.get(f"leads/{lead_id}/notes/{note_id}").json()["params"] == {"text": "b"}


@pytest.mark.parametrize(
    ("note", "problem"),
    [
        ({"note_type": "common", "params": {}}, ("FieldMissing", "params.text")),
        ({"note_type": "common", "params": {"text": 5}}, ("InvalidType", "params.text")),
        ({"note_type": "poem", "params": {}}, ("NotSupportedChoice", "note_type")),
        ({"params": {"text": "x"}}, ("FieldMissing", "note_type")),
        (
            {"note_type": "common", "params": {"text": "x"}, "entity_id": 5},
            ("NotSupportedChoice", "entity_id"),
        ),
    ],
)
def test_wrong_note_is_refused(api, note, problem):
    answer = api.post("leads/notes", [{"entity_id": api.lead(), **note}])

    assert problems(answer) == {"0": [problem]}


def test_task_is_made_found_and_completed(api):
    lead_id = api.lead()
    asked = {"text": "Перезвонить", "complete_till": 1767693600, "entity_id": lead_id, "entity_type": "leads"}
    task_id = rows(api.post("tasks", [asked]), "tasks")[0]["id"]

    opened = api.get(f"tasks/{task_id}").json()
    api.patch(f"tasks/{task_id}", {"is_completed": True, "result": {"text": "да"}})

    assert (opened["result"], opened["text"]) == ([], "Перезвонить")
    assert api.get("tasks", **{"filter[is_completed]": 0}).status_code == 204
    [done] = rows(
        api.get("tasks", **{"filter[entity_type]": "leads", "filter[entity_id][]": lead_id}), "tasks"
    )
    assert (done["is_completed"], done["result"]) == (True, {"text": "да"})


def test_wrong_task_is_refused(api):
    answer = api.post(
        "tasks", [{"text": ""}, {"text": "x", "complete_till": 1, "entity_id": 5, "entity_type": "leads"}]
    )

    assert problems(answer) == {
        "0": [("NotBlank", "text"), ("FieldMissing", "complete_till")],
        "1": [("NotSupportedChoice", "entity_id")],
    }
