"""The store on both engines: an empty, migrated database per test, and one account with one salon in it."""

from datetime import UTC, datetime

import pytest

from backend.store import accounts, connections, db, events, lanes, migrate, secrets
from backend.store.accounts import Tokens
from backend.store.connections import BranchSettings

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
COMPANY = 41001


@pytest.fixture(params=["sqlite", "postgres"])
def engine_url(request, tmp_path):
    """An empty database of this engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    return request.getfixturevalue("postgres_url")


@pytest.fixture
def engine(engine_url):
    """The store connected to an empty database; afterwards every connection is closed."""
    opened = db.connect(engine_url)
    secrets.configure(["key of the test"])
    lanes.forget_ids()
    yield engine_url
    assert db.transaction_depth() == 0, "a transaction was left open"
    opened.close_all()


@pytest.fixture
def store(engine):
    """The schema is there."""
    migrate.upgrade()
    return engine


@pytest.fixture
def account(store):
    return accounts.install(
        NOW, domain="salon.amocrm.ru", crm_id=31000001, name="Салон", timezone="Europe/Moscow", user_id=7,
        tokens=Tokens("access-1", "refresh-1", NOW),
    )  # fmt: skip


@pytest.fixture
def branch(account):
    connections.upsert(account.id, [BranchSettings(COMPANY, "Тверская", "active", user_token="user-token")])
    return connections.get(account.id, COMPANY)


@pytest.fixture
def record(account, branch):
    """Store an event of the salon; each call is a new one unless `dedup_key` repeats."""
    numbers = iter(range(1_000_000))

    def _record(now=NOW, *, subject=f"yclients:{COMPANY}:1", settle=30, dedup_key=None, **more):
        values = {
            "account_id": account.id, "branch_id": branch.id, "lane": "bookings", "subject": subject,
            "source": "yclients", "kind": "yclients.record", "body": "{}", "settle_seconds": settle,
            "dedup_key": dedup_key or f"key-{next(numbers)}", **more,
        }  # fmt: skip
        return events.record(now, **values)

    return _record


@pytest.fixture
def lease(account):
    """The lane of bookings, held by this test."""
    return lanes.take(lanes.lane_id(account.id, "bookings"), "worker-1", 60)


@pytest.fixture
def statements(store):
    """Every SQL statement that ran since the list was last cleared."""
    seen = []
    db.database.obj.query_hooks.append(lambda query: seen.append(query.sql))
    return seen
