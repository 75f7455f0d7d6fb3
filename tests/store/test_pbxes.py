"""Telephone exchanges of an account: secrets, addresses, revisions and states."""

import dataclasses

import pytest

from backend.store import db, secrets
from backend.store.telephony import pbxes
from backend.store.telephony.pbxes import Pbx, PbxState
from tests.store.conftest import NOW

OPTIONS = {"zone": "Europe/Moscow", "tables": "mysql://reader:hidden@db/cdr"}


@pytest.fixture
def pbx(account):
    return pbxes.save(
        Pbx(account.id, "main", "Офис", host="pbx.test", login="crm", secret="ami-secret", options=OPTIONS)
    )


def test_what_was_saved_comes_back(account, pbx):
    assert (pbx.code, pbx.title, pbx.host, pbx.port, pbx.secret) == (
        "main",
        "Офис",
        "pbx.test",
        5038,
        "ami-secret",
    )
    assert pbx.options == OPTIONS
    assert pbxes.of_account(account.id) == [pbx] == pbxes.everything_on("asterisk")
    assert pbxes.by_code(account.id, "main") == pbx
    assert pbxes.by_code(account.id, "other") is None


def test_secrets_are_not_readable_in_the_database_and_not_shown(pbx):
    ((secret, options),) = db.rows("SELECT secret, options FROM pbxes")

    assert "ami-secret" not in secret
    assert "hidden" not in options
    assert "secret" not in repr(pbx)
    assert "hidden" not in repr(pbx)


def test_keys_can_be_rotated(pbx):
    secrets.configure(["a newer key", "key of the test"])
    assert secrets.rotate() >= 2
    secrets.configure(["a newer key"])

    assert pbxes.by_id(pbx.id) == pbx


def test_an_empty_secret_keeps_the_stored_one_and_the_revision_grows(pbx):
    changed = pbxes.save(dataclasses.replace(pbx, host="10.0.0.9", secret=""))

    assert (changed.host, changed.secret, changed.token) == ("10.0.0.9", "ami-secret", pbx.token)
    assert pbxes.revisions("asterisk") == {pbx.id: pbx.revision + 1}


def test_one_that_is_off_is_not_served(account, pbx):
    pbxes.save(dataclasses.replace(pbx, is_on=False))

    assert pbxes.everything_on("asterisk") == []
    assert pbxes.revisions("asterisk") == {}
    assert len(pbxes.of_account(account.id)) == 1


def test_those_of_an_account_that_left_are_not_served(account, pbx):
    db.run("UPDATE accounts SET state = 'removed'")

    assert pbxes.everything_on("asterisk") == []
    assert pbxes.by_token(pbx.token) is None


def test_kinds_are_told_apart(account, pbx):
    cloud = pbxes.save(Pbx(account.id, "cloud", kind="cloud", options={"key": "k"}))

    assert [one.id for one in pbxes.everything_on("cloud")] == [cloud.id]
    assert cloud.secret == ""


def test_the_address_of_a_pbx_is_secret_and_can_be_renewed(account, pbx):
    other = pbxes.save(Pbx(account.id, "second"))
    renewed = pbxes.renew_token(pbx.id)

    assert pbxes.by_token(pbx.token) is None
    assert pbxes.by_token(renewed).id == pbx.id
    assert len({pbx.token, renewed, other.token}) == 3


def test_a_removed_one_has_no_secrets_no_address_and_frees_its_code(account, pbx):
    pbxes.remove(pbx.id)

    gone = pbxes.by_id(pbx.id)
    assert (gone.is_removed, gone.is_on, gone.secret, gone.options) == (True, False, "", {})
    assert pbxes.by_token(pbx.token) is None
    assert pbxes.of_account(account.id) == []
    assert pbxes.save(Pbx(account.id, "main")).id != pbx.id
    with pytest.raises(LookupError):
        pbxes.save(pbx)


def test_a_pbx_of_another_account_cannot_be_saved(pbx):
    with pytest.raises(LookupError):
        pbxes.save(dataclasses.replace(pbx, account_id=pbx.account_id + 1))
    with pytest.raises(LookupError):
        pbxes.by_id(pbx.id + 1)


def test_a_state_is_changed_by_name(pbx):
    assert pbxes.state(pbx.id) == PbxState(pbx.id)

    pbxes.note_state(pbx.id, seen_at=NOW, connected_since=NOW, findings=[{"code": "pbx.x", "setting": "y"}])
    pbxes.note_state(pbx.id, trouble="pbx.frozen", details={"seconds": 5}, connected_since=None)

    found = pbxes.state(pbx.id)
    assert (found.seen_at, found.connected_since, found.trouble) == (NOW, None, "pbx.frozen")
    assert found.details == {"seconds": 5}
    assert found.findings == [{"code": "pbx.x", "setting": "y"}]


def test_many_accounts_are_looked_at_without_a_secret(account, pbx):
    gone = pbxes.save(Pbx(account.id, "old", host="old.test"))
    pbxes.remove(gone.id)
    pbxes.note_state(pbx.id, seen_at=NOW, trouble="pbx.frozen")

    ((found, state),) = pbxes.looks([account.id, account.id + 1])

    assert (found.id, found.title, found.kind, found.secret, found.options) == (
        pbx.id,
        "Офис",
        "asterisk",
        "",
        {},
    )
    assert (state.seen_at, state.trouble) == (NOW, "pbx.frozen")
    assert pbxes.looks([]) == []


def test_an_account_has_an_exchange_until_the_last_is_removed(account, pbx):
    assert pbxes.has_any(account.id)

    pbxes.remove(pbx.id)

    assert not pbxes.has_any(account.id)
