"""A call as a picture: a band for the client and one for each phone, on the clock of the call; and as steps,
for whoever does not see pictures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.core.telephony.call import NOTHING, Call, Ring, Talk

WIDTH = 1000  # of a band in its own units
LEAST = 4.0  # a phone that was busy at once must still be seen
TICKS = 4
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a band: what went on («ring», «talk», «wait»), from when, for how long."""

    kind: str
    x: float
    width: float
    after: timedelta
    length: timedelta


@dataclass(frozen=True, slots=True)
class Band:
    """`phone` is "" for the client; `status` is what the PBX said of the phone at last."""

    phone: str
    parts: tuple[Part, ...]
    status: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened: `code` names the words, `phone` whose it was."""

    at: datetime
    code: str
    phone: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    bands: tuple[Band, ...]
    ticks: tuple[timedelta, ...]
    steps: tuple[Step, ...]


def of(call: Call, now: datetime) -> Picture:
    """A call that goes on is drawn up to now."""
    end = max(call.ended_at or now, call.began_at + SECOND)
    scale = _Scale(call.began_at, end)
    phones = dict.fromkeys((*call.rung, *call.talked, *((call.operator,) if call.operator else ())))
    bands = (_client(call, scale), *(_phone(call, phone, scale) for phone in phones))
    ticks = tuple((end - call.began_at) * n / TICKS for n in range(TICKS))
    return Picture(bands, ticks, tuple(sorted(_steps(call), key=lambda step: step.at)))


@dataclass(frozen=True, slots=True)
class _Scale:
    begin: datetime
    end: datetime

    def part(self, kind: str, begin: datetime, end: datetime | None) -> Part:
        first = min(max(begin, self.begin), self.end)
        last = min(max(end or self.end, first), self.end)
        whole = self.end - self.begin
        x = round((first - self.begin) / whole * WIDTH, 2)
        width = max(LEAST, round((last - first) / whole * WIDTH, 2))
        return Part(kind, min(x, WIDTH - width), width, first - self.begin, last - first)


def _client(call: Call, scale: _Scale) -> Band:
    """Waits until somebody talks; what lies between two talks is a wait again."""
    parts, reached = [], call.began_at
    for talk in sorted(call.talks, key=lambda talk: talk.began_at):
        if talk.began_at > reached:
            parts.append(scale.part("wait", reached, talk.began_at))
        parts.append(scale.part("talk", talk.began_at, talk.ended_at))
        reached = max(reached, talk.ended_at or scale.end)
    if scale.end - reached > (SECOND if call.talks else NOTHING):
        parts.append(scale.part("wait", reached, scale.end))
    return Band("", tuple(parts))


def _phone(call: Call, phone: str, scale: _Scale) -> Band:
    rings = [ring for ring in call.rings if ring.phone == phone]
    talks = [talk for talk in call.talks if talk.phone == phone]
    parts = [
        *(scale.part("ring", ring.began_at, _until(ring, talks)) for ring in rings),
        *(scale.part("talk", talk.began_at, talk.ended_at) for talk in talks),
    ]
    if phone == call.operator and not rings:
        first = min((talk.began_at for talk in talks), default=call.ended_at)
        parts.insert(0, scale.part("ring", call.began_at, first))
    return Band(phone, tuple(parts), rings[-1].status if rings else "")


def _until(ring: Ring, talks: Sequence[Talk]) -> datetime | None:
    """A phone that was answered rings until the talk, not until the PBX is done with it."""
    answered = min((talk.began_at for talk in talks if talk.began_at >= ring.began_at), default=None)
    known = [moment for moment in (ring.ended_at, answered) if moment is not None]
    return min(known, default=None)


def _steps(call: Call) -> Iterator[Step]:
    yield Step(call.began_at, f"began_{call.way}", call.operator)
    for ring in call.rings:
        yield Step(ring.began_at, "rings", ring.phone)
        if ring.ended_at and ring.status not in ("", "ANSWER"):
            yield Step(ring.ended_at, "rang", ring.phone, ring.status)
    for talk in call.talks:
        yield Step(talk.began_at, "talks", talk.phone)
        if talk.ended_at:
            yield Step(talk.ended_at, "talked", talk.phone)
    if call.ended_at:
        yield Step(call.ended_at, "ended")
