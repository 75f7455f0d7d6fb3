"""/live, /ready, /metrics: what a load balancer and Prometheus see."""

import dataclasses

import pytest
import redis

from backend.store import accounts, alarms, db
from tests.support.stand import DOMAIN, LASER_ARMPITS


def metric(client, name):
    lines = client.get("/metrics").text.splitlines()
    return {
        line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if line.startswith(name)
    }


@pytest.mark.parametrize("path", ["/live", "/ready"])
def test_all_is_well(client, path):
    answer = client.get(path)

    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_not_ready_before_the_migrations(client):
    db.run("DELETE FROM schema_version")

    answer = client.get("/ready")

    assert (answer.status_code, answer.text) == (503, "database: not ready\n")


def test_not_ready_without_redis_but_alive(stand, client, monkeypatch):
    nowhere = redis.Redis(unix_socket_path="/nonexistent/redis.sock")
    monkeypatch.setitem(stand.app.extensions, "mostik", _with_redis(stand.ctx, nowhere))

    assert client.get("/ready").text == "redis: not ready\n"
    assert client.get("/live").status_code == 200


def _with_redis(ctx, memory):
    return dataclasses.replace(ctx, redis=memory)


def test_pending_counts_what_is_not_yet_done(stand, client):
    assert metric(client, "mostik_events_pending") == {"mostik_events_pending": 0}

    stand.book(LASER_ARMPITS)
    stand.work()  # the client's card is read at once, the booking rests

    assert metric(client, "mostik_events_pending") == {"mostik_events_pending": 1}
    stand.settle()
    assert metric(client, "mostik_events_pending") == {"mostik_events_pending": 0}


def test_lag_is_what_is_due_and_not_what_settles(stand, client):
    stand.book(LASER_ARMPITS)
    stand.work()  # the client's card is read at once, the booking rests
    settling = metric(client, "mostik_lag_seconds")

    stand.world.clock.advance(100)

    assert settling == {"mostik_lag_seconds": 0}
    assert 65 <= metric(client, "mostik_lag_seconds")["mostik_lag_seconds"] <= 75


def test_alarms_and_states_are_counted(stand, client):
    alarms.raise_alarm(stand.account.id, "amocrm.unpaid", "account", "", {}, stand.now())
    accounts.pause(stand.account.id, "amocrm.unpaid", "", stand.now())

    assert metric(client, "mostik_alarms_open") == {"mostik_alarms_open": 1}
    assert metric(client, 'mostik_accounts{state="paused"}') == {'mostik_accounts{state="paused"}': 1}


def test_metrics_name_no_customer(stand, client):
    stand.book(LASER_ARMPITS)
    stand.settle()

    text = client.get("/metrics").text

    assert DOMAIN not in text
    assert "41001" not in text
    assert "Тверская" not in text
