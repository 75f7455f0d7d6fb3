"""The database handle for SQLite and PostgreSQL, the base model and the field types both engines share.

Times are stored as whole microseconds since 1970 on both engines: they compare, index and add up in the same
SQL. In psql: `to_timestamp(received_at / 1e6)`.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import select
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import peewee
from playhouse.pool import MaxConnectionsExceeded, PooledPostgresqlDatabase, PooledSqliteDatabase

from backend.core.errors import TryLater

Database = peewee.Database

database = peewee.DatabaseProxy()

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000  # microseconds, the unit of stored times
BUSY_SECONDS = 30.0
POOL_SIZE = 24

DEADLOCK = "40P01"  # PostgreSQL's code

PLACEHOLDER = re.compile("%s")

# Connection → the statements that it knows, by their names.
_prepared: WeakKeyDictionary[Any, dict[str, str]] = WeakKeyDictionary()

_inherited: list[
    object
] = []  # connections of the parent process: kept, because closing one would end it there too


def micros(moment: datetime) -> int:
    """Stored form of an aware time; a naive one is a bug."""
    if moment.tzinfo is None:
        raise ValueError(f"naive time refused: {moment!r}")
    return (moment - EPOCH) // MICROSECOND


def moment(stored: int) -> datetime:
    return EPOCH + stored * MICROSECOND


class UtcField(peewee.BigIntegerField):
    """An aware time, read back in UTC. Refuses naive values."""

    def db_value(self, value: Any) -> Any:
        return micros(value) if isinstance(value, datetime) else value

    def python_value(self, value: Any) -> Any:
        return None if value is None else moment(int(value))


class JsonField(peewee.TextField):
    """Plain JSON data as text: read by people in psql, so Cyrillic stays readable."""

    def db_value(self, value: Any) -> Any:
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def python_value(self, value: Any) -> Any:
        return None if value is None else json.loads(value)


class BaseModel(peewee.Model):
    class Meta:
        database = database
        legacy_table_names = False

    if TYPE_CHECKING:  # the stubs' own `delete` is ambiguous or not, as the order of files decides

        @classmethod
        def delete(cls) -> peewee.ModelDelete: ...


class SqliteDatabase(PooledSqliteDatabase):
    """A writer queues for the one write lock at its first statement, so it can never find its snapshot
    overtaken.
    """

    def begin(self, lock_type: str = "IMMEDIATE") -> None:
        super().begin(lock_type)


class PostgresDatabase(PooledPostgresqlDatabase):
    """Tells a lost or unreachable server (`TryLater`) from our own mistakes, and connects anew after it."""

    _state: Any

    def connect(self, reuse_if_open: bool = False) -> Any:
        try:
            return super().connect(reuse_if_open)
        except (peewee.OperationalError, MaxConnectionsExceeded) as error:
            raise TryLater("database.unavailable", error=repr(error)) from error

    def cursor(self, named_cursor: Any = None) -> Any:
        if self._is_lost() and not self.in_transaction():
            self.close()
        return super().cursor(named_cursor)

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        try:
            return super().execute_sql(sql, params)
        except (peewee.OperationalError, peewee.InterfaceError) as error:
            if not (self._is_lost() or _is_deadlock(error)):
                raise
            raise TryLater("database.unavailable", error=repr(error)) from error

    def _is_closed(self, conn: Any) -> bool:
        """Asked by the pool for every request: the socket is looked at, the server is not asked. One that
        went away has left something to read there.
        """
        return bool(conn.closed) or _has_news(conn.fileno())

    def begin(self, isolation_level: Any = None) -> None:
        assert isolation_level is None
        self.execute_sql("BEGIN")

    def commit(self) -> Any:
        self.execute_sql("COMMIT")

    def rollback(self) -> Any:
        if not self._is_lost():
            self.execute_sql("ROLLBACK")

    def _is_lost(self) -> bool:
        return not self.is_closed() and bool(self._state.conn.closed)


def _is_deadlock(error: Exception) -> bool:
    """Two transactions waited for each other and this one was chosen to give way."""
    return getattr(getattr(error, "orig", None), "pgcode", "") == DEADLOCK


def _has_news(descriptor: int) -> bool:
    watcher = select.poll()
    watcher.register(descriptor, select.POLLIN)
    return bool(watcher.poll(0))


def connect(url: str) -> Database:
    """Point the store at `sqlite:///path` or `postgresql://…`. Connections open on first use, one per thread,
    pooled.
    """
    opened = _sqlite(url) if url.startswith("sqlite:") else _postgres(url)
    database.initialize(opened)
    return opened


def _sqlite(url: str) -> Database:
    path = url.removeprefix("sqlite:///")
    _switch_to_wal(path)
    pragmas = {"busy_timeout": int(BUSY_SECONDS * 1000), "synchronous": "full", "foreign_keys": 1}
    return SqliteDatabase(
        path, pragmas=pragmas, timeout=10, max_connections=POOL_SIZE, check_same_thread=False
    )


def _switch_to_wal(path: str) -> None:
    """Once per file. SQLite does not queue for this one lock, so two processes that start together must ask
    again.
    """
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = wal")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()


def _postgres(url: str) -> Database:
    address = "postgresql://" + url.partition("://")[2]
    return PostgresDatabase(
        address,
        max_connections=POOL_SIZE,
        timeout=10,
        connect_timeout=5,
        keepalives=1,
        keepalives_idle=30,
        keepalives_interval=10,
        keepalives_count=3,
        options="-c synchronous_commit=on -c timezone=UTC",
    )


def is_sqlite() -> bool:
    return isinstance(database.obj, peewee.SqliteDatabase)


def transaction_depth() -> int:
    """0 outside of any transaction; asserted before every network call."""
    return int(database.transaction_depth()) if database.obj is not None else 0


def atomic() -> Any:
    """One transaction; inside another it is a savepoint."""
    return database.atomic()


@contextmanager
def connection() -> Iterator[None]:
    """Hold this thread's connection for one request or job, then give it back to the pool."""
    try:
        yield
    finally:
        release()


def release() -> None:
    """Give this thread's connection back to the pool."""
    if database.obj is not None and not database.is_closed():
        database.close()


def clock_sql() -> str:
    """The database's own clock in epoch seconds: leases must not depend on the clocks of several hosts."""
    if is_sqlite():
        return "((julianday('now') - 2440587.5) * 86400.0)"
    return "extract(epoch from clock_timestamp())::double precision"


def run(sql: str, params: Any = ()) -> Any:
    """Execute plain SQL written with %s placeholders on either engine; returns the cursor."""
    return database.execute_sql(sql.replace("%s", database.param), tuple(params))


def prepared(sql: str, params: Any = ()) -> Any:
    """Like `run`, for the few statements that every hook needs: PostgreSQL keeps their plans for the life of
    the connection. SQLite's driver does so by itself.
    """
    if is_sqlite():
        return run(sql, params)
    names = _prepared.setdefault(database.cursor().connection, {})  # a new one after a loss
    if sql not in names:
        name = f"prepared_{len(names)}"
        numbers = itertools.count(1)
        run(f"PREPARE {name} AS {PLACEHOLDER.sub(lambda _: f'${next(numbers)}', sql)}")
        names[sql] = name
    return run(f"EXECUTE {names[sql]} ({','.join(['%s'] * len(params))})", params)


def rows(sql: str, params: Any = ()) -> list[tuple[Any, ...]]:
    return list(run(sql, params).fetchall())


def forget_after_fork() -> None:
    """A child never speaks on its parent's connection. Registered for every fork; safe to call again."""
    opened = database.obj
    if opened is None:
        return
    _inherited.append((opened._state.conn, opened._connections, opened._in_use))
    opened.dispose()


os.register_at_fork(after_in_child=forget_after_fork)
