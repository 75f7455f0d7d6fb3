"""A salon on its move, as the watch sees it: who writes for it, what is known of the other widget, and how
people are told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from backend.core.takeover.conflicts import Signal
from backend.core.takeover.recognition import Recognition
from backend.flows.context import Context, KeepAlive, nothing
from backend.store import alarms
from backend.store.writers import Writer

CODES = {signal: f"takeover.{signal}" for signal in Signal}


@dataclass(frozen=True, slots=True)
class Salon:
    """One that is ours, or that nobody writes for just now."""

    ctx: Context
    account_id: int
    writer: Writer
    title: str
    known: Recognition
    keep_alive: KeepAlive = nothing

    @property
    def company_id(self) -> int:
        return self.writer.company_id

    @property
    def since(self) -> datetime:
        return self.writer.t0 or self.writer.since

    @property
    def key(self) -> str:
        return str(self.company_id)

    def tell(self, signal: Signal, details: Mapping[str, object]) -> None:
        whole = {"branch": self.title, **details}
        alarms.raise_alarm(self.account_id, CODES[signal], "notice", self.key, whole, self.ctx.now())

    def over(self, signal: Signal) -> None:
        alarms.resolve(self.account_id, CODES[signal], scope_kind="notice", scope_key=self.key)
