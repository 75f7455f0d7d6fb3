"""The worker of calls: small while nobody has an exchange, a worker of one queue as soon as somebody has."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis
from rq import Worker

from backend.store import accounts, db, migrate, secrets
from backend.store.accounts import Tokens
from backend.store.telephony import pbxes
from backend.store.telephony.pbxes import Pbx

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
KEY = "k" * 40
SMALL_KB = 40_000
PATIENCE = 60


@pytest.fixture
def account(tmp_path):
    opened = db.connect(f"sqlite:///{tmp_path / 'calls.db'}")
    secrets.configure([KEY])
    migrate.upgrade()
    yield accounts.install(
        NOW, domain="salon.amocrm.ru", crm_id=31000001, name="Салон", timezone="Europe/Moscow", user_id=7,
        tokens=Tokens("access-1", "refresh-1", NOW),
    )  # fmt: skip
    opened.close_all()


@pytest.fixture
def worker(tmp_path, redis_url, account):
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = {
        **kept, "DATABASE_URL": f"sqlite:///{tmp_path / 'calls.db'}", "REDIS_URL": redis_url,
        "SECRET_KEY": KEY, "PUBLIC_URL": "http://127.0.0.1:9160", "AMOCRM_CLIENT_ID": "client",
        "AMOCRM_CLIENT_SECRET": "secret", "YCLIENTS_PARTNER_TOKEN": "partner",
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "backend.calls"], env=environment, cwd=Path(__file__).parents[2]
    )
    yield process
    process.send_signal(signal.SIGTERM)
    process.wait(30)


def test_it_sleeps_small_and_becomes_a_worker_of_calls_alone(worker, account, redis_url):
    until_it_listens(worker)
    time.sleep(3)
    assert worker.poll() is None
    assert memory_of(worker) < SMALL_KB

    pbxes.save(Pbx(account.id, "office", host="127.0.0.1", login="crm", secret="not-a-secret"))

    deadline = time.monotonic() + PATIENCE
    with redis.Redis.from_url(redis_url) as memory:
        while not (serving := Worker.all(connection=memory)):
            assert time.monotonic() < deadline, "nobody serves the calls"
            time.sleep(0.2)
    assert [(one.pid, one.queue_names()) for one in serving] == [(worker.pid, ["calls"])]


def until_it_listens(process):
    """Until it has a handler of its own for SIGTERM: its code is loaded."""
    deadline = time.monotonic() + PATIENCE
    while not caught_by(process) >> (signal.SIGTERM - 1) & 1:
        assert time.monotonic() < deadline, "the worker does not start"
        time.sleep(0.05)


def caught_by(process):
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("SigCgt:")), 16)


def memory_of(process):
    """PSS in kB."""
    lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("Pss:")))


def test_it_stops_when_it_is_told_to(worker):
    until_it_listens(worker)  # before that Python itself would die of it

    worker.send_signal(signal.SIGTERM)

    assert worker.wait(PATIENCE) == 0


def test_a_queue_that_nobody_knows_is_named(tmp_path, redis_url):
    environment = {
        **os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'x.db'}", "REDIS_URL": redis_url,
        "SECRET_KEY": KEY, "PUBLIC_URL": "http://127.0.0.1:9160", "AMOCRM_CLIENT_ID": "client",
        "AMOCRM_CLIENT_SECRET": "secret", "YCLIENTS_PARTNER_TOKEN": "partner",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "backend.worker", "coffee"], env=environment, capture_output=True, text=True,
        cwd=Path(__file__).parents[2], check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert "no such queue: coffee" in done.stderr
