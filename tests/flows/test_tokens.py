"""Refresh tokens work once: however many workers want a new pair, exactly one exchange is made."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from backend.core.errors import NeedsHuman, TryLater
from backend.flows.vendors import tokens
from backend.store import accounts, db
from sandbox.amocrm.auth import unauthorized
from tests.support.stand import CLIENT, DOMAIN, LASER_ARMPITS
from tests.support.wsgi_adapter import WsgiAdapter

EXCHANGE = "POST oauth2/access_token"
TWO_DAYS = 2 * 86400


class Interruption(WsgiAdapter):
    """amoCRM's door; before the first exchange gets through, something else happens."""

    def __init__(self, app, meanwhile):
        super().__init__(app)
        self.meanwhile = meanwhile

    def send(self, request, **options):
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()
        return super().send(request, **options)


@pytest.fixture
def expired(stand):
    """The account's access token is two days old; exchanges made so far are forgotten."""
    stand.world.clock.advance(TWO_DAYS)
    stand.world.amocrm.journal_clear()
    return stand


def exchanges(stand):
    return stand.counts().get(EXCHANGE, 0)


def worker(stand, number, adapter=None):
    ctx = dataclasses.replace(stand.ctx, owner=f"worker-{number}")
    return dataclasses.replace(ctx, adapter=adapter) if adapter else ctx


def stored_access(stand):
    return accounts.tokens(stand.account.id).access


@pytest.mark.parametrize("many", [2, 8])
def test_workers_that_meet_at_an_expired_token_make_one_exchange(expired, many):
    together = Barrier(many)

    def ask(number):
        with db.connection():
            together.wait()
            try:
                return tokens.access_token(worker(expired, number), expired.account.id)
            except TryLater as error:
                return error.code

    with ThreadPoolExecutor(many) as pool:
        answers = set(pool.map(ask, range(many)))

    assert exchanges(expired) == 1
    assert answers <= {stored_access(expired), "amocrm.token_busy"}
    assert stored_access(expired) in answers


def test_a_worker_that_comes_during_the_exchange_waits_for_its_result(expired):
    told = []

    def second_worker():
        with pytest.raises(TryLater) as refusal:
            tokens.access_token(worker(expired, 2), expired.account.id)
        told.append((refusal.value.code, refusal.value.after))

    door = Interruption(expired.world.amocrm_wsgi, second_worker)
    access = tokens.access_token(worker(expired, 1, door), expired.account.id)

    assert told == [("amocrm.token_busy", timedelta(seconds=2))]
    assert tokens.access_token(worker(expired, 2), expired.account.id) == access
    assert exchanges(expired) == 1


@pytest.mark.parametrize("rejects", [False, True])
def test_a_worker_that_gets_the_lock_after_the_exchange_looks_once_more(expired, rejects):
    """Between its look at the old tokens and its turn at the lock, the other worker has been through."""
    old = stored_access(expired)
    fresh = []

    def now():
        if not fresh:
            fresh.append("on its way")
            fresh[:] = [tokens.access_token(worker(expired, 1), expired.account.id)]
        return expired.now()

    late = dataclasses.replace(worker(expired, 2), now=now)
    answer = tokens.access_token(late, expired.account.id, rejected=old if rejects else None)

    assert fresh == [answer]
    assert answer != old
    assert exchanges(expired) == 1


def test_bookings_after_a_silent_week_need_one_exchange(stand):
    stand.world.clock.advance(7 * 86400)
    stand.world.amocrm.journal_clear()
    records = [stand.book(LASER_ARMPITS, client=(f"К{n}", f"+7999000000{n}")) for n in range(3)]

    stand.settle()

    assert [len(stand.leads_of(record)) for record in records] == [1, 1, 1]
    assert exchanges(stand) == 1


def test_a_token_that_amocrm_rejects_is_exchanged_once(stand):
    access = stored_access(stand)
    stand.world.amocrm.tokens.access.pop(access)
    stand.world.amocrm.journal_clear()
    record = stand.book(LASER_ARMPITS)

    stand.settle()

    assert stand.lead_of(record)
    assert exchanges(stand) == 1
    assert stored_access(stand) != access


def test_a_token_that_another_worker_has_exchanged_already_is_not_exchanged_again(expired):
    rejected = stored_access(expired)
    fresh = tokens.access_token(worker(expired, 1), expired.account.id, rejected=rejected)

    answer = tokens.access_token(worker(expired, 2), expired.account.id, rejected=rejected)

    assert answer == fresh
    assert exchanges(expired) == 1


def test_the_old_refresh_token_is_dead_and_the_new_one_is_stored(expired):
    before = accounts.tokens(expired.account.id)

    tokens.access_token(expired.ctx, expired.account.id)

    after = accounts.tokens(expired.account.id)
    assert before.refresh in expired.world.amocrm.tokens.revoked
    assert after.refresh in expired.world.amocrm.tokens.refresh
    assert after.generation == before.generation + 1
    assert accounts.by_id(expired.account.id).refresh_started_at is None


def test_withdrawn_access_removes_the_account(expired, alarm_codes):
    account_id = expired.account.id
    expired.world.amocrm.tokens.revoke_all(30000001, CLIENT)
    expired.book(LASER_ARMPITS)

    expired.settle()

    assert accounts.by_id(account_id).state == "removed"
    assert accounts.tokens(account_id) is None
    assert "amocrm.tokens_revoked" in alarm_codes()


def test_hooks_of_a_removed_account_are_answered_and_ignored(expired, caught_hooks, post_hook):
    expired.world.amocrm.tokens.revoke_all(30000001, CLIENT)
    expired.book(LASER_ARMPITS, client=("Ольга", "+79990000002"))
    expired.settle()
    record = expired.book(LASER_ARMPITS)
    (hook,) = caught_hooks()

    status = post_hook(hook)
    expired.settle()

    assert status == 200
    assert expired.events(record) == []


def test_refusal_even_after_a_refresh_removes_the_account(stand, monkeypatch, alarm_codes):
    monkeypatch.setattr(type(stand.world.amocrm.tokens), "bearer", _refuse)
    stand.book(LASER_ARMPITS)

    stand.settle()

    assert accounts.by_id(stand.account.id).state == "removed"
    assert alarm_codes() == ["amocrm.unauthorized"]


@pytest.mark.parametrize("kind", ["500", "504", "timeout"])
def test_an_exchange_that_was_not_made_is_made_later(expired, kind):
    expired.world.amocrm.faults(kind=kind, match="oauth2/access_token", next=1, seconds=60)
    record = expired.book(LASER_ARMPITS)

    expired.settle()
    expired.settle()

    assert expired.lead_of(record)
    assert accounts.by_id(expired.account.id).state == "active"


def test_an_exchange_whose_answer_was_lost_is_called_by_its_name(expired):
    expired.world.amocrm.faults(kind="reset_after_commit", match="oauth2/access_token", next=1)
    with pytest.raises(TryLater):
        tokens.access_token(expired.ctx, expired.account.id)

    with pytest.raises(NeedsHuman) as lost:
        tokens.access_token(expired.ctx, expired.account.id)

    assert lost.value.code == "amocrm.tokens_lost"
    assert lost.value.details["domain"] == DOMAIN


def test_silent_accounts_are_kept_alive(stand):
    stand.world.clock.advance(40 * 86400)

    refreshed = [tokens.refresh_idle(stand.ctx), tokens.refresh_idle(stand.ctx)]

    assert refreshed == [1, 0]


def _refuse(_tokens, _header, _account, _now):
    raise unauthorized()
