"""Connections to a database that a customer has named. It may be slow, endless or wicked: every question has
its time, what it sends is counted where the driver lets us, and nothing of this machine takes part: no
socket, no password of ours, no file but in folders that the operator has opened.
"""

from __future__ import annotations

import select
import socket
import sqlite3
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psycopg2
import pymysql
from psycopg2 import extensions

from backend.integrations import outward

CONNECT_SECONDS, ANSWER_SECONDS = 5, 20
LARGEST = 64 * 1024 * 1024  # bytes of one answer
LOST = 2013  # MySQL's own number for an answer that broke off
NO_PASSWORD = "none"  # noqa: S105 - an empty one would have libpq look for ours


@dataclass(frozen=True, slots=True)
class Place:
    """An address taken apart. `names`: which table is which."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    database: str
    names: Mapping[str, str]

    @property
    def is_local(self) -> bool:
        """A file of this machine, or a socket that lies among its files."""
        return self.scheme == "sqlite" or self.host.startswith("/")


def mysql(place: Place) -> Any:
    connection = _MySql(
        host=place.host, port=place.port, user=place.user, password=place.password,
        database=place.database, charset="utf8mb4", connect_timeout=CONNECT_SECONDS,
        read_timeout=ANSWER_SECONDS, write_timeout=ANSWER_SECONDS, defer_connect=True,
        autocommit=True,
    )  # fmt: skip
    try:
        connection.connect(outward.connect(place.host, place.port, CONNECT_SECONDS))
    except OSError as error:
        raise pymysql.OperationalError(LOST, type(error).__name__) from error
    with suppress(pymysql.ProgrammingError):  # MariaDB 5.5, which many a FreePBX has, knows no such thing
        connection.query("SET SESSION TRANSACTION READ ONLY")
    return connection


def postgresql(place: Place) -> Any:
    options = f"-c statement_timeout={ANSWER_SECONDS * 1000} -c default_transaction_read_only=on"
    connection = psycopg2.connect(
        **_where(place), port=place.port, user=place.user, dbname=place.database,
        password=place.password or NO_PASSWORD, passfile="/dev/null", gssencmode="disable", options=options,
        async_=True,
    )  # fmt: skip
    try:
        _wait(connection, CONNECT_SECONDS)
    except BaseException:
        connection.close()
        raise
    return _PostgreSql(connection)


def _where(place: Place) -> dict[str, Any]:
    """The folder of a socket, or the very address that was judged."""
    if place.is_local:
        return {"host": str(outward.check_file(place.host))}
    try:
        return {"host": place.host, "hostaddr": outward.addresses(place.host, place.port)[0]}
    except OSError as error:
        raise psycopg2.OperationalError(type(error).__name__) from error


def sqlite(place: Place) -> Any:
    """Read only: a file that is not there is not made."""
    address = f"{outward.check_file(place.database).as_uri()}?mode=ro"
    connection = sqlite3.connect(address, uri=True, timeout=CONNECT_SECONDS, check_same_thread=False)
    until = time.monotonic() + ANSWER_SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > until, 100_000)
    return connection


CONNECT = {"mysql": mysql, "postgresql": postgresql, "sqlite": sqlite}


class _MySql(pymysql.Connection):
    """Who sends a byte now and then is not waited for, who sends without end is not listened to."""

    _until = 0.0
    _allowed = 0
    _sock: socket.socket
    _rfile: Any

    def connect(self, sock: Any = None) -> None:
        self._begin(CONNECT_SECONDS)
        super().connect(sock)

    def query(self, sql: Any, unbuffered: bool = False) -> Any:
        self._begin(ANSWER_SECONDS)
        return super().query(sql, unbuffered)

    def _begin(self, seconds: float) -> None:
        self._until, self._allowed = time.monotonic() + seconds, LARGEST

    def _read_bytes(self, num_bytes: int) -> bytes:
        found = bytearray()
        self._allowed -= num_bytes
        while len(found) < num_bytes:
            left = self._until - time.monotonic()
            piece = self._piece(num_bytes - len(found), left) if left > 0 <= self._allowed else b""
            if not piece:
                self._sock.close()
                raise pymysql.OperationalError(LOST, "lost")
            found += piece
        return bytes(found)

    def _piece(self, size: int, seconds: float) -> bytes:
        self._sock.settimeout(seconds)
        self._current_timeout = None
        try:
            return bytes(self._rfile.read1(size))
        except OSError:
            return b""


class _PostgreSql:
    """As other drivers have it; libpq itself would wait for ever."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def cursor(self) -> _Cursor:
        return _Cursor(self._connection)

    def rollback(self) -> None:
        """Every question is a transaction of its own."""

    def close(self) -> None:
        self._connection.close()


class _Cursor:
    def __init__(self, connection: Any) -> None:
        self._connection, self._cursor = connection, connection.cursor()

    def execute(self, sql: str, params: tuple[Any, ...]) -> None:
        self._cursor.execute(sql, params)
        _wait(self._connection, ANSWER_SECONDS)

    @property
    def description(self) -> Any:
        return self._cursor.description

    def fetchall(self) -> list[tuple[Any, ...]]:
        return list(self._cursor.fetchall())

    def close(self) -> None:
        self._cursor.close()


def _wait(connection: Any, seconds: float) -> None:
    until = time.monotonic() + seconds
    while (state := connection.poll()) != extensions.POLL_OK:
        left = until - time.monotonic()
        descriptor = [connection.fileno()]
        reads, writes = (descriptor, []) if state == extensions.POLL_READ else ([], descriptor)
        if left <= 0 or not any(select.select(reads, writes, [], left)):
            connection.close()
            raise psycopg2.OperationalError("late")
