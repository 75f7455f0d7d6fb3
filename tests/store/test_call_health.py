"""How soon calls were answered, calls as lines of a file, and what waits to be processed: on both engines."""

import json
from datetime import timedelta

from backend.core.crm import Contact
from backend.store import db, events, mirror
from backend.store.telephony import call_health, call_lists, calls
from backend.store.telephony.calls import CallFilters
from tests.store.conftest import NOW
from tests.support import make

HOUR = timedelta(hours=1)


def keep(account, *talks, way="in", **more):
    call = make.call(way, talks=list(talks), at=NOW, **more)
    return calls.save(account.id, call, now=NOW)


def test_how_soon_calls_were_answered(account):
    for wait in (0, 4, 5, 19, 61):
        keep(account, ("101", wait, wait + 30))
    keep(account)
    keep(account, ("101", 3, 30), way="out")

    found = call_lists.waits(account.id, NOW - HOUR, NOW + HOUR)

    assert found.counts == (2, 1, 1, 0, 0, 1)
    assert (found.total, found.longest) == (5, timedelta(seconds=61))
    assert call_lists.waits(account.id, NOW - HOUR, NOW + HOUR, pbx_id=2).total == 0
    assert call_lists.waits(account.id, NOW + HOUR, NOW + 2 * HOUR).longest == timedelta(0)


def test_calls_as_lines_of_a_file(account, monkeypatch):
    monkeypatch.setattr(call_lists, "PORTION", 2)
    rows = [keep(account, ("101", 1, 5)) for _ in range(5)]

    def found(most):
        return [row.id for row in call_lists.lines(account.id, CallFilters(way="in"), most)]

    assert found(100) == [row.id for row in rows]
    assert found(3) == [row.id for row in rows[:3]]
    assert list(call_lists.lines(account.id, CallFilters(way="out"), 100)) == []


def record(account, uniq, **more):
    return events.record(
        NOW, account_id=account.id, branch_id=None, lane="calls", subject=f"call:{uniq}", source="asterisk",
        kind="call.ended", body=json.dumps({"uniq": uniq}), dedup_key=uniq, settle_seconds=0, **more,
    )  # fmt: skip


def state(event_id, status, error):
    db.run("UPDATE inbound_events SET status = %s, error = %s WHERE id = %s", (status, error, event_id))


def test_refused_calls_whose_client_is_known_by_now_are_named_until_they_were_asked_about(account):
    refused = calls.save(account.id, make.call("in", at=NOW), client_key="+79990001122", now=NOW)
    calls.note_crm(account.id, refused.uniq, calls.REFUSED, {}, NOW)
    calls.CallRow.update(state=calls.REFUSED).where(calls.CallRow.id == refused.id).execute()

    def found(since=NOW - HOUR):
        return call_lists.refused_but_known(since, "known_since")

    assert found() == []
    contact = Contact(7, "Мария", ("+79990001122",), created_at=NOW, updated_at=NOW)
    mirror.save_contacts(account.id, [contact], lambda one: one.phones)
    assert (found(), found(NOW + HOUR)) == ([(account.id, refused.uniq, 7)], [])

    events.record(
        NOW, account_id=account.id, branch_id=None, lane="calls", subject=f"call:{refused.uniq}",
        source="known_since", kind="call.ended", body="{}", dedup_key=f"{refused.uniq}:7", settle_seconds=0,
    )  # fmt: skip
    assert found() == []


def test_what_waits_and_what_is_stuck(account):
    assert call_health.backlog(account.id) == call_health.Backlog()

    record(account, "1:1")
    waits = record(account, "1:2")
    state(waits, "waiting", "amocrm.failing")
    found = call_health.backlog(account.id)
    assert (found.waiting, found.oldest_at, found.stuck, found.error) == (2, NOW, 0, "amocrm.failing")

    state(record(account, "1:3"), "blocked", "amocrm.forbidden")
    state(record(account, "1:4"), "rejected", "amocrm.refused")
    found = call_health.backlog(account.id)
    assert (found.waiting, found.stuck, found.error) == (2, 1, "amocrm.forbidden")


def test_calls_of_a_day_by_state(account):
    assert not call_health.has_any(account.id)
    row = keep(account, ("101", 1, 5))
    calls.note_crm(account.id, row.uniq, calls.HANDLED, {}, NOW)
    keep(account)

    found = call_health.totals(account.id, NOW - HOUR)

    assert found.states == {"handled": 1, "ended": 1}
    assert found.last_ended_at == NOW + timedelta(seconds=5)
    assert call_health.totals(account.id, NOW + HOUR).last_ended_at is None
    assert call_health.has_any(account.id)
