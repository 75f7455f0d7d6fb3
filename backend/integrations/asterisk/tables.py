"""The call tables of a PBX (CDR and CEL) in MySQL or MariaDB, PostgreSQL or SQLite: read, never written to.

An address is «mysql://reader:secret@host:3306/asteriskcdrdb», «postgresql://…» or «sqlite:////path/master.db»;
`?cel=…&cdr=…` name the tables where a site calls them differently. Names are checked, values always travel as
parameters, and every question has a time limit.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg2
import pymysql

from backend.core.errors import InvalidInput, TryLater

CEL, CDR = "cel", "cdr"
CONNECT_SECONDS, ANSWER_SECONDS = 5, 20
MANY = 200  # names in one question
MOST = 20_000  # rows of one question
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}(\.[A-Za-z_][A-Za-z0-9_]{0,62})?", re.ASCII)
PORTS = {"mysql": 3306, "postgresql": 5432}
KEYS = ("id", "acctid")  # columns that number the rows, where there are any
TIMES = {CEL: ("eventtime",), CDR: ("calldate", "start")}
REFUSED = frozenset({1044, 1045, 1049, 1142, 1146, 1698})  # MySQL: who may not, what is not there
Row = Mapping[str, Any]


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


def parse(address: str) -> Place:
    """InvalidInput when this is no address of tables."""
    try:
        parts = urlsplit(address.strip())
        given = {name: values[-1] for name, values in parse_qs(parts.query, strict_parsing=False).items()}
        port = parts.port
    except ValueError:
        raise InvalidInput("tables.address") from None
    scheme = {"mariadb": "mysql", "postgres": "postgresql"}.get(parts.scheme, parts.scheme)
    names = {kind: given.pop(kind, kind) for kind in (CEL, CDR)}
    host = parts.hostname or (given.pop("host", "") if scheme == "postgresql" else "")  # or a socket's folder
    database = unquote(parts.path.removeprefix("/"))
    is_file = scheme == "sqlite" and not parts.netloc and database.startswith("/")
    is_server = scheme in PORTS and bool(host) and bool(database) and "/" not in database
    if given or not (is_file or is_server) or not all(NAME.fullmatch(name) for name in names.values()):
        raise InvalidInput("tables.address")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Place(scheme, host, port or PORTS.get(scheme, 0), user, password, database, names)


@contextmanager
def opened(address: str) -> Iterator[Tables]:
    """The tables, for some questions. TryLater when they cannot be reached, InvalidInput when they say no."""
    place = parse(address)
    with _told(place):
        connection = CONNECT[place.scheme](place)
    try:
        yield Tables(place, connection)
    finally:
        connection.close()


class Tables:
    """Rows come as dictionaries with the table's own names in lower case."""

    def __init__(self, place: Place, connection: Any) -> None:
        self._place = place
        self._connection = connection
        self._columns: dict[str, tuple[str, ...]] = {}

    def columns(self, kind: str) -> tuple[str, ...]:
        """Empty when there is no such table, or we may not read it."""
        if kind not in self._columns:
            try:
                self._columns[kind], _ = self._asked(f"SELECT * FROM {self._table(kind)} WHERE 1 = 0", ())
            except InvalidInput:
                self._columns[kind] = ()
                self._connection.rollback()
        return self._columns[kind]

    def newest(self, kind: str) -> int:
        """The greatest number of a row; 0 when rows have none, or there are none."""
        key = self._key(kind)
        found = self._rows(f"SELECT max({key}) AS n FROM {self._table(kind)}", ()) if key else []
        return int(found[0]["n"] or 0) if found else 0

    def after(self, kind: str, position: int, limit: int = MOST) -> list[Row]:
        """Rows numbered above `position`, in that order: number, time and linked id of each."""
        key = self._key(kind)
        if not key:
            return []
        wanted = f"{key} AS id, {self._time(kind)} AS at, linkedid"
        sql = f"SELECT {wanted} FROM {self._table(kind)} WHERE {key} > %s ORDER BY {key} LIMIT %s"
        return self._rows(sql, (position, limit))

    def linked_between(self, kind: str, since: datetime, until: datetime) -> list[str]:
        """Linked ids of what happened in [since, until); the bounds are in the PBX's own zone."""
        moment = self._time(kind)
        bounds = [self._as_stored(kind, at) for at in (since, until)]
        period = f"{moment} >= %s AND {moment} < %s"
        sql = f"SELECT DISTINCT linkedid FROM {self._table(kind)} WHERE {period} LIMIT %s"
        return [str(row["linkedid"]) for row in self._rows(sql, (*bounds, MOST)) if row["linkedid"]]

    def whole(self, kind: str, linked: Sequence[str]) -> list[Row]:
        """Every row of these calls, with those of the linked ids that their channels had besides: a pickup,
        two calls joined.
        """
        found: list[Row] = []
        asked, wanted = set[str](), {one for one in linked if one}
        while wanted:
            rows = self._by(kind, "linkedid", wanted)
            asked |= wanted
            found += rows
            channels = {str(row["uniqueid"]) for row in rows}
            wanted = self._others(kind, channels) - asked if kind == CEL else set()
        return found

    def kinds_of_events(self, most: int = 2000) -> set[str]:
        """Which events the newest rows of CEL are."""
        key = self._key(CEL)
        order = f"ORDER BY {key} DESC" if key else ""
        sql = f"SELECT eventtype FROM {self._table(CEL)} {order} LIMIT %s"
        return {str(row["eventtype"]) for row in self._rows(sql, (most,))}

    def _by(self, kind: str, column: str, wanted: set[str]) -> list[Row]:
        found = []
        for some in _portions(sorted(wanted)):
            marks = ",".join(["%s"] * len(some))
            sql = f"SELECT * FROM {self._table(kind)} WHERE {column} IN ({marks}) LIMIT %s"
            found += self._rows(sql, (*some, MOST))
        return found

    def _others(self, kind: str, channels: set[str]) -> set[str]:
        found = set()
        for some in _portions(sorted(channels)):
            marks = ",".join(["%s"] * len(some))
            sql = f"SELECT DISTINCT linkedid FROM {self._table(kind)} WHERE uniqueid IN ({marks})"
            found |= {str(row["linkedid"]) for row in self._rows(sql, tuple(some))}
        return found

    def _as_stored(self, kind: str, at: datetime) -> Any:
        """Times of this column are seconds since 1970 at some sites, a wall clock's words at others."""
        moment = self._time(kind)
        found = self._rows(f"SELECT {moment} AS at FROM {self._table(kind)} LIMIT 1", ())
        sample = found[0]["at"] if found else None
        if isinstance(sample, str) and sample.replace(".", "", 1).isdecimal():
            return f"{at.timestamp():.6f}"
        if isinstance(sample, int | float):
            return at.timestamp()
        if isinstance(sample, datetime) and sample.tzinfo:
            return at
        return at.replace(tzinfo=None).isoformat(" ")

    def _key(self, kind: str) -> str:
        return next((name for name in KEYS if name in self.columns(kind)), "")

    def _time(self, kind: str) -> str:
        return next((name for name in TIMES[kind] if name in self.columns(kind)), TIMES[kind][0])

    def _table(self, kind: str) -> str:
        return self._place.names[kind]

    def _rows(self, sql: str, params: Sequence[Any]) -> list[Row]:
        names, rows = self._asked(sql, params)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _asked(self, sql: str, params: Sequence[Any]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        with _told(self._place):
            cursor = self._connection.cursor()
            mark = "?" if self._place.scheme == "sqlite" else "%s"
            cursor.execute(sql.replace("%s", mark), tuple(params))
            names = tuple(str(column[0]).lower() for column in cursor.description)
            rows = list(cursor.fetchall())
            cursor.close()
        return names, rows


def _mysql(place: Place) -> Any:
    return pymysql.connect(
        host=place.host, port=place.port, user=place.user, password=place.password,
        database=place.database, charset="utf8mb4", connect_timeout=CONNECT_SECONDS,
        read_timeout=ANSWER_SECONDS, write_timeout=ANSWER_SECONDS,
        init_command="SET SESSION TRANSACTION READ ONLY", autocommit=True,
    )  # fmt: skip


def _postgresql(place: Place) -> Any:
    connection = psycopg2.connect(
        host=place.host, port=place.port, user=place.user, password=place.password, dbname=place.database,
        connect_timeout=CONNECT_SECONDS, options=f"-c statement_timeout={ANSWER_SECONDS * 1000}",
    )  # fmt: skip
    connection.set_session(readonly=True, autocommit=True)
    return connection


def _sqlite(place: Place) -> Any:
    """Read only: a file that is not there is not made."""
    address = f"{Path(place.database).as_uri()}?mode=ro"
    connection = sqlite3.connect(address, uri=True, timeout=CONNECT_SECONDS, check_same_thread=False)
    until = time.monotonic() + ANSWER_SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > until, 100_000)
    return connection


CONNECT = {"mysql": _mysql, "postgresql": _postgresql, "sqlite": _sqlite}


@contextmanager
def _told(place: Place) -> Iterator[None]:
    """What a driver says, in our words. A driver's own text may carry the address: it goes no further than
    its kind.
    """
    try:
        yield
    except pymysql.MySQLError as error:
        code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
        if isinstance(error, pymysql.ProgrammingError) or code in REFUSED:
            raise InvalidInput("tables.refused", host=place.host, error=code) from None
        raise TryLater("tables.unreachable", host=place.host, error=code) from None
    except psycopg2.Error as error:
        if isinstance(error, psycopg2.ProgrammingError) or "authentication" in str(error):
            raise InvalidInput("tables.refused", host=place.host, error=error.pgcode or "") from None
        raise TryLater("tables.unreachable", host=place.host, error=error.pgcode or "") from None
    except sqlite3.Error as error:
        if isinstance(error, sqlite3.DatabaseError) and "no such" in str(error):
            raise InvalidInput("tables.refused", host=place.database, error="no such table") from None
        raise TryLater("tables.unreachable", host=place.database, error=type(error).__name__) from None


def _portions(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), MANY):
        yield names[start : start + MANY]
