"""Every form of the panel wants the token of its own session: without it nothing is done."""

import pytest

from backend.store import db
from tests.security.conftest import CSRF
from tests.security.test_matrix import FORMS, ODDS, SECRETS, routes
from tests.support.screens import given, live_through, samples

# What nobody changes by looking or failing. A second factor that is being set up is no change yet.
WITNESSES = dict.fromkeys(
    ("accounts", "branches", "config_versions", "inbound_events", "long_works", "audit_entries"), "*"
) | {"operators": "login, role, is_active, password_hash, session_generation, totp_step"}


@pytest.fixture
def forms(stand):
    """Every address of the panel that changes something."""
    known = {**SECRETS, **ODDS, **samples(stand, live_through(stand))}
    addresses = stand.app.url_map.bind("mostik.test")
    return [
        (route, addresses.build(rule.endpoint, given(rule, known), method="POST"))
        for route, rule in routes(stand.app).items()
        if route.startswith("POST /admin/")
    ]


def contents():
    return {
        table: db.rows(f"SELECT {columns} FROM {table} ORDER BY id") for table, columns in WITNESSES.items()
    }


@pytest.mark.parametrize("token", [None, "", "guessed", CSRF + "x", "пропуск"])
def test_no_form_works_without_its_token(comes, forms, token):
    owner = comes("owner")
    before = contents()

    answers = {
        path: owner().post(path, data={**FORMS.get(route, {}), **({} if token is None else {"csrf": token})})
        for route, path in forms
    }

    assert len(answers) > 20
    assert {path: answer.status_code for path, answer in answers.items() if answer.status_code != 403} == {}
    assert contents() == before


def test_a_token_in_the_address_is_no_token(comes, forms):
    owner = comes("owner")

    answers = {path: owner().post(f"{path}?csrf={CSRF}") for _, path in forms}

    assert {path for path, answer in answers.items() if answer.status_code != 403} == set()


def test_looking_changes_nothing(comes, forms):
    """A form's address opened as a link does not do what the form does."""
    owner = comes("owner")
    before = contents()

    for _, path in forms:
        assert owner().get(path).status_code in (200, 302, 303, 404, 405, 410), path

    assert contents() == before
