"""Errors named by what has to happen next; the code is a key in texts/, the details are for the
journal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


class AppError(Exception):
    """Anything we raise on purpose. Never raised itself: use one of the three below."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code, details)
        self.code = code
        self.details = details

    def __str__(self) -> str:
        shown = " ".join(f"{name}={value}" for name, value in self.details.items())
        return f"{self.code} {shown}".strip()


class InvalidInput(AppError):
    """The sender is wrong. Never retried."""


class TryLater(AppError):
    """The other side is busy or away. Retried after a pause, without end."""

    def __init__(self, code: str, after: timedelta | None = None, **details: object) -> None:
        super().__init__(code, **details)
        self.after = after


@dataclass(frozen=True, slots=True)
class Scope:
    """What stops until a person has acted: `kind` is account, branch, route or field; `key` names it inside
    the account.
    """

    kind: str = "account"
    key: str = ""


class NeedsHuman(AppError):
    """Only a person can fix this. The scope pauses, its events pile up, resume replays them."""

    def __init__(self, code: str, scope: Scope | None = None, **details: object) -> None:
        super().__init__(code, **details)
        self.scope = scope or Scope()
