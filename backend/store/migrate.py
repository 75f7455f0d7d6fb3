"""Brings the database to the newest schema: applies the numbered scripts that it has not seen yet."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable

from backend.store import db, migrations

ADVISORY_LOCK = 5_190_417  # any number, the same in every process: two upgrades at once queue here

KEY_TYPES = {True: "INTEGER PRIMARY KEY AUTOINCREMENT", False: "BIGSERIAL PRIMARY KEY"}


def upgrade() -> list[str]:
    """Apply what is missing, all in one transaction; returns the names of the applied scripts."""
    with db.atomic():
        if not db.is_sqlite():
            db.run("SELECT pg_advisory_xact_lock(%s)", (ADVISORY_LOCK,))
        db.run("CREATE TABLE IF NOT EXISTS schema_version (name TEXT PRIMARY KEY)")
        missing = [name for name in _scripts() if name not in applied()]
        for name in missing:
            _apply(name)
        return missing


def applied() -> set[str]:
    return {name for (name,) in db.rows("SELECT name FROM schema_version")}


def is_current() -> bool:
    """Whether the schema is the one this code was written for; asked by the health check."""
    return set(_scripts()) <= applied()


def _scripts() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(migrations.__path__))


def _apply(name: str) -> None:
    script = importlib.import_module(f"{migrations.__name__}.{name}")
    execute: Callable[[str], object] = db.run
    for statement in script.statements(key=KEY_TYPES[db.is_sqlite()]):
        execute(statement)
    db.run("INSERT INTO schema_version (name) VALUES (%s)", (name,))
