"""Encryption at rest and the change of keys."""

import pytest

from backend.core.errors import NeedsHuman
from backend.store import accounts, connections, db, secrets
from tests.store.conftest import COMPANY


def test_the_database_does_not_hold_what_was_stored(branch):
    columns = db.rows("SELECT tokens FROM accounts UNION ALL SELECT user_token FROM branches")

    assert len(columns) == 2
    assert not any(plain in row[0] for row in columns for plain in ("access-1", "refresh-1", "user-token"))
    assert accounts.tokens(branch.account_id).refresh == "refresh-1"
    assert branch.user_token == "user-token"


def test_equal_secrets_do_not_look_equal():
    box = secrets.SecretBox(["key"])

    assert box.seal("same") != box.seal("same")


def test_keys_are_changed_without_a_pause(branch, account):
    secrets.configure(["new key", "key of the test"])
    assert accounts.tokens(account.id).access == "access-1"  # still under the old key

    assert secrets.rotate() == 2

    secrets.configure(["new key"])
    assert accounts.tokens(account.id).access == "access-1"
    assert connections.get(account.id, COMPANY).user_token == "user-token"


def test_a_rotation_that_fails_changes_nothing(branch, account):
    before = db.rows("SELECT tokens, user_token FROM accounts, branches")
    db.run("UPDATE branches SET user_token = 'damaged'")
    secrets.configure(["new key", "key of the test"])

    with pytest.raises(NeedsHuman, match=r"secrets\.unreadable"):
        secrets.rotate()

    assert db.rows("SELECT tokens FROM accounts") == [before[0][:1]]


def test_without_the_key_a_person_is_asked(branch, account):
    secrets.configure(["lost"])

    with pytest.raises(NeedsHuman, match=r"secrets\.unreadable"):
        accounts.tokens(account.id)


def test_tokens_do_not_show_themselves(account):
    assert "access-1" not in repr(accounts.tokens(account.id))
