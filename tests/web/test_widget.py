"""Who may ask at the widget's doors: the platform's own token, once, from pages of a connected account."""

import base64
import dataclasses
import json

import pytest

from backend.app import create_app
from backend.flows.accounts import accounts as account_flow
from backend.store import accounts, alarms
from tests.support.stand import DOMAIN

ORIGIN = "http://amo.test"  # where the pages of the emulator's accounts live
STRANGERS = [
    "https://evil.example",
    f"https://{DOMAIN}",
    "http://amo.test:81",
    "null",
    "https://other.amocrm.ru",
]
DOORS = [("state", "GET"), ("card", "GET"), ("sign-in", "POST"), ("recheck", "POST")]


@pytest.fixture
def production(stand):
    """The same application with amoCRM at its real addresses."""
    settings = dataclasses.replace(stand.ctx.settings, amocrm_api_url="https://{domain}")
    return create_app(dataclasses.replace(stand.ctx, settings=settings)).test_client()


def test_the_widget_learns_the_connections_state(widget):
    answer = widget("state")

    assert answer.status_code == 200
    assert answer.json["state"] == "active"
    assert answer.json["salons"][0] == {"title": "Тверская", "mode": "active"}
    assert answer.json["sentence"] == "Всё работает: записи салонов попадают в amoCRM."
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Origin" in answer.headers["Vary"]


def test_state_speaks_the_language_of_the_page(widget):
    assert widget("state?lang=en").json["sentence"].startswith("Everything works")
    assert widget("state?lang=tlh").json["sentence"].startswith("Всё работает")


def test_state_tells_the_newest_trouble_in_words(stand, widget):
    alarms.raise_alarm(stand.account.id, "inbox.gave_up", "event", "7", {"event_id": 7}, stand.now())

    answer = widget("state").json

    assert answer["trouble"] == "inbox.gave_up"
    assert "№ 7" in answer["sentence"]


def test_a_notice_stops_nothing_and_is_no_trouble(stand, widget):
    alarms.raise_alarm(stand.account.id, "category_unmapped", "notice", "41001:509", {}, stand.now())

    answer = widget("state").json

    assert (answer["trouble"], answer["sentence"]) == ("", "Всё работает: записи салонов попадают в amoCRM.")


def test_state_of_a_paused_account(stand, widget):
    account_flow.pause(stand.ctx, stand.account.id)

    assert widget("state").json["sentence"].startswith("Работа приостановлена")


# The page that asks


@pytest.mark.parametrize("origin", STRANGERS)
@pytest.mark.parametrize(("door", "method"), DOORS)
def test_another_page_may_not_read_it(client, token, door, method, origin):
    headers = {"X-Auth-Token": token(), "Origin": origin}

    answer = client.open(f"/widget/{door}?lead=1", method=method, headers=headers, json={"leads": [1]})

    assert answer.status_code == 403
    assert answer.json["code"] == "widget.bad_origin"
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_server_without_pages_may(widget):
    answer = widget("state", origin=None)

    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_the_accounts_page_can_read_a_refusal(widget):
    answer = widget("state", sent="nonsense")

    assert answer.status_code == 401
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


def preflight(client, origin, door="state"):
    headers = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    return client.options(
        f"/widget/{door}", headers={**headers, "Access-Control-Request-Headers": "x-auth-token"}
    )


@pytest.mark.parametrize(("door", "method"), DOORS)
def test_the_accounts_page_may_send_the_token(client, door, method):
    answer = preflight(client, ORIGIN, door)

    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Access-Control-Allow-Headers"] == "X-Auth-Token, Content-Type"
    assert method in answer.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("origin", [*STRANGERS, ""])
@pytest.mark.parametrize(("door", "method"), DOORS)
def test_other_pages_may_not(client, origin, door, method):
    answer = preflight(client, origin, door)

    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_removed_account_may_not(stand, client):
    accounts.remove(stand.account.id, stand.now())

    assert preflight(client, ORIGIN).status_code == 403


def test_at_real_addresses_each_account_has_its_own_origin(production):
    assert preflight(production, f"https://{DOMAIN}").status_code == 204
    for stranger in (f"http://{DOMAIN}", f"https://{DOMAIN}:444", "https://other.amocrm.ru", ORIGIN, "null"):
        assert preflight(production, stranger).status_code == 403


def test_at_real_addresses_the_token_is_good_in_its_own_account(production, token):
    def ask(origin):
        return production.get("/widget/state", headers={"X-Auth-Token": token(), "Origin": origin})

    assert ask(f"https://{DOMAIN}").status_code == 200
    assert ask("https://other.amocrm.ru").status_code == 403


# The token


WRONG = {
    "signature": {"secret": "guessed-client-secret"},
    "algorithm": {"algorithm": "HS512"},
    "audience": {"aud": "https://elsewhere.example"},
    "audience of our host by another scheme": {"aud": "https://mostik.test"},
    "no audience": {"aud": None},
    "issuer": {"iss": "https://other.amocrm.ru"},
    "no issuer": {"iss": None},
    "expired": {"exp": 1_700_000_000},
    "no expiry": {"exp": None},
    "expiry in words": {"exp": "tomorrow"},
    "not yet valid": {"nbf": 4_000_000_000},
    "no beginning": {"nbf": None},
    "another integration": {"client_uuid": "0b0832f6-0000-4000-8000-00000000ffff"},
    "no integration": {"client_uuid": None},
    "unknown account": {"account_id": 1},
    "no account": {"account_id": None},
    "no user": {"user_id": None},
    "no id": {"jti": None},
    "empty id": {"jti": ""},
    "endless id": {"jti": "x" * 5000},
    "id that is no text": {"jti": ["a"]},
}


@pytest.mark.parametrize("claims", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize(("door", "method"), DOORS)
def test_a_wrong_claim_is_no_entry(client, token, door, method, claims):
    answer = client.open(
        f"/widget/{door}?lead=1",
        method=method,
        headers={"X-Auth-Token": token(**claims)},
        json={"leads": [1]},
    )

    assert answer.status_code == 401
    assert answer.json["message"]


@pytest.mark.parametrize("text", ["", "not.a.token", "a.b.c", "é.é.é", "." * 50])
def test_no_token_is_no_entry(client, text):
    assert client.get("/widget/state", headers={"X-Auth-Token": text}).status_code == 401


def test_an_unsigned_token_is_no_entry(widget, token):
    _, claims, _ = token().split(".")
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode()

    assert widget("state", sent=f"{header}.{claims}.").status_code == 401


def test_clocks_may_differ_a_little(stand, widget):
    now = int(stand.now().timestamp())

    assert widget("state", nbf=now + 3).status_code == 200
    assert widget("state", exp=now - 3).status_code == 200


@pytest.mark.parametrize(("door", "method"), DOORS)
def test_a_token_works_once_whatever_it_asked(client, token, door, method):
    once = token()
    client.get("/widget/state", headers={"X-Auth-Token": once})

    again = client.open(
        f"/widget/{door}?lead=1", method=method, headers={"X-Auth-Token": once}, json={"leads": [1]}
    )

    assert (again.status_code, again.json["code"]) == (401, "widget.token_used")


def test_a_used_token_is_remembered_as_long_as_it_would_be_good(stand, client, token):
    client.get("/widget/state", headers={"X-Auth-Token": token(jti="remembered")})

    assert stand.ctx.redis.ttl("mostik:widget-token:remembered") > 1800


def test_a_removed_account_is_told_so(stand, widget):
    accounts.remove(stand.account.id, stand.now())

    answer = widget("card?lead=1", origin=None)

    assert (answer.status_code, answer.json["code"]) == (401, "widget.unknown_account")
    assert answer.json["message"] == "Этот аккаунт amoCRM не подключён."


# The way into the panel


def opened(stand, client, answer):
    return client.get(answer.json["url"].removeprefix(stand.ctx.settings.public_url))


def test_an_administrator_gets_a_way_in(stand, client, widget):
    answer = widget("sign-in", {"lang": "en", "framed": False})

    entered = opened(stand, client, answer)
    assert entered.location == f"/admin/accounts/{DOMAIN}"
    assert "X-Frame-Options" in entered.headers
    with client.session_transaction() as session:
        assert (session["language"], session["account_id"]) == ("en", stand.account.id)
        assert session["name"] == "Анна (amoCRM)"


def test_in_a_frame_of_the_account(stand, client, widget):
    opened(stand, client, widget("sign-in", {"lang": "ru", "framed": True}))

    policy = client.get(f"/admin/accounts/{DOMAIN}").headers["Content-Security-Policy"]

    assert f"frame-ancestors {ORIGIN}" in policy


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        ({"to": "events"}, "/events"),
        ({"to": "why", "q": "77"}, "/why?q=77"),
        ({"to": "why", "q": "7&x=1"}, "/why"),
        ({"to": "../../accounts"}, ""),
        ({"to": "//evil.example"}, ""),
        ({"to": "events?x=1"}, ""),
        ({"to": None}, ""),
        ({"to": ["events"]}, ""),
    ],
)
def test_the_way_leads_inside_the_account_only(stand, client, widget, asked, place):
    answer = opened(stand, client, widget("sign-in", {"lang": "ru", "framed": False, **asked}))

    assert answer.location == f"/admin/accounts/{DOMAIN}{place}"


@pytest.mark.parametrize("claims", [{"is_admin": False}, {"is_admin": None}, {"is_admin": "false"}])
def test_others_may_not_enter_but_may_look(widget, claims):
    refused = widget("sign-in?lang=en", {"framed": False}, **claims)

    assert (refused.status_code, refused.json["code"]) == (403, "widget.not_admin")
    assert refused.json["message"].startswith("Only amoCRM administrators")
    assert widget("card?lead=1", **claims).status_code == 200
    assert widget("recheck", {"leads": [1]}, **claims).status_code == 200


def test_the_body_says_the_language_of_a_refusal(widget):
    assert widget("sign-in", {"lang": "en"}, is_admin=False).json["message"].startswith("Only amoCRM")


@pytest.mark.parametrize("sent", [b"[]", b"{", b'"text"', b"\xff", b"[" * 100_000])
@pytest.mark.parametrize("door", ["sign-in", "recheck"])
def test_a_strange_body_is_told_so(client, token, door, sent):
    answer = client.post(f"/widget/{door}", headers={"X-Auth-Token": token()}, data=sent)

    assert (answer.status_code, answer.json["code"]) == (400, "widget.malformed")


def test_a_flood_of_sign_ins_is_stopped(widget):
    statuses = [widget("sign-in", {"lang": "ru"}).status_code for _ in range(22)]

    assert statuses == [200] * 20 + [429] * 2
