"""A recorded call, played once more: other ids and channel names, times of now, other people on request."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sandbox.asterisk import packets, recorded
from sandbox.asterisk.recorded import Name

CHANNEL = re.compile(r"[A-Z][A-Za-z0-9]*/[^\s,&\"]*?-[0-9a-f]{8}(?:;[12])?")
BRIDGE = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
LOCAL_TIMES = ("StartTime", "AnswerTime", "EndTime")
LOCAL_FORMAT = "%Y-%m-%d %H:%M:%S"
OPERATOR, CLIENT, REQUEST, ACTION = "101", "79990001122", "click-1", "bench-2"  # in the recordings


class Counters:
    """What an Asterisk counts up until it is restarted."""

    def __init__(self) -> None:
        self.begin()
        self._lock = threading.Lock()

    def begin(self) -> None:
        self._channels, self._names = itertools.count(), itertools.count()

    def ids(self, count: int) -> list[int]:
        with self._lock:
            return list(itertools.islice(self._channels, count))

    def name(self) -> int:
        with self._lock:
            return next(self._names)


@dataclass(frozen=True, slots=True)
class Event:
    """`after`: seconds from the beginning of the call."""

    after: float
    block: bytes


@dataclass(frozen=True, slots=True)
class Played:
    """`ids` of channels as they were recorded → as they are now; `linked` is the id of the call."""

    scenario: str
    ids: Mapping[str, str]
    linked: str
    events: Sequence[Event]


@dataclass(frozen=True, slots=True)
class Cast:
    """`words`: numbers and names as recorded → others. `ids` of the oldest channels, where somebody chose
    them.
    """

    words: Mapping[str, str] = field(default_factory=dict)
    ids: Sequence[str] = ()


AS_RECORDED = Cast()


def again(
    name: Name, now: float, counters: Counters, cast: Cast = AS_RECORDED, *, at_once: bool = False
) -> Played:
    """The call begins now, or has just ended when it is played at once."""
    blocks = [block for block in map(packets.read, recorded.events(name)) if _is_of_calls(block)]
    known = _ids(blocks)
    times = [float(stamp) for block in blocks if (stamp := packets.value(block, "Timestamp"))]
    shift = now - (times[-1] if at_once else times[0])
    fresh = counters.ids(len(known))
    new = [f"{int(now)}.{number}" for number in fresh]
    renamed = dict(zip(known, [*cast.ids, *new][: len(known)], strict=True))
    change = _change({**renamed, **cast.words}, counters)
    events, last = [], times[0]
    for block in blocks:
        last = float(packets.value(block, "Timestamp") or last)
        events.append(Event(last - times[0], packets.write(_moved(block, shift, change))))
    return Played(name.scenario, renamed, renamed[known[0]] if known else "", events)


def _is_of_calls(block: packets.Pairs) -> bool:
    """The recording's own login is no part of the call."""
    return packets.value(block, "Event") not in ("FullyBooted", "SuccessfulAuth")


def _ids(blocks: Sequence[packets.Pairs]) -> list[str]:
    """Of all channels, in the order in which they came into being."""
    found = (
        text
        for block in blocks
        for name, text in block
        if name.lower().endswith(("uniqueid", "linkedid")) and not name.lower().startswith("bridge")
    )
    return [text for text in dict.fromkeys(found) if text and text != "<unknown>"]


def _moved(block: packets.Pairs, shift: float, change: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    for name, text in block:
        if name == "Timestamp":
            yield name, f"{float(text) + shift:.6f}"
        elif name in LOCAL_TIMES and text:
            moment = datetime.strptime(text, LOCAL_FORMAT).replace(tzinfo=UTC) + timedelta(seconds=shift)
            yield name, moment.strftime(LOCAL_FORMAT)
        else:
            yield change(name), change(text)


def _change(words: Mapping[str, str], counters: Counters) -> Callable[[str], str]:
    """Ids and words as they are now; channels and bridges get names that no other call has."""
    ordered = sorted(words, key=len, reverse=True)
    pattern = re.compile("|".join(rf"(?<![\d.]){re.escape(word)}(?![\d])" for word in ordered) or "(?!)")
    names: dict[str, str] = {}

    def numbered(match: re.Match[str]) -> str:
        text = match[0]
        half = text[-2:] if text[-2:-1] == ";" else ""
        stem = text.removesuffix(half)
        if stem not in names:
            names[stem] = f"{said(stem[:-8])}{counters.name():08x}"
        return names[stem] + half

    def bridged(match: re.Match[str]) -> str:
        names.setdefault(match[0], f"{counters.name():08x}{match[0][8:]}")
        return names[match[0]]

    def said(text: str) -> str:
        return pattern.sub(lambda match: words[match[0]], text)

    def change(text: str) -> str:
        parts, end = [], 0
        for match in CHANNEL.finditer(text):
            parts += [said(text[end : match.start()]), numbered(match)]
            end = match.end()
        return BRIDGE.sub(bridged, "".join([*parts, said(text[end:])]))

    return change
