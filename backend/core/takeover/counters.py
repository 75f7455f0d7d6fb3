"""The thirteen counters of a salon before and after its switch (booking-sync-scenarios.md §12.8): what is
counted, when it is green, and what does not agree, one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from backend.core.crm import LOST, Lead
from backend.core.reasons import Reason
from backend.core.rules.configuration import BookingRules
from backend.core.salon import Booking, Phase
from backend.core.sync import skipping
from backend.core.sync.facts import BookingFacts
from backend.core.sync.links import Link, Role

RECENT = timedelta(days=30)
ACTIVE = (Phase.WAITING, Phase.CONFIRMED)
LINKED_PERMILLE = 995
SLOWEST, MISSED_PERMILLE, REFUSED_PERMILLE = 60, 10, 5
LONGEST_QUEUE, OLDEST = 100, 120
OWN = (Role.MAIN, Role.ADDITIONAL)
# The rules let such a booking wait: it is no miss.
WAITS = frozenset(
    {
        Reason.WAITS_ITS_TURN, Reason.WAITS_FOR_NEXT_LEAD, Reason.WAITS_FOR_INCOMING, Reason.WAITS_FOR_START,
        Reason.WAITS_FOR_PAYMENT,
    }
)  # fmt: skip


class Code(StrEnum):
    """In the order of the page."""

    FUTURE = "future"
    RECENT = "recent"
    KEYS = "keys"
    DOUBLES = "doubles"
    STAGES = "stages"
    BUDGETS = "budgets"
    CREATED = "created"
    HELD = "held"
    FOREIGN = "foreign"
    LAG = "lag"
    ERRORS = "errors"
    QUEUE = "queue"
    YESTERDAY = "yesterday"


@dataclass(frozen=True, slots=True)
class Odd:
    """One thing that does not agree; `why` has a sentence, `details` fill its blanks."""

    key: str = ""
    lead_id: int | None = None
    why: str = ""
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counter:
    """`value` holds the numbers of its sentence; `target` is the code of what must be."""

    code: Code
    value: Mapping[str, int]
    is_green: bool
    exceptions: tuple[Odd, ...] = ()

    @property
    def target(self) -> str:
        return f"takeover_counters.target.{self.code}"


@dataclass(frozen=True, slots=True)
class Own:
    """A link of a booking with its lead as the CRM has it (None: gone)."""

    link: Link
    lead: Lead | None

    @property
    def alive(self) -> Lead | None:
        return self.lead if self.lead and not self.lead.is_deleted else None


@dataclass(frozen=True, slots=True)
class Seen:
    """A booking of the last days or ahead. `owns` are its leads, those of other directions too; `carriers`
    the leads that name its number, whoever wrote it there; `told` why its newest decision ended as it did;
    `is_under_way`: its news are being worked on, so that nothing can be said of it yet.
    """

    booking: Booking
    owns: tuple[Own, ...] = ()
    carriers: tuple[Lead, ...] = ()
    told: str = ""
    is_under_way: bool = False

    @property
    def main(self) -> Own | None:
        return next((own for own in self.owns if own.link.role in OWN), None)


@dataclass(frozen=True, slots=True)
class Carried:
    """A lead that names a booking; `is_known`: the salons' journals have it."""

    lead_id: int
    key: str
    is_known: bool


@dataclass(frozen=True, slots=True)
class Creations:
    """Since the switch: keys that we made leads for, and leads there are, by their key."""

    asked: frozenset[str] = frozenset()
    made: Mapping[str, int] = field(default_factory=dict)


def is_due(seen: Seen, rules: BookingRules) -> bool:
    """Whether the rules want a lead for it. How long ago it was does not matter here."""
    booking = seen.booking
    branch = rules.configuration.branch(booking.branch_id)
    if branch is None or seen.is_under_way or seen.told in WAITS:
        return False
    return skipping.reason(BookingFacts(booking, booking.starts_at), branch, rules) is None


# Bookings and their leads


def future(found: Iterable[Seen], rules: BookingRules, now: datetime) -> Counter:
    """INV1: each active booking ahead has exactly one main lead."""
    ahead = [one for one in found if _is_ahead(one, now) and is_due(one, rules)]
    odd = tuple(miss for one in ahead if (miss := _unlinked(one)))
    return Counter(Code.FUTURE, {"n": len(ahead) - len(odd), "of": len(ahead)}, not odd, odd)


def recent(found: Iterable[Seen], rules: BookingRules, now: datetime) -> Counter:
    """History counts as linked: another booking goes on with the lead."""
    past = [
        one
        for one in found
        if now - RECENT <= one.booking.starts_at < now
        and one.booking.phase is not Phase.CANCELLED
        and is_due(one, rules)
    ]
    odd = tuple(miss for one in past if not _is_history(one) and (miss := _unlinked(one)))
    linked, whole = len(past) - len(odd), len(past)
    is_green = 1000 * linked >= LINKED_PERMILLE * whole
    return Counter(Code.RECENT, {"n": linked, "of": whole}, is_green, odd)


def _is_ahead(seen: Seen, now: datetime) -> bool:
    return seen.booking.starts_at >= now and seen.booking.phase in ACTIVE


def _is_history(seen: Seen) -> bool:
    return any(own.link.role is Role.HISTORY and own.alive for own in seen.owns)


def _unlinked(seen: Seen) -> Odd | None:
    main = seen.main
    if main is None:
        return Odd(seen.booking.key, why="no_lead", details={"reason": seen.told})
    return None if main.alive else Odd(seen.booking.key, main.link.lead_id, "lead_gone")


def keys(found: Iterable[Carried]) -> Counter:
    everything = list(found)
    odd = tuple(Odd(one.key, one.lead_id, "key_unknown") for one in everything if not one.is_known)
    value = {"n": len(everything) - len(odd), "of": len(everything)}
    return Counter(Code.KEYS, value, not odd, odd)


def doubles(found: Iterable[Seen]) -> Counter:
    """A second lead closed as lost is no revenue twice, and that is how people put it right."""
    odd = tuple(
        Odd(one.booking.key, leads[-1], "double", {"leads": ", ".join(map(str, leads))})
        for one in found
        if len(leads := _leads_of(one)) > 1
    )
    return Counter(Code.DOUBLES, {"n": len(odd)}, not odd, odd)


def _leads_of(seen: Seen) -> list[int]:
    """The main lead and whatever else names the booking; leads of its other directions are meant to be."""
    meant = {own.link.lead_id for own in seen.owns if own.link.role not in OWN}
    main = [seen.main.alive] if seen.main and seen.main.alive else []
    ids = {lead.id for lead in (*main, *seen.carriers) if lead.stage_id != LOST and not lead.is_deleted}
    return sorted(ids - meant)


# Since the switch


def created(found: Creations) -> Counter:
    odd = [Odd(key, why="created_lost") for key in sorted(found.asked - set(found.made))]
    odd += [Odd(key, found.made[key], "created_extra") for key in sorted(set(found.made) - found.asked)]
    value = {"n": len(found.made), "expected": len(found.asked)}
    return Counter(Code.CREATED, value, not odd, tuple(odd))


def held(keys_held: Iterable[str]) -> Counter:
    odd = tuple(Odd(key, why="held") for key in keys_held)
    return Counter(Code.HELD, {"n": len(odd)}, not odd, odd)


def foreign(odd: Iterable[Odd]) -> Counter:
    found = tuple(odd)
    return Counter(Code.FOREIGN, {"n": len(found)}, not found, found)


# How the work goes


def lag(seconds: Iterable[float], missed: int) -> Counter:
    """`missed` are bookings that no message told of and a look into the journal found. Without messages there
    is no lag (-1): such a salon is asked every minute.
    """
    waited = sorted(seconds)
    p95 = round(waited[-(-95 * len(waited) // 100) - 1]) if waited else -1
    whole = len(waited) + missed
    is_green = p95 < SLOWEST and (not waited or 1000 * missed < MISSED_PERMILLE * whole)
    return Counter(Code.LAG, {"seconds": p95, "missed": missed, "of": whole}, is_green)


def errors(refused: int, asked: int) -> Counter:
    is_green = not refused or 1000 * refused < REFUSED_PERMILLE * asked
    return Counter(Code.ERRORS, {"n": refused, "of": asked}, is_green)


def queue(length: int, oldest_seconds: int) -> Counter:
    is_green = length < LONGEST_QUEUE and oldest_seconds < OLDEST
    return Counter(Code.QUEUE, {"n": length, "seconds": oldest_seconds}, is_green)
