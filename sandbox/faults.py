"""Troubles ordered by a test: which request suffers, and how a broken connection or a silence is expressed.

An emulator raises `ConnectionBroken` or `Silence`; whoever carries the request (the socket server, or the
adapter that runs inside a test) turns them into a reset connection or a time-out.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any


class ConnectionBroken(Exception):
    """The peer resets the connection instead of answering."""


class Silence(Exception):
    """No answer comes at all for so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"silent for {seconds} s")
        self.seconds = seconds


@dataclass(slots=True)
class Fault:
    kind: str
    scope: str | None = None
    probability: float = 1.0
    next: int | None = None
    match: str | None = None
    seconds: float = 10.0


class Faults:
    """Ordered faults of one service; `scope` is an account's domain or a company's id, None means all."""

    def __init__(self, chance: random.Random, kinds: Iterable[str]) -> None:
        self._chance = chance
        self._kinds = frozenset(kinds)
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        if fault.kind not in self._kinds:
            raise ValueError(f"unknown fault {fault.kind!r}, known: {', '.join(sorted(self._kinds))}")
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def take(self, scope: str | None, target: str) -> Fault | None:
        """The fault that befalls this request, if any; `target` is what `match` looks into."""
        if not self._faults:
            return None
        with self._lock:
            for fault in self._faults:
                if self._hits(fault, scope, target):
                    self._spend(fault)
                    return fault
        return None

    def _hits(self, fault: Fault, scope: str | None, target: str) -> bool:
        if fault.scope is not None and fault.scope != scope:
            return False
        if fault.match is not None and fault.match not in target:
            return False
        return fault.probability >= 1 or self._chance.random() < fault.probability

    def _spend(self, fault: Fault) -> None:
        if fault.next is not None:
            fault.next -= 1
            if fault.next <= 0:
                self._faults.remove(fault)


def pause(environ: dict[str, Any], seconds: float) -> None:
    """Answer late: the carrier of the request knows whether to sleep or only to compare with the time-out."""
    sleep: Callable[[float], None] = environ.get("sandbox.sleep", time.sleep)
    sleep(seconds)
