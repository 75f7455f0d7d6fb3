"""Installing into the emulator by Authlib's client: codes, one-time tokens, trouble at the token endpoint."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from requests.adapters import BaseAdapter

from backend.core.errors import InvalidInput, NeedsHuman, TryLater
from backend.integrations.amocrm import oauth
from tests.contract import our_clients
from tests.contract.our_clients import CLIENT_ID, DOMAIN
from tests.support.wsgi_adapter import WsgiAdapter

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def place():
    return our_clients.amocrm()


@pytest.fixture
def app(place):
    return oauth.OAuthApp(
        CLIENT_ID,
        "secret",
        "https://app.example.test/oauth/amocrm/callback",
        "https://crm.example.test/{domain}",
        "https://www.amocrm.ru/oauth",
        adapter=WsgiAdapter(place.world.amocrm_wsgi),
    )


def code_of(place):
    return place.crm.install(DOMAIN, CLIENT_ID)["url"].split("code=")[1].split("&")[0]


def test_code_becomes_tokens_that_work(place, app):
    pair = app.exchange(DOMAIN, code_of(place), NOW)
    place.tokens["access"] = pair.access

    assert place.client.account().id == 30000001
    assert pair.expires_at == NOW + timedelta(days=1)
    assert pair.access not in repr(pair)


def test_refresh_gives_a_new_pair_and_kills_the_old(place, app):
    first = app.exchange(DOMAIN, code_of(place), NOW)
    second = app.refresh(DOMAIN, first.refresh, NOW)

    with pytest.raises(NeedsHuman) as caught:
        app.refresh(DOMAIN, first.refresh, NOW)

    assert caught.value.code == "amocrm.tokens_revoked"
    assert first.refresh not in str(caught.value)
    assert app.refresh(DOMAIN, second.refresh, NOW).access


def test_spent_code_is_refused(place, app):
    code = code_of(place)
    app.exchange(DOMAIN, code, NOW)

    with pytest.raises(InvalidInput) as caught:
        app.exchange(DOMAIN, code, NOW)

    assert caught.value.code == "amocrm.code_refused"
    assert code not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "error"), [("500", TryLater), ("timeout", TryLater), ("429", TryLater), ("403", NeedsHuman)]
)
def test_trouble_at_the_token_endpoint(place, app, kind, error):
    pair = app.exchange(DOMAIN, code_of(place), NOW)
    place.crm.faults(kind, next=1)

    with pytest.raises(error):
        app.refresh(DOMAIN, pair.refresh, NOW)


def test_grant_travels_as_json_and_never_in_the_address(place, app):
    seen = []

    class Tap(BaseAdapter):
        def send(self, request, **more):
            seen.append(request)
            return WsgiAdapter(place.world.amocrm_wsgi).send(request, **more)

        def close(self):
            pass

    replace(app, adapter=Tap()).exchange(DOMAIN, code_of(place), NOW)

    [request] = seen
    assert request.headers["Content-Type"] == "application/json"
    assert "secret" not in request.url
    assert "Authorization" not in request.headers


def test_consent_address_carries_our_id_and_state(app):
    assert app.authorization_url("s1").startswith("https://www.amocrm.ru/oauth?")
    assert {"client_id=" + CLIENT_ID, "state=s1"} <= set(app.authorization_url("s1").split("?")[1].split("&"))
