"""One bad event costs itself: not its batch, not its neighbours, and never an endless loop."""

import json

import pytest

from backend.core.errors import InvalidInput
from backend.flows.road import replays
from backend.flows.sync import bookings
from backend.flows.vendors import tokens
from backend.store import accounts, connections, events
from tests.support.stand import LASER_ARMPITS, TVERSKAYA


def people(count):
    return [(f"Клиент {number}", f"+7999000{number:04d}") for number in range(count)]


@pytest.fixture
def secret(stand):
    return connections.get(stand.account.id, TVERSKAYA).hook_secret


def test_malformed_record_does_not_break_up_its_batch(stand, secret, post_hook):
    for person in people(5):
        stand.book(LASER_ARMPITS, client=person)
    broken = {"id": 1, "company_id": TVERSKAYA, "last_change_date": "вчера", "attendance": 0}
    event = {
        "company_id": TVERSKAYA,
        "resource": "record",
        "resource_id": 1,
        "status": "update",
        "data": broken,
    }
    stand.app.test_client().post(f"/hooks/yclients/{secret}", data=json.dumps(event))
    before = stand.counts().get("POST leads/complex", 0)
    stand.settle()

    assert len(stand.leads()) == 5
    assert stand.counts()["POST leads/complex"] - before == 1
    assert [e.status for e in events.of_subject(stand.account.id, f"yclients:{TVERSKAYA}:1")] == ["rejected"]


def test_unexpected_error_is_narrowed_to_a_subject_with_all_its_states(stand, monkeypatch):
    record = stand.book(LASER_ARMPITS, client=("Мария", "+79990000001"))
    stand.settle()
    good, batches = bookings.decide, []

    def fails_together(facts, rules):
        batches.append(facts.booking.key)
        if facts.booking.comment == "сбой":
            raise ZeroDivisionError
        return good(facts, rules)

    monkeypatch.setattr(bookings, "decide", fails_together)
    stand.book(LASER_ARMPITS, client=("Ольга", "+79990000002"), comment="сбой")
    stand.mark(record, -1)
    stand.world.deliver()
    stand.mark(record, 1)
    stand.settle()

    assert stand.lead_of(record)["status_id"] == 142
    reasons = [event.reason for event in stand.events(record) if event.status == "done"]
    assert "won_early" in reasons
    assert len(reasons) == 2


def test_our_own_mistake_is_told_after_eight_attempts(stand, monkeypatch, alarm_codes):
    monkeypatch.setattr(bookings, "decide", lambda *_: 1 / 0)
    record = stand.book(LASER_ARMPITS)
    for _ in range(12):
        stand.pass_time(700)

    assert [event.status for event in stand.events(record)] == ["failed"]
    assert "inbox.gave_up" in alarm_codes()


def test_event_that_changes_nothing_cannot_be_asked_again(stand, secret):
    stand.app.test_client().post(f"/hooks/yclients/{secret}", data=b"{broken")
    unreadable = next(
        e for e in events.page(stand.account.id, events.Filters(kind="yclients.unreadable"), None, 5)
    )

    with pytest.raises(InvalidInput, match="nothing_to_replay"):
        replays.replay(stand.ctx, unreadable.id)
    stand.work()


def test_kind_that_nobody_handles_is_rejected_and_the_lane_goes_on(stand):
    events.record(
        stand.now(), account_id=stand.account.id, branch_id=None, lane="bookings", subject="unknown",
        source="test", kind="yclients.unheard_of", dedup_key="1", body="{}", settle_seconds=0,
    )  # fmt: skip
    stand.work()

    assert [event.status for event in events.of_subject(stand.account.id, "unknown")] == ["rejected"]


def test_account_without_access_does_not_starve_the_others(stand, monkeypatch):
    dead = accounts.install(
        stand.now(), domain="dead.amocrm.ru", crm_id=1, name="", timezone="Europe/Moscow", user_id=1,
        tokens=accounts.Tokens("a", "b", stand.now()),
    )  # fmt: skip
    accounts.activate(dead.id)
    stand.world.clock.advance(40 * 86400)
    monkeypatch.setattr(
        accounts, "all_accounts", lambda: [accounts.by_id(dead.id), accounts.by_id(stand.account.id)]
    )

    refreshed = tokens.refresh_idle(stand.ctx)

    assert refreshed == 1
    assert accounts.tokens(stand.account.id).expires_at > stand.now()
