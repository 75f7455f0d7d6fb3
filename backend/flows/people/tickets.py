"""One-time tickets for the panel: whoever brings one is signed in as the person it was made for.

Redis keeps a digest, so that nobody who reads it can sign in with what stands there.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta

from backend.flows.context import Context

FROM_WIDGET = timedelta(minutes=1)  # the browser is on its way
BY_HAND = timedelta(hours=1)  # printed for a person, who opens it when they read it
REMEMBERED = timedelta(hours=1)  # where a spent one may still say so inside amoCRM's page


@dataclass(frozen=True, slots=True)
class Ticket:
    """`contents` is what the session will hold (flows/people/sessions.py), `to` the page it leads to.
    `origin` is the one site that may show that session's pages in a frame; empty for a window of its own.
    """

    contents: Mapping[str, int | str]
    to: str
    language: str = ""
    origin: str = ""


def issue(ctx: Context, ticket: Ticket, lives: timedelta) -> str:
    """The address to open: good once, and not for long."""
    secret = secrets.token_urlsafe(32)
    ctx.redis.set(_key(secret), json.dumps(asdict(ticket)), ex=lives)
    if ticket.origin:
        ctx.redis.set(_frame_key(secret), ticket.origin, ex=REMEMBERED)
    return f"{ctx.settings.public_url}/admin/enter/{secret}"


def take(ctx: Context, secret: str) -> Ticket | None:
    """The ticket, for the first who asks; None for a spent, expired or made-up one."""
    found = ctx.redis.getdel(_key(secret))
    return Ticket(**json.loads(found)) if found else None


def origin(ctx: Context, secret: str) -> str:
    """Where a ticket was to be shown, spent or not: the page that says it is spent must be readable there."""
    found = ctx.redis.get(_frame_key(secret))
    return found.decode() if found else ""


def _key(secret: str) -> str:
    return f"mostik:ticket:{_digest(secret)}"


def _frame_key(secret: str) -> str:
    return f"mostik:ticket-frame:{_digest(secret)}"


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
