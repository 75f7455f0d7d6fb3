"""The doors of a whole running stand: emulators, real store, real Redis."""

import uuid

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from backend.store import connections
from tests.support.stand import ANNA, CLIENT, DOMAIN, PUBLIC, TVERSKAYA
from tests.support.stand_fixtures import stand

__all__ = ["stand"]


@pytest.fixture
def client(stand):
    return stand.app.test_client()


@pytest.fixture
def hook_path(stand):
    """The path of the first salon's hook, its secret included."""
    return f"/hooks/yclients/{connections.get(stand.account.id, TVERSKAYA).hook_secret}"


@pytest.fixture
def token(stand):
    """Makes tokens as amoCRM's page gives them to the widget; claims can be changed, None leaves one out."""

    def make(secret="sandbox-client-secret", algorithm="HS256", **changes):
        now = int(stand.now().timestamp())
        claims = {
            "iss": f"https://{DOMAIN}", "aud": PUBLIC, "jti": str(uuid.uuid4()), "iat": now, "nbf": now,
            "exp": now + 1800, "account_id": 30000001, "user_id": ANNA, "client_uuid": CLIENT,
            "subdomain": "lotos", "is_admin": True,
        }  # fmt: skip
        claims = {name: value for name, value in {**claims, **changes}.items() if value is not None}
        return jwt.encode({"alg": algorithm}, claims, OctKey.import_key(secret), algorithms=[algorithm])

    return make


@pytest.fixture
def widget(client, token):
    """Asks a door of the widget as its page does: with a fresh token, from the account's own origin."""

    def ask(path, body=None, origin="http://amo.test", sent=None, **claims):
        headers = {"X-Auth-Token": sent if sent is not None else token(**claims)}
        headers |= {"Origin": origin} if origin else {}
        if body is None:
            return client.get(f"/widget/{path}", headers=headers)
        return client.post(f"/widget/{path}", headers=headers, json=body)

    return ask
