"""Encryption of what must not be readable in the database: OAuth tokens and the salons' user tokens."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import peewee
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backend.core.errors import NeedsHuman
from backend.store import db

PURPOSE = b"mostik: secrets at rest"  # a key for another purpose must come out different

_box: SecretBox | None = None


class SecretBox:
    """Encrypts with the first key, decrypts with any of them, so that keys can be changed without a pause."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(_derived(key)) for key in keys])

    def seal(self, secret: str) -> str:
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise NeedsHuman("secrets.unreadable") from error

    def reseal(self, sealed: str) -> str:
        """The same secret under the first key."""
        return self.seal(self.open(sealed))


def configure(keys: Sequence[str]) -> None:
    """Set the process's keys: SECRET_KEY first, then SECRET_KEY_OLD while there is one."""
    global _box  # set once at start, beside the database handle
    _box = SecretBox(keys)


def box() -> SecretBox:
    assert _box is not None, "secrets.configure was not called"
    return _box


class EncryptedField(peewee.TextField):
    """Text that is encrypted in the database and plain in Python."""

    def db_value(self, value: Any) -> Any:
        return None if value is None else box().seal(value)

    def python_value(self, value: Any) -> Any:
        return None if value is None else box().open(value)


def rotate() -> int:
    """Encrypt every stored secret anew under the first key; returns how many. All or nothing."""
    with db.atomic():
        return sum(_rotate_column(table, column) for table, column in _columns())


def _columns() -> Iterator[tuple[str, str]]:
    for model in db.BaseModel.__subclasses__():
        for field in model._meta.sorted_fields:
            if isinstance(field, EncryptedField):
                yield model._meta.table_name, field.column_name


def _rotate_column(table: str, column: str) -> int:
    lock = "" if db.is_sqlite() else "FOR UPDATE"
    sealed = db.rows(f"SELECT id, {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY id {lock}")
    for row_id, value in sealed:
        db.run(f"UPDATE {table} SET {column} = %s WHERE id = %s", (box().reseal(value), row_id))
    return len(sealed)


def _derived(key: str) -> bytes:
    derivation: Callable[[bytes], bytes] = HKDF(hashes.SHA256(), 32, salt=None, info=PURPOSE).derive
    return base64.urlsafe_b64encode(derivation(key.encode()))
