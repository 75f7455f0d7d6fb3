"""The storm brake: more new leads than is usual wait for a person's word, for a lead cannot be deleted and a
delayed one costs nothing (booking-sync-scenarios.md §10, layer 8). Changes of leads that exist go on.

Bookings of one visit or of one repeating schedule are one act of the desk; imports, catch-ups and group
events never get here.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from backend.core.rules.options import Brake
from backend.core.salon import Booking
from backend.core.sync.matching import person_keys

FEWEST = 20  # new leads in an hour that no salon is stopped for, however quiet it usually is
PERSON, SALON = "person", "salon"


@dataclass(frozen=True, slots=True)
class Act:
    """A creation about to be sent. `person` names nobody; `series` is common to a repeating schedule."""

    key: str
    company_id: int
    person: str
    series: str
    visit_id: int


@dataclass(frozen=True, slots=True)
class Recent:
    """What the last hour brought: acts of the same people, and how many acts each salon had; how many an
    hour usually brings it, and which scopes a person let go.
    """

    acts: Sequence[Act] = ()
    salons: Mapping[int, int] = field(default_factory=dict)
    usual: Mapping[int, int] = field(default_factory=dict)
    released: frozenset[str] = frozenset()


def act(booking: Booking) -> Act:
    services = ",".join(str(line.service_id) for line in booking.lines)
    minute = int(booking.created_at.timestamp()) // 60
    series = f"{minute}/{booking.staff.id}/{services}/{booking.starts_at:%H%M}"
    known = next(iter(person_keys(booking)), booking.key)
    person = hashlib.sha256(known.encode()).hexdigest()[:16]
    return Act(booking.key, booking.branch_id, person, series, booking.visit_id)


def held(acts: Iterable[Act], recent: Recent, brake: Brake) -> dict[str, str]:
    """Booking key → the scope that holds it; those that may go on are left out. In the order of `acts`, so
    that the first ones pass.
    """
    people: dict[str, list[Act]] = defaultdict(list)
    for one in recent.acts:
        people[one.person].append(one)
    salons, stopped = Counter(recent.salons), {}
    for one in acts:
        if _is_repeated(one, people[one.person]):
            continue
        scope = _scope(one, people[one.person], salons[one.company_id], recent, brake)
        if scope is None:
            people[one.person].append(one)
            salons[one.company_id] += 1
        else:
            stopped[one.key] = scope
    return stopped


def _is_repeated(one: Act, mine: Iterable[Act]) -> bool:
    """The same booking once more, or another one of the same schedule or visit."""
    return any(
        one.key == other.key
        or one.series == other.series
        or (one.visit_id != 0 and one.visit_id == other.visit_id)
        for other in mine
    )


def _scope(one: Act, mine: Sequence[Act], in_salon: int, recent: Recent, brake: Brake) -> str | None:
    person, salon = f"{PERSON}:{one.person}", f"{SALON}:{one.company_id}"
    if person not in recent.released and len({other.series for other in mine}) >= brake.per_person:
        return person
    usual = recent.usual.get(one.company_id)
    if usual is None or salon in recent.released:
        return None
    return salon if in_salon >= max(FEWEST, brake.times_usual * usual) else None
