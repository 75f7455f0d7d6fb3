"""The doors of the card's panel: who may ask, what is refused in which words, and what a press answers."""

import pytest

from backend.flows.accounts import accounts as account_flow
from backend.flows.actions import acts
from backend.flows.rules import configuration_import
from backend.store import accounts, operators
from tests.support.stand import (
    ANNA,
    CLIENT,
    CONFIGURATION,
    EPILATION,
    INNA,
    LASER_ARMPITS,
    OLGA,
    STAGES,
    TVERSKAYA,
    URAL,
    VERA,
    WAITING_LIST,
)

FORM = "5a7f0001-0000-4000-8000-000000000001"
CHOSEN = f"salon={TVERSKAYA}&master={VERA}&services={LASER_ARMPITS}"
LOOKS = [
    "person?lead=1", "book/salons?lead=1", f"book/services?salon={TVERSKAYA}", f"book/masters?{CHOSEN}",
    f"book/days?{CHOSEN}", f"book/times?{CHOSEN}&day=2030-03-12",
]  # fmt: skip
THEIRS = """
branches: [{company_id: 42001, title: Соседи, user_token: env:YC_TOKEN, mode: active}]
directions: [{key: all, title: Всё, default: true}]
routes: [{branch: 42001, direction: all, pipeline: 8801, stages: {waiting: 8810}}]
"""
DEEDS = ["book", "booking/move", "booking/cancel", "booking/confirm", "booking/arrive"]


@pytest.fixture
def lead(stand):
    """A lead of an advertisement that nobody has booked from yet."""
    found = stand.open_lead(EPILATION, STAGES[EPILATION])
    stand.settle()
    return found


@pytest.fixture
def wish(stand, lead):
    """What the card sends when everything is chosen; None leaves a part out."""

    def make(**changes):
        given = {
            "form": FORM, "lead": lead["id"], "salon": TVERSKAYA, "services": [LASER_ARMPITS], "master": VERA,
            "at": stand.wall("+2")[:16], "comment": "",
        }  # fmt: skip
        return {name: value for name, value in {**given, **changes}.items() if value is not None}

    return make


@pytest.fixture
def booked(stand):
    """A booking, as (lead id, key)."""
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    return stand.lead_of(record)["id"], f"yclients:{TVERSKAYA}:{record['id']}"


@pytest.fixture
def configured(stand):
    """Imports the stand's configuration with one more line."""

    def change(line, **replaced):
        text = CONFIGURATION.read_text(encoding="utf-8")
        for old, new in replaced.values():
            text = text.replace(old, new)
        stand.configure(f"{text}\n{line}\n")

    return change


def records(stand):
    return [record for record in stand.world.yclients.state()["records"] if not record["deleted"]]


def test_a_new_booking_is_answered_with_what_the_card_shows(stand, widget, wish):
    answer = widget("book", wish())

    assert answer.status_code == 201, answer.text
    booking = answer.json["booking"]
    assert (booking["salon"], booking["master"], booking["phase"]) == ("Тверская", "Вера", "waiting")
    assert booking["can"] == ["move", "cancel", "confirm"]
    assert booking["total"] == "2 500 ₽"
    assert answer.json["sentence"].startswith("Записали на ")
    assert answer.headers["Access-Control-Allow-Origin"] == "http://amo.test"
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_card_speaks_the_language_of_the_page(widget, wish):
    assert widget("book", wish(lang="en")).json["sentence"].startswith("Booked for ")
    assert widget("book", wish(lang="en", form="5a7f0002", services=[])).json["message"] == (
        "Choose at least one service."
    )


# Who may ask


@pytest.mark.parametrize("path", LOOKS)
def test_nobody_looks_without_a_token(client, path):
    assert client.get(f"/widget/{path}").status_code == 401


@pytest.mark.parametrize("path", DEEDS)
def test_nobody_acts_without_a_token(stand, client, wish, path):
    answer = client.post(f"/widget/{path}", json=wish(key=f"yclients:{TVERSKAYA}:1"))

    assert (answer.status_code, records(stand)) == (401, [])


@pytest.mark.parametrize("path", DEEDS)
def test_a_token_works_once(stand, client, token, wish, path):
    headers = {"X-Auth-Token": token(), "Origin": "http://amo.test"}
    client.get("/widget/state", headers=headers)

    answer = client.post(f"/widget/{path}", headers=headers, json=wish(key=f"yclients:{TVERSKAYA}:1"))

    assert (answer.status_code, answer.json["code"]) == (401, "widget.token_used")
    assert records(stand) == []


@pytest.mark.parametrize("path", [*LOOKS, *DEEDS])
def test_another_page_may_not_ask(widget, wish, path):
    answer = widget(path, wish() if path in DEEDS else None, origin="https://evil.example")

    assert (answer.status_code, answer.json["code"]) == (403, "widget.bad_origin")
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("path", ["book", "book/times", "booking/cancel", "person"])
def test_the_browser_may_ask_before(client, path):
    headers = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-auth-token"}

    ours = client.options(f"/widget/{path}", headers={**headers, "Origin": "http://amo.test"})
    strangers = client.options(f"/widget/{path}", headers={**headers, "Origin": "https://evil.example"})

    assert (ours.status_code, strangers.status_code) == (204, 403)
    assert ours.headers["Access-Control-Allow-Headers"] == "X-Auth-Token, Content-Type"


@pytest.fixture
def neighbour(stand):
    """Another customer of ours: (a lead of theirs, what their tokens claim)."""
    described = {"id": 30000002, "users": [{"id": 7100001, "name": "Сосед", "is_admin": True}]}
    pipeline = {"id": 8801, "name": "Продажи", "stages": [{"id": 8810, "name": "Новая"}]}
    stand.world.amocrm.account("sosed.amocrm.ru", pipelines=[pipeline], **described)
    stand.world.amocrm.limits("sosed.amocrm.ru", on=False)
    assert stand.world.amocrm.install("sosed.amocrm.ru", CLIENT, "server")["status"] == 200
    stand.world.yclients.company(42001, title="Соседи", timezone_name="Europe/Moscow")
    account, env = accounts.by_domain("sosed.amocrm.ru"), {"YC_TOKEN": "salon-token"}
    assert configuration_import.import_yaml(stand.ctx, account, THEIRS, "тест", env=env).number
    stand.work()
    lead = stand.world.amocrm.ui_lead(
        "sosed.amocrm.ru", user_id=7100001, name="Чужая", pipeline_id=8801, stage_id=8810,
        contact={"name": "Мария", "phone": "+79990000001"},
    )  # fmt: skip
    stand.settle()
    claims = {
        "account_id": 30000002, "subdomain": "sosed", "user_id": 7100001, "iss": "https://sosed.amocrm.ru",
    }  # fmt: skip
    return lead["id"], claims


def test_another_account_sees_nothing_of_ours(stand, widget, booked, neighbour):
    own_lead, claims = neighbour
    asked = len(stand.world.yclients.journal())

    theirs = widget(f"person?lead={booked[0]}", **claims)
    own = widget(f"person?lead={own_lead}", **claims)
    salons = widget(f"book/salons?lead={own_lead}", **claims)
    services = widget(f"book/services?salon={TVERSKAYA}", **claims)

    assert (theirs.status_code, theirs.json["code"]) == (404, "card.no_lead")
    assert own.json["bookings"] == []  # the same phone is another person there
    assert salons.json == {"salons": [{"id": 42001, "title": "Соседи"}], "chosen": 42001}
    assert services.json["code"] == "card.unknown_salon"
    assert len(stand.world.yclients.journal()) == asked


def test_another_account_touches_nothing_of_ours(stand, widget, wish, booked, neighbour):
    own_lead, claims = neighbour

    cancel = widget("booking/cancel", {"form": FORM, "lead": own_lead, "key": booked[1]}, **claims)
    book = widget("book", wish(lead=own_lead), **claims)

    assert (cancel.status_code, cancel.json["code"]) == (403, "card.foreign_booking")
    assert (book.status_code, book.json["code"]) == (400, "card.unknown_salon")
    assert len(records(stand)) == 1


def test_one_form_in_two_accounts_is_two_presses(stand, widget, wish, neighbour):
    own_lead, claims = neighbour
    widget("book", wish())

    answer = widget("book", wish(lead=own_lead), **claims)

    assert answer.json["code"] == "card.unknown_salon"  # and not our booking


def test_a_booking_of_another_client_is_not_touched_from_this_card(stand, widget, lead, booked):
    other = stand.open_lead(EPILATION, STAGES[EPILATION], client=("Ольга", "+79990000009"))
    stand.settle()

    answer = widget("booking/cancel", {"form": FORM, "lead": other["id"], "key": booked[1]})

    assert (answer.status_code, answer.json["code"]) == (403, "card.foreign_booking")
    assert len(records(stand)) == 1


def test_a_salon_of_nobody_is_not_asked(stand, widget, wish):
    before = len(stand.world.yclients.journal())

    codes = {
        widget("book", wish(salon=99999)).json["code"],
        widget("book/services?salon=99999").json["code"],
        widget(f"book/times?salon=99999&master={VERA}&services=1&day=2030-01-01").json["code"],
    }

    assert codes == {"card.unknown_salon"}
    assert len(stand.world.yclients.journal()) == before


# Rights


@pytest.mark.parametrize(
    ("who", "is_admin", "status"),
    [("everyone", False, 201), ("admins", True, 201), ("admins", False, 403), ("nobody", True, 403)],
)
def test_who_may_book_is_set_by_the_administrator(stand, widget, wish, configured, who, is_admin, status):
    configured(f"card: {{create: {who}}}")

    answer = widget("book", wish(), user_id=ANNA if is_admin else OLGA, is_admin=is_admin)

    assert answer.status_code == status
    assert len(records(stand)) == (1 if status == 201 else 0)


@pytest.mark.parametrize("act", ["move", "cancel", "confirm", "arrive"])
def test_each_deed_has_a_right_of_its_own(stand, widget, configured, booked, act):
    configured(f"card: {{{act}: nobody}}")
    lead_id, key = booked

    given = {"form": FORM, "lead": lead_id, "key": key, "at": stand.wall("+4")[:16]}
    answer = widget(f"booking/{act}", given)
    shown = widget(f"person?lead={lead_id}").json["bookings"][0]

    assert (answer.status_code, answer.json["code"]) == (403, "card.denied.nobody")
    assert act not in shown["can"]


def test_an_ordinary_user_needs_no_more_than_their_token(stand, widget, wish):
    assert widget("book", wish(), user_id=OLGA, is_admin=False).status_code == 201


def test_nothing_is_written_into_a_salon_that_is_only_observed(stand, widget, wish, configured):
    configured("", mode=("mode: active, responsible_id: 7000001", "mode: observe, responsible_id: 7000001"))

    answer = widget("book", wish())

    assert (answer.status_code, answer.json["code"]) == (400, "card.salon_not_active")
    assert "Тверская" in answer.json["message"]
    assert [one["id"] for one in widget(f"book/salons?lead={wish()['lead']}").json["salons"]] == [URAL]


def test_an_account_that_is_not_set_up_yet_says_so(stand, widget):
    stand.world.amocrm.account("novyi.amocrm.ru", id=30000003, users=[{"id": 7200001, "name": "Новый"}])
    assert stand.world.amocrm.install("novyi.amocrm.ru", CLIENT, "server")["status"] == 200
    stand.work()
    claims = {
        "account_id": 30000003, "subdomain": "novyi", "user_id": 7200001, "iss": "https://novyi.amocrm.ru",
    }  # fmt: skip

    answer = widget("book/services?salon=1", **claims)

    assert answer.json["code"] == "card.no_active_salon"


def test_a_paused_account_writes_nothing(stand, widget, wish, lead):
    account_flow.pause(stand.ctx, stand.account.id)

    answer = widget("book", wish())

    assert answer.json["code"] == "card.not_working"
    assert widget(f"person?lead={lead['id']}").json["denied"] == answer.json["message"]
    assert records(stand) == []


# What a page may send


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"form": None}, "card.no_form"),
        ({"form": "1'--; drop"}, "card.no_form"),
        ({"form": 7}, "card.no_form"),
        ({"lead": None}, "widget.nothing_asked"),
        ({"lead": "abc"}, "widget.malformed"),
        ({"salon": None}, "widget.nothing_asked"),
        ({"salon": [1]}, "widget.malformed"),
        ({"services": None}, "widget.malformed"),
        ({"services": []}, "card.no_services"),
        ({"services": "90001"}, "widget.malformed"),
        ({"services": [True]}, "widget.malformed"),
        ({"services": [1]}, "card.unknown_service"),
        ({"services": [LASER_ARMPITS] * 21}, "card.too_many_services"),
        ({"services": [1] * 99}, "widget.malformed"),
        ({"master": None}, "widget.nothing_asked"),
        ({"master": WAITING_LIST}, "card.master_not_for_service"),
        ({"at": None}, "card.bad_time"),
        ({"at": "завтра"}, "card.bad_time"),
        ({"at": "2030-02-31 10:00"}, "card.bad_time"),
        ({"at": 20300301}, "card.bad_time"),
        ({"at": "2020-01-01 10:00"}, "card.time_passed"),
        ({"comment": ["x"]}, "widget.malformed"),
        ({"comment": "я" * 1001}, "card.comment_too_long"),
    ],
)
def test_what_cannot_be_booked_is_told_and_books_nothing(stand, widget, wish, changes, code):
    answer = widget("book", wish(**changes))

    assert (answer.status_code, answer.json["code"]) == (400, code)
    assert answer.json["message"] not in ("", code)
    assert records(stand) == []


@pytest.mark.parametrize("key", [None, 7, "yclients:1", "yclients:1:2:3", "other:1:2", "yclients:1:x"])
def test_a_key_that_is_none(widget, booked, key):
    answer = widget("booking/cancel", {"form": FORM, "lead": booked[0], "key": key})

    assert answer.json["code"] == "widget.malformed"


@pytest.mark.parametrize("query", ["", "day=", "day=вчера", "day=2030-13-01"])
def test_a_day_that_is_none(widget, query):
    assert widget(f"book/times?{CHOSEN}&{query}").json["code"] == "card.bad_time"


def test_strange_letters_of_a_comment_do_no_harm(stand, widget, wish):
    assert widget("book", wish(comment="\ud800<b>Комментарий</b>\0")).status_code == 201

    assert "<b>Комментарий</b>" in records(stand)[0]["comment"]


def test_a_lead_that_there_is_not(widget, wish):
    answer = widget("book", wish(lead=19999999))

    assert (answer.status_code, answer.json["code"]) == (404, "card.no_lead")


def test_a_contact_that_there_is_not(widget):
    assert widget("person?contact=49999999").json["code"] == "card.no_contact"


def test_a_contacts_card_shows_the_same_person(stand, widget, booked):
    contact = stand.contacts()[0]["id"]

    found = widget(f"person?contact={contact}").json

    assert [one["key"] for one in found["bookings"]] == [booked[1]]
    assert found["linked_lead"] == booked[0]


def test_nobody_arrives_before_the_day(widget, booked):
    answer = widget("booking/arrive", {"form": FORM, "lead": booked[0], "key": booked[1]})

    assert (answer.status_code, answer.json["code"]) == (400, "card.too_early")


def test_a_place_at_a_group_event_is_not_moved(stand, widget):
    record = stand.book(LASER_ARMPITS, activity_id=108)
    stand.settle()
    lead_id, key = stand.lead_of(record)["id"], f"yclients:{TVERSKAYA}:{record['id']}"

    at = stand.wall("+4")[:16]
    answer = widget("booking/move", {"form": FORM, "lead": lead_id, "key": key, "at": at})

    assert (answer.status_code, answer.json["code"]) == (400, "card.group_event")


def test_what_the_desk_did_meanwhile_is_told(stand, widget, booked):
    record_id = int(booked[1].rpartition(":")[2])
    stand.world.yclients.ui_delete(TVERSKAYA, record_id)

    answer = widget("booking/confirm", {"form": FORM, "lead": booked[0], "key": booked[1]})

    assert answer.json["code"] == "card.not_now.confirm.cancelled"
    assert answer.json["message"] == "Запись уже отменена, подтвердить её нельзя."


def test_nobody_presses_without_end(widget, wish, monkeypatch):
    monkeypatch.setattr(acts, "MOST_ACTS", 2)

    codes = [widget("book", wish(form=f"5a7f000{n}", services=[])).status_code for n in range(3)]

    assert codes == [400, 400, 429]


def test_a_salon_that_does_not_answer_is_told_as_such(stand, widget):
    stand.world.yclients.faults("500", match="services", next=1)

    answer = widget(f"book/services?salon={TVERSKAYA}")

    assert (answer.status_code, answer.json["code"]) == (503, "yclients.failing")


# What is left of a press


def test_each_deed_leaves_a_line_in_the_trail(stand, widget, booked):
    lead_id, key = booked
    at = stand.wall("+3")[:16]

    widget(
        "booking/move", {"form": FORM, "lead": lead_id, "key": key, "at": at, "master": INNA}, user_id=OLGA
    )
    widget(
        "booking/move", {"form": FORM, "lead": lead_id, "key": key, "at": at, "master": INNA}, user_id=OLGA
    )

    (line,) = operators.audit_page(stand.account.id, action="card.move")
    assert (line.operator, line.subject) == ("Ольга (amoCRM)", key)
    assert line.before["starts_at"][:10] != line.after["starts_at"][:10]
