"""The second factor of an operator: a secret that their phone knows, the last code used, recovery codes."""

from __future__ import annotations

import hmac

import peewee

from backend.store import db, operators, secrets
from backend.store.operators import Operator


def secret(operator_id: int) -> str | None:
    """The secret itself, opened; NeedsHuman when the key it was sealed with is gone."""
    row = operators.by_id(operator_id)
    return secrets.box().open(row.totp_secret) if row and row.totp_secret else None


def propose(operator_id: int, new_secret: str) -> None:
    """A secret to be confirmed by its first code. A confirmed one stays until it is removed."""
    Operator.update(totp_secret=new_secret).where(_unconfirmed(operator_id)).execute()


def confirm(operator_id: int, step: int, recovery_hashes: list[str]) -> bool:
    """The first code was right: from now on it is asked for. False when somebody was faster."""
    confirmed = Operator.update(totp_step=step, recovery_hashes=recovery_hashes)
    return bool(confirmed.where(_unconfirmed(operator_id)).execute())


def use_step(operator_id: int, step: int) -> bool:
    """Whether a code of this time step still counts: each works once, and none older than one used."""
    newer = (Operator.id == operator_id) & (Operator.totp_step < step)
    return bool(Operator.update(totp_step=step).where(newer).execute())


def use_recovery(operator_id: int, code_hash: str) -> bool:
    """Whether this is a recovery code that was not used yet; it is used now."""
    with db.atomic():
        db.run("UPDATE operators SET role = role WHERE id = %s", (operator_id,))
        row = operators.by_id(operator_id)
        known = row.recovery_hashes or [] if row else []
        left = [one for one in known if not hmac.compare_digest(one, code_hash)]
        Operator.update(recovery_hashes=left).where(Operator.id == operator_id).execute()
        return len(left) < len(known)


def replace_recovery(operator_id: int, hashes: list[str]) -> None:
    Operator.update(recovery_hashes=hashes).where(Operator.id == operator_id).execute()


def recovery_left(operator_id: int) -> int:
    row = operators.by_id(operator_id)
    return len(row.recovery_hashes or []) if row else 0


def remove(operator_id: int) -> None:
    gone = {"totp_secret": None, "totp_step": None, "recovery_hashes": None}
    Operator.update(**gone).where(Operator.id == operator_id).execute()


def _unconfirmed(operator_id: int) -> peewee.Expression:
    return (Operator.id == operator_id) & Operator.totp_step.is_null()
