"""People at their screens: each holds a stream of cards, as the widget does; what popped up is noted."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests

Plain = dict[str, Any]
READ_SECONDS = 60.0
RETRY_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Seen:
    user_id: int
    at: float
    card: Plain


class Looking:
    """`ticket(user)` is what the widget asks our server for: the address of this person's stream."""

    def __init__(self, users: list[int], ticket: Callable[[int], str], origin: str) -> None:
        self.ticket, self.origin = ticket, origin
        self.seen: list[Seen] = []
        self.problems: list[str] = []
        self._open: dict[int, threading.Event] = {user_id: threading.Event() for user_id in users}
        self._is_over = False
        for user_id in users:
            threading.Thread(target=self._look, args=(user_id,), daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Until everybody's stream is open."""
        return all(is_open.wait(seconds) for is_open in self._open.values())

    def close(self) -> None:
        self._is_over = True

    def cards(self, kind: str) -> list[Seen]:
        return [seen for seen in list(self.seen) if seen.card.get("type") == kind]

    def _look(self, user_id: int) -> None:
        while not self._is_over:
            try:
                self._read(user_id)
            except (requests.RequestException, ValueError, KeyError) as error:
                self.problems.append(f"{user_id}: {error}")
                time.sleep(RETRY_SECONDS)

    def _read(self, user_id: int) -> None:
        address = self.ticket(user_id)
        headers = {"Origin": self.origin, "Accept": "text/event-stream"}
        with requests.get(address, headers=headers, stream=True, timeout=READ_SECONDS) as answer:
            answer.raise_for_status()
            self._open[user_id].set()
            for line in answer.iter_lines(chunk_size=1):
                if self._is_over:
                    return
                if line.startswith(b"data:"):
                    self.seen.append(Seen(user_id, time.time(), json.loads(line[5:])))


def p95(values: list[float]) -> float:
    """The value that nineteen of twenty stay below; 0 without any."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))] if ordered else 0.0
