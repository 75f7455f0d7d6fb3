"""Servers shared by all tests of a run: one PostgreSQL, one Redis, one MariaDB, each started when first asked
for; each test gets a database of its own.
"""

import os
from pathlib import Path

import pytest
import redis
from argon2 import PasswordHasher

from backend.embedded import redis_server
from backend.flows.vendors import clients
from backend.integrations import outward
from backend.store import operators
from tests.support.mariadb import mariadb_server
from tests.support.postgres import postgres_server

STRONG = operators._hasher  # what everybody but a test has
LIGHT = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
NOBODY = LIGHT.hash("nobody has this password")


@pytest.fixture(autouse=True)
def _neighbours():
    """The servers of tests are on this machine; a test of what is closed closes it again."""
    outward.permit(["127.0.0.0/8", "::1"], ["/"])


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch):
    """Emulators here have no limits, and nobody guesses a password from its hash: what ours cost would only
    slow the tests down. Who tests waiting sets his own.
    """
    for windows in ("YCLIENTS_WINDOWS", "DESK_WINDOWS"):
        monkeypatch.setattr(clients, windows, ((1000, 1.0),))
    monkeypatch.setattr(operators, "_hasher", LIGHT)
    monkeypatch.setattr(operators, "_nobody", NOBODY)


@pytest.fixture(scope="session")
def postgres():
    """One server for the run, without durability; who tests that starts its own with `fsync=True`."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def postgres_url(postgres):
    """An empty PostgreSQL database for this test."""
    url = postgres.fresh_url()
    yield url
    postgres.drop(url)


@pytest.fixture(scope="session")
def mariadb():
    """One server for the run: call tables as a PBX keeps them."""
    with mariadb_server() as server:
        yield server


@pytest.fixture
def mariadb_url(mariadb):
    """An empty MariaDB database for this test, with the URL of its owner."""
    url = mariadb.fresh_url()
    yield url
    mariadb.drop(url)


@pytest.fixture(scope="session")
def _redis_of_the_run(tmp_path_factory):
    with redis_server(Path(tmp_path_factory.mktemp("redis"))) as url:
        yield url


@pytest.fixture
def redis_url(_redis_of_the_run):
    """The embedded Redis, emptied for this test."""
    client = redis.Redis.from_url(_redis_of_the_run)
    client.flushall()
    yield _redis_of_the_run
    client.close()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_sessionfinish(session, exitstatus):
    """With CI=true nothing may be skipped: what a machine lacks is a failure there."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = len(reporter.stats.get("skipped", [])) if reporter else 0
    if os.environ.get("CI") == "true" and skipped and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.write_line(f"{skipped} tests skipped, which CI=true forbids", red=True)
