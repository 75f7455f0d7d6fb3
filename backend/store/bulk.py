"""Many rows in one statement, on both engines: insert, upsert, update from values, and look-ups by long
lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import peewee

from backend.store import db

CHUNK = 500  # rows per statement: far below SQLite's 32,766 parameters with our widest table

Row = Mapping[str, Any]  # field name → Python value; all rows of one call have the same names
Model = type[peewee.Model]

SQL_TYPES = {"BIGAUTO": "bigint", "BIGINT": "bigint", "BOOL": "boolean"}  # everything else of ours is text


def chunks(items: Iterable[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """Lists of at most `size` items."""
    everything = list(items)
    for start in range(0, len(everything), size):
        yield everything[start : start + size]


def marks(count: int) -> str:
    """`%s,%s,…` for an IN list."""
    return ",".join(("%s",) * count)


def insert(model: Model, new: Iterable[Row], tail: str = "") -> list[tuple[Any, ...]]:
    """Insert rows; `tail` is what follows VALUES. Returns what its RETURNING gave."""
    returned: list[tuple[Any, ...]] = []
    for chunk in chunks(new):
        names = list(chunk[0])
        one = f"({marks(len(names))})"
        values = ",".join([one] * len(chunk))
        sql = f"INSERT INTO {table(model)} ({_columns(model, names)}) VALUES {values} {tail}"
        cursor = db.run(sql, _values(model, names, chunk))
        returned += cursor.fetchall() if "RETURNING" in tail else []
    return returned


def upsert(model: Model, new: Iterable[Row], key: Sequence[str], tail: str = "") -> list[tuple[Any, ...]]:
    """Insert rows or overwrite those with the same key; `tail` may add WHERE and RETURNING. Keys must not
    repeat.
    """
    everything = list(new)
    if not everything:
        return []
    changed = [name for name in everything[0] if name not in key]
    sets = ", ".join(f"{column} = excluded.{column}" for column in (_column(model, name) for name in changed))
    return insert(model, everything, f"ON CONFLICT ({_columns(model, key)}) DO UPDATE SET {sets} {tail}")


def update(model: Model, key: str, new: Iterable[Row], extra: str = "") -> int:
    """Set the other fields of the rows found by field `key`; `extra` adds conditions on table `t`. Returns
    how many.
    """
    done = 0
    for chunk in chunks(new):
        names = [key, *(name for name in chunk[0] if name != key)]
        typed = ",".join(f"CAST(%s AS {_sql_type(model, name)})" for name in names)
        values = ",".join([f"({typed})", *[f"({marks(len(names))})"] * (len(chunk) - 1)])
        sets = ", ".join(f"{_column(model, name)} = v.column{n}" for n, name in enumerate(names[1:], start=2))
        sql = (
            f"UPDATE {table(model)} AS t SET {sets} FROM (VALUES {values}) AS v "
            f"WHERE t.{_column(model, key)} = v.column1 {extra}"
        )
        done += db.run(sql, _values(model, names, chunk)).rowcount
    return done


def table(model: Model) -> str:
    return str(model._meta.table_name)


def _column(model: Model, name: str) -> str:
    return f'"{model._meta.fields[name].column_name}"'


def _columns(model: Model, names: Iterable[str]) -> str:
    return ", ".join(_column(model, name) for name in names)


def _sql_type(model: Model, name: str) -> str:
    return SQL_TYPES.get(model._meta.fields[name].field_type, "text")


def _values(model: Model, names: Sequence[str], chunk: Sequence[Row]) -> list[Any]:
    fields = [(name, model._meta.fields[name].db_value) for name in names]
    return [stored(row[name]) for row in chunk for name, stored in fields]
