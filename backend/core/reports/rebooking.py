"""Re-booking: of the visits that took place, after how many the person is booked again, and when that was
done.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Made(StrEnum):
    """When the next booking was made: before the visit, at the desk on its day, or some day after."""

    AHEAD = "ahead"
    DESK = "desk"
    LATER = "later"


class Stay(NamedTuple):
    """An active booking, days as ordinals. A plain tuple: a month of a network has tens of thousands."""

    person: str
    day: int
    made_day: int
    is_arrived: bool
    branch_id: int
    staff_id: int
    author_id: int
    responsible_id: int


Key = tuple[int, int]  # our branch row and the one who is asked about: an author, a master, a responsible


@dataclass(frozen=True, slots=True)
class Rate:
    """Of `visits`, how many are followed by a booking; `open` are the ones whose days have not passed yet."""

    visits: int
    ahead: int
    desk: int
    later: int
    open: int

    @property
    def booked(self) -> int:
        return self.ahead + self.desk + self.later

    @property
    def percent(self) -> int:
        return round(self.booked * 100 / self.visits) if self.visits else 0


@dataclass(frozen=True, slots=True)
class Question:
    """Days as ordinals, both included; `within` so many days the person is expected again."""

    first: int
    last: int
    within: int
    today: int
    who: Callable[[Stay], int]
    branch_id: int | None = None


def rates(stays: Iterable[Stay], asked: Question) -> Mapping[Key, Rate]:
    """By salon and whoever is asked about. Two bookings of a person on one day in one salon are one visit;
    somebody whom the salon wrote down without a card is nobody's visit.
    """
    people: dict[str, list[Stay]] = defaultdict(list)
    for stay in stays:
        if stay.person:
            people[stay.person].append(stay)
    counted: dict[Key, Counter[str]] = defaultdict(Counter)
    for theirs in people.values():
        days = _days(theirs)
        for key, day in _visits(theirs, asked):
            counted[key][_outcome(days, day, asked)] += 1
    return {key: _rate(found) for key, found in counted.items()}


def total(found: Iterable[Rate]) -> Rate:
    everything = list(found)
    return Rate(
        sum(rate.visits for rate in everything), sum(rate.ahead for rate in everything),
        sum(rate.desk for rate in everything), sum(rate.later for rate in everything),
        sum(rate.open for rate in everything),
    )  # fmt: skip


def _days(theirs: Iterable[Stay]) -> tuple[list[int], dict[int, int]]:
    """Days on which a person is booked, in order, and the day when the first booking of each was made."""
    made: dict[int, int] = {}
    for stay in theirs:
        made[stay.day] = min(stay.made_day, made.get(stay.day, stay.made_day))
    return sorted(made), made


def _visits(theirs: Iterable[Stay], asked: Question) -> set[tuple[Key, int]]:
    return {
        ((stay.branch_id, asked.who(stay)), stay.day)
        for stay in theirs
        if stay.is_arrived
        and asked.first <= stay.day <= asked.last
        and asked.branch_id in (None, stay.branch_id)
    }


def _outcome(days: tuple[list[int], dict[int, int]], day: int, asked: Question) -> str:
    booked, made = days
    position = bisect_right(booked, day)
    following = booked[position] if position < len(booked) else None
    if following is None or following > day + asked.within:
        return "open" if day + asked.within >= asked.today else "none"
    return Made.AHEAD if made[following] < day else Made.DESK if made[following] == day else Made.LATER


def _rate(found: Counter[str]) -> Rate:
    return Rate(found.total(), found[Made.AHEAD], found[Made.DESK], found[Made.LATER], found["open"])
