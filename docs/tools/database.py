"""The schema as a freshly migrated SQLite database has it."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from backend.store import db, migrate
from docs.tools import words
from docs.tools.markdown import code, table

TYPES = {"INTEGER": "BIGINT"}  # SQLite's word for a counted key


def schema() -> str:
    """Every table: purpose, columns, indices."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "schema.db"
        database = db.connect(f"sqlite:///{path}")
        try:
            migrate.upgrade()
        finally:
            database.close()
        connection = sqlite3.connect(path)
        try:
            return "\n\n".join(_table(connection, name) for name in _tables(connection))
        finally:
            connection.close()


def _tables(connection: sqlite3.Connection) -> list[str]:
    """In the order in which the migrations make them."""
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid")
    return [name for (name,) in found if not name.startswith("sqlite_")]


def _table(connection: sqlite3.Connection, name: str) -> str:
    rows = [
        (code(column), TYPES.get(kind, kind), _need(is_required, place), words.of_column(name, column))
        for _, column, kind, is_required, _, place in connection.execute(f"PRAGMA table_info({name})")
    ]
    columns = table(("столбец", "тип", "", "что это"), rows)
    indices = "; ".join(_indices(connection, name))
    ending = f"\n\nИндексы: {indices}." if indices else ""
    return f"#### `{name}`\n\n{words.of('tables', name)}\n\n{columns}{ending}"


def _need(is_required: int, place: int) -> str:
    if place:
        return "ключ"
    return "" if is_required else "может быть пусто"


def _indices(connection: sqlite3.Connection, name: str) -> Iterator[str]:
    listed = connection.execute(f"PRAGMA index_list({name})").fetchall()
    for _, index, is_unique, origin, is_partial in sorted(listed, key=lambda row: row[1]):
        if origin == "pk":
            continue
        columns = ", ".join(column for _, _, column in connection.execute(f"PRAGMA index_info({index})"))
        kind = "уникальный " if is_unique else ""
        yield f"{kind}{code(columns)}" + (f" при {code(_condition(connection, index))}" if is_partial else "")


def _condition(connection: sqlite3.Connection, index: str) -> str:
    ((sql,),) = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (index,)).fetchall()
    return " ".join(sql.partition(" WHERE ")[2].split() or sql.partition("WHERE ")[2].split())
