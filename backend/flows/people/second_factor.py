"""The second factor of an operator: a code from their phone (TOTP), or one of the recovery codes on paper."""

from __future__ import annotations

import hashlib
import hmac
import secrets as random_secrets
from datetime import datetime

import pyotp

from backend.store import second_factors, sign_in_failures
from backend.store.operators import ADDRESS_FAILURES, LOGIN_FAILURES, Operator

ISSUER = "Mostik"
STEP_SECONDS = 30
DRIFT = 1  # steps that a phone's clock may be off, either way
RECOVERY_CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without the signs that look like others
GROUPS, GROUP = 4, 4  # as in 7k2m-9xqa-…: 79 bits, so that a plain digest of it cannot be guessed


def proposed(operator: Operator) -> str:
    """The secret to be confirmed: the one proposed before, so that reading the page twice changes nothing."""
    known = second_factors.secret(operator.id)
    if known is None:
        second_factors.propose(operator.id, pyotp.random_base32())
        known = second_factors.secret(operator.id)
    assert known is not None
    return known


def address(operator: Operator, secret: str) -> str:
    """What the QR code says to the application on the phone."""
    return pyotp.TOTP(secret, name=operator.login, issuer=ISSUER).provisioning_uri()


def confirm(operator: Operator, code: str, now: datetime, sender: str) -> tuple[str, ...] | None:
    """Switches the second factor on by its first code; the recovery codes, which are shown once. None for a
    code that is wrong; TryLater while too many were.
    """
    subjects = _refuse_locked(operator, sender, now)
    step = _step(second_factors.secret(operator.id), code, now)
    if step is None:
        _count(subjects, now)
        return None
    codes = _new_codes()
    is_first = second_factors.confirm(operator.id, step, [_digest(one) for one in codes])
    return codes if is_first else None


def check(operator: Operator, code: str, now: datetime, sender: str) -> bool:
    """Whether this is a code of theirs that was not used before. TryLater while too many were wrong."""
    subjects = _refuse_locked(operator, sender, now)
    if not _use(operator, code, now):
        _count(subjects, now)
        return False
    sign_in_failures.forgive(f"code:{operator.login}")
    return True


def new_recovery_codes(operator: Operator) -> tuple[str, ...]:
    """The old ones work no longer."""
    codes = _new_codes()
    second_factors.replace_recovery(operator.id, [_digest(one) for one in codes])
    return codes


def _refuse_locked(operator: Operator, sender: str, now: datetime) -> dict[str, int]:
    """What failures are counted for, and how many are allowed."""
    subjects = {f"code:{operator.login}": LOGIN_FAILURES, f"address:{sender}": ADDRESS_FAILURES}
    sign_in_failures.refuse_locked(list(subjects), now)
    return subjects


def _count(subjects: dict[str, int], now: datetime) -> None:
    for subject, allowed in subjects.items():
        sign_in_failures.count(subject, allowed, now)


def _use(operator: Operator, code: str, now: datetime) -> bool:
    step = _step(second_factors.secret(operator.id), code, now)
    if step is not None:
        return second_factors.use_step(operator.id, step)
    return second_factors.use_recovery(operator.id, _digest(code))


def _step(secret: str | None, code: str, now: datetime) -> int | None:
    """The time step whose code this is."""
    digits = "".join(code.split())
    if secret is None or not (digits.isascii() and digits.isdigit()):
        return None
    current = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    near = range(current - DRIFT, current + DRIFT + 1)
    return next((s for s in near if hmac.compare_digest(totp.generate_otp(s), digits)), None)


def _new_codes() -> tuple[str, ...]:
    def group() -> str:
        return "".join(random_secrets.choice(ALPHABET) for _ in range(GROUP))

    return tuple("-".join(group() for _ in range(GROUPS)) for _ in range(RECOVERY_CODES))


def _digest(code: str) -> str:
    """However it was typed: dashes, spaces and capitals mean nothing."""
    letters = "".join(sign for sign in code.lower() if sign.isalnum())
    return hashlib.sha256(letters.encode()).hexdigest()
