"""Accounts: install, refresh, pause, removal, reinstall."""

from datetime import timedelta

import pytest

from backend.store import accounts, configs, lanes
from backend.store.accounts import Tokens
from tests.store.conftest import NOW

LATER = NOW + timedelta(days=1)


def install(**changes):
    facts = {
        "domain": "salon.amocrm.ru",
        "crm_id": 31000001,
        "name": "Салон",
        "timezone": "Asia/Omsk",
        "user_id": 8,
    }
    return accounts.install(LATER, **{**facts, **changes}, tokens=Tokens("access-2", "refresh-2", LATER))


def test_an_installed_account_is_found_by_all_it_is_known_by(account):
    assert account.state == "new"
    assert accounts.by_domain("SALON.amocrm.ru").id == account.id
    assert accounts.by_crm_id(31000001).id == account.id
    assert accounts.by_hook_secret(account.hook_secret).id == account.id
    assert [a.id for a in accounts.all_accounts()] == [account.id]
    assert len(account.hook_secret) >= 40


def test_strangers_are_not_found(account):
    assert accounts.by_domain("other.amocrm.ru") is None
    assert accounts.by_crm_id(1) is None
    assert accounts.by_hook_secret("guess") is None
    with pytest.raises(LookupError):
        accounts.by_id(999)


def test_a_reinstall_revives_the_account_with_its_configuration_and_secret(account):
    configs.save(account.id, {"version": 1}, "owner", "", NOW)
    accounts.activate(account.id)
    accounts.remove(account.id, NOW)

    again = install()

    assert (again.id, again.state, again.hook_secret) == (account.id, "active", account.hook_secret)
    assert (again.removed_at, again.timezone) == (None, "Asia/Omsk")
    assert accounts.tokens(again.id).access == "access-2"
    assert configs.current(again.id).document == {"version": 1}


def test_a_domain_that_moved_to_another_account_belongs_to_the_newer_one(account):
    newer = install(crm_id=31000002)

    assert accounts.by_domain("salon.amocrm.ru").id == newer.id
    assert accounts.by_crm_id(31000001).domain != "salon.amocrm.ru"


def test_removal_wipes_the_tokens(account):
    accounts.remove(account.id, LATER)

    gone = accounts.by_id(account.id)
    assert (gone.state, gone.tokens, gone.token_expires_at, gone.removed_at) == ("removed", None, None, LATER)
    assert accounts.tokens(account.id) is None


def test_pause_says_why_and_resume_forgets_it(account):
    accounts.pause(account.id, "amocrm.unpaid", "402", NOW)
    paused = accounts.by_id(account.id)
    accounts.resume(account.id, NOW)

    assert (paused.state, paused.pause_code, paused.pause_details) == ("paused", "amocrm.unpaid", "402")
    assert (accounts.by_id(account.id).state, accounts.by_id(account.id).pause_code) == ("active", "")


def test_a_removed_account_is_neither_paused_nor_resumed(account):
    accounts.remove(account.id, NOW)
    accounts.pause(account.id, "x", "", NOW)
    accounts.resume(account.id, NOW)

    assert accounts.by_id(account.id).state == "removed"


def test_a_refresh_is_visible_until_its_tokens_are_stored(account):
    lease = lanes.take(lanes.lane_id(account.id, "token"), "worker", 30)
    accounts.note_refresh_started(account.id, NOW)
    started = accounts.by_id(account.id).refresh_started_at

    accounts.save_tokens(account.id, Tokens("access-2", "refresh-2", LATER), lease=lease, now=NOW)

    assert started == NOW
    assert accounts.by_id(account.id).refresh_started_at is None
    assert accounts.tokens(account.id) == Tokens("access-2", "refresh-2", LATER, generation=2)


def test_the_schema_is_kept_as_text(account):
    accounts.save_schema(account.id, '{"воронки":[]}')

    assert accounts.by_id(account.id).schema == '{"воронки":[]}'
