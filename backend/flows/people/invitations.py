"""Links by which a person sets their own password: nobody else ever types or knows it.

A link is signed, not stored: it names the person and the password it may replace, so it dies with its first
use, with a newer link, and after its time.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

from backend.flows.context import Context
from backend.store import operators
from backend.store.operators import Operator

LIVES = timedelta(days=3)
PURPOSE = "mostik: invitation"


def link(ctx: Context, operator: Operator) -> str:
    """The address to send to the person."""
    until = int((ctx.now() + LIVES).timestamp())
    return f"{ctx.settings.public_url}/admin/invitation/{operator.id}.{until}.{_seal(ctx, operator, until)}"


def renew(ctx: Context, operator: Operator) -> str:
    """A new link for somebody who lost theirs or their password: the old ones work no longer."""
    operators.uninvite(operator.id)
    fresh = operators.by_id(operator.id)
    assert fresh is not None
    return link(ctx, fresh)


def guest(ctx: Context, token: str) -> Operator | None:
    """Who may set a password by this link, now."""
    number, _, rest = token.partition(".")
    until, _, seal = rest.partition(".")
    if not _is_number(number) or not _is_number(until):
        return None
    operator = operators.by_id(int(number))
    if operator is None or not operator.is_active or operator.has_password:
        return None
    is_genuine = hmac.compare_digest(_seal(ctx, operator, int(until)).encode(), seal.encode())
    return operator if is_genuine and ctx.now().timestamp() <= int(until) else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16


def _seal(ctx: Context, operator: Operator, until: int) -> str:
    text = f"{PURPOSE}:{operator.id}:{until}:{operator.password_hash}"
    return hmac.new(ctx.settings.secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()
