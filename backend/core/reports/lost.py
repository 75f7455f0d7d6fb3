"""Money that was booked and did not come: no-shows and cancellations after which nobody came back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from backend.core.money import Kopecks
from backend.core.reports.figures import MISSED
from backend.core.reports.visits import Visit
from backend.core.salon import Phase

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Return:
    """An active booking of a person: what makes an earlier one not lost."""

    key: str
    person: str
    directions: tuple[str, ...]
    day: int
    made_day: int


@dataclass(frozen=True, slots=True)
class Loss:
    """What one direction of one visit would have brought."""

    visit: Visit
    direction: str
    money: Kopecks

    @property
    def phase(self) -> Phase:
        return self.visit.phase


@dataclass(frozen=True, slots=True)
class Sum:
    """Of a group: how many losses, and how much."""

    count: int
    money: Kopecks


def losses(missed: Iterable[Visit], returns: Iterable[Return]) -> tuple[Loss, ...]:
    """One for each direction of each visit that nobody booked anew; a person we cannot name never returns."""
    later: dict[tuple[str, str], list[Return]] = defaultdict(list)
    for found in returns:
        for direction in found.directions:
            later[found.person, direction].append(found)
    return tuple(
        Loss(visit, direction, money)
        for visit in missed
        if visit.phase in MISSED
        for direction, money in visit.shares
        if not any(_makes_good(visit, found) for found in later.get((visit.person, direction), ()))
    )


def _makes_good(visit: Visit, found: Return) -> bool:
    """On that day or after it, or booked once the visit had been missed: an earlier hour will do."""
    if not visit.person or found.key == visit.key:
        return False
    return found.day >= visit.day or found.made_day >= visit.changed_at.toordinal()


def total(found: Iterable[Loss]) -> Sum:
    everything = list(found)
    return Sum(len(everything), Kopecks(sum(loss.money for loss in everything)))


def by_direction(found: Iterable[Loss]) -> Mapping[str, Sum]:
    """The dearest direction first."""
    return _grouped([(loss.direction, loss) for loss in found])


def by_branch(found: Iterable[Loss]) -> Mapping[int, Sum]:
    return _grouped([(loss.visit.branch_id, loss) for loss in found])


def _grouped(pairs: Iterable[tuple[K, Loss]]) -> dict[K, Sum]:
    groups: dict[K, list[Loss]] = defaultdict(list)
    for key, loss in pairs:
        groups[key].append(loss)
    sums = {key: total(group) for key, group in groups.items()}
    return dict(sorted(sums.items(), key=lambda pair: -pair[1].money))
