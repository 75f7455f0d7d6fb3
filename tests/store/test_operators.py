"""Operators: passwords, throttling, the trail."""

from datetime import timedelta

import pytest

from backend.core.errors import InvalidInput, TryLater
from backend.store import db, operators
from tests.store.conftest import NOW
from tests.support.fixtures import STRONG

PASSWORD = "correct horse"


@pytest.fixture
def anna(store):
    return operators.add("Anna", PASSWORD, "owner", NOW)


def fail(times, login="anna", address="10.0.0.1", now=NOW):
    return [operators.verify(login, "wrong", now, address) for _ in range(times)]


def test_the_right_password_opens(anna):
    operator = operators.verify(" ANNA ", PASSWORD, NOW, "10.0.0.1")

    assert (operator.id, operator.role) == (anna, "owner")
    assert operators.by_id(anna).last_seen_at == NOW


def test_wrong_password_unknown_login_and_inactive_operator_look_alike(anna):
    operators.add("boss", PASSWORD, "owner", NOW)
    operators.set_active(anna, is_active=False)

    assert operators.verify("anna", PASSWORD, NOW) is None
    assert operators.verify("nobody", PASSWORD, NOW) is None


def test_passwords_are_not_stored(anna):
    assert PASSWORD not in db.rows("SELECT password_hash FROM operators")[0][0]


def test_a_hash_costs_what_owasp_asks_for_at_least():
    assert STRONG.hash(PASSWORD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_adding_again_changes_password_and_role(anna):
    assert operators.add("anna", "another horse", "viewer", NOW) == anna

    assert operators.verify("anna", PASSWORD, NOW) is None
    assert operators.verify("anna", "another horse", NOW).role == "viewer"
    assert [operator.login for operator in operators.all_operators()] == ["anna"]


@pytest.mark.parametrize(("password", "role"), [("short", "owner"), (PASSWORD, "king")])
def test_bad_operators_are_refused(store, password, role):
    with pytest.raises(InvalidInput):
        operators.add("anna", password, role, NOW)


def test_a_login_is_locked_after_five_failures_and_opens_by_itself(anna):
    assert fail(5) == [None] * 5

    with pytest.raises(TryLater, match=r"operators\.locked") as locked:
        operators.verify("anna", PASSWORD, NOW, "10.0.0.2")
    assert locked.value.after == timedelta(minutes=5)
    assert operators.verify("anna", PASSWORD, NOW + timedelta(minutes=5), "10.0.0.2").id == anna


def test_an_address_is_locked_whatever_logins_it_tries(anna):
    for number in range(20):
        fail(1, login=f"guess-{number}")

    with pytest.raises(TryLater):
        operators.verify("anna", PASSWORD, NOW, "10.0.0.1")
    assert operators.verify("anna", PASSWORD, NOW, "10.0.0.2").id == anna


def test_success_and_time_forgive_failures(anna):
    fail(4)
    operators.verify("anna", PASSWORD, NOW, "10.0.0.1")
    assert fail(4) == [None] * 4

    assert fail(4, now=NOW + timedelta(minutes=16)) == [None] * 4


def test_the_trail_shows_before_and_after_newest_first(store):
    for number in range(3):
        operators.audit(
            NOW, operator="anna", action="config.import", subject="41001", account_id=number % 2,
            address="10.0.0.1", before={"режим": number}, after={"режим": number + 1},
        )  # fmt: skip

    newest, *_ = entries = operators.audit_page()
    assert (newest.before, newest.after, newest.created_at) == ({"режим": 2}, {"режим": 3}, NOW)
    assert [entry.before["режим"] for entry in entries] == [2, 1, 0]
    assert [entry.before["режим"] for entry in operators.audit_page(0, before_id=newest.id)] == [0]
