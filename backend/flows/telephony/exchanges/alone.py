"""A look at somebody's PBX, while a person waits: one at a time for an account. Whoever names an address that
never answers holds one thread of the panel by it, not all of them.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from backend.core.errors import InvalidInput
from backend.flows.context import Context

LONGEST = timedelta(minutes=2)  # a process that died holds it no longer


@contextmanager
def alone(ctx: Context, account_id: int) -> Iterator[None]:
    """InvalidInput while another look of this account goes on."""
    key, mine = f"mostik:looking:{account_id}", secrets.token_hex(8)
    if not ctx.redis.set(key, mine, nx=True, ex=LONGEST):
        raise InvalidInput("outward.busy")
    try:
        yield
    finally:
        if ctx.redis.get(key) == mine.encode():
            ctx.redis.delete(key)
