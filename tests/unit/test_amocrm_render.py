"""Commands → JSON of amoCRM: values by the type of their field, limits of the API."""

from datetime import UTC, datetime

import pytest

from backend.core.crm import CustomField
from backend.core.money import Kopecks
from backend.core.sync.commands import AddNote, AddTask, CreateLead, FieldValue, NewContact, UpdateLead
from backend.integrations.amocrm import parse, render

FIELDS = {
    field.id: field
    for field in (
        CustomField(1, "Текст", "text"),
        CustomField(2, "Длинный", "textarea"),
        CustomField(3, "Список", "select", enums=((31, "да"), (32, "нет"))),
        CustomField(4, "Метки", "multiselect", enums=((41, "А"), (42, "Б"))),
        CustomField(5, "День", "date"),
        CustomField(6, "Время", "date_time"),
        CustomField(7, "Число", "numeric"),
        CustomField(8, "Флаг", "checkbox"),
    )
}
TERMS = render.Terms(FIELDS, "Asia/Vladivostok")
VISIT = int(datetime(2027, 3, 1, 22, 30, tzinfo=UTC).timestamp())
MIDNIGHT = int(datetime(2027, 3, 1, 14, tzinfo=UTC).timestamp())
NEW = CreateLead("yclients:1:2", "epilation", "Запись", 8001, 8101, 7, Kopecks(99950), 40, tags=("т",))


@pytest.mark.parametrize(
    ("field_id", "value", "written"),
    [
        (1, "текст", [{"value": "текст"}]),
        (1, "я" * 300, [{"value": "я" * 255 + "…"}]),
        (1, ("а", "б"), [{"value": "а, б"}]),
        (2, "я" * 300, [{"value": "я" * 300}]),
        (3, "нет", [{"enum_id": 32}]),
        (3, "новое", [{"value": "новое"}]),
        (4, ("А", "В"), [{"enum_id": 41}, {"value": "В"}]),
        (4, "Б", [{"enum_id": 42}]),
        (5, VISIT, [{"value": MIDNIGHT}]),
        (6, VISIT, [{"value": VISIT}]),
        (6, str(VISIT), [{"value": VISIT}]),
        (7, 15, [{"value": "15"}]),
        (8, "1", [{"value": True}]),
        (8, "0", [{"value": False}]),
        (99, "поля ещё нет в схеме", [{"value": "поля ещё нет в схеме"}]),
        (1, None, None),
        (1, "", None),
        (4, (), None),
    ],
)
def test_value_takes_the_shape_of_its_field(field_id, value, written):
    assert render.custom_fields([FieldValue(field_id, value)], TERMS) == [
        {"field_id": field_id, "values": written}
    ]


def test_new_lead_sends_no_empty_fields():
    command = CreateLead(
        **{**_parts(NEW), "fields": (FieldValue(1, ""), FieldValue(2, None), FieldValue(7, 0))}
    )

    assert [row["field_id"] for row in render.new_lead(command, TERMS)["custom_fields_values"]] == [7]


def test_new_lead_keeps_within_forty_values():
    fields = (
        FieldValue(4, tuple(f"услуга {n}" for n in range(39))),
        FieldValue(4, ("х", "у", "ц")),
        FieldValue(1, "конец"),
    )

    rows = render.new_lead(CreateLead(**{**_parts(NEW), "fields": fields}), TERMS)["custom_fields_values"]

    assert [len(row["values"]) for row in rows] == [39, 1]


def test_budget_is_whole_rubles():
    assert render.new_lead(NEW, TERMS)["price"] == 1000


def test_nobody_is_not_named_responsible():
    body = render.new_lead(CreateLead(**{**_parts(NEW), "responsible_id": 0}), TERMS)

    assert "responsible_user_id" not in body


def test_known_contact_goes_by_id_and_new_one_with_its_channels():
    known = render.new_lead(NEW, TERMS)["_embedded"]["contacts"]
    new = render.new_contact(NewContact(("k",), "Ольга", "+79000000101"), TERMS)

    assert known == [{"id": 40}]
    assert new == {
        "name": "Ольга",
        "custom_fields_values": [
            {"field_code": "PHONE", "values": [{"value": "+79000000101", "enum_code": "WORK"}]}
        ],
    }


def test_change_names_only_what_changes():
    assert render.changed_lead(UpdateLead("k", 5, price=Kopecks(0)), TERMS) == {"id": 5, "price": 0}
    assert render.changed_lead(UpdateLead("k", 5, attaches="epilation"), TERMS) == {}


def test_note_and_task_stand_on_the_lead():
    due = datetime(2027, 3, 1, 9, tzinfo=UTC)

    note = render.note(AddNote("k", None, "текст"), 5)
    task = render.task(AddTask("k", None, "дело", due, 0), 5)

    assert (note["entity_id"], note["params"]) == (5, {"text": "текст"})
    assert (task["entity_id"], task["complete_till"]) == (5, int(due.timestamp()))
    assert "responsible_user_id" not in task


def test_long_names_are_cut_to_what_fits():
    body = render.new_lead(CreateLead(**{**_parts(NEW), "name": "я" * 400}), TERMS)

    assert (len(body["name"]), body["name"][-1]) == (255, "…")


def test_written_lead_reads_back_as_it_was_meant():
    fields = (FieldValue(1, "текст"), FieldValue(6, VISIT))
    body = render.new_lead(CreateLead(**{**_parts(NEW), "fields": fields}), TERMS)

    lead = parse.lead({"id": 1, **body})

    assert (lead.pipeline_id, lead.stage_id, lead.responsible_id, lead.name) == (8001, 8101, 7, "Запись")
    assert (lead.contact_ids, lead.fields) == ((40,), ((1, "текст"), (6, str(VISIT))))


def _parts(command):
    return {name: getattr(command, name) for name in command.__dataclass_fields__}
