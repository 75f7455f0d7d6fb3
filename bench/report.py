"""Figures: what each must reach, the lines of results.jsonl and the table for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

RESULTS = Path(__file__).with_name("results.jsonl")


@dataclass(frozen=True, slots=True)
class Figure:
    """`baseline` is what it was compared with in the same run; `ratio` is a plain quotient of the two.
    `detail` says what was measured, where a name and a number do not.
    """

    name: str
    value: float
    unit: str
    baseline: float | None = None
    ratio: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Must:
    """What a figure has to reach."""

    sign: str
    limit: float

    def holds(self, value: float) -> bool:
        return {"≥": value >= self.limit, "≤": value <= self.limit, "=": value == self.limit}[self.sign]

    def __str__(self) -> str:
        return f"{self.sign} {self.limit:g}"


MUSTS = {
    "ingest_ratio_postgres": Must("≥", 0.2),
    "ingest_ratio_sqlite": Must("≥", 0.15),
    "drain_ratio": Must("≥", 5),
    "import_requests_per_booking": Must("≤", 0.15),
    "live_requests_new": Must("≤", 2),
    "live_requests_update": Must("≤", 1),
    "rate_budget_used": Must("≥", 0.9),
    "rate_429": Must("=", 0),
    "hook_to_lead_p95_s": Must("≤", 1.0),
    "scale_flatness": Must("≤", 1.25),
    "rss_mb": Must("≤", 300),
    "admin_p95_ms": Must("≤", 100),
    "preview_month_s": Must("≤", 5),
    "migration_matching_s": Must("≤", 10),
    "migration_matching_mb": Must("≤", 300),
    "migration_precision": Must("=", 1),
    "migration_found_share": Must("≥", 0.99),
    "card_p95_ms": Must("≤", 50),
    "card_action_p95_ms": Must("≤", 300),
    "widget_kb": Must("≤", 96),
    "panel_first_load_kb": Must("≤", 150),
    "migration_requests_ratio": Must("≤", 1.2),
    "migration_discovery_s": Must("≤", 120),
    "migration_discovery_mb": Must("≤", 60),
    "ami_ratio": Must("≥", 2),
    "call_requests": Must("≤", 3),
    "call_requests_together": Must("≤", 0.5),
    "ring_to_popup_p95_ms": Must("≤", 300),
    "click_to_originate_p95_ms": Must("≤", 300),
    "route_answer_p95_ms": Must("≤", 50),
    "stream_500_mb": Must("≤", 100),
    "calls_lost": Must("=", 0),
    "soak_bookings": Must("≥", 5000),
    "soak_wrong": Must("=", 0),
    "soak_requests_per_booking": Must("≤", 1.5),
}


def begin(*, is_full: bool) -> None:
    """A full run starts the file anew; a part of the figures is added to what is there."""
    if is_full:
        RESULTS.write_text("", encoding="utf-8")


def note(figure: Figure) -> None:
    """One line, written at once: what was measured stays when something later breaks."""
    rounded = {
        "name": figure.name,
        "value": _short(figure.value),
        "unit": figure.unit,
        "baseline": _short(figure.baseline),
        "ratio": _short(figure.ratio),
        **({"detail": figure.detail} if figure.detail else {}),
    }
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(json.dumps(rounded, ensure_ascii=False) + "\n")
    sys.stdout.write(f"  {_line(figure)}\n")
    sys.stdout.flush()


def finish(figures: Iterable[Figure]) -> bool:
    """Prints the table; False when a figure misses its mark."""
    measured = list(figures)
    sys.stdout.write("\n" + "\n".join(_line(figure) for figure in measured) + "\n")
    failed = [figure.name for figure in measured if not is_good(figure)]
    sys.stdout.write(
        f"bench: figures={len(measured)} failed={len(failed)} {' '.join(failed)}".rstrip() + "\n"
    )
    return not failed


def is_good(figure: Figure) -> bool:
    must = MUSTS.get(figure.name)
    return must is None or must.holds(figure.value)


def _line(figure: Figure) -> str:
    must = MUSTS.get(figure.name)
    verdict = "" if must is None else "ok  " if is_good(figure) else "FAIL"
    compared = "" if figure.baseline is None else f"baseline {_short(figure.baseline):g}"
    return (
        f"{verdict:4} {figure.name:30} {_short(figure.value):>10g} {figure.unit:14} "
        f"{must or ''!s:8} {compared or figure.detail}"
    )


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")
