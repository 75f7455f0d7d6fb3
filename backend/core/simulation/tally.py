"""Numbers of a simulation: how many bookings end where under the old and the new rules, and which differ.

A tally is plain data at any moment, so that long work writes it down after every slice and goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from backend.core.simulation.outcomes import Outcome, Verdict

MOST_KEYS = 500  # of one kind of difference: who looks at more looks at the rules instead
NUMBERS = ("looked", "untouched", "unread", "differing", "linked", "rewritten")
Json = dict[str, Any]


class Spot(NamedTuple):
    """Where a booking ends, without its money: what people tell outcomes apart by. `others` counts leads of
    secondary directions; `reason` speaks only when there is no lead.
    """

    verdict: str
    reason: str = ""
    direction: str = ""
    pipeline_id: int = 0
    stage_id: int = 0
    responsible_id: int = 0
    others: int = 0


def spot(outcome: Outcome) -> Spot:
    main = outcome.main
    if main is None:
        return Spot(str(outcome.verdict), str(outcome.reason))
    return Spot(
        str(outcome.verdict), "", main.direction, main.pipeline_id, main.stage_id, main.responsible_id,
        len(outcome.leads) - 1,
    )  # fmt: skip


@dataclass
class Sum:
    """How many bookings, and their money."""

    count: int = 0
    money: int = 0

    def add(self, count: int, money: int) -> None:
        self.count += count
        self.money += money


@dataclass
class Change:
    """Bookings that go from one spot to another; `linked` of them have a lead already."""

    old: Spot
    new: Spot
    sum: Sum = field(default_factory=Sum)
    linked: int = 0
    keys: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Seen:
    """One booking under both rules. `is_rewritten`: the lead that it has would get other values."""

    key: str
    money: int
    old: Outcome
    new: Outcome
    is_linked: bool = False
    is_rewritten: bool = False


@dataclass
class Tally:
    """`looked` at in full; `untouched` hang on nothing that differs; the messages of `unread` ones are gone:
    nobody can say.
    """

    looked: int = 0
    untouched: int = 0
    unread: int = 0
    differing: int = 0
    linked: int = 0
    rewritten: int = 0
    before: dict[Spot, Sum] = field(default_factory=dict)
    after: dict[Spot, Sum] = field(default_factory=dict)
    found: dict[tuple[Spot, Spot], Change] = field(default_factory=dict)

    def add(self, seen: Seen) -> None:
        old, new = spot(seen.old), spot(seen.new)
        self.looked += 1
        _count(self.before, seen.old)
        _count(self.after, seen.new)
        self.rewritten += seen.is_rewritten
        if seen.old.is_like(seen.new):
            return
        self.differing += 1
        self.linked += seen.is_linked
        change = self.found.setdefault((old, new), Change(old, new))
        change.sum.add(1, seen.money)
        change.linked += seen.is_linked
        if len(change.keys) < MOST_KEYS:
            change.keys.append(seen.key)

    @property
    def all(self) -> int:
        return self.looked + self.untouched + self.unread

    @property
    def known(self) -> int:
        """Of how many something can be said."""
        return self.looked + self.untouched

    @property
    def changes(self) -> list[Change]:
        """The most frequent first."""
        return sorted(self.found.values(), key=lambda one: (-one.sum.count, one.old, one.new))

    def split(self, by: Callable[[Spot], object]) -> list[tuple[Any, Sum, Sum]]:
        """Sums by a part of the spot, before and after, of bookings that have a lead: the largest first."""
        old, new = _summed(self.before, by), _summed(self.after, by)
        parts = sorted(
            {*old, *new},
            key=lambda part: (-max(old.get(part, Sum()).count, new.get(part, Sum()).count), str(part)),
        )
        return [(part, old.get(part, Sum()), new.get(part, Sum())) for part in parts]


def _count(sums: dict[Spot, Sum], outcome: Outcome) -> None:
    """Every lead by itself: a satellite is in its own direction."""
    if outcome.main is None:
        sums.setdefault(spot(outcome), Sum()).add(1, 0)
    for lead in outcome.leads:
        where = Spot(
            str(outcome.verdict), "", lead.direction, lead.pipeline_id, lead.stage_id, lead.responsible_id
        )
        sums.setdefault(where, Sum()).add(1, lead.price)


def _summed(sums: Mapping[Spot, Sum], by: Callable[[Spot], object]) -> dict[object, Sum]:
    found: dict[object, Sum] = {}
    for where, total in sums.items():
        if where.verdict in (Verdict.OPENS, Verdict.CONTINUES):
            found.setdefault(by(where), Sum()).add(total.count, total.money)
    return found


# As plain data


def written(tally: Tally) -> Json:
    return {
        **{name: getattr(tally, name) for name in NUMBERS},
        "before": _sums(tally.before), "after": _sums(tally.after),
        "changes": [
            [list(one.old), list(one.new), one.sum.count, one.sum.money, one.linked, one.keys]
            for one in tally.found.values()
        ],
    }  # fmt: skip


def read(data: Mapping[str, Any]) -> Tally:
    """The tally that `written` wrote down; an empty one out of nothing."""
    changes = [
        Change(Spot(*old), Spot(*new), Sum(count, money), linked, list(keys))
        for old, new, count, money, linked, keys in data.get("changes", ())
    ]
    tally = Tally(
        before=_of_sums(data.get("before", ())),
        after=_of_sums(data.get("after", ())),
        found={(one.old, one.new): one for one in changes},
    )
    for name in NUMBERS:
        setattr(tally, name, data.get(name, 0))
    return tally


def _sums(sums: Mapping[Spot, Sum]) -> list[list[Any]]:
    return [[list(where), total.count, total.money] for where, total in sums.items()]


def _of_sums(given: Iterable[Any]) -> dict[Spot, Sum]:
    return {Spot(*where): Sum(count, money) for where, count, money in given}
