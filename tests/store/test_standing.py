"""How accounts stand: all of them in a few queries, each with its own figures."""

import pytest

from backend.core.errors import Scope
from backend.store import accounts, connections, events, mirror, standing
from backend.store.mirror import SyncMark
from tests.store.conftest import NOW


def test_every_account_has_its_own_figures(record, lease, account):
    other = accounts.install(
        NOW, domain="other.amocrm.ru", crm_id=2, name="", timezone="", user_id=1,
        tokens=accounts.Tokens("a", "r", NOW),
    )  # fmt: skip
    waiting, blocked = record(settle=0), record(subject="yclients:41001:2")
    events.block(lease, [blocked], Scope(), "x", NOW)
    for name in ("contacts", "leads"):
        mirror.save_mark(account.id, name, SyncMark(NOW, is_complete=True))

    ours, theirs = standing.of_all()

    assert (ours.waiting, ours.blocked, ours.oldest_due_at, ours.is_read) == (1, 1, NOW, True)
    assert ours.last_hook_at == NOW
    assert (theirs.account_id, theirs.waiting, theirs.blocked, theirs.is_read) == (other.id, 0, 0, False)
    assert standing.of_account(account.id) == ours
    assert events.get(waiting).status == "received"


def test_what_is_paused_is_not_late_and_what_has_left_waits_for_nothing(record, account, branch):
    record(settle=0)
    connections.pause(account.id, branch.company_id, "x")
    assert (standing.of_account(account.id).waiting, standing.of_account(account.id).oldest_due_at) == (
        1,
        None,
    )
    connections.resume(account.id, branch.company_id)

    accounts.pause(account.id, "x", "", NOW)
    assert standing.of_account(account.id).oldest_due_at is None

    accounts.remove(account.id, NOW)
    assert standing.of_account(account.id).waiting == 0


def test_the_number_of_queries_does_not_grow_with_accounts(account, statements):
    for number in range(2, 12):
        accounts.install(
            NOW, domain=f"a{number}.amocrm.ru", crm_id=number, name="", timezone="", user_id=1,
            tokens=accounts.Tokens("a", "r", NOW),
        )  # fmt: skip
    statements.clear()

    assert len(standing.of_all()) == 11
    assert len(statements) == 5


def test_an_unknown_account_is_a_mistake(account):
    with pytest.raises(LookupError):
        standing.of_account(account.id + 1)
