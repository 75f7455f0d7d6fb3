"""People who sign in to the panel of this installation: logins, passwords, roles."""

from __future__ import annotations

import re
import secrets as random_secrets
from datetime import datetime
from typing import Any

import peewee
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from backend.core.errors import InvalidInput
from backend.store import db, sign_in_failures
from backend.store.audit import AuditEntry
from backend.store.audit import page as audit_page
from backend.store.audit import write as audit
from backend.store.db import BaseModel, JsonField, UtcField
from backend.store.secrets import EncryptedField

__all__ = ["AuditEntry", "audit", "audit_page"]  # the trail is asked for here as well

ROLES = ("owner", "operator", "viewer")
MIN_PASSWORD = 10
MAX_PASSWORD = 200
LOGIN = re.compile(r"[\w.@+-]{1,64}")
INVITED = "!"  # how the hash of somebody begins who was invited and has no password yet

LOGIN_FAILURES, ADDRESS_FAILURES = 5, 20  # an office behind one address has more than one forgetful person

# OWASP's smallest profile: 19 MiB for a moment, since several web workers share a small machine.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_nobody = _hasher.hash("nobody has this password")


class SealedField(EncryptedField):
    """Stays sealed when a row is read: a person's name needs no key, only the check of their code does."""

    def python_value(self, value: Any) -> Any:
        return value


class Operator(BaseModel):
    """`session_generation` grows to end all sessions; for the second factor see store/second_factors.py."""

    id = peewee.BigAutoField()
    login = peewee.TextField()
    password_hash = peewee.TextField()
    role = peewee.TextField()
    is_active = peewee.BooleanField(default=True)
    created_at = UtcField()
    last_seen_at = UtcField(null=True)
    totp_secret = SealedField(null=True)
    totp_step = peewee.BigIntegerField(null=True)
    recovery_hashes = JsonField(null=True)
    session_generation = peewee.BigIntegerField(default=0)

    class Meta:
        table_name = "operators"

    @property
    def has_password(self) -> bool:
        return not self.password_hash.startswith(INVITED)

    @property
    def has_second_factor(self) -> bool:
        """`totp_step`, the time step of the newest code used, is there once the secret was confirmed."""
        return self.totp_step is not None


def add(login: str, password: str, role: str, now: datetime) -> int:
    """Create an operator, or give a known one a new password and role; returns the id."""
    _check(role)
    return _save(login, hashed(password), role, now)


def invite(login: str, role: str, now: datetime) -> int:
    """Create an operator without a password: they set their own. InvalidInput for a login that is taken."""
    _check(role)
    name = login.strip().lower()
    if Operator.select().where(Operator.login == name).exists():
        raise InvalidInput("operators.login_taken", login=name)
    return _save(name, INVITED + random_secrets.token_urlsafe(16), role, now)


def _save(login: str, password_hash: str, role: str, now: datetime) -> int:
    if not LOGIN.fullmatch(login.strip()):
        raise InvalidInput("operators.bad_login")
    saved = db.run(
        """INSERT INTO operators (login, password_hash, role, is_active, created_at) VALUES (%s, %s, %s, true,
        %s) ON CONFLICT (login) DO UPDATE SET password_hash = excluded.password_hash, role = excluded.role,
            is_active = excluded.is_active RETURNING id""",
        (login.strip().lower(), password_hash, role, db.micros(now)),
    )
    return int(saved.fetchall()[0][0])


def is_acceptable(password: str) -> bool:
    """Length is what makes a password; the upper bound keeps a stranger from making us digest a book."""
    return MIN_PASSWORD <= len(password) <= MAX_PASSWORD


def hashed(password: str) -> str:
    if not is_acceptable(password):
        raise InvalidInput("operators.short_password", least=MIN_PASSWORD)
    return _hasher.hash(password)


def verify(login: str, password: str, now: datetime, address: str = "") -> Operator | None:
    """The operator whose password this is. TryLater while the login or the address has failed too often."""
    name = login.strip().lower()
    subjects = [(f"login:{name}", LOGIN_FAILURES), (f"address:{address}", ADDRESS_FAILURES)]
    sign_in_failures.refuse_locked([subject for subject, _ in subjects], now)
    operator = Operator.get_or_none((Operator.login == name) & Operator.is_active)
    known = operator.password_hash if operator is not None and operator.has_password else _nobody
    if not _is_password(known, password) or operator is None:
        for subject, allowed in subjects:
            sign_in_failures.count(subject, allowed, now)
        return None
    sign_in_failures.forgive(f"login:{name}")
    seen(operator.id, now)
    return operator


def seen(operator_id: int, now: datetime) -> None:
    """They have come in, whichever way."""
    Operator.update(last_seen_at=now).where(Operator.id == operator_id).execute()


def by_id(operator_id: int) -> Operator | None:
    return Operator.get_or_none(Operator.id == operator_id)


def by_login(login: str) -> Operator | None:
    return Operator.get_or_none(Operator.login == login.strip().lower())


def all_operators() -> list[Operator]:
    return list(Operator.select().order_by(Operator.login))


def set_active(operator_id: int, *, is_active: bool) -> None:
    """InvalidInput for the last owner: somebody must be able to let people in."""
    with db.atomic():
        if not is_active:
            _keep_an_owner(operator_id)
        _update(operator_id, is_active=is_active)


def set_role(operator_id: int, role: str) -> None:
    """InvalidInput for the last owner, who stays one."""
    _check(role)
    with db.atomic():
        if role != "owner":
            _keep_an_owner(operator_id)
        _update(operator_id, role=role)


def set_password(operator_id: int, password: str) -> None:
    """Ends the sessions of the old one, for they know it."""
    _update(operator_id, password_hash=hashed(password))


def uninvite(operator_id: int) -> None:
    """The password is gone, and so is every link that would set one: a new link may be given."""
    with db.atomic():
        _keep_an_owner(operator_id)
        _update(operator_id, password_hash=INVITED + random_secrets.token_urlsafe(16))


def end_sessions(operator_id: int) -> None:
    _update(operator_id, session_generation=Operator.session_generation + 1)


def _keep_an_owner(operator_id: int) -> None:
    """Two owners who remove each other at once queue here, on the rows of all owners."""
    db.run("UPDATE operators SET role = role WHERE role = 'owner'")
    others = (Operator.role == "owner") & Operator.is_active & (Operator.id != operator_id)
    left = [owner for owner in Operator.select().where(others) if owner.has_password]
    leaving = by_id(operator_id)
    if leaving is not None and leaving.role == "owner" and not left:
        raise InvalidInput("operators.last_owner", login=leaving.login)


def _check(role: str) -> None:
    if role not in ROLES:
        raise InvalidInput("operators.unknown_role", role=role)


def _update(operator_id: int, **values: Any) -> None:
    Operator.update(**values).where(Operator.id == operator_id).execute()


def _is_password(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
