"""What a second factor leaves in the store, the last owner, and sessions that end."""

import pytest

from backend.core.errors import InvalidInput
from backend.store import account_figures, audit, db, hour_figures, operators, second_factors
from backend.store.account_figures import Used
from backend.store.hour_figures import Requests
from tests.store.conftest import NOW

PASSWORD = "correct horse"


@pytest.fixture
def anna(store):
    return operators.add("anna", PASSWORD, "owner", NOW)


@pytest.fixture
def protected(anna):
    second_factors.propose(anna, "SECRET")
    assert second_factors.confirm(anna, 100, ["one", "two"])
    return anna


def test_a_proposed_secret_is_kept_sealed_and_asked_of_nobody(anna):
    second_factors.propose(anna, "SECRET")

    assert second_factors.secret(anna) == "SECRET"
    assert "SECRET" not in db.rows("SELECT totp_secret FROM operators")[0][0]
    assert not operators.by_id(anna).has_second_factor


def test_it_is_confirmed_once_and_then_no_longer_proposed(protected):
    assert not second_factors.confirm(protected, 101, ["other"])
    second_factors.propose(protected, "ANOTHER")

    assert second_factors.secret(protected) == "SECRET"
    assert second_factors.recovery_left(protected) == 2


def test_a_step_is_used_once_and_never_goes_back(protected):
    used = [second_factors.use_step(protected, step) for step in (100, 101, 101, 99, 102)]

    assert used == [False, True, False, False, True]


def test_a_recovery_code_is_used_once(protected):
    used = [second_factors.use_recovery(protected, digest) for digest in ("one", "one", "never")]

    assert used == [True, False, False]
    assert second_factors.recovery_left(protected) == 1


def test_removed_means_gone(protected):
    second_factors.remove(protected)

    assert second_factors.secret(protected) is None
    assert second_factors.recovery_left(protected) == 0
    assert not operators.by_id(protected).has_second_factor


@pytest.mark.parametrize(
    "remove",
    [
        lambda owner: operators.set_active(owner, is_active=False),
        lambda owner: operators.set_role(owner, "viewer"),
        operators.uninvite,
    ],
)
def test_the_last_owner_stays_until_there_is_another(anna, remove):
    operators.add("viewer", PASSWORD, "viewer", NOW)
    operators.invite("boris", "owner", NOW)
    with pytest.raises(InvalidInput, match=r"operators\.last_owner"):
        remove(anna)
    assert operators.verify("anna", PASSWORD, NOW).role == "owner"

    operators.add("boris", PASSWORD, "owner", NOW)

    remove(anna)


def test_an_invited_person_has_no_password_that_fits(store):
    invited = operators.by_id(operators.invite("boris", "viewer", NOW))

    assert not invited.has_password
    assert operators.verify("boris", invited.password_hash, NOW) is None


@pytest.mark.parametrize("login", ["", "a b", "a/b", "<b>", "x" * 65, "a\nb"])
def test_a_login_that_is_none_is_refused(store, login):
    with pytest.raises(InvalidInput, match=r"operators\.bad_login"):
        operators.invite(login, "viewer", NOW)


def test_lines_of_the_trail_are_sought_by_person_and_deed(store):
    for person, action in (("anna", "a"), ("boris", "a"), ("anna", "b")):
        audit.write(NOW, operator=person, action=action)

    assert [line.action for line in audit.page(person="anna")] == ["b", "a"]
    assert [line.operator for line in audit.page(action="a")] == ["boris", "anna"]
    assert len(audit.page(person="anna", action="a", limit=1)) == 1


def test_requests_are_those_of_the_busier_hour_of_the_last_two(account):
    hour_figures.add_requests(NOW, [Requests(account.id, amo=5, yclients=7)])

    assert account_figures.requests_of_hour(NOW) == {account.id: Used(5, 7)}
    assert account_figures.requests_of_hour(NOW.replace(year=NOW.year + 1)) == {}
