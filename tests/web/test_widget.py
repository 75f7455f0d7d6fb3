"""/widget/state: for pages of a connected account, with the platform's own token."""

import uuid

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from backend.store import accounts
from tests.support.stand import CLIENT, DOMAIN, PUBLIC

ORIGIN = f"https://{DOMAIN}"


@pytest.fixture
def token(stand):
    """Makes tokens as amoCRM's page gives them to the widget; claims can be changed."""

    def make(secret="sandbox-client-secret", **changes):
        now = int(stand.now().timestamp())
        claims = {
            "iss": ORIGIN, "aud": PUBLIC, "jti": str(uuid.uuid4()), "iat": now, "nbf": now, "exp": now + 1800,
            "account_id": 30000001, "user_id": 7000001, "client_uuid": CLIENT, "subdomain": "lotos",
            "is_admin": True,
        }  # fmt: skip
        return jwt.encode({"alg": "HS256"}, {**claims, **changes}, OctKey.import_key(secret))

    return make


def ask(client, token, origin=ORIGIN):
    return client.get(
        "/widget/state", headers={"X-Auth-Token": token, **({"Origin": origin} if origin else {})}
    )


def test_the_widget_learns_the_connections_state(client, token):
    answer = ask(client, token())

    assert answer.status_code == 200
    assert answer.json["state"] == "active"
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "origin", ["https://evil.example", f"http://{DOMAIN}", "null", "https://other.amocrm.ru"]
)
def test_another_page_may_not_read_it(client, token, origin):
    answer = ask(client, token(), origin)

    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    "forgery",
    [
        {"secret": "guessed-client-secret"},
        {"exp": 1_700_000_000},
        {"aud": "https://elsewhere.example"},
        {"account_id": 1},
    ],
)
def test_a_forged_old_or_foreign_token_is_refused(client, token, forgery):
    answer = ask(client, token(**forgery))

    assert answer.status_code == 401
    assert answer.json["message"]


@pytest.mark.parametrize("text", ["", "not.a.token", "a.b.c"])
def test_no_token_is_no_entry(client, text):
    assert ask(client, text).status_code == 401


def test_a_token_works_once(client, token):
    once = token()

    assert [ask(client, once).status_code for _ in range(2)] == [200, 401]


def preflight(client, origin):
    headers = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    return client.options(
        "/widget/state", headers={**headers, "Access-Control-Request-Headers": "x-auth-token"}
    )


def test_the_accounts_page_may_send_the_token(client):
    answer = preflight(client, ORIGIN)

    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Access-Control-Allow-Headers"] == "X-Auth-Token"


@pytest.mark.parametrize(
    "origin", ["https://evil.example", f"http://{DOMAIN}", f"https://{DOMAIN}:444", "null", ""]
)
def test_other_pages_may_not(client, origin):
    answer = preflight(client, origin)

    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_removed_account_may_not(stand, client):
    accounts.remove(stand.account.id, stand.now())

    assert preflight(client, ORIGIN).status_code == 403
