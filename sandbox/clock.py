"""The one clock of the sandbox: real time plus an offset that tests and demos may move."""

from __future__ import annotations

import time


class Clock:
    def __init__(self) -> None:
        self.offset = 0.0

    def now(self) -> float:
        return time.time() + self.offset

    def advance(self, seconds: float) -> None:
        self.offset += seconds

    def set_offset(self, seconds: float) -> None:
        self.offset = float(seconds)
