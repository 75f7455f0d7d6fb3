"""What the profile has measured of a probe already: words for its page, and the answer that it suggests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from backend.core.learning.tables import Table
from backend.core.takeover.behaviour import BEFORE, MANY, Behaviour
from backend.core.takeover.recognition import Recognition, What

ENOUGH = 50  # values to suggest anything by
MOST = 90  # percent of them
WITHIN = ("minute", "five")  # names of the shortest lags, in their order


@dataclass(frozen=True, slots=True)
class Measured:
    """`code` is a text, `answers` (question → choice) are suggested until a person answers."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)


def of(known: Recognition, habits: Behaviour, around: Mapping[str, int]) -> dict[str, tuple[Measured, ...]]:
    """By probe. `around`: how many widgets, hooks and users there are."""
    found = {
        "P1": (_mark(known, habits), _lag(habits)),
        "P23": (_doubles(habits),),
        "P25": (_traces(known, around),),
    }
    told = {probe: tuple(one for one in lines if one) for probe, lines in found.items()}
    return {probe: lines for probe, lines in told.items() if lines}


def _mark(known: Recognition, habits: Behaviour) -> Measured | None:
    place = next(iter(known.holding(What.RECORD_ID)), None)
    if place is not None:
        kind = str(place.kind)
        return Measured(f"mark_{kind}", {"percent": place.percent, "n": place.count}, {"mark": kind})
    return (
        Measured("mark_nothing", {}, {"mark": "nothing"}) if _counts(habits.lags).total() >= ENOUGH else None
    )


def _lag(habits: Behaviour) -> Measured | None:
    counts = _counts(habits.lags)
    later = counts.total() - counts[BEFORE]
    if later < ENOUGH:
        return None
    minute, five = (100 * sum(counts[name] for name in WITHIN[: n + 1]) // later for n in range(2))
    answer = "minute" if minute >= MOST else "five" if five >= MOST else "longer"
    return Measured("lag", {"minute": minute, "five": five}, {"lag": answer})


def _doubles(habits: Behaviour) -> Measured | None:
    counts = _counts(habits.leads_of_booking)
    if counts.total() < ENOUGH:
        return None
    return Measured("doubles", {"n": counts[str(MANY)], "none": counts["0"], "of": counts.total()})


def _traces(known: Recognition, around: Mapping[str, int]) -> Measured | None:
    if not around:
        return None
    return Measured("traces", {**around, "writers": len(known.writer_ids)})


def _counts(table: Table) -> Counter[str]:
    """Of all its rows together."""
    total: Counter[str] = Counter()
    for counts in table.values():
        total.update(counts)
    return total
