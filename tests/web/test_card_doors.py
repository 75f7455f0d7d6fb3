"""The doors of the card's panel: who may ask, of what account, and with which rights."""

import pytest

from backend.flows.accounts import accounts as account_flow
from backend.flows.rules import configuration_import
from backend.store import accounts
from tests.support.card_doors import CHOSEN, FORM, booked, lead, records, wish
from tests.support.stand import ANNA, CLIENT, CONFIGURATION, EPILATION, OLGA, STAGES, TVERSKAYA, URAL, VERA

__all__ = ["booked", "lead", "wish"]

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
def configured(stand):
    """Imports the stand's configuration with one more line."""

    def change(line, **replaced):
        text = CONFIGURATION.read_text(encoding="utf-8")
        for old, new in replaced.values():
            text = text.replace(old, new)
        stand.configure(f"{text}\n{line}\n")

    return change


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
