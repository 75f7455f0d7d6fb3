"""Whose a browser's session is and what they may do: one answer for the panel and for the doors beside it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from backend.store import operators
from backend.store.operators import Operator

MAY_ACT = ("owner", "operator")


def begun_by(operator: Operator) -> dict[str, int | str]:
    """What a session keeps of the person who signs in."""
    return {"operator_id": operator.id, "since": _fingerprint(operator)}


def operator_of(session: Mapping[str, object]) -> Operator | None:
    """The person signed in, unless they were switched off or have another password since."""
    operator_id = session.get("operator_id")
    found = operators.by_id(operator_id) if isinstance(operator_id, int) else None
    if found is None or not found.is_active:
        return None
    return found if hmac.compare_digest(str(session.get("since", "")), _fingerprint(found)) else None


def may_act(operator: Operator | None) -> bool:
    """Whether this person changes anything, or looks only."""
    return operator is not None and operator.role in MAY_ACT


def _fingerprint(operator: Operator) -> str:
    """Changes with the password, so that a new password ends every session of the old one."""
    return hashlib.sha256(operator.password_hash.encode()).hexdigest()[:24]
