"""Telephony in the amoCRM emulator, by amocrm.md §3.14 and §7."""

import json
import zipfile

import pytest

from tests.support.amocrm_sandbox import (
    ADMIN,
    CLIENT,
    DOMAIN,
    REPEAT,
    SALES,
    SELLER,
    Api,
    Receiver,
    new_world,
    problems,
)

PHONE = "+79990000001"
NOTES_URL = "https://mostik.test/hooks/amocrm/s3cret"


@pytest.fixture
def receiver():
    return Receiver()


@pytest.fixture
def world(receiver):
    return new_world(post=receiver.post)


@pytest.fixture
def api(world):
    return Api(world)


def call(phone=PHONE, **more):
    return {"direction": "inbound", "duration": 54, "source": "mypbx", "phone": phone, **more}


def log(api, *items):
    return api.post("calls", list(items))


def placed(answer):
    return [(row["entity_type"], row["entity_id"]) for row in answer.json()["_embedded"]["calls"]]


def lead(api, contact, **keys):
    return api.lead(_embedded={"contacts": [{"id": contact}]}, **keys)


def packed(path):
    """The least of a widget whose action may stand on a stage."""
    manifest = {
        "widget": {"name": "widget.name", "version": "1.0.0", "locale": ["ru"]},
        "locations": ["digital_pipeline"], "dp": {"settings": {}, "webhook_url": NOTES_URL},
    }  # fmt: skip
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
        archive.writestr("script.js", "define([], () => function () {});")
        archive.writestr("i18n/ru.json", json.dumps({"widget": {"name": "Мостик"}}))
    return str(path)


def sip(uniq="u1", **more):
    person = {
        "name": PHONE,
        "custom_fields_values": [{"field_code": "PHONE", "values": [{"value": PHONE}]}],
    }
    told = {
        "phone": PHONE, "call_responsible": SELLER, "called_at": 1767607200, "duration": 54,
        "link": "https://rec.example.test/u1.mp3", "service_code": "mostik", "uniq": uniq,
        "is_call_event_needed": True,
    }  # fmt: skip
    return {
        "source_uid": "pbx-77", "source_name": "АТС", "pipeline_id": SALES,
        "_embedded": {"leads": [{"name": "Входящий звонок"}], "contacts": [person]}, "metadata": told, **more,
    }  # fmt: skip


# Placement


@pytest.mark.parametrize("written", ["+79990000001", "8 (999) 000-00-01", "79990000001", "9990000001"])
def test_a_number_is_looked_for_by_its_last_ten_digits(api, written):
    contact = api.contact(phone=written)
    assert placed(log(api, call("+79990000001"))) == [("contact", contact)]


def test_one_active_lead_takes_the_call(api):
    contact = api.contact()
    active = lead(api, contact)
    lead(api, contact, status_id=142)
    assert placed(log(api, call())) == [("lead", active)]


@pytest.mark.parametrize("stages", [(), (142,), (8101, 8102)], ids=["none", "closed", "two"])
def test_without_exactly_one_active_lead_the_contact_takes_it(api, stages):
    contact = api.contact()
    for stage in stages:
        lead(api, contact, status_id=stage)
    assert placed(log(api, call())) == [("contact", contact)]


def test_an_unknown_number_is_refused(api, world):
    answer = log(api, call(request_id="k1"))
    assert answer.status_code == 400
    found = answer.json()
    assert (found["_total_items"], found["_embedded"]["calls"]) == (0, [])
    (error,) = found["errors"]
    assert (error["title"], error["status"], error["request_id"]) == ("Entity not found", 263, "k1")
    assert world.amocrm.state(DOMAIN)["notes"] == []


def test_what_has_a_place_is_kept_beside_what_has_none(api):
    contact = api.contact()
    answer = log(api, call(request_id="known"), call("+79995550000", request_id="stranger"))
    assert answer.status_code == 200
    assert placed(answer) == [("contact", contact)]
    assert [error["request_id"] for error in answer.json()["errors"]] == ["stranger"]


def test_a_new_contact_is_not_found_before_the_search_has_seen_it(api, world):
    world.amocrm.options(search_lag=5)
    api.contact()
    assert log(api, call()).status_code == 400
    world.clock.advance(6)
    assert log(api, call()).status_code == 200


def test_the_same_call_twice_stands_twice(api, world):
    api.contact()
    for _ in range(2):
        assert log(api, call(uniq="c-1")).status_code == 200
    assert len(world.amocrm.state(DOMAIN)["notes"]) == 2


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"direction": "in"}, ("NotSupportedChoice", "direction")),
        ({"call_result": None}, ("InvalidType", "call_result")),
        ({"call_status": None}, ("InvalidType", "call_status")),
        ({"duration": "54"}, ("InvalidType", "duration")),
        ({"call_responsible": [1]}, ("InvalidType", "call_responsible")),
        ({"responsible_user_id": 5}, ("NotSupportedChoice", "responsible_user_id")),
        ({"surprise": 1}, ("FieldNotExpected", "surprise")),
    ],
)
def test_wrong_calls_are_refused(api, wrong, problem):
    api.contact()
    assert problem in problems(log(api, call(**wrong)))["0"]


def test_what_is_missing_is_named(api):
    found = problems(log(api, {"direction": "outbound"}))["0"]
    assert found == [("FieldMissing", name) for name in ("duration", "source", "phone")]


# Notes, events, hooks, triggers


def test_a_logged_call_is_a_note_and_an_event(api, world):
    contact = api.contact()
    link = "https://rec.example.test/c-1.mp3"
    log(api, call(direction="outbound", uniq="c-1", link=link, call_status=4, call_responsible=SELLER))
    (note,) = world.amocrm.state(DOMAIN)["notes"]
    assert (note["note_type"], note["entity_id"], note["created_by"]) == ("call_out", contact, SELLER)
    assert note["params"] == {
        "uniq": "c-1", "duration": 54, "source": "mypbx", "link": link, "phone": PHONE, "call_status": 4,
        "call_responsible": SELLER,
    }  # fmt: skip
    (event,) = api.get("events", **{"filter[type][]": "outgoing_call"}).json()["_embedded"]["events"]
    assert (event["entity_type"], event["entity_id"]) == ("contact", contact)
    assert event["value_after"] == [{"note": {"id": note["id"]}}]


def test_the_hook_of_a_call_has_the_old_keys(api, world, receiver):
    api.post("webhooks", {"destination": NOTES_URL, "settings": ["note_contact"]})
    api.contact()
    log(api, call(uniq="c-1"))
    world.deliver()
    (body,) = receiver.bodies
    assert body["contacts[note][0][note][note_type]"] == "10"
    told = json.loads(body["contacts[note][0][note][text]"])
    assert told == {"UNIQ": "c-1", "DURATION": "54", "SRC": "mypbx", "PHONE": PHONE}


@pytest.mark.parametrize(("way", "told"), [("inbound", 1), ("outbound", 0)])
def test_an_inbound_call_starts_the_digital_pipeline(world, receiver, api, way, told, tmp_path):
    world.amocrm.widget(CLIENT["client_id"], packed(tmp_path / "widget.zip"))
    world.amocrm.install(DOMAIN, CLIENT["client_id"])
    world.amocrm.widget_trigger(DOMAIN, CLIENT["client_id"], SALES, 8101, "call_in")
    contact = api.contact()
    made = lead(api, contact, pipeline_id=SALES, status_id=8101)
    log(api, call(direction=way))
    world.deliver()
    assert len(receiver.bodies) == told
    if told:
        (body,) = receiver.bodies
        assert (body["event[type]"], body["event[type_code]"]) == ("17", "call_in")
        assert body["event[data][id]"] == str(made)


# Reports


def test_a_call_counts_for_its_author_when_he_is_responsible(api, world):
    api.contact()
    log(api, call(call_responsible=SELLER, responsible_user_id=SELLER, call_status=4))
    log(api, call(created_by=ADMIN, responsible_user_id=ADMIN, direction="outbound", call_status=6))
    counted = world.amocrm.state(DOMAIN)["call_statistics"]
    assert counted == {
        str(SELLER): {"in": 1, "out": 0, "talked": 1, "seconds": 54},
        str(ADMIN): {"in": 0, "out": 1, "talked": 0, "seconds": 54},
    }


@pytest.mark.parametrize(
    "people",
    [
        {},
        {"responsible_user_id": SELLER},
        {"call_responsible": SELLER},
        {"call_responsible": SELLER, "responsible_user_id": ADMIN},
        {"call_responsible": "101", "responsible_user_id": SELLER},
        {"call_responsible": "101", "created_by": SELLER, "responsible_user_id": SELLER},
    ],
)
def test_otherwise_it_counts_for_nobody(api, world, people):
    api.contact()
    assert log(api, call(**people)).status_code == 200
    assert world.amocrm.state(DOMAIN)["call_statistics"] == {}


def test_a_call_note_counts_by_the_same_rule(api, world):
    contact = api.contact()
    params = {"uniq": "c-1", "duration": 54, "source": "mypbx", "phone": PHONE, "call_status": 4}
    note = {"note_type": "call_in", "params": params}
    api.post(f"contacts/{contact}/notes", [{**note, "created_by": SELLER, "responsible_user_id": SELLER}])
    api.post(f"contacts/{contact}/notes", [{**note, "responsible_user_id": ADMIN}])
    counted = world.amocrm.state(DOMAIN)["call_statistics"]
    assert counted == {str(SELLER): {"in": 1, "out": 0, "talked": 1, "seconds": 54}}


# The pop-up


def notice(api, *asked):
    headers = {"Authorization": f"Bearer {api.tokens['access_token']}"}
    url = f"https://{DOMAIN}/api/v2/events/"
    return api.session.post(url, json={"add": list(asked)}, headers=headers, timeout=5)


def test_a_pop_up_goes_to_the_users_and_finds_the_card(api, world):
    contact = api.contact()
    answer = notice(api, {"type": "phone_call", "phone_number": PHONE, "users": [ADMIN, SELLER]})
    assert answer.status_code == 200
    (item,) = answer.json()["_embedded"]["items"]
    assert (item["element_id"], item["element_type"], item["phone_number"]) == (contact, 1, PHONE)
    made = lead(api, contact)
    (item,) = notice(api, {"type": "phone_call", "phone_number": PHONE}).json()["_embedded"]["items"]
    assert (item["element_id"], item["element_type"]) == (made, 2)
    first, second = world.amocrm.state(DOMAIN)["popups"]
    assert (first["users"], second["users"]) == ([ADMIN, SELLER], None)


def test_a_pop_up_about_a_stranger_has_no_card(api):
    (item,) = notice(api, {"type": "phone_call", "phone_number": PHONE}).json()["_embedded"]["items"]
    assert (item["element_id"], item["element_type"]) == (None, None)


def test_a_wrong_pop_up_is_refused(api):
    assert notice(api, {"type": "mail"}).status_code == 400
    assert api.session.post(f"https://{DOMAIN}/api/v2/events", json={}, timeout=5).status_code == 401


# «Неразобранное»


def test_an_unsorted_call_waits_with_its_lead_and_contact(api, world):
    answer = api.post("leads/unsorted/sip", [sip(request_id="r1")])
    (row,) = answer.json()["_embedded"]["unsorted"]
    assert (answer.status_code, row["request_id"]) == (200, "r1")
    (made,), (person,) = row["_embedded"]["leads"], row["_embedded"]["contacts"]
    assert api.get("contacts").status_code == 204  # listed nowhere until somebody accepts
    assert log(api, call()).status_code == 400
    (waiting,) = api.get("leads/unsorted").json()["_embedded"]["unsorted"]
    assert (waiting["category"], waiting["metadata"]["uniq"]) == ("sip", "u1")
    (event,) = api.get("events", **{"filter[type][]": "incoming_call"}).json()["_embedded"]["events"]
    assert event["entity_id"] == made["id"]
    accepted = api.post(f"leads/unsorted/{row['uid']}/accept", {"user_id": SELLER, "status_id": 8101})
    assert accepted.status_code == 200
    assert [one["id"] for one in api.get("contacts").json()["_embedded"]["contacts"]] == [person["id"]]
    assert placed(log(api, call())) == [("lead", made["id"])]
    assert world.amocrm.state(DOMAIN)["unsorted"] == []


def test_an_unsorted_call_may_leave_no_event(api):
    item = sip()
    item["metadata"]["is_call_event_needed"] = False
    api.post("leads/unsorted/sip", [item])
    assert api.get("events", **{"filter[type][]": "incoming_call"}).status_code == 204


def test_the_same_unsorted_call_is_refused(api):
    api.post("leads/unsorted/sip", [sip()])
    answer = api.post("leads/unsorted/sip", [sip()])
    assert problems(answer) == {"0": [("NotSupportedChoice", "metadata.uniq")]}


def test_an_unsorted_call_needs_all_of_it(api):
    item = sip(pipeline_id=REPEAT)
    del item["metadata"]["link"]
    del item["source_name"]
    assert problems(api.post("leads/unsorted/sip", [item])) == {"0": [("FieldMissing", "source_name")]}
    item["source_name"] = "АТС"
    found = problems(api.post("leads/unsorted/sip", [item]))
    assert found == {"0": [("FieldMissing", "metadata.link")]}


# Tasks


def test_a_task_is_completed_with_its_result(api, world):
    contact = api.contact()
    task = {
        "text": "Перезвонить",
        "complete_till": 1767693600,
        "entity_id": contact,
        "entity_type": "contacts",
    }
    made = api.post("tasks", [task]).json()["_embedded"]["tasks"][0]["id"]
    answer = api.patch(f"tasks/{made}", {"is_completed": True, "result": {"text": "Поговорили"}})
    assert answer.status_code == 200
    (found,) = world.amocrm.state(DOMAIN)["tasks"]
    assert (found["is_completed"], found["result"]) == (True, {"text": "Поговорили"})
    assert api.get("tasks", **{"filter[is_completed]": 0}).status_code == 204


def test_a_person_completes_a_task(api, world):
    contact = api.contact()
    task = {
        "text": "Перезвонить",
        "complete_till": 1767693600,
        "entity_id": contact,
        "entity_type": "contacts",
    }
    made = api.post("tasks", [task]).json()["_embedded"]["tasks"][0]["id"]
    world.amocrm.ui_complete_task(DOMAIN, user_id=SELLER, task_id=made, result="Сделано")
    (found,) = api.get("tasks", **{"filter[is_completed]": 1}).json()["_embedded"]["tasks"]
    assert (found["updated_by"], found["result"]) == (SELLER, {"text": "Сделано"})
