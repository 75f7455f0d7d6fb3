"""Requests per second on the real clock, and the block that follows when a client does not listen."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


class Bucket:
    """A second's worth of requests, refilled evenly."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._most = max(rate, 1.0)
        self._tokens = self._most
        self._at = time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        self._tokens = min(self._most, self._tokens + (now - self._at) * self.rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


@dataclass(slots=True)
class Limits:
    per_second: float = 7
    account_per_second: float = 50
    violations_until_403: int = 20
    on: bool = True
    blocked: bool = False
    violations: int = 0
    _clients: dict[str, Bucket] = field(default_factory=dict)
    _account: Bucket | None = None

    def configure(self, **changes: float | bool) -> None:
        for name, value in changes.items():
            setattr(self, name, value)
        self._clients.clear()
        self._account = None

    def allow(self, client_id: str) -> bool:
        """Count a request of this client; too many refusals in a row block the account."""
        if not self.on:
            return True
        bucket = self._clients.setdefault(client_id, Bucket(self.per_second))
        self._account = self._account or Bucket(self.account_per_second)
        if bucket.take() and self._account.take():
            self.violations = 0
            return True
        self.violations += 1
        if self.violations >= self.violations_until_403:
            self.blocked = True
        return False
