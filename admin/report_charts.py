"""Drawings of the reports: days as columns, parts of a whole as a strip. Words stand in the templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from admin import charts
from admin.charts import Bar

FEWEST = 3  # days; fewer are told by the numbers alone
MARKS = 6  # dates under the drawing


@dataclass(frozen=True, slots=True)
class Column:
    """One day: its bars from the ground up, and the values they stand for."""

    day: date
    values: tuple[int, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """`code` names its texts and those of its series; `tones` colour them from the ground up."""

    code: str
    series: tuple[str, ...]
    tones: tuple[str, ...]
    columns: tuple[Column, ...]
    peak: int

    @property
    def box(self) -> str:
        return f"0 0 {len(self.columns) * charts.STEP} {charts.HEIGHT}"

    @property
    def peak_day(self) -> date:
        return max(self.columns, key=lambda column: sum(column.values)).day

    @property
    def marks(self) -> tuple[date, ...]:
        """A few days to read the drawing by, evenly apart; the last ones have no room for a date."""
        step = max(1, -(-len(self.columns) // MARKS))
        roomy = len(self.columns) - len(self.columns) // (2 * MARKS)
        return tuple(column.day for column in self.columns[:roomy:step])


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a strip, in hundredths of it."""

    name: str
    x: float
    width: float
    tone: str


def of_days(
    code: str, days: Sequence[date], series: Mapping[str, tuple[str, Mapping[date, int]]]
) -> Chart | None:
    """`series`: name → its tone and its values by day. Too few days make no drawing."""
    if len(days) < FEWEST:
        return None
    tones = tuple(tone for tone, _ in series.values())
    stacks = [tuple(values.get(day, 0) for _, values in series.values()) for day in days]
    peak = max(map(sum, stacks), default=0)
    left = (charts.STEP - charts.WIDTH) / 2
    columns = (
        Column(day, stack, charts.stacked(position * charts.STEP + left, stack, tones, peak))
        for position, (day, stack) in enumerate(zip(days, stacks, strict=True))
    )
    return Chart(code, tuple(series), tones, tuple(columns), peak)


def days_of(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def strip(parts: Sequence[tuple[str, int, str]], whole: int) -> tuple[Part, ...]:
    """(name, value, tone) of each part, from the left; `whole` is the full width."""
    drawn, x = [], 0.0
    for name, value, tone in parts:
        width = round(value * 100 / whole, 2) if whole else 0.0
        if width:
            drawn.append(Part(name, round(x, 2), width, tone))
        x += width
    return tuple(drawn)
