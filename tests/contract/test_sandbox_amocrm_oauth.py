"""The emulator's OAuth against chapter 1 of the amoCRM reference."""

import base64
import json

import pytest
import requests

from tests.support.amocrm_sandbox import ADMIN, CLIENT, DOMAIN, SELLER, Api, new_world, query_of
from tests.support.wsgi_adapter import WsgiAdapter


@pytest.fixture
def visited():
    return []


@pytest.fixture
def world(visited):
    def get(url, timeout):
        visited.append((url, timeout))
        return 200

    return new_world(get=get)


@pytest.fixture
def session(world):
    session = requests.Session()
    session.mount("https://", WsgiAdapter(world.amocrm_wsgi))
    return session


def code_of(world, **more):
    url = world.amocrm.install(domain=DOMAIN, client_id=CLIENT["client_id"], **more)["url"]
    return query_of(url)["code"]


def exchange(session, domain=DOMAIN, **changes):
    body = {**CLIENT, "grant_type": "authorization_code", **changes}
    return session.post(f"https://{domain}/oauth2/access_token", json=body)


def renew(session, refresh, **changes):
    return exchange(session, grant_type="refresh_token", refresh_token=refresh, **changes)


def account(session, tokens, domain=DOMAIN):
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    return session.get(f"https://{domain}/api/v4/account", headers=headers)


def test_browser_redirect_carries_code_referer_and_state(world):
    url = world.amocrm.install(domain=DOMAIN, client_id=CLIENT["client_id"], state="s1")["url"]

    asked = query_of(url)
    assert url.startswith(CLIENT["redirect_uri"] + "?")
    assert (asked["referer"], asked["state"], asked["platform"]) == (DOMAIN, "s1", "1")
    assert "from_widget" not in asked


def test_install_in_the_account_calls_us_once_for_three_seconds_without_a_state(world, visited):
    answer = world.amocrm.install(domain=DOMAIN, client_id=CLIENT["client_id"], way="server", state="s1")

    [(url, timeout)] = visited
    asked = query_of(url)
    assert answer == {"url": None, "status": 200}
    assert (asked["from_widget"], asked["referer"], timeout) == ("1", DOMAIN, 3.0)
    assert "state" not in asked


def test_code_becomes_a_jwt_and_the_grantor_is_the_current_user(world, session):
    tokens = exchange(session, code=code_of(world, user_id=SELLER)).json()

    claims = json.loads(base64.urlsafe_b64decode(tokens["access_token"].split(".")[1] + "=="))
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 86400
    assert claims["exp"] == tokens["server_time"] + 86400
    assert claims["account_id"] == 30000001
    assert claims["api_domain"]
    assert account(session, tokens).json()["current_user_id"] == SELLER


def test_code_works_once(world, session):
    code = code_of(world)
    exchange(session, code=code)

    again = exchange(session, code=code)

    assert (again.status_code, again.json()["hint"]) == (400, "Authorization code has been revoked")


def test_code_lives_twenty_minutes(world, session):
    in_time, late = code_of(world), code_of(world)

    world.clock.advance(1199)
    assert exchange(session, code=in_time).status_code == 200

    world.clock.advance(1)
    assert exchange(session, code=late).status_code == 400


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"redirect_uri": CLIENT["redirect_uri"] + "/"}, 400),
        ({"client_secret": "другой"}, 401),
        ({"client_id": "unknown"}, 401),
        ({"grant_type": "password"}, 400),
        ({"domain": "two.amocrm.ru"}, 401),
        ({"code": "def502ff"}, 400),
    ],
)
def test_exchange_is_strict(world, session, change, status):
    answer = exchange(session, **{"code": code_of(world), **change})

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["status"] == status


def test_refresh_rotates_and_reuse_is_revoked(world, session):
    first = exchange(session, code=code_of(world)).json()

    second = renew(session, first["refresh_token"]).json()
    reuse = renew(session, first["refresh_token"])

    assert (reuse.status_code, reuse.json()["hint"]) == (401, "Token has been revoked")
    assert renew(session, second["refresh_token"]).status_code == 200


def test_access_token_lives_a_day_and_refresh_token_three_months(world, session):
    tokens = exchange(session, code=code_of(world)).json()

    world.clock.advance(86399)
    assert account(session, tokens).status_code == 200
    world.clock.advance(1)
    assert account(session, tokens).status_code == 401

    world.clock.advance(89 * 86400)
    assert renew(session, tokens["refresh_token"]).status_code == 401


def test_uninstall_revokes_everything_and_is_signed(world, session, visited):
    tokens = exchange(session, code=code_of(world)).json()

    world.amocrm.uninstall(domain=DOMAIN, client_id=CLIENT["client_id"])

    asked = query_of(visited[0][0])
    assert asked["client_uuid"] == CLIENT["client_id"]
    # The vector of the reference, section 1.7.
    assert asked["signature"] == "6d7455995318923a5dcf7ac12c32e3aaa34c76cb8ca293509094068ca3033528"
    refused = account(session, tokens)
    assert (refused.status_code, refused.json()["detail"]) == (401, "Неверный логин или пароль")
    assert renew(session, tokens["refresh_token"]).json()["hint"] == "Token has been revoked"


def test_uninstall_takes_the_webhooks_of_the_integration_away(world):
    api = Api(world)
    api.post("webhooks", {"destination": "https://mostik.test/h", "settings": ["add_lead"]})

    world.amocrm.uninstall(domain=DOMAIN, client_id=CLIENT["client_id"])

    assert world.amocrm.state(domain=DOMAIN)["webhooks"] == []


def test_renamed_account_is_found_by_its_refresh_token(world, session):
    tokens = exchange(session, code=code_of(world)).json()
    world.amocrm.rename(domain=DOMAIN, new_domain="new.amocrm.ru")

    found = session.get(
        "https://api-b.amocrm.ru/oauth2/account/current/subdomain",
        headers={"X-Refresh-Token": tokens["refresh_token"]},
    )

    assert found.json()["domain"] == "new.amocrm.ru"
    assert account(session, tokens).status_code == 401
    assert account(session, tokens, "new.amocrm.ru").status_code == 200


def test_token_of_another_account_is_refused(world, session):
    world.amocrm.account(domain="two.amocrm.ru")
    tokens = exchange(session, code=code_of(world)).json()

    assert account(session, tokens, "two.amocrm.ru").status_code == 401


def grant(session, **asked):
    asked = {"client_id": CLIENT["client_id"], "domain": DOMAIN, "state": "s1", **asked}
    return session.get("https://www.amocrm.ru/oauth/grant", params=asked, allow_redirects=False)


def test_consent_page_lists_accounts_and_leads_back(world, session):
    page = session.get(
        "https://www.amocrm.ru/oauth", params={"client_id": CLIENT["client_id"], "state": "s1"}
    )

    assert DOMAIN in page.text
    assert "oauth/grant?client_id=" in page.text
    back = grant(session)
    assert back.status_code == 302
    assert query_of(back.headers["Location"])["state"] == "s1"


def test_consent_in_a_popup_moves_the_opener(world, session):
    page = grant(session, mode="popup")

    assert page.status_code == 200
    assert "window.opener.location" in page.text


def test_refused_consent_says_access_denied(world, session):
    back = grant(session, refuse="1")

    assert query_of(back.headers["Location"]) == {"error": "access_denied", "state": "s1"}


def test_admin_grants_by_default(world):
    assert Api(world).get("account").json()["current_user_id"] == ADMIN
