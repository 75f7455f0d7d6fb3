"""What was asked of the emulator, so that a test can count requests."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter, deque
from typing import Any

KEPT = 50_000
NUMBER = re.compile(r"/\d+(?=/|$)")


def collection(path: str) -> str:
    """`/api/v4/leads/15/notes` → `leads/#/notes`."""
    return NUMBER.sub("/#", path.removeprefix("/api/v4/").strip("/"))


def written(body: bytes) -> list[int]:
    """Ids of what a successful write was about: cards themselves, and for their notes the card."""
    told = json.loads(body)
    if isinstance(told, dict):
        embedded = told.get("_embedded")
        told = next(iter(embedded.values()), []) if isinstance(embedded, dict) and embedded else [told]
    rows = [row for row in told if isinstance(row, dict)]
    return [int(row.get("entity_id") or row["id"]) for row in rows if row.get("entity_id") or _has_id(row)]


def _has_id(row: dict[str, Any]) -> bool:
    return isinstance(row.get("id"), int)


class Journal:
    """The newest requests in full, and totals of all of them."""

    def __init__(self) -> None:
        self._rows: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._counts: Counter[str] = Counter()
        self._number = 0
        self._lock = threading.Lock()

    def record(self, row: dict[str, Any]) -> None:
        with self._lock:
            self._number += 1
            self._rows.append({"n": self._number, **row})
            self._counts["total"] += 1
            self._counts[str(row["status"])] += 1
            self._counts[f"{row['method']} {collection(row['path'])}"] += 1

    def rows(self, domain: str | None = None, since: int = 0) -> list[dict[str, Any]]:
        with self._lock:
            return [r for r in self._rows if r["n"] > since and domain in (None, r["domain"])]

    def counts(self) -> dict[str, int]:
        with self._lock:
            return {"total": 0, "429": 0, **self._counts}

    def clear(self) -> None:
        """Numbers go on, so that a reader who remembers one is not confused."""
        with self._lock:
            self._rows.clear()
            self._counts.clear()
