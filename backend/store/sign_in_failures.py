"""Wrong passwords and codes are counted, and who fails too often waits: by login and by address."""

from __future__ import annotations

from datetime import datetime, timedelta

import peewee

from backend.core.errors import TryLater
from backend.store import db
from backend.store.db import BaseModel, UtcField

FORGIVEN_AFTER = timedelta(minutes=15)
LOCKED_FOR = timedelta(minutes=5)


class SignInFailure(BaseModel):
    """`subject` is `login:…`, `code:…` or `address:…`."""

    subject = peewee.TextField(primary_key=True)
    failed_count = peewee.BigIntegerField()
    failed_at = UtcField()
    locked_until = UtcField(null=True)

    class Meta:
        table_name = "sign_in_failures"


def refuse_locked(subjects: list[str], now: datetime) -> None:
    """TryLater while one of them has failed too often."""
    where = SignInFailure.subject.in_(subjects) & (SignInFailure.locked_until > now)
    until = SignInFailure.select(peewee.fn.MAX(SignInFailure.locked_until)).where(where).scalar()
    if until is not None:
        raise TryLater("operators.locked", after=until - now)


def count(subject: str, allowed: int, now: datetime) -> None:
    """Old failures are forgiven; the last one allowed locks the subject for a while."""
    failed, forgiven = db.micros(now), db.micros(now - FORGIVEN_AFTER)
    counted = "CASE WHEN f.failed_at < %s THEN 1 ELSE f.failed_count + 1 END"
    db.run(
        f"""INSERT INTO sign_in_failures AS f (subject, failed_count, failed_at) VALUES (%s, 1, %s)
        ON CONFLICT (subject) DO UPDATE SET failed_count = {counted}, failed_at = excluded.failed_at,
            locked_until = CASE WHEN {counted} >= %s THEN CAST(%s AS bigint) END""",
        (subject, failed, forgiven, forgiven, allowed, db.micros(now + LOCKED_FOR)),
    )


def forgive(subject: str) -> None:
    SignInFailure.delete().where(SignInFailure.subject == subject).execute()
