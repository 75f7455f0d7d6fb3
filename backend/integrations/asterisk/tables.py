"""The call tables of a PBX (CDR and CEL) in MySQL or MariaDB, PostgreSQL or SQLite: read, never written to.

An address is «mysql://reader:secret@host:3306/asteriskcdrdb», «postgresql://…» or «sqlite:////path/master.db»;
`?cel=…&cdr=…` name the tables where a site calls them differently. Names are checked, values always travel as
parameters, and every question has a time limit.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg2
import pymysql

from backend.core.errors import AppError, InvalidInput, TryLater
from backend.core.telephony.call import Source
from backend.integrations.asterisk.drivers import CONNECT, Place

CEL, CDR = Source.CEL, Source.CDR
MANY = 200  # names in one question
MOST = 20_000  # rows of one question
ROUNDS = 20  # calls that lead to calls: more than that is no switchboard, it is somebody's joke
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}(\.[A-Za-z_][A-Za-z0-9_]{0,62})?", re.ASCII)
HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._:-]{0,250}[A-Za-z0-9])?")  # one, never several
SOCKET = re.compile(r"/[^,]{1,250}")
PORTS = {"mysql": 3306, "postgresql": 5432}
KEYS = ("id", "acctid")  # columns that number the rows, where there are any
TIMES: Mapping[str, Sequence[str]] = {CEL: ("eventtime",), CDR: ("calldate", "start")}
LONGEST = 2000  # characters of a value
CLEAN = dict.fromkeys((*range(32), 127), " ")
REFUSED = frozenset({1044, 1045, 1049, 1142, 1146, 1698})  # MySQL: who may not, what is not there
Row = Mapping[str, Any]


def parse(address: str) -> Place:
    """InvalidInput when this is no address of tables."""
    try:
        parts = urlsplit(address.strip())
        given = {name: values[-1] for name, values in parse_qs(parts.query, strict_parsing=False).items()}
        port = parts.port
    except ValueError:
        raise InvalidInput("tables.address") from None
    scheme = {"mariadb": "mysql", "postgres": "postgresql"}.get(parts.scheme, parts.scheme)
    names: dict[str, str] = {kind: given.pop(kind, kind) for kind in (CEL, CDR)}
    host = parts.hostname or (given.pop("host", "") if scheme == "postgresql" else "")  # or a socket's folder
    database = unquote(parts.path.removeprefix("/"))
    is_file = scheme == "sqlite" and not parts.netloc and database.startswith("/")
    is_named = bool(HOST.fullmatch(host)) or SOCKET.fullmatch(host) is not None
    is_server = scheme in PORTS and is_named and bool(database) and "/" not in database
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
        for _ in range(ROUNDS):
            if not wanted:
                break
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
        return [dict(zip(names, map(_plain, row), strict=True)) for row in rows]

    def _asked(self, sql: str, params: Sequence[Any]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        with _told(self._place):
            cursor = self._connection.cursor()
            mark = "?" if self._place.scheme == "sqlite" else "%s"
            cursor.execute(sql.replace("%s", mark), tuple(params))
            names = tuple(str(column[0]).lower() for column in cursor.description)
            rows = list(cursor.fetchall())
            cursor.close()
        return names, rows


@contextmanager
def _told(place: Place) -> Iterator[None]:
    """What a driver says, in our words; a wicked server makes one say anything. A driver's own text may carry
    the address: it goes no further than its kind.
    """
    try:
        yield
    except AppError:
        raise
    except Exception as error:  # noqa: BLE001 - see above
        raise _words(place, error) from None


def _words(place: Place, error: Exception) -> AppError:
    code: object = type(error).__name__
    is_refused = isinstance(error, pymysql.ProgrammingError | psycopg2.ProgrammingError)
    if isinstance(error, pymysql.MySQLError):
        code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
        is_refused = is_refused or code in REFUSED
    elif isinstance(error, psycopg2.Error):
        code = error.pgcode or ""
        is_refused = is_refused or "authentication" in str(error)
    elif isinstance(error, sqlite3.DatabaseError) and "no such" in str(error):
        is_refused, code = True, "no such table"
    where = place.host or place.database
    if is_refused:
        return InvalidInput("tables.refused", host=where, error=code)
    return TryLater("tables.unreachable", host=where, error=code)


def _plain(value: Any) -> Any:
    """Whatever a column holds: no more of it than a call has, and nothing that no database of ours keeps."""
    return value[:LONGEST].translate(CLEAN) if isinstance(value, str) else value


def _portions(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), MANY):
        yield names[start : start + MANY]
