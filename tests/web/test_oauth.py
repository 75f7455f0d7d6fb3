"""Connecting and disconnecting amoCRM through the doors."""

import hashlib
import hmac
from urllib.parse import parse_qs, urlsplit

import pytest

from backend.store import accounts, audit, operators
from tests.support.stand import CLIENT, DOMAIN

CRM_ID = 30000001
PASSWORD = "a long enough password"


@pytest.fixture
def signed_in(stand, client):
    """A browser of somebody who may use the panel."""
    operators.add("irina", PASSWORD, "owner", stand.now())
    sign_in(client, "irina")
    return client


def sign_in(browser, login):
    page = browser.get("/admin/sign-in").text
    token = page.split('name="csrf" value="')[1].split('"')[0]
    answer = browser.post("/admin/sign-in", data={"csrf": token, "login": login, "password": PASSWORD})
    assert answer.status_code == 303


def begin(browser):
    """The state that the panel sent to amoCRM."""
    answer = browser.get("/oauth/amocrm/start")
    assert answer.status_code == 302
    return parse_qs(urlsplit(answer.location).query)["state"][0]


def signature(client=CLIENT, crm_id=CRM_ID, secret="sandbox-client-secret"):
    return hmac.new(secret.encode(), f"{client}|{crm_id}".encode(), hashlib.sha256).hexdigest()


def test_the_platforms_server_call_has_installed_the_account(stand):
    """The stand was connected by amoCRM's own request with from_widget=1."""
    account = accounts.by_domain(DOMAIN)

    assert account.crm_id == CRM_ID
    assert accounts.tokens(account.id) is not None


def test_a_stranger_is_asked_to_sign_in_first(client):
    answer = client.get("/oauth/amocrm/start")

    assert answer.status_code == 302
    assert answer.location.startswith("/admin/sign-in")


def test_who_may_only_look_does_not_begin_a_connection(stand, client):
    operators.add("guest", PASSWORD, "viewer", stand.now())
    sign_in(client, "guest")

    answer = client.get("/oauth/amocrm/start")

    assert answer.status_code == 403
    assert "не хватает прав" in answer.text
    with client.session_transaction() as session:
        assert "oauth_state" not in session


def test_an_operator_begins_a_connection(stand, client):
    operators.add("oleg", PASSWORD, "operator", stand.now())
    sign_in(client, "oleg")

    assert begin(client)


def test_a_session_older_than_the_password_begins_nothing(stand, signed_in):
    operators.add("irina", "another long password", "owner", stand.now())

    answer = signed_in.get("/oauth/amocrm/start")

    assert (answer.status_code, answer.location) == (302, "/admin/sign-in?next=/oauth/amocrm/start")


def test_who_was_switched_off_begins_nothing(signed_in):
    (irina,) = operators.all_operators()
    operators.add("oleg", PASSWORD, "owner", signed_in.application.extensions["mostik"].now())
    operators.set_active(irina.id, is_active=False)

    answer = signed_in.get("/oauth/amocrm/start")

    assert (answer.status_code, answer.location) == (302, "/admin/sign-in?next=/oauth/amocrm/start")


def test_the_panel_sends_the_browser_to_the_consent_page(stand, signed_in):
    answer = signed_in.get("/oauth/amocrm/start")

    query = parse_qs(urlsplit(answer.location).query)
    assert answer.location.startswith(stand.ctx.settings.amocrm_oauth_url)
    assert query["client_id"] == [CLIENT]
    assert len(query["state"][0]) >= 32


@pytest.mark.parametrize("state", ["", "guessed", None])
def test_a_callback_without_our_state_is_refused(signed_in, state):
    begin(signed_in)
    query = {"code": "c", "referer": DOMAIN, **({"state": state} if state is not None else {})}

    assert signed_in.get("/oauth/amocrm/callback", query_string=query).status_code == 403


def test_a_state_is_good_once_and_only_in_its_own_browser(stand, signed_in):
    state = begin(signed_in)
    query = {"state": state, "error": "access_denied"}

    assert stand.app.test_client().get("/oauth/amocrm/callback", query_string=query).status_code == 403
    assert signed_in.get("/oauth/amocrm/callback", query_string=query).status_code == 200
    assert signed_in.get("/oauth/amocrm/callback", query_string=query).status_code == 403


def test_a_refusal_is_told_in_words(signed_in):
    query = {"state": begin(signed_in), "error": "access_denied"}

    answer = signed_in.get("/oauth/amocrm/callback", query_string=query)

    assert "Доступ не выдан" in answer.text


@pytest.mark.parametrize(
    "referer",
    [
        "evil.example",
        "lotos.amocrm.ru.evil.example",
        "127.0.0.1",
        "lotos.amocrm.ru/x",
        "a b.amocrm.ru",
        "",
        "amocrm.ru",
    ],
)
@pytest.mark.parametrize("is_server", [False, True])
def test_our_secret_goes_to_the_platform_only(stand, signed_in, referer, is_server):
    state = begin(signed_in)
    before = stand.counts()
    query = {"code": "c", "referer": referer, **({"from_widget": "1"} if is_server else {"state": state})}

    answer = signed_in.get("/oauth/amocrm/callback", query_string=query)

    assert answer.status_code == 400
    assert stand.counts() == before


def test_a_code_that_amocrm_does_not_know_is_refused(signed_in):
    query = {"code": "unknown", "referer": DOMAIN, "state": begin(signed_in)}

    answer = signed_in.get("/oauth/amocrm/callback", query_string=query)

    assert answer.status_code == 400
    assert "Начните подключение заново" in answer.text


def test_a_callback_without_a_code_is_refused(signed_in):
    query = {"referer": DOMAIN, "state": begin(signed_in)}

    assert signed_in.get("/oauth/amocrm/callback", query_string=query).status_code == 400


def test_the_uninstall_hook_removes_the_account(stand, client):
    query = {"account_id": CRM_ID, "client_uuid": CLIENT, "signature": signature()}

    answer = client.get("/oauth/amocrm/uninstall", query_string=query)

    account = accounts.by_id(stand.account.id)
    assert (answer.status_code, account.state) == (200, "removed")
    assert accounts.tokens(account.id) is None


def test_the_other_name_of_its_parameter_works_too(stand, client):
    query = {"account_id": CRM_ID, "client_id": CLIENT, "signature": signature()}

    assert client.get("/oauth/amocrm/uninstall", query_string=query).status_code == 200
    assert accounts.by_id(stand.account.id).state == "removed"


@pytest.mark.parametrize(
    "change",
    [
        {"signature": "0" * 64},
        {"signature": ""},
        {"signature": signature(secret="guessed")},
        {"account_id": CRM_ID + 1},
        {"account_id": "²"},
        {"account_id": "9" * 40},
        {"account_id": ""},
        {"client_uuid": "00000000-0000-4000-8000-000000000000"},
        {"signature": "подпись"},
    ],
)
def test_an_unsigned_goodbye_changes_nothing(stand, client, change):
    query = {"account_id": CRM_ID, "client_uuid": CLIENT, "signature": signature(), **change}

    answer = client.get("/oauth/amocrm/uninstall", query_string=query)

    assert answer.status_code == 403
    assert accounts.by_id(stand.account.id).state == "active"


def test_connecting_again_keeps_the_configuration(stand, client):
    client.get(
        "/oauth/amocrm/uninstall",
        query_string={"account_id": CRM_ID, "client_uuid": CLIENT, "signature": signature()},
    )

    assert stand.world.amocrm.install(DOMAIN, CLIENT, "server")["status"] == 200

    account = accounts.by_id(stand.account.id)
    assert account.state == "active"
    assert accounts.tokens(account.id) is not None


def test_who_connected_and_that_amocrm_left_stay_in_the_trail(stand, signed_in):
    url = stand.world.amocrm.install(DOMAIN, CLIENT, "browser", state=begin(signed_in))["url"]

    signed_in.get(url.removeprefix(stand.ctx.settings.public_url))
    stand.world.amocrm.uninstall(DOMAIN, CLIENT)

    left, came, _ = audit.page(stand.account.id)
    assert (came.operator, came.action, came.after) == ("irina", "account.connected", {"state": "active"})
    assert (left.operator, left.action, left.after) == ("amoCRM", "account.removed", {"state": "removed"})
