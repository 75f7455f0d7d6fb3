"""How many requests to amoCRM a call costs: one after another, as on a quiet day, and when many are due."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backend.embedded import redis_server
from backend.flows.vendors import clients
from bench.report import Figure
from bench.world import World
from tests.support import calls as support

_stand: Any = support.CallStand

NAMES = ("call_requests", "call_requests_together")
CALLS, CLIENTS, SEED = 200, 120, 6
TOGETHER = 50  # calls that a break of the connection left behind
NO_WAITING = ((1000, 1.0), (1000, 1.0))
KINDS: tuple[tuple[str, list[tuple[str, int, int]], int], ...] = (
    ("in", [("101", 5, 60)], 11),
    ("in", [], 4),
    ("out", [("102", 8, 90)], 5),
)  # of twenty calls


def run(_world: World) -> Iterator[Figure]:
    """A day of a salon's telephone: known and unknown clients, missed calls and talks after them."""
    with tempfile.TemporaryDirectory() as folder, redis_server(Path(folder)) as redis_url:
        clients.YCLIENTS_WINDOWS = NO_WAITING
        stand: Any = _stand(f"sqlite:///{folder}/calls.db", redis_url)
        try:
            alone, detail = _asked(stand, 1, 0)
            yield Figure("call_requests", alone, "requests", detail=detail)
            together, detail = _asked(stand, TOGETHER, 10_000)
            yield Figure("call_requests_together", together, "requests", detail=detail)
        finally:
            stand.close()


def _asked(stand: Any, size: int, first: int) -> tuple[float, str]:
    """Requests of a call when `size` of them are due at once; clients begin with number `first`."""
    chance = random.Random(SEED)  # noqa: S311 - a repeatable day is the point
    weights = [weight for _, _, weight in KINDS]
    stand.world.amocrm.journal_clear()
    for _ in range(CALLS // size):
        ended = []
        for _ in range(size):
            way, talks, _ = chance.choices(KINDS, weights)[0]
            phone = f"7999{first + chance.randrange(CLIENTS):07}"
            ended.append(stand.call(way, talks=talks, client=phone))
        stand.finish(*ended)
    rows = [row for row in stand.world.amocrm.journal() if "/api/" in row["path"]]
    kinds = Counter(f"{row['method']} {_shape(row['path'])}" for row in rows)
    assert len(stand.logged()) >= CALLS, "a call is not logged"
    return len(rows) / CALLS, ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())


def _shape(path: str) -> str:
    return "/".join(part for part in path.partition("/api/")[2].split("/")[1:] if not part.isdigit())
