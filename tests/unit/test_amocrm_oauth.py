"""Proofs around the installation: whose host, whose uninstall call, whose widget token."""

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from backend.core.errors import InvalidInput
from backend.integrations.amocrm import oauth, widget_token

CLIENT_ID = "0b0832f6-0000-4000-8000-00000000abcd"
SECRET = "sandbox-client-secret"
SIGNATURE = "6d7455995318923a5dcf7ac12c32e3aaa34c76cb8ca293509094068ca3033528"  # amocrm.md §1.7
REDIRECT = "https://app.example.test:8443/oauth/amocrm/callback"
NOW = datetime.fromtimestamp(1767607300, UTC)
CLAIMS = {
    "iss": "https://sandbox.amocrm.ru",
    "aud": "https://app.example.test",
    "jti": "d628f123-0000-4000-8000-ed123ef31f8f",
    "iat": 1767607200,
    "nbf": 1767607200,
    "exp": 1767609000,
    "account_id": 30000001,
    "user_id": 7000001,
    "client_uuid": CLIENT_ID,
    "is_admin": True,
}


@pytest.fixture
def app():
    return oauth.OAuthApp(CLIENT_ID, SECRET, REDIRECT, "https://{domain}", "https://www.amocrm.ru/oauth")


@pytest.mark.parametrize("domain", ["primer.amocrm.ru", "a.amocrm.com", "new-name.kommo.com"])
def test_hosts_of_the_platform(domain):
    assert oauth.is_account_domain(domain)


@pytest.mark.parametrize(
    "domain",
    [
        "",
        "amocrm.ru",
        "evil.test",
        "evil.test/.amocrm.ru",
        "a.b.amocrm.ru",
        "primer.amocrm.ru.evil.test",
        "primer.amocrm.ru\n",
        "primer.amocrm.ru:8080",
        "PRIMER.amocrm.ru",
        "-a.amocrm.ru",
        "user@a.amocrm.ru",
        "prямер.amocrm.ru",
    ],
)
def test_hosts_that_never_get_our_secret(domain):
    assert not oauth.is_account_domain(domain)


def test_signature_of_the_uninstall_call(app):
    assert oauth.uninstall_signature(SECRET, CLIENT_ID, "30000001") == SIGNATURE
    assert app.is_uninstall_signed(CLIENT_ID, "30000001", SIGNATURE)
    assert app.is_uninstall_signed(CLIENT_ID, "30000001", SIGNATURE.upper())


@pytest.mark.parametrize(
    ("client_id", "account_id", "signature"),
    [
        ("another", "30000001", SIGNATURE),
        (CLIENT_ID, "30000002", SIGNATURE),
        (CLIENT_ID, "30000001", ""),
        (CLIENT_ID, "30000001", "ы" * 64),
    ],
)
def test_forged_uninstall_call(app, client_id, account_id, signature):
    assert not app.is_uninstall_signed(client_id, account_id, signature)


def test_secret_is_in_no_representation(app):
    assert SECRET not in repr(app)


def token(secret=SECRET, **changes):
    return jwt.encode({"alg": "HS256"}, {**CLAIMS, **changes}, OctKey.import_key(secret))


def unsigned():
    """The old trick: a token that says it needs no signature."""
    head, body = (
        urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": "none"}, CLAIMS)
    )
    return f"{head.decode()}.{body.decode()}."


def verified(text, now=NOW):
    return widget_token.verify(
        text, client_id=CLIENT_ID, client_secret=SECRET, redirect_uri=REDIRECT, now=now
    )


def test_widget_token_names_the_user():
    user = verified(token())

    assert (user.account_id, user.user_id, user.is_admin) == (30000001, 7000001, True)
    assert (user.token_id, user.expires_at) == (CLAIMS["jti"], CLAIMS["exp"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.b.c",
        token(secret="another-secret-of-somebody"),
        token(aud="https://evil.test"),
        token(client_uuid="another"),
        token(exp=1767607200),
        token(nbf=1767609000),
        token(account_id=None),
        unsigned(),
        jwt.encode({"alg": "HS512"}, CLAIMS, OctKey.import_key(SECRET), algorithms=["HS512"]),
    ],
)
def test_wrong_widget_token(text):
    with pytest.raises(InvalidInput) as caught:
        verified(text)

    assert caught.value.code == "widget.token_invalid"


def test_clocks_may_differ_a_little():
    late = datetime.fromtimestamp(CLAIMS["exp"] + widget_token.LEEWAY - 1, UTC)

    assert verified(token(), late).user_id == 7000001
