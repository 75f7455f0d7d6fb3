"""The door of the API: request rate, ordered faults, and the journal of everything that came in."""

import random
import time
from collections import Counter, defaultdict, deque
from typing import Any

from sandbox.faults import Fault, Faults
from sandbox.yclients.models import JsonObject

KINDS = ("429", "500", "401", "403", "timeout", "success_false", "reset_after_commit", "slow")
JOURNAL_LENGTH = 200_000


class Gate:
    def __init__(self, chance: random.Random) -> None:
        self.faults = Faults(chance, KINDS)
        self.journal: deque[JsonObject] = deque(maxlen=JOURNAL_LENGTH)
        self.requests = 0
        self.per_second = 5
        self.per_minute = 200
        self.on = True
        self._times: dict[str, deque[float]] = defaultdict(deque)

    def limits(self, per_second: int | None, per_minute: int | None, on: bool | None) -> JsonObject:
        self.per_second = self.per_second if per_second is None else per_second
        self.per_minute = self.per_minute if per_minute is None else per_minute
        self.on = self.on if on is None else on
        self._times.clear()
        return {"per_second": self.per_second, "per_minute": self.per_minute, "on": self.on}

    def admits(self, address: str) -> bool:
        """Counted per client address on the real clock: the vendor knows neither salons nor our clock."""
        if not self.on:
            return True
        now, times = time.monotonic(), self._times[address]
        while times and times[0] <= now - 60:
            times.popleft()
        if len(times) >= self.per_minute:
            return False
        if len(times) >= self.per_second and times[-self.per_second] > now - 1:
            return False
        times.append(now)
        return True

    def add_fault(self, kind: str, fault: JsonObject) -> None:
        if "company_id" in fault:
            fault["scope"] = str(fault.pop("company_id"))
        self.faults.add(Fault(str(kind), **fault))

    def note(self, **row: Any) -> None:
        self.requests += 1
        self.journal.append({"n": self.requests, **row})

    def counts(self) -> JsonObject:
        rows = Counter(f"{row['method']} {row['kind']}" for row in self.journal)
        refused = sum(row["status"] == 429 for row in self.journal)
        return {"requests": self.requests, "by_method": dict(rows), "refused_429": refused}
