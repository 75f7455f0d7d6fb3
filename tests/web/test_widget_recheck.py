"""Asking for a look again: from a card or a list of leads, and from a step of the digital pipeline."""

import json
from urllib.parse import urlencode

import pytest

from backend.flows.accounts import accounts as account_flow
from backend.store import accounts, connections, db, events, mirror, operators
from tests.support.stand import ANNA, DOMAIN, LASER_ARMPITS, LASER_LEGS, TVERSKAYA


@pytest.fixture
def record(stand):
    found = stand.book(LASER_ARMPITS)
    stand.settle()
    return found


@pytest.fixture
def lead_id(stand, record):
    return stand.lead_of(record)["id"]


def of_source(stand, record, source):
    return [event for event in stand.events(record) if event.source == source]


def test_a_card_shows_the_booking_of_the_lead(widget, record, lead_id):
    answer = widget(f"card?lead={lead_id}&lang=en")

    assert answer.status_code == 200
    assert answer.json["booking"]["number"] == str(record["id"])
    assert answer.json["sentence"].startswith("The booking of")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_card_of_a_contact(stand, widget, record, lead_id):
    contact_id = mirror.leads_by_ids(stand.account.id, [lead_id])[lead_id].contact_ids[0]

    assert widget(f"card?contact={contact_id}").json["booking"]["number"] == str(record["id"])


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "widget.nothing_asked"),
        ("?lead=", "widget.nothing_asked"),
        ("?lead=abc", "widget.malformed"),
        ("?lead=-1", "widget.malformed"),
        ("?lead=1e3", "widget.malformed"),
        ("?lead=٣", "widget.malformed"),
        ("?contact=99999999999999999999", "widget.malformed"),
    ],
)
def test_a_card_of_nothing(widget, query, code):
    answer = widget(f"card{query}")

    assert (answer.status_code, answer.json["code"]) == (400, code)
    assert answer.json["message"]


def test_another_accounts_lead_shows_nothing(stand, widget, record, lead_id):
    accounts.install(
        stand.now(), domain="roza.amocrm.ru", crm_id=30000002, name="Роза", timezone="Europe/Moscow",
        user_id=1, tokens=accounts.Tokens("a", "r", stand.now()),
    )  # fmt: skip

    answer = widget(f"card?lead={lead_id}", account_id=30000002, iss="https://roza.amocrm.ru")

    assert answer.status_code == 200
    assert (answer.json["booking"], answer.json["others"], answer.json["why"]) == (None, [], None)
    assert DOMAIN not in answer.text


# A person asks


def test_the_booking_is_read_and_decided_again(stand, widget, record, lead_id):
    stand.world.sender.drop("yclients")
    stand.edit(record, comment="Позвонить заранее")
    stand.world.sender.drop("yclients")

    answer = widget("recheck", {"leads": [lead_id], "lang": "ru"})
    stand.work()

    assert answer.json["asked"] == 1
    assert answer.json["sentence"] == "Проверим 1 запись: результат появится через несколько секунд."
    assert "Позвонить заранее" in widget(f"card?lead={lead_id}").json["booking"]["comment"]


def test_it_needs_no_event_of_the_booking(stand, widget, record, lead_id):
    db.run("DELETE FROM outbox_commands")
    db.run("DELETE FROM inbound_events")

    widget("recheck", {"leads": [str(lead_id)]})
    stand.work()

    (event,) = stand.events(record)
    assert (event.source, event.status, event.reason) == ("widget", "done", "up_to_date")


def test_fifty_clicks_are_one_look(stand, widget, record, lead_id):
    answers = [widget("recheck", {"leads": [lead_id]}) for _ in range(25)]
    stand.work()
    answers += [widget("recheck", {"leads": [lead_id]}) for _ in range(25)]
    stand.work()

    assert {answer.json["asked"] for answer in answers} == {1}
    assert len(of_source(stand, record, "widget")) == 1
    assert [line.action for line in operators.audit_page(stand.account.id)].count("recheck_asked") == 1


def test_a_click_later_is_a_new_look(stand, widget, record, lead_id):
    widget("recheck", {"leads": [lead_id]})
    stand.pass_time(11)
    widget("recheck", {"leads": [lead_id]})

    assert len(of_source(stand, record, "widget")) == 2


def test_the_trail_names_the_person(stand, widget, lead_id):
    widget("recheck", {"leads": [lead_id]}, user_id=ANNA, is_admin=False)

    line = operators.audit_page(stand.account.id)[0]

    assert (line.action, line.operator) == ("recheck_asked", "Анна (amoCRM)")
    assert line.subject == f"№ {lead_id}"


def test_a_person_we_do_not_know_has_a_number(stand, widget, lead_id):
    widget("recheck", {"leads": [lead_id]}, user_id=123)

    assert operators.audit_page(stand.account.id)[0].operator == "№ 123 (amoCRM)"


def test_several_leads_of_a_list(stand, widget, record, lead_id):
    other = stand.book(LASER_LEGS, client=("Ольга", "+79990000055"))
    stand.settle()

    answer = widget("recheck", {"leads": [lead_id, stand.lead_of(other)["id"], lead_id, 999]})

    assert answer.json["asked"] == 2


def test_all_bookings_of_a_contact(stand, widget, record, lead_id):
    contact_id = mirror.leads_by_ids(stand.account.id, [lead_id])[lead_id].contact_ids[0]

    assert widget("recheck", {"contact": contact_id}).json["asked"] == 1
    assert len(of_source(stand, record, "widget")) == 1


def test_nothing_is_linked(stand, widget):
    answer = widget("recheck", {"leads": [999]})

    assert answer.json == {"asked": 0, "sentence": "Проверять нечего: связанных записей нет."}
    deeds = [line.action for line in operators.audit_page(stand.account.id)]
    assert "recheck_asked" not in deeds


def test_a_paused_account_looks_later(stand, widget, record, lead_id):
    account_flow.pause(stand.ctx, stand.account.id)

    answer = widget("recheck", {"leads": [lead_id]})
    stand.work()

    assert "когда работу возобновят" in answer.json["sentence"]
    assert of_source(stand, record, "widget")[0].status == "received"


def test_a_salon_switched_off_is_not_asked(stand, widget, lead_id):
    connections.set_mode(stand.account.id, TVERSKAYA, "off")

    assert widget("recheck", {"leads": [lead_id]}).json["asked"] == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "widget.nothing_asked"),
        ({"leads": []}, "widget.nothing_asked"),
        ({"leads": "12"}, "widget.nothing_asked"),
        ({"leads": [None]}, "widget.nothing_asked"),
        ({"leads": ["a"]}, "widget.malformed"),
        ({"leads": [1.5]}, "widget.malformed"),
        ({"leads": [True]}, "widget.malformed"),
        ({"contact": {"id": 1}}, "widget.malformed"),
        ({"leads": list(range(1, 202))}, "widget.too_many_leads"),
    ],
)
def test_what_cannot_be_checked(widget, body, code):
    answer = widget("recheck", body)

    assert (answer.status_code, answer.json["code"]) == (400, code)
    assert answer.json["message"]


def test_another_accounts_booking_is_never_asked(stand, widget, record, lead_id):
    accounts.install(
        stand.now(), domain="roza.amocrm.ru", crm_id=30000002, name="Роза", timezone="Europe/Moscow",
        user_id=1, tokens=accounts.Tokens("a", "r", stand.now()),
    )  # fmt: skip

    answer = widget("recheck", {"leads": [lead_id]}, account_id=30000002, iss="https://roza.amocrm.ru")

    assert answer.json["asked"] == 0
    assert of_source(stand, record, "widget") == []


def test_a_flood_of_one_person_is_stopped_and_leaves_others_alone(widget):
    statuses = [widget("recheck", {"leads": [1]}).status_code for _ in range(62)]

    assert statuses == [200] * 60 + [429] * 2
    assert widget("recheck", {"leads": [1]}, user_id=7000002).status_code == 200


# A step of the digital pipeline


def widgets_step(lead_id, **changes):
    data = {"id": lead_id, "element_type": 2, "status_id": 8101, "pipeline_id": 8001}
    return {
        "event": {"type": 15, "type_code": "lead_appeared_in_status", "data": data, "time": 1767607200},
        "action": {"settings": {"widget": {"settings": {"message": "Hello"}}}},
        "subdomain": "lotos", "account_id": 30000001, **changes,
    }  # fmt: skip


def flat(value, name=""):
    if not isinstance(value, dict):
        return [(name, value)]
    return [pair for key, item in value.items() for pair in flat(item, f"{name}[{key}]" if name else key)]


def post(client, body):
    return client.post("/widget/pipeline", data=body)


@pytest.mark.parametrize("encode", [json.dumps, lambda body: urlencode(flat(body))], ids=["json", "form"])
def test_a_step_has_the_booking_looked_at_again(stand, client, record, lead_id, encode):
    answer = post(client, encode(widgets_step(lead_id)))
    stand.work()

    assert (answer.status_code, answer.text) == (200, "ok")
    (event,) = of_source(stand, record, "pipeline")
    assert (event.status, event.reason) == ("done", "up_to_date")


def test_the_steps_own_words_are_not_believed(stand, client, record, lead_id):
    before = stand.lead_of(record)
    body = widgets_step(lead_id)
    body["event"]["data"] |= {"status_id": 143, "price": 1}

    post(client, json.dumps(body))
    stand.settle()

    assert stand.lead_of(record) == before


def test_the_plain_webhook_step_of_amocrm_is_read_too(stand, client, record, lead_id):
    body = {"leads[status][0][id]": lead_id, "account[id]": 30000001, "account[subdomain]": "lotos"}

    assert post(client, urlencode(body)).status_code == 200
    assert len(of_source(stand, record, "pipeline")) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"account_id": 1}, {"account_id": None}, {"account_id": "x"}, {"account_id": []},
        {"subdomain": "roza"}, {"subdomain": ""}, {"event": None}, {"event": {"data": []}},
        {"event": {"data": {"id": "1; DROP TABLE links", "element_type": 2}}},
    ],
)  # fmt: skip
def test_who_knows_nothing_moves_nothing_and_hears_the_same(stand, client, record, lead_id, changes):
    answer = post(client, json.dumps(widgets_step(lead_id, **changes)))

    assert (answer.status_code, answer.text) == (200, "ok")
    assert of_source(stand, record, "pipeline") == []


def test_a_step_of_a_customer_is_not_of_a_lead(stand, client, record, lead_id):
    body = widgets_step(lead_id)
    body["event"]["data"]["element_type"] = 12

    post(client, json.dumps(body))

    assert of_source(stand, record, "pipeline") == []


def test_a_removed_account_is_left_alone(stand, client, record, lead_id):
    accounts.remove(stand.account.id, stand.now())

    assert post(client, json.dumps(widgets_step(lead_id))).status_code == 200
    assert of_source(stand, record, "pipeline") == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff\xfe", b"{" * 50_000, b"[" * 50_000, b"a" * 70_000, b"&" * 60_000]
)
def test_rubbish_is_answered_like_the_rest(client, body):
    answer = post(client, body)

    assert (answer.status_code, answer.text) == (200, "ok")


def test_the_same_step_again_is_one_look(stand, client, record, lead_id):
    for _ in range(30):
        post(client, json.dumps(widgets_step(lead_id)))
    stand.work()
    stand.pass_time(5)
    post(client, json.dumps(widgets_step(lead_id)))

    assert len(of_source(stand, record, "pipeline")) == 1


def test_a_flood_of_steps_asks_no_more(stand, client, record, lead_id):
    for _ in range(125):
        assert post(client, json.dumps(widgets_step(999))).status_code == 200

    post(client, json.dumps(widgets_step(lead_id)))

    assert of_source(stand, record, "pipeline") == []
    assert len(events.of_subject(stand.account.id, f"yclients:{TVERSKAYA}:999")) == 0
