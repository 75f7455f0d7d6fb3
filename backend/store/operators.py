"""People who sign in to the panel, and the trail of what they changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import peewee
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from backend.core.errors import InvalidInput, TryLater
from backend.store import db
from backend.store.db import BaseModel, JsonField, UtcField

ROLES = ("owner", "operator", "viewer")
MIN_PASSWORD = 10

LOGIN_FAILURES, ADDRESS_FAILURES = 5, 20  # an office behind one address has more than one forgetful person
FORGIVEN_AFTER = timedelta(minutes=15)
LOCKED_FOR = timedelta(minutes=5)

# OWASP's smallest profile: 19 MiB for a moment, since several web workers share a small machine.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_nobody = _hasher.hash("nobody has this password")


class Operator(BaseModel):
    id = peewee.BigAutoField()
    login = peewee.TextField()
    password_hash = peewee.TextField()
    role = peewee.TextField()
    is_active = peewee.BooleanField(default=True)
    created_at = UtcField()
    last_seen_at = UtcField(null=True)

    class Meta:
        table_name = "operators"


class SignInFailure(BaseModel):
    """`subject` is `login:…` or `address:…`."""

    subject = peewee.TextField(primary_key=True)
    failed_count = peewee.BigIntegerField()
    failed_at = UtcField()
    locked_until = UtcField(null=True)

    class Meta:
        table_name = "sign_in_failures"


class AuditEntry(BaseModel):
    """Who changed what, when and from where."""

    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField(null=True)
    operator = peewee.TextField()
    address = peewee.TextField()
    action = peewee.TextField()
    subject = peewee.TextField()
    before = JsonField(null=True)
    after = JsonField(null=True)
    created_at = UtcField()

    class Meta:
        table_name = "audit_entries"


def add(login: str, password: str, role: str, now: datetime) -> int:
    """Create an operator, or give a known one a new password and role; returns the id."""
    if role not in ROLES:
        raise InvalidInput("operators.unknown_role", role=role)
    if len(password) < MIN_PASSWORD:
        raise InvalidInput("operators.short_password", least=MIN_PASSWORD)
    name, password_hash = login.strip().lower(), _hasher.hash(password)
    saved = db.run(
        """INSERT INTO operators (login, password_hash, role, is_active, created_at) VALUES (%s, %s, %s, true,
        %s) ON CONFLICT (login) DO UPDATE SET password_hash = excluded.password_hash, role = excluded.role,
            is_active = excluded.is_active RETURNING id""",
        (name, password_hash, role, db.micros(now)),
    )
    return int(saved.fetchall()[0][0])


def verify(login: str, password: str, now: datetime, address: str = "") -> Operator | None:
    """The operator whose password this is. TryLater while the login or the address has failed too often."""
    name = login.strip().lower()
    subjects = [(f"login:{name}", LOGIN_FAILURES), (f"address:{address}", ADDRESS_FAILURES)]
    _refuse_locked([subject for subject, _ in subjects], now)
    operator = Operator.get_or_none((Operator.login == name) & Operator.is_active)
    if not _is_password(operator.password_hash if operator else _nobody, password) or operator is None:
        for subject, allowed in subjects:
            _count_failure(subject, allowed, now)
        return None
    SignInFailure.delete().where(SignInFailure.subject == f"login:{name}").execute()
    Operator.update(last_seen_at=now).where(Operator.id == operator.id).execute()
    return operator


def by_id(operator_id: int) -> Operator | None:
    return Operator.get_or_none(Operator.id == operator_id)


def all_operators() -> list[Operator]:
    return list(Operator.select().order_by(Operator.login))


def set_active(operator_id: int, *, is_active: bool) -> None:
    Operator.update(is_active=is_active).where(Operator.id == operator_id).execute()


def audit(  # noqa: PLR0913 - the columns of a line
    now: datetime,
    *,
    operator: str,
    action: str,
    subject: str = "",
    account_id: int | None = None,
    address: str = "",
    before: Any = None,
    after: Any = None,
) -> None:
    """One line of the trail; `before` and `after` are JSON without secrets."""
    AuditEntry.insert(
        account_id=account_id, operator=operator, address=address, action=action, subject=subject,
        before=before, after=after, created_at=now,
    ).execute()  # fmt: skip


def audit_page(
    account_id: int | None = None, before_id: int | None = None, limit: int = 50
) -> list[AuditEntry]:
    """Newest first; None shows all accounts."""
    query = AuditEntry.select().order_by(AuditEntry.id.desc()).limit(limit)
    if account_id is not None:
        query = query.where(AuditEntry.account_id == account_id)
    return list(query if before_id is None else query.where(AuditEntry.id < before_id))


def _refuse_locked(subjects: list[str], now: datetime) -> None:
    where = SignInFailure.subject.in_(subjects) & (SignInFailure.locked_until > now)
    until = SignInFailure.select(peewee.fn.MAX(SignInFailure.locked_until)).where(where).scalar()
    if until is not None:
        raise TryLater("operators.locked", after=until - now)


def _is_password(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _count_failure(subject: str, allowed: int, now: datetime) -> None:
    """Old failures are forgiven; the last one allowed locks the subject for a while."""
    failed, forgiven = db.micros(now), db.micros(now - FORGIVEN_AFTER)
    counted = "CASE WHEN f.failed_at < %s THEN 1 ELSE f.failed_count + 1 END"
    db.run(
        f"""INSERT INTO sign_in_failures AS f (subject, failed_count, failed_at) VALUES (%s, 1, %s)
        ON CONFLICT (subject) DO UPDATE SET failed_count = {counted}, failed_at = excluded.failed_at,
            locked_until = CASE WHEN {counted} >= %s THEN CAST(%s AS bigint) END""",
        (subject, failed, forgiven, forgiven, allowed, db.micros(now + LOCKED_FOR)),
    )
