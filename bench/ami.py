"""How fast the listener's parser is: ours and panoramisk's, on the same recorded stream, in turns."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from panoramisk.ami_protocol import AMIProtocol

from backend.core.telephony.hearing.reading import WANTED
from backend.integrations.asterisk.protocol import Parser
from bench.report import Figure
from bench.world import World
from sandbox.asterisk import recorded

NAMES = ("ami_events_per_s", "ami_ratio")
GREETING = b"Asterisk Call Manager/5.0.4\r\n"
PIECE = 65_536  # what one reading of a socket brings
REPEATS, ROUNDS = 3, 5


def run(_world: World) -> Iterator[Figure]:
    """Both make every event a thing to be asked for headers, and are asked for one. What the listener does
    besides, dropping events by their name before that, stands apart.
    """
    data, count = stream()
    seconds: dict[str, list[float]] = {"ours": [], "panoramisk": [], "selected": []}
    for _ in range(ROUNDS):
        seconds["ours"].append(_timed(lambda: ours(data, None), count))
        seconds["panoramisk"].append(_timed(lambda: panoramisk(data), count))
        seconds["selected"].append(_timed(lambda: ours(data, WANTED), count))
    rate = {name: count / statistics.median(times) for name, times in seconds.items()}
    baseline = rate["panoramisk"]
    ratio, selected = rate["ours"] / baseline, rate["selected"] / baseline
    detail = f"with the listener's choice of events {rate['selected']:.0f} events/s, {selected:.1f} times"
    yield Figure("ami_events_per_s", rate["ours"], "events/s", baseline, ratio, detail)
    yield Figure("ami_ratio", ratio, "times", baseline, ratio, detail)


def stream() -> tuple[bytes, int]:
    """All recorded calls of both versions with all rights, and how many events that is."""
    blocks = [block for name in recorded.names(rights="all") for block in recorded.events(name)]
    return GREETING + b"".join(blocks) * REPEATS, len(blocks) * REPEATS


def ours(data: bytes, wanted: frozenset[bytes] | None) -> int:
    parser, seen = Parser(wanted), 0
    for start in range(0, len(data), PIECE):
        for frame in parser.feed(data[start : start + PIECE]):
            frame.get("Uniqueid")
            seen += 1
    return seen + parser.skipped


def panoramisk(data: bytes) -> int:
    manager = _Manager()
    protocol: Any = AMIProtocol()
    protocol.connection_made(None)
    protocol.factory, protocol.encoding = manager, "utf8"
    for start in range(0, len(data), PIECE):
        protocol.data_received(data[start : start + PIECE])
    return manager.seen


class _Manager:
    """Stands where panoramisk's own manager would, which looks for callbacks besides."""

    save_stream = None

    def __init__(self) -> None:
        self.seen = 0

    def dispatch(self, message: Any) -> None:
        message.get("uniqueid")
        self.seen += 1


def _timed(work: Callable[[], int], expected: int) -> float:
    began = time.perf_counter()
    seen = work()
    seconds = time.perf_counter() - began
    assert seen == expected, (seen, expected)
    return seconds
