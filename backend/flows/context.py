"""Context: everything a flow may touch, built once per process by backend/wiring.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backend.integrations.amocrm.client import AmoClient
from backend.integrations.http import Adapter, Session
from backend.integrations.yclients.client import YclientsClient
from backend.settings import Settings

KeepAlive = Callable[[], None]


def nothing() -> None:
    """The keep-alive of calls that hold no lane."""


@dataclass(frozen=True)
class Context:
    """`now` is business time (aware, UTC); `ring` wakes a worker for a lane; `redis` is the limiter's and
    doorbell's memory; `session` goes to the vendors, `outside` to addresses that a customer typed; `patience`
    is asked before each request to a vendor (see flows/vendors/patience.py); `steps`: slices of long work
    that rooms above flows/works bring, by kind.
    """

    settings: Settings
    now: Callable[[], datetime]
    redis: Any
    ring: Callable[[int], None]
    session: Session
    outside: Session
    adapter: Adapter | None
    owner: str
    connect_amo: Callable[[Context, int, KeepAlive], AmoClient]
    connect_yclients: Callable[[Context, int, int, KeepAlive], YclientsClient]
    patience: KeepAlive = nothing
    steps: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)

    def amo(self, account_id: int, keep_alive: KeepAlive = nothing) -> AmoClient:
        """The account's CRM. `keep_alive` is called before every request: it renews the lane's lease."""
        return self.connect_amo(self, account_id, keep_alive)

    def yclients(self, account_id: int, company_id: int, keep_alive: KeepAlive = nothing) -> YclientsClient:
        return self.connect_yclients(self, account_id, company_id, keep_alive)
