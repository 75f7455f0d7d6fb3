"""Does one lane get slower because a million bookings are stored and 999 other accounts exist?"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from backend.flows.road import inbox
from backend.store import db
from bench.report import Figure
from bench.world import Office, World, office, postgres

SEED = Path(__file__).with_name("seed.sql")
BATCH = 200
ROUNDS = 6
NAMES = ("scale_flatness",)


def run(world: World) -> Iterator[Figure]:
    with (
        postgres() as server,
        office(world, server.fresh_url(), "small.amocrm.ru") as small,
        office(world, server.fresh_url(), "big.amocrm.ru", number=1) as big,
    ):
        seed(big)
        full, empty = _compare(big, small)
    yield Figure("scale_flatness", full / empty, "times", empty, full / empty)


def _compare(big: Office, small: Office) -> tuple[float, float]:
    """Medians of interleaved rounds; the first one fills caches and plans and is not counted."""
    times: dict[str, list[float]] = {"big": [], "small": []}
    for number in range(ROUNDS + 1):
        pair = [("big", big), ("small", small)]
        for name, at in pair if number % 2 else reversed(pair):
            seconds = _drain(at, range(number * BATCH, (number + 1) * BATCH))
            if number:
                times[name].append(seconds)
    return statistics.median(times["big"]), statistics.median(times["small"])


def _drain(at: Office, numbers: range) -> float:
    at.enter()
    at.tell(numbers)
    started = time.perf_counter()
    inbox.drain(at.ctx, at.lane_id)
    seconds = time.perf_counter() - started
    assert not at.pending()
    return seconds


def seed(at: Office) -> None:
    """The history of `seed.sql`, written without waiting for the disk."""
    at.enter()
    script = SEED.read_text(encoding="utf-8")
    named = script.replace(":account", str(at.account.id)).replace(":lane", str(at.lane_id))
    db.run("SET synchronous_commit = off")
    for statement in named.replace("%", "%%").rstrip(";\n").split(";\n"):
        db.run(statement)
    db.run("RESET synchronous_commit")
