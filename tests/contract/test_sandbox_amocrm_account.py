"""The emulator's REST API: users, pipelines, fields, tags, webhooks, widgets and events of an account."""

import pytest

from tests.support.amocrm_sandbox import (
    ADMIN,
    DOMAIN,
    KEY,
    REPEAT,
    SALES,
    SELLER,
    SOURCE,
    Api,
    api,
    problems,
    rows,
    value,
    world,
)

__all__ = ["api", "world"]


def test_account_embeds_what_is_asked(api):
    plain = api.get("account").json()
    full = api.get("account", **{"with": "datetime_settings,task_types,amojo_id,drive_url"}).json()

    assert (plain["id"], plain["subdomain"], plain["current_user_id"]) == (30000001, "one", ADMIN)
    assert "_embedded" not in plain
    assert "amojo_id" not in plain
    assert full["_embedded"]["datetime_settings"]["timezone"] == "Europe/Moscow"
    assert full["_embedded"]["datetime_settings"]["timezone_offset"] == "+03:00"
    assert full["amojo_id"]


def test_users_are_for_admins(world, api):
    listed = api.get("users").json()

    assert listed["_total_items"] == 3
    assert [user["rights"]["is_active"] for user in listed["_embedded"]["users"]] == [True, True, False]
    assert Api(world, SELLER).get("users").status_code == 403


def test_every_pipeline_has_won_and_lost_and_maybe_unsorted(api):
    listed = api.get("leads/pipelines").json()

    main = listed["_embedded"]["pipelines"][0]
    assert listed["_total_items"] == 2
    assert [status["id"] for status in main["_embedded"]["statuses"]] == [8100, 8101, 8102, 142, 143]
    assert [status["type"] for status in main["_embedded"]["statuses"]] == [1, 0, 0, 0, 0]
    assert [status["is_editable"] for status in main["_embedded"]["statuses"]] == [
        False,
        True,
        True,
        False,
        False,
    ]
    assert (main["is_main"], main["is_unsorted_on"]) == (True, True)
    assert api.get(f"leads/pipelines/{SALES}").json()["id"] == SALES
    assert api.get("leads/pipelines/1").status_code == 404


def test_deleted_stage_sends_its_leads_to_the_first_one(api):
    lead_id = api.lead(status_id=8102)

    assert api.delete(f"leads/pipelines/{SALES}/statuses/8102").status_code == 204

    assert api.get(f"leads/{lead_id}").json()["status_id"] == 8101
    assert api.delete(f"leads/pipelines/{SALES}/statuses/142").status_code == 400
    assert api.delete(f"leads/pipelines/{SALES}").status_code == 400


def test_loss_reasons(api):
    assert [(row["id"], row["name"]) for row in rows(api.get("leads/loss_reasons"), "loss_reasons")] == [
        (501, "Отменил")
    ]


def test_field_is_made_changed_used_and_deleted(api):
    made = api.post(
        "leads/custom_fields", [{"name": "Мастер", "type": "text", "code": "MASTER", "is_api_only": True}]
    )
    field_id = rows(made, "custom_fields")[0]["id"]
    lead_id = api.lead(custom_fields_values=[{"field_code": "MASTER", "values": [{"value": "Ольга"}]}])

    api.patch(f"leads/custom_fields/{field_id}", {"name": "Кто"})

    assert made.status_code == 201
    field = api.get(f"leads/custom_fields/{field_id}").json()
    assert (field["name"], field["is_api_only"], field["type"]) == ("Кто", True, "text")
    assert api.get(f"leads/{lead_id}").json()["custom_fields_values"][0]["field_name"] == "Кто"
    assert api.delete(f"leads/custom_fields/{field_id}").status_code == 204
    assert api.get(f"leads/custom_fields/{field_id}").status_code == 404
    assert api.get(f"leads/{lead_id}").json()["custom_fields_values"] is None


@pytest.mark.parametrize(
    ("field", "problem"),
    [
        ({"type": "text"}, ("FieldMissing", "name")),
        ({"name": "x", "type": "poem"}, ("NotSupportedChoice", "type")),
        ({"name": "x", "type": "select"}, ("FieldMissing", "enums")),
        ({"name": "x", "type": "text", "is_api_only": "yes"}, ("InvalidType", "is_api_only")),
    ],
)
def test_wrong_field_is_refused(api, field, problem):
    assert problems(api.post("leads/custom_fields", [field])) == {"0": [problem]}


def test_list_items_get_ids_and_keep_them_when_the_list_grows(api):
    items = [{"value": "А", "sort": 1}, {"value": "Б", "sort": 2}]
    made = rows(
        api.post("leads/custom_fields", [{"name": "Направление", "type": "select", "enums": items}]),
        "custom_fields",
    )[0]

    grown = api.patch(
        f"leads/custom_fields/{made['id']}", {"enums": [*made["enums"], {"value": "В", "sort": 3}]}
    ).json()

    assert [item["id"] for item in grown["enums"][:2]] == [item["id"] for item in made["enums"]]
    assert len({item["id"] for item in grown["enums"]}) == 3


def test_fields_are_listed_by_pages_with_a_total(api):
    listed = api.get("leads/custom_fields", limit=5).json()

    assert (listed["_total_items"], listed["_page_count"], len(listed["_embedded"]["custom_fields"])) == (
        7,
        2,
        5,
    )
    assert "page=2" in listed["_links"]["next"]["href"]
    assert [
        f["id"]
        for f in rows(api.get("leads/custom_fields", **{"filter[type][0]": "select"}), "custom_fields")
    ] == [SOURCE]
    codes = [field["code"] for field in rows(api.get("contacts/custom_fields"), "custom_fields")]
    assert codes == ["PHONE", "EMAIL"]


def test_fields_are_changed_by_admins_only(world):
    seller = Api(world, SELLER)

    assert seller.post("leads/custom_fields", [{"name": "x", "type": "text"}]).status_code == 403
    assert seller.get("leads/custom_fields").status_code == 200


def test_webhook_of_the_same_address_is_changed_not_doubled(api):
    hook = {"destination": "https://mostik.test/h", "settings": ["add_lead"]}

    first = api.post("webhooks", hook)
    second = api.post("webhooks", {**hook, "settings": ["add_lead", "delete_lead"]})

    assert (first.status_code, second.status_code) == (201, 201)
    [kept] = rows(api.get("webhooks", **{"filter[destination]": hook["destination"]}), "webhooks")
    assert (kept["id"], kept["settings"], kept["disabled"]) == (
        first.json()["id"],
        ["add_lead", "delete_lead"],
        False,
    )
    assert api.delete("webhooks", {"destination": hook["destination"]}).status_code == 204
    assert api.delete("webhooks", {"destination": hook["destination"]}).status_code == 404
    assert api.get("webhooks").status_code == 204


@pytest.mark.parametrize(
    "hook",
    [{"settings": ["add_lead"]}, {"destination": "mostik", "settings": ["add_lead"]},
     {"destination": "https://mostik.test/h", "settings": ["add_poem"]}],
)  # fmt: skip
def test_wrong_webhook_is_400(api, hook):
    assert api.post("webhooks", hook).status_code == 400


def test_hundred_and_first_webhook_is_422(api):
    for number in range(100):
        api.post("webhooks", {"destination": f"https://mostik.test/{number}", "settings": ["add_lead"]})

    assert (
        api.post("webhooks", {"destination": "https://mostik.test/x", "settings": ["add_lead"]}).status_code
        == 422
    )


def test_widget_is_installed_with_settings(api):
    assert api.get("widgets/mostik").status_code == 404

    api.post("widgets/mostik", {"login": "a"})

    assert api.get("widgets/mostik").json()["settings"] == {"login": "a"}
    assert [widget["code"] for widget in rows(api.get("widgets"), "widgets")] == ["mostik"]
    assert api.delete("widgets/mostik").status_code == 204


def test_tags_are_listed_once(api):
    api.lead(tags_to_add=[{"name": "vip"}])
    api.post("leads/tags", [{"name": "VIP"}, {"name": "сайт", "color": "EBEBEB"}])

    assert [tag["name"] for tag in rows(api.get("leads/tags"), "tags")] == ["vip", "сайт"]
    assert api.get("contacts/tags").status_code == 204


def test_events_tell_what_changed(api):
    lead_id = api.lead()
    api.patch(f"leads/{lead_id}", {"status_id": 8102})

    [event] = rows(api.get("events", **{"filter[type][]": "lead_status_changed"}), "events")
    assert (event["entity_id"], event["entity_type"], len(event["id"])) == (lead_id, "lead", 26)
    assert event["value_before"] == [{"lead_status": {"id": 8101, "pipeline_id": SALES}}]
    assert event["value_after"] == [{"lead_status": {"id": 8102, "pipeline_id": SALES}}]


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "nothing", 404), ("PUT", "leads", 405), ("DELETE", "leads/5", 405)]
)
def test_unknown_routes_and_methods(api, method, path, status):
    answer = api.call(method, path)

    assert (answer.status_code, answer.json()["type"]) == (status, f"https://httpstatus.es/{status}")


def test_without_a_token_there_is_401(api):
    api.tokens = {"access_token": "made-up"}

    assert api.get("leads").status_code == 401


def test_person_edits_in_the_interface_are_seen_by_the_api(world, api):
    crm = world.amocrm
    lead = crm.ui_lead(domain=DOMAIN, user_id=SELLER, name="Ручная", price=5, fields={KEY: "k"}, tags=["vip"])
    crm.ui_edit(domain=DOMAIN, user_id=SELLER, lead_id=lead["id"], price=7, fields={SOURCE: "Сайт"})
    crm.ui_move(domain=DOMAIN, user_id=SELLER, lead_id=lead["id"], stage_id=143, loss_reason_id=501)

    seen = api.get(f"leads/{lead['id']}").json()
    assert (seen["price"], seen["status_id"], seen["loss_reason_id"]) == (7, 143, 501)
    assert (seen["created_by"], seen["updated_by"], seen["responsible_user_id"]) == (SELLER, SELLER, SELLER)
    assert len(seen["custom_fields_values"]) == 2


def test_deleted_pipeline_takes_its_leads_along(world, api):
    lead_id = api.lead(pipeline_id=REPEAT)

    world.amocrm.ui_delete_pipeline(domain=DOMAIN, user_id=ADMIN, pipeline_id=REPEAT)

    assert api.get(f"leads/{lead_id}").status_code == 204
    assert api.post("leads", [{"pipeline_id": REPEAT}]).status_code == 400


def test_deleted_field_disappears_from_values_and_is_refused(world, api):
    lead_id = api.lead(custom_fields_values=[value(KEY, "k")])

    world.amocrm.ui_delete_field(domain=DOMAIN, field_id=KEY)

    assert api.get(f"leads/{lead_id}").json()["custom_fields_values"] is None
    assert api.patch(f"leads/{lead_id}", {"custom_fields_values": [value(KEY, "k")]}).status_code == 400
