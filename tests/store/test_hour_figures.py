"""Figures per hour: counted from the inbox, requests added to."""

from datetime import UTC, datetime, timedelta

from backend.store import db, events, hour_figures
from backend.store.hour_figures import Requests

NOW = datetime(2026, 11, 21, 12, 20, tzinfo=UTC)


def came(account, at, dedup_key, **columns):
    event_id = events.record(
        at, account_id=account.id, branch_id=None, lane="bookings", subject=f"yclients:1:{dedup_key}",
        source="yclients", kind=columns.pop("kind", "yclients.record"), dedup_key=dedup_key, body="{}",
        settle_seconds=10,
    )  # fmt: skip
    sets = ", ".join(f"{name} = %s" for name in columns)
    db.run(f"UPDATE inbound_events SET {sets} WHERE id = %s", (*columns.values(), event_id))


def micros(at, seconds):
    return db.micros(at + timedelta(seconds=seconds))


def test_an_hour_counts_what_came_within_it_and_how_it_ended(account):
    at = NOW - timedelta(minutes=5)
    came(account, at, "1", status="done", reason="created", closed_at=micros(at, 12))
    came(account, at, "2", status="done", reason="continued", closed_at=micros(at, 11))
    came(account, at, "3", status="done", reason="moved", closed_at=micros(at, 11))
    came(account, at, "4", status="rejected", error="x", closed_at=micros(at, 10))
    came(account, NOW - timedelta(hours=3), "5", status="done", reason="created", closed_at=0)

    hour_figures.roll_up(NOW, 2)
    hour = hour_figures.last(NOW, account.id)[-1]

    assert (hour.received, hour.troubled, hour.created, hour.attached, hour.changed) == (4, 1, 1, 1, 1)
    assert hour.lag_ms == 2000
    assert hour.begins_at == datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert sum(one.received for one in hour_figures.last(NOW, account.id)) == 4


def test_whoever_was_tried_again_waited_since_it_came(account):
    at = NOW - timedelta(minutes=10)
    came(
        account,
        at,
        "1",
        status="done",
        reason="created",
        tries=3,
        due_at=micros(at, 500),
        closed_at=micros(at, 501),
    )

    hour_figures.roll_up(NOW, 1)

    assert hour_figures.last(NOW, account.id)[-1].lag_ms == 501_000


def test_what_still_waits_is_late_by_now_and_what_rests_is_not(account):
    came(account, NOW - timedelta(seconds=70), "1", status="received")
    came(account, NOW - timedelta(seconds=3), "2", status="received")

    hour_figures.roll_up(NOW, 1)

    assert hour_figures.last(NOW, account.id)[-1].lag_ms == 60_000


def test_news_of_the_crm_and_replaced_states_are_no_lag(account):
    at = NOW - timedelta(minutes=10)
    came(account, at, "1", status="superseded", closed_at=micros(at, 300))
    came(account, at, "2", status="done", kind="amocrm.changes", closed_at=micros(at, 300))

    hour_figures.roll_up(NOW, 1)

    assert hour_figures.last(NOW, account.id)[-1].lag_ms == 0


def test_counting_again_replaces_but_requests_add_up(account):
    at = NOW - timedelta(minutes=5)
    came(account, at, "1", status="blocked")
    hour_figures.roll_up(NOW, 2)
    hour_figures.add_requests(NOW, [Requests(account.id, amo=3, yclients=1)])
    db.run("UPDATE inbound_events SET status = 'done', reason = 'created', closed_at = due_at")

    hour_figures.roll_up(NOW, 2)
    hour_figures.add_requests(NOW, [Requests(account.id, amo=4)])
    hour = hour_figures.last(NOW, account.id)[-1]

    assert (hour.received, hour.troubled, hour.created) == (1, 0, 1)
    assert (hour.amo_requests, hour.yc_requests) == (7, 1)


def test_all_accounts_add_up_and_old_hours_are_forgotten(account):
    hour_figures.add_requests(NOW, [Requests(account.id, amo=3), Requests(account.id + 1, amo=4)])

    assert hour_figures.last(NOW)[-1].amo_requests == 7
    assert hour_figures.last(NOW, account.id, hours=3)[-1].amo_requests == 3

    hour_figures.prune(NOW + timedelta(days=40), timedelta(days=35))

    assert hour_figures.last(NOW)[-1].amo_requests == 0
