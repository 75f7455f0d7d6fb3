"""Writing leads in the emulator against chapters 2 and 3.4 of the amoCRM reference."""

import pytest

from tests.support.amocrm_sandbox import (
    ADMIN,
    AGREED,
    DOMAIN,
    EXACT,
    GONE,
    KEY,
    REPEAT,
    SALES,
    SELLER,
    SERVICES,
    SOURCE,
    TOTAL,
    VISIT,
    Api,
    new_world,
    problems,
    value,
)


@pytest.fixture
def world():
    return new_world()


@pytest.fixture
def api(world):
    return Api(world)


def read(api, lead_id, extras="contacts,loss_reason"):
    return api.get(f"leads/{lead_id}", **{"with": extras}).json()


def stored(lead, field_id):
    return next(field["values"] for field in lead["custom_fields_values"] if field["field_id"] == field_id)


def test_new_lead_stands_at_the_first_stage_of_the_main_pipeline(api):
    answer = api.post("leads", [{"name": "Первая"}, {"name": "Вторая", "request_id": "r2"}])

    rows = answer.json()["_embedded"]["leads"]
    assert answer.headers["Content-Type"] == "application/hal+json"
    assert [row["request_id"] for row in rows] == ["0", "r2"]
    lead = read(api, rows[0]["id"])
    assert (lead["pipeline_id"], lead["status_id"], lead["price"]) == (SALES, 8101, 0)
    assert (lead["created_by"], lead["updated_by"], lead["responsible_user_id"]) == (ADMIN, ADMIN, ADMIN)
    assert lead["custom_fields_values"] is None
    assert lead["_embedded"]["contacts"] == []


def test_robot_may_be_named_as_the_author(api):
    assert read(api, api.lead(created_by=0))["created_by"] == 0


def test_absent_lead_is_204(api):
    answer = api.get("leads/999")

    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(
    ("lead", "problem"),
    [
        ({"pipeline_id": 1}, ("NotSupportedChoice", "pipeline_id")),
        ({"status_id": 1}, ("NotSupportedChoice", "status_id")),
        ({"pipeline_id": REPEAT, "status_id": 8101}, ("NotSupportedChoice", "status_id")),
        ({"status_id": 143}, ("NotSupportedChoice", "status_id")),
        ({"status_id": 142, "loss_reason_id": 501}, ("NotSupportedChoice", "loss_reason_id")),
        ({"responsible_user_id": 5}, ("NotSupportedChoice", "responsible_user_id")),
        ({"created_by": 5}, ("NotSupportedChoice", "created_by")),
        ({"price": "100"}, ("InvalidType", "price")),
        ({"price": 10.5}, ("InvalidType", "price")),
        ({"price": True}, ("InvalidType", "price")),
        ({"name": 5}, ("InvalidType", "name")),
        ({"is_deleted": False}, ("FieldNotExpected", "is_deleted")),
        ({"_embedded": {"contacts": [{"id": 1}]}}, ("NotSupportedChoice", "_embedded.contacts.0.id")),
        ({"tags_to_add": [{"id": 1}]}, ("NotSupportedChoice", "tags_to_add.0.id")),
    ],
)
def test_wrong_lead_is_refused_by_path(api, lead, problem):
    assert problems(api.post("leads", [lead])) == {"0": [problem]}


F = "custom_fields_values.0"


@pytest.mark.parametrize(
    ("field", "problem"),
    [
        (value(1, "x"), ("NotSupportedChoice", f"{F}.field_id")),
        ({"field_code": "NOPE", "values": []}, ("NotSupportedChoice", f"{F}.field_code")),
        ({"values": []}, ("FieldMissing", f"{F}.field_id")),
        ({"field_id": KEY}, ("FieldMissing", f"{F}.values")),
        (value(KEY, 5), ("InvalidType", f"{F}.values.0.value")),
        (value(TOTAL, "много"), ("InvalidType", f"{F}.values.0.value")),
        (value(SOURCE, "сайт"), ("NotSupportedChoice", f"{F}.values.0.value")),
        ({"field_id": SOURCE, "values": [{"enum_id": 99}]}, ("NotSupportedChoice", f"{F}.values.0.enum_id")),
        (
            {"field_id": SOURCE, "values": [{"enum_code": "S"}]},
            ("FieldNotExpected", f"{F}.values.0.enum_code"),
        ),
        (
            {"field_id": KEY, "values": [{"value": "a", "enum": 1}]},
            ("FieldNotExpected", f"{F}.values.0.enum"),
        ),
        (value(VISIT, "2026-01-05"), ("InvalidType", f"{F}.values.0.value")),
        (value(EXACT, "2026-01-05T10:00:00"), ("InvalidType", f"{F}.values.0.value")),
        (value(AGREED, "да"), ("InvalidType", f"{F}.values.0.value")),
    ],
)
def test_wrong_custom_value_is_refused_by_path(api, field, problem):
    assert problems(api.post("leads", [{"custom_fields_values": [field]}])) == {"0": [problem]}


def test_one_bad_lead_refuses_the_whole_batch(world, api):
    batch = [{"name": str(n)} for n in range(3)]
    batch[1] = {"custom_fields_values": [value(SOURCE, "нет такого")], "request_id": "bad"}

    answer = api.post("leads", batch)

    assert list(problems(answer)) == ["bad"]
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"] == "Request validation failed"
    assert world.amocrm.state(domain=DOMAIN)["leads"] == []


def test_custom_values_are_read_in_the_platforms_shape(api):
    fields = [value(KEY, "k"), value(SOURCE, "Звонок"), value(TOTAL, 12.5), value(AGREED, True)]
    several = {"field_id": SERVICES, "values": [{"enum_id": 22}, {"value": "А"}]}

    lead = read(api, api.lead(custom_fields_values=[*fields, several]))

    assert stored(lead, KEY) == [{"value": "k"}]
    assert stored(lead, SOURCE) == [{"value": "Звонок", "enum_id": 12, "enum_code": None}]
    assert stored(lead, TOTAL) == [{"value": "12.5"}]
    assert stored(lead, AGREED) == [{"value": True}]
    assert [item["enum_id"] for item in stored(lead, SERVICES)] == [22, 21]
    assert lead["custom_fields_values"][0]["field_name"] == "Ключ"
    assert lead["custom_fields_values"][0]["field_type"] == "text"


def test_date_comes_back_as_midnight_of_the_account(api):
    # 2026-01-05 00:00 UTC is 03:00 in Moscow; the day starts there at 2026-01-04 21:00 UTC.
    lead = read(api, api.lead(custom_fields_values=[value(VISIT, 1767571200), value(EXACT, 1767571200)]))

    assert stored(lead, VISIT) == [{"value": 1767560400}]
    assert stored(lead, EXACT) == [{"value": 1767571200}]


def test_moment_may_be_written_with_an_offset(api):
    lead = read(api, api.lead(custom_fields_values=[value(EXACT, "2026-01-05T03:00:00+03:00")]))

    assert stored(lead, EXACT) == [{"value": 1767571200}]


def test_writing_a_field_replaces_it_and_others_stay(api):
    lead_id = api.lead(custom_fields_values=[value(KEY, "k"), value(TOTAL, 1)])

    api.patch(
        f"leads/{lead_id}",
        {"custom_fields_values": [value(KEY, "новый"), {"field_id": TOTAL, "values": None}]},
    )

    fields = read(api, lead_id)["custom_fields_values"]
    assert [(field["field_id"], field["values"]) for field in fields] == [(KEY, [{"value": "новый"}])]


def test_lost_lead_keeps_a_reason_until_it_is_opened_again(api):
    lead_id = api.lead()

    api.patch(f"leads/{lead_id}", {"status_id": 143, "loss_reason_id": 501})
    lost = read(api, lead_id)
    api.patch(f"leads/{lead_id}", {"status_id": 8101})
    opened = read(api, lead_id)

    assert lost["closed_at"] == lost["updated_at"]
    assert lost["_embedded"]["loss_reason"] == [{"id": 501, "name": "Отменил"}]
    assert (opened["closed_at"], opened["loss_reason_id"]) == (None, None)


def test_stage_of_another_pipeline_needs_the_pipeline(api):
    lead_id = api.lead()

    alone = api.patch(f"leads/{lead_id}", {"status_id": 8201})
    together = api.patch(f"leads/{lead_id}", {"status_id": 8201, "pipeline_id": REPEAT})

    assert problems(alone) == {"0": [("NotSupportedChoice", "status_id")]}
    assert together.status_code == 200
    assert read(api, lead_id)["pipeline_id"] == REPEAT


def test_pipeline_alone_leads_to_its_first_stage(api):
    lead_id = api.lead()

    api.patch(f"leads/{lead_id}", {"pipeline_id": REPEAT})

    assert read(api, lead_id)["status_id"] == 8201


def test_won_is_won_in_the_pipeline_where_the_lead_stands(api):
    lead_id = api.lead(pipeline_id=REPEAT)

    api.patch(f"leads/{lead_id}", {"status_id": 142})

    assert (read(api, lead_id)["pipeline_id"], read(api, lead_id)["status_id"]) == (REPEAT, 142)


def test_every_write_moves_updated_at_and_names_the_writer(world, api):
    lead_id = api.lead()
    world.clock.advance(100)

    answer = Api(world, SELLER).patch("leads", [{"id": lead_id, "price": 5, "updated_at": 1}])

    lead = read(api, lead_id)
    assert lead["updated_at"] >= lead["created_at"] + 100
    assert answer.json()["_embedded"]["leads"][0]["updated_at"] == lead["updated_at"]
    assert (lead["created_by"], lead["updated_by"]) == (ADMIN, SELLER)


def test_batch_of_changes_knows_every_id_or_changes_nothing(api):
    lead_id = api.lead(price=1)

    answer = api.patch("leads", [{"id": lead_id, "price": 2}, {"id": 999, "price": 2}, {"price": 3}])

    assert problems(answer) == {"1": [("NotSupportedChoice", "id")], "2": [("FieldMissing", "id")]}
    assert read(api, lead_id)["price"] == 1


def test_sending_back_what_was_read_is_refused(api):
    lead_id = api.lead()

    refused = problems(api.patch(f"leads/{lead_id}", read(api, lead_id)))

    assert ("FieldNotExpected", "account_id") in refused["0"]


def test_inactive_user_may_stay_responsible(api):
    assert read(api, api.lead(responsible_user_id=GONE))["responsible_user_id"] == GONE


@pytest.mark.parametrize(
    ("path", "count", "detail"),
    [
        ("leads", 251, "Limit 250 per page"),
        ("contacts", 251, "Limit 250 per page"),
        ("leads/complex", 51, "Limit 50 per page"),
    ],
)
def test_too_many_at_once_is_422(api, path, count, detail):
    answer = api.post(path, [{"name": "x"}] * count)

    assert (answer.status_code, answer.json()["detail"]) == (422, detail)


@pytest.mark.parametrize("body", [{}, [], ["x"], None])
def test_body_must_be_an_array_of_objects(api, body):
    assert api.post("leads", body).status_code == 400


def test_tags_are_added_taken_away_and_replaced(api):
    lead_id = api.lead(tags_to_add=[{"name": "vip"}, {"name": "звонок"}])
    names = lambda: [tag["name"] for tag in read(api, lead_id)["_embedded"]["tags"]]  # noqa: E731
    added = names()

    api.patch(f"leads/{lead_id}", {"tags_to_delete": [{"name": "vip"}], "tags_to_add": [{"name": "сайт"}]})
    changed = names()
    api.patch(f"leads/{lead_id}", {"_embedded": {"tags": [{"name": "один"}]}})
    replaced = names()
    api.patch(f"leads/{lead_id}", {"_embedded": {"tags": None}})

    assert (added, changed, replaced, names()) == (["vip", "звонок"], ["звонок", "сайт"], ["один"], [])


def complex_lead(phone, **more):
    person = {
        "first_name": "Иван",
        "custom_fields_values": [{"field_code": "PHONE", "values": [{"value": phone}]}],
    }
    return {"name": "Запись", "_embedded": {"contacts": [person]}, **more}


def test_complex_answers_a_plain_array_with_arrays_of_request_ids(api):
    known = api.contact()

    answer = api.post(
        "leads/complex",
        [
            complex_lead("+79990000002", request_id="q1"),
            {"_embedded": {"contacts": [{"id": known}]}},
            {"name": "без контакта"},
        ],
    )

    rows = answer.json()
    assert [row["request_id"] for row in rows] == [["q1"], ["1"], ["2"]]
    assert [row["merged"] for row in rows] == [False] * 3
    assert rows[1]["contact_id"] == known
    assert (rows[2]["contact_id"], rows[2]["company_id"]) == (None, None)
    lead = read(api, rows[0]["id"])
    assert [(c["id"], c["is_main"]) for c in lead["_embedded"]["contacts"]] == [(rows[0]["contact_id"], True)]
    contact = api.get(f"contacts/{rows[0]['contact_id']}", **{"with": "leads"}).json()
    assert [row["id"] for row in contact["_embedded"]["leads"]] == [rows[0]["id"]]


def test_complex_does_not_look_for_doubles_of_a_person(api):
    rows = api.post("leads/complex", [complex_lead("+79990000002"), complex_lead("+79990000002")]).json()

    assert rows[0]["contact_id"] != rows[1]["contact_id"]


def test_complex_with_one_bad_select_creates_neither_leads_nor_contacts(world, api):
    batch = [complex_lead(f"+7999000{n:04}") for n in range(50)]
    batch[17]["custom_fields_values"] = [value(SOURCE, "нет такого")]

    answer = api.post("leads/complex", batch)

    assert problems(answer) == {"17": [("NotSupportedChoice", f"{F}.values.0.value")]}
    state = world.amocrm.state(domain=DOMAIN)
    assert (state["leads"], state["contacts"]) == ([], [])


def test_complex_takes_one_contact_and_forty_values(api):
    person = {"first_name": "Иван"}
    fields = [value(KEY, "k")] * 41

    answer = api.post(
        "leads/complex", [{"_embedded": {"contacts": [person, person]}}, {"custom_fields_values": fields}]
    )

    assert problems(answer) == {
        "0": [("TooManyElements", "_embedded.contacts")],
        "1": [("TooManyElements", "custom_fields_values")],
    }


def test_bad_contact_of_a_complex_lead_is_named_by_its_path(api):
    person = {"custom_fields_values": [{"field_id": 1, "values": []}]}

    answer = api.post("leads/complex", [{"_embedded": {"contacts": [person]}}])

    path = "_embedded.contacts.0.custom_fields_values.0.field_id"
    assert problems(answer) == {"0": [("NotSupportedChoice", path)]}


def test_deleted_lead_is_found_only_in_the_trash(world, api):
    lead_id = api.lead()

    world.amocrm.ui_delete(domain=DOMAIN, user_id=ADMIN, lead_id=lead_id)

    assert api.get(f"leads/{lead_id}").status_code == 204
    assert api.get("leads").status_code == 204
    trash = api.get("leads", **{"with": "only_deleted"}).json()["_embedded"]["leads"]
    assert [(lead["id"], lead["is_deleted"]) for lead in trash] == [(lead_id, True)]
    assert api.patch(f"leads/{lead_id}", {"price": 1}).status_code == 400
