"""Figures of the last hours as bars: heights and words here, the drawing in its macros."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.store.hour_figures import Hour

STEP, WIDTH, HEIGHT = 10, 7, 100  # of one bar in the drawing's own units, whatever the screen's width
LEAST = 2.0  # a single event must not vanish beside a thousand


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    height: float
    tone: str


@dataclass(frozen=True, slots=True)
class Column:
    """One hour: its bars from the ground up, and the values they stand for."""

    begins_at: datetime
    values: tuple[int, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """`code` names its texts; `total` and `peak` say in a number what the drawing shows."""

    code: str
    tones: tuple[str, ...]
    columns: tuple[Column, ...]
    total: int
    peak: int

    @property
    def box(self) -> str:
        return f"0 0 {len(self.columns) * STEP} {HEIGHT}"

    @property
    def peak_at(self) -> datetime:
        return max(self.columns, key=lambda column: sum(column.values)).begins_at


def of(hours: Sequence[Hour]) -> tuple[Chart, ...]:
    """What a person wants to know of a day: how much came, how late, with how many errors, at what price."""
    return (
        _chart("volume", hours, [("", [hour.received for hour in hours])]),
        _chart("lag", hours, [("", [hour.lag_ms // 1000 for hour in hours])]),
        _chart("errors", hours, [("bad", [hour.troubled for hour in hours])]),
        _chart(
            "requests", hours,
            [("", [hour.amo_requests for hour in hours]), ("soft", [hour.yc_requests for hour in hours])],
        ),
    )  # fmt: skip


def _chart(code: str, hours: Sequence[Hour], series: Sequence[tuple[str, list[int]]]) -> Chart:
    tones = tuple(tone for tone, _ in series)
    stacks = list(zip(*(values for _, values in series), strict=True))
    peak = max((sum(stack) for stack in stacks), default=0)
    columns = [
        Column(hour.begins_at, stack, stacked(position * STEP + (STEP - WIDTH) / 2, stack, tones, peak))
        for position, (hour, stack) in enumerate(zip(hours, stacks, strict=True))
    ]
    return Chart(code, tones, tuple(columns), sum(map(sum, stacks)), peak)


def stacked(x: float, stack: Sequence[int], tones: Sequence[str], peak: int) -> tuple[Bar, ...]:
    """Bars of one column, from the ground up."""
    bars, ground = [], float(HEIGHT)
    for value, tone in zip(stack, tones, strict=True):
        if value:
            height = max(LEAST, round(value / peak * HEIGHT, 2))
            ground = round(max(0.0, ground - height), 2)
            bars.append(Bar(x, ground, height, tone))
    return tuple(bars)
