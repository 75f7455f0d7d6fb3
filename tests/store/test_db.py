"""The handle: durability, threads, forks, lost connections, types of both engines."""

import os
import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone

import peewee
import pytest

from backend.core.errors import TryLater
from backend.store import accounts, db, events, migrate
from tests.store.conftest import NOW


def test_commits_are_durable(engine):
    if db.is_sqlite():
        assert db.rows("PRAGMA journal_mode") == [("wal",)]
        assert db.rows("PRAGMA synchronous") == [(2,)]  # FULL
    else:
        assert db.rows("SHOW synchronous_commit") == [("on",)]


def test_transactions_count_their_depth(engine):
    depths = [db.transaction_depth()]
    with db.atomic():
        depths.append(db.transaction_depth())
    depths.append(db.transaction_depth())

    assert depths == [0, 1, 0]


def test_a_failed_transaction_leaves_nothing(account):
    def fail_half_way():
        with db.atomic():
            accounts.remove(account.id, NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()

    assert accounts.by_id(account.id).state == "new"
    assert db.transaction_depth() == 0


def test_a_sqlite_transaction_is_a_writer_from_its_start(tmp_path):
    db.connect(f"sqlite:///{tmp_path / 'store.db'}")
    rival = sqlite3.connect(tmp_path / "store.db", timeout=0, isolation_level=None)

    with db.atomic(), pytest.raises(sqlite3.OperationalError, match="locked"):
        rival.execute("BEGIN IMMEDIATE")

    rival.execute("BEGIN IMMEDIATE")
    rival.close()
    db.database.obj.close_all()


def test_times_come_back_in_utc_to_the_microsecond(account):
    moscow = timezone(timedelta(hours=3))
    exact = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=moscow)

    accounts.note_refresh_started(account.id, exact)

    stored = accounts.by_id(account.id).refresh_started_at
    assert (stored, stored.tzinfo) == (exact, UTC)


def test_a_naive_time_is_refused_by_every_field(account):
    with pytest.raises(ValueError, match="naive"):
        accounts.note_refresh_started(account.id, NOW.replace(tzinfo=None))


def test_threads_have_connections_of_their_own_and_give_them_back(account):
    found = []

    def ask():
        with db.connection():
            found.append((accounts.by_id(account.id).domain, id(db.database.connection())))

    mine = id(db.database.connection())
    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [domain for domain, _ in found] == ["salon.amocrm.ru"] * 4
    assert mine not in [connection for _, connection in found]
    assert len(db.database.obj._in_use) == 1


def test_a_forked_child_does_not_use_its_parents_connection(account):
    """As RQ's work horse does: fork with a connection open, work in the child, then go on in the parent."""
    inherited = id(db.database.connection())
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            accounts.remove(account.id, NOW)
            code = 0 if id(db.database.connection()) != inherited and not db.transaction_depth() else 2
            db.database.close()
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    assert accounts.by_id(account.id).state == "removed"
    assert id(db.database.connection()) == inherited


PREPARED = "SELECT CAST(%s AS BIGINT) + CAST(%s AS BIGINT)"


def test_a_prepared_statement_answers_like_any_other(engine):
    answers = [db.prepared(PREPARED, (number, 1)).fetchall() for number in range(7)]

    assert answers == [[(number + 1,)] for number in range(7)]


def test_a_prepared_statement_outlives_a_rollback_and_lost_connections(postgres_url, postgres):
    db.connect(postgres_url)

    def break_off():
        with db.atomic():
            db.prepared(PREPARED, (1, 2))
            raise LookupError

    with pytest.raises(LookupError):
        break_off()
    assert db.prepared(PREPARED, (1, 2)).fetchall() == [(3,)]
    db.release()
    _cut_connections(postgres)
    assert db.prepared(PREPARED, (3, 4)).fetchall() == [(7,)]
    _cut_connections(postgres)
    with pytest.raises(TryLater):
        db.prepared(PREPARED, (3, 4))
    assert db.prepared(PREPARED, (5, 6)).fetchall() == [(11,)]
    db.database.obj.close_all()


def test_a_lost_postgres_connection_is_a_pause_and_then_a_new_one(postgres_url, postgres):
    db.connect(postgres_url)
    migrate.upgrade()
    _cut_connections(postgres)

    with pytest.raises(TryLater, match=r"database\.unavailable"):
        events.pending_count()
    assert events.pending_count() == 0
    db.database.obj.close_all()


def test_a_pooled_connection_that_was_cut_meanwhile_is_not_handed_out(postgres_url, postgres):
    db.connect(postgres_url)
    migrate.upgrade()
    db.release()
    _cut_connections(postgres)

    assert events.pending_count() == 0
    db.database.obj.close_all()


def test_a_connection_lost_inside_a_transaction_leaves_none_open(postgres_url, postgres):
    db.connect(postgres_url)
    migrate.upgrade()

    def lose_it_half_way():
        with db.atomic():
            _cut_connections(postgres)
            events.pending_count()

    with pytest.raises(TryLater, match=r"database\.unavailable"):
        lose_it_half_way()
    assert db.transaction_depth() == 0
    with db.atomic():
        assert events.pending_count() == 0
    db.database.obj.close_all()


def test_an_unreachable_postgres_is_a_pause(tmp_path):
    db.connect(f"postgresql://nobody@/nothing?host={tmp_path}")

    with pytest.raises(TryLater, match=r"database\.unavailable"):
        db.rows("SELECT 1")


def test_our_own_mistakes_are_not_taken_for_an_outage(engine):
    with pytest.raises((peewee.OperationalError, peewee.ProgrammingError)):
        db.rows("SELECT * FROM no_such_table")


def test_of_two_that_wait_for_each_other_one_pauses(postgres_url):
    opened = db.connect(postgres_url)
    db.run("CREATE TABLE pairs (id BIGINT PRIMARY KEY, n BIGINT)")
    db.run("INSERT INTO pairs VALUES (1, 0), (2, 0)")
    both, told = threading.Barrier(2), []

    def cross(first, second):
        try:
            with db.connection(), db.atomic():
                db.run("UPDATE pairs SET n = n + 1 WHERE id = %s", (first,))
                both.wait(20)
                db.run("UPDATE pairs SET n = n + 1 WHERE id = %s", (second,))
            told.append("done")
        except TryLater as error:
            told.append(error.code)

    threads = [threading.Thread(target=cross, args=pair) for pair in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(told) == ["database.unavailable", "done"]
    assert db.rows("SELECT n FROM pairs ORDER BY id") == [(1,), (1,)]
    opened.close_all()


def test_the_clock_is_the_real_one(engine):
    before = datetime.now(UTC).timestamp()
    clock = db.rows(f"SELECT {db.clock_sql()}")[0][0]

    assert before - 0.1 <= clock <= before + 5


def _cut_connections(postgres):
    """Each is gone when this returns."""
    others = "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    postgres.execute(f"SELECT pg_terminate_backend(pid, 5000) FROM ({others}) AS other")
