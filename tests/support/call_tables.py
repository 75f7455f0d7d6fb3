"""Call tables as PBXes keep them, filled with recorded calls: SQLite, MariaDB and PostgreSQL."""

import sqlite3
from urllib.parse import urlsplit

import psycopg2
import pymysql

from sandbox.asterisk import recorded

CEL = (
    "eventtype", "eventtime", "cidname", "cidnum", "exten", "context", "channame", "appname", "appdata",
    "uniqueid", "linkedid", "peer", "extra",
)  # fmt: skip
CDR = (
    "calldate", "clid", "src", "dst", "dcontext", "channel", "dstchannel", "lastapp", "lastdata", "duration",
    "billsec", "disposition", "accountcode", "uniqueid", "linkedid", "sequence", "peeraccount",
    "recordingfile", "did",
)  # fmt: skip
KEYS = {
    "sqlite": "AcctId INTEGER PRIMARY KEY", "mysql": "id INT AUTO_INCREMENT PRIMARY KEY",
    "postgresql": "id SERIAL PRIMARY KEY",
}  # fmt: skip
TIMES = {"sqlite": "TEXT", "mysql": "DATETIME(6)", "postgresql": "TIMESTAMP"}


class CallTables:
    """`address` is what the settings get."""

    def __init__(self, address):
        self.address = address
        self.engine = urlsplit(address).scheme
        self.connection = CONNECT[self.engine](address)
        for name, columns in (("cel", CEL), ("cdr", CDR)):
            special = {"eventtime": TIMES[self.engine], "calldate": TIMES[self.engine], "extra": "TEXT"}
            typed = ", ".join(f"{column} {special.get(column, 'VARCHAR(80)')}" for column in columns)
            self.execute(f"CREATE TABLE {name} ({KEYS[self.engine]}, {typed})")

    def play(self, scenario, version="16", tables=("cel", "cdr")):
        """The rows that this call left."""
        rows = recorded.tables(recorded.Name(version, "all", scenario))
        for name in tables:
            for row in rows[name]:
                self.add(name, row)

    def add(self, name, row):
        columns = CEL if name == "cel" else CDR
        marks = ",".join(["%s"] * len(columns))
        values = [row.get(column) or "" for column in columns]
        self.execute(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})", values)

    def execute(self, sql, values=()):
        cursor = self.connection.cursor()
        cursor.execute(sql.replace("%s", "?") if self.engine == "sqlite" else sql, values)
        cursor.close()

    def close(self):
        self.connection.close()


def _sqlite(address):
    return sqlite3.connect(address.removeprefix("sqlite:///"), isolation_level=None)


def _mysql(address):
    parts = urlsplit(address)
    return pymysql.connect(
        host=parts.hostname, port=parts.port, user=parts.username, password=parts.password,
        database=parts.path[1:], autocommit=True, charset="utf8mb4",
    )  # fmt: skip


def _postgresql(address):
    connection = psycopg2.connect(address)
    connection.autocommit = True
    return connection


CONNECT = {"sqlite": _sqlite, "mysql": _mysql, "postgresql": _postgresql}
