"""Drawings of the profile: heat-tables in amoCRM's own colours, strips of shares. Sizes and words here, the
drawing in the template.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from admin.names import Names
from backend.core.crm import Stage
from backend.core.learning.tables import Table
from backend.core.salon import Phase
from backend.core.takeover import behaviour
from backend.core.takeover.behaviour import BEFORE, LAGS, Behaviour

MOST = 6  # parts of a strip; the rest are one
TINTS = 6  # colours of parts that have none of their own
FAINTEST = 0.12  # a share that is there can be seen


@dataclass(frozen=True, slots=True)
class HeatCell:
    percent: int
    count: int
    opacity: float


@dataclass(frozen=True, slots=True)
class HeatRow:
    phase: str
    total: int
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True, slots=True)
class Heat:
    """Of one pipeline: attendance down, stages across."""

    title: str
    stages: tuple[Stage, ...]
    rows: tuple[HeatRow, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Part:
    """Of a strip: `x` and `width` in hundredths of it; `tint` numbers a colour of ours."""

    label: str
    count: int
    percent: int
    x: float
    width: float
    tint: int


@dataclass(frozen=True, slots=True)
class Strip:
    label: str
    total: int
    parts: tuple[Part, ...]


def heats(found: Behaviour, names: Names) -> list[Heat]:
    """One for each pipeline that leads of bookings stand in, the fullest first."""
    pipelines = dict.fromkeys(row[0] for row in found.learned.stages)
    tables = [_heat(pipeline, found.learned.stages, names) for pipeline in pipelines]
    return sorted(tables, key=lambda one: (-one.total, one.title))


def _heat(pipeline: int, table: Table, names: Names) -> Heat:
    counts = {row[1]: columns for row, columns in table.items() if row[0] == pipeline}
    ids = {stage for columns in counts.values() for stage in columns}
    stages = sorted((names.stage(pipeline, one) for one in ids), key=lambda one: (one.sort, one.id))
    rows = tuple(_heat_row(str(phase), counts[phase], stages) for phase in Phase if phase in counts)
    return Heat(names.pipeline(pipeline), tuple(stages), rows, sum(row.total for row in rows))


def _heat_row(phase: str, counts: Counter[Any], stages: Sequence[Stage]) -> HeatRow:
    total = counts.total()
    cells = (_heat_cell(counts[stage.id], total) for stage in stages)
    return HeatRow(phase, total, tuple(cells))


def _heat_cell(count: int, total: int) -> HeatCell:
    share = count / total
    return HeatCell(round(100 * share), count, round(max(FAINTEST, share), 2) if count else 0)


def strips(table: Table, label: Callable[..., str], part: Callable[[Any], str], rest: str) -> list[Strip]:
    """A strip for each row; `label` is asked with the row's key, `part` with a column."""
    tints: dict[Any, int] = {}
    found = []
    for row in behaviour.shown(table):
        shown = [(part(cell.column), cell.count, cell.column) for cell in row.cells[: MOST - 1]]
        left = sum(cell.count for cell in row.cells[MOST - 1 :])
        shown += [(rest, left, rest)] if left else []
        found.append(Strip(label(*row.key), row.total, _parts(shown, row.total, tints)))
    return sorted(found, key=lambda one: one.label)


def _parts(shown: Sequence[tuple[str, int, Any]], total: int, tints: dict[Any, int]) -> tuple[Part, ...]:
    """The same thing has one colour in all strips of a table."""
    found, x = [], 0.0
    for label, count, column in shown:
        width = 100 * count / total
        tint = tints.setdefault(column, len(tints) % TINTS)
        found.append(Part(label, count, round(width), round(x, 2), round(width, 2), tint))
        x += width
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of a list with bars: `code` names its words."""

    code: str
    count: int
    percent: int


def bars(counts: Counter[Any], order: Sequence[str]) -> list[Bar]:
    total = counts.total() or 1
    return [Bar(one, counts[one], round(100 * counts[one] / total)) for one in order]


def lags(found: Behaviour) -> list[Bar]:
    """Only what there is: most of the names stand for nothing."""
    counts = found.lags.get((), Counter())
    return bars(counts, [name for name in (BEFORE, *(name for name, _ in LAGS)) if counts[name]])


def amounts(found: Behaviour) -> list[Bar]:
    """Leads of one booking: none, one, several."""
    counts: Counter[Any] = sum(found.leads_of_booking.values(), Counter())
    return bars(counts, ("0", "1", "2"))


def shared(found: Behaviour) -> list[Bar]:
    """Bookings of one lead."""
    return bars(found.bookings_of_lead.get((), Counter()), ("1", "2"))


@dataclass(frozen=True, slots=True)
class TagRow:
    tag: str
    online: int
    desk: int


def tag_rows(found: Behaviour) -> list[TagRow]:
    """Tags of leads, and on how many in a hundred they stand: of bookings made online, and at the desk."""
    tables = {name: found.tags.get((name,), Counter()) for name in ("online", "desk")}
    frequent = sum(tables.values(), Counter()).most_common(MOST + 1)
    shares = {
        name: {tag: round(100 * count / counts[""]) for tag, count in counts.items()}
        for name, counts in tables.items()
    }
    return [
        TagRow(tag, shares["online"].get(tag, 0), shares["desk"].get(tag, 0)) for tag, _ in frequent if tag
    ]
