"""How the connection to one PBX stands, in a row that the status page reads."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from peewee import PeeweeException

from backend.core.errors import TryLater
from backend.integrations.asterisk.actions import Finding
from backend.store.telephony import pbxes

log = logging.getLogger(__name__)

EVERY = 10.0  # seconds between two heartbeats
MINUTE = 60.0


class Health:
    """`now` is business time; spans are measured on the monotonic clock."""

    def __init__(self, pbx_id: int, now: Callable[[], datetime]) -> None:
        self._pbx_id, self._now = pbx_id, now
        self._counted: deque[tuple[float, int]] = deque()
        self._longest_lag = timedelta(0)
        self.clock_ahead = timedelta(0)
        """What the PBX's times are put right by."""
        self._due = 0.0
        self._untold: dict[str, Any] = {}
        self.last_event_at: datetime | None = None

    def heard(self, count: int, heard_at: datetime) -> None:
        self._counted.append((time.monotonic(), count))
        self.last_event_at = heard_at

    def stored(self, heard_at: datetime) -> None:
        """What was heard then is stored now."""
        self._longest_lag = max(self._longest_lag, self._now() - heard_at)

    def findings(self) -> list[Finding]:
        seconds = round(self.clock_ahead.total_seconds())
        return [{"code": "pbx.clock_off", "seconds": seconds}] if seconds else []

    def note(self, **changes: Any) -> None:
        """Something has changed that a person wants to see at once; told with the next when it fails."""
        self._untold |= changes
        try:
            pbxes.note_state(self._pbx_id, seen_at=self._now(), **self._untold)
        except (TryLater, PeeweeException) as error:
            log.warning("state not written pbx=%d error=%s", self._pbx_id, error)
            return
        self._untold = {}

    def hurry(self) -> None:
        """The next heartbeat is now."""
        self._due = 0.0

    def beat(
        self, last_pong: float | None, open_calls: int, findings: Callable[[], Sequence[Finding]]
    ) -> None:
        """Every ten seconds; quiet in between."""
        now = time.monotonic()
        if now < self._due:
            return
        self._due = now + EVERY
        while self._counted and self._counted[0][0] < now - MINUTE:
            self._counted.popleft()
        changes: dict[str, Any] = {
            "events_per_minute": sum(count for _, count in self._counted),
            "open_calls": open_calls,
            "lag_ms": round(self._longest_lag / timedelta(milliseconds=1)),
            "clock_ahead_ms": round(self.clock_ahead / timedelta(milliseconds=1)),
            "findings": [*findings(), *self.findings()],
        }
        if self.last_event_at is not None:
            changes["last_event_at"] = self.last_event_at
        if last_pong is not None:
            changes["last_pong_at"] = self._now() - timedelta(seconds=now - last_pong)
        self._longest_lag = timedelta(0)
        self.note(**changes)
