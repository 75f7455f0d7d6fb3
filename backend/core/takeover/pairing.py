"""Which leads of another integration may belong to which bookings, and how sure that is (booking-sync-
scenarios.md §12.3). Candidates are found by key, never all against all; who gets whom is assignment.py's.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from backend.core.money import to_whole_rubles
from backend.core.takeover.sides import Deal, Named, Visit, minute, says

LAG = timedelta(minutes=5)  # from a booking's creation to that of the lead another integration makes for it
SKEW = timedelta(seconds=5)  # clocks of two services
OLD = timedelta(days=365)
CROWD = 300  # bookings with one phone: more than one person's, the desk types it for everybody
HOME_SHARE = 0.1  # of a pipeline's leads that have to be a salon's before the pipeline counts as its own


class Tier(StrEnum):
    """How sure a pair is, the surest first."""

    A = "A"
    A_MINUS = "A-"
    B = "B"
    C = "C"
    D = "D"
    E = "E"


class State(StrEnum):
    """`accepted` by the rule or by a person; `adopted`: the link is there; `duplicate`: another lead of the
    same booking was livelier.
    """

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    ADOPTED = "adopted"
    DUPLICATE = "duplicate"


class Why(StrEnum):
    """What speaks for a pair, and what a person should know of it."""

    RECORD_ID = "record_id"
    VISIT_ID = "visit_id"
    MENTION = "mention"
    PERSON = "person"
    TIME = "time"
    DAY = "day"
    PRICE = "price"
    SERVICES = "services"
    LAG = "lag"
    WRITER = "writer"
    PERSON_DIFFERS = "person_differs"
    PERSON_UNKNOWN = "person_unknown"
    SALON_DIFFERS = "salon_differs"
    MADE_BEFORE = "made_before"
    NAMES_ANOTHER = "names_another"
    OLD = "old"
    TIE = "tie"
    DUPLICATE = "duplicate"


LOOK = frozenset({Why.PERSON_DIFFERS, Why.PERSON_UNKNOWN, Why.SALON_DIFFERS})
BY_ID = (Tier.A, Tier.A_MINUS)


@dataclass(frozen=True, slots=True)
class Pair:
    """A booking and a lead. `is_best`: of all that is open about the two, the assignment chose this."""

    key: str
    lead_id: int
    tier: Tier
    reasons: tuple[Why, ...]
    state: State = State.PROPOSED
    is_best: bool = False

    @property
    def is_for_a_look(self) -> bool:
        """Adopted without asking, but a person should see it."""
        return bool(LOOK.intersection(self.reasons))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A visit and a deal that may be one."""

    visit: Visit
    deal: Deal
    tier: Tier
    reasons: frozenset[Why]

    def has(self, *reasons: Why) -> bool:
        return not self.reasons.isdisjoint(reasons)


@dataclass
class Index:
    """Visits by everything that a deal may be looked up by."""

    by_record: dict[int, list[Visit]] = field(default_factory=lambda: defaultdict(list))
    by_visit: dict[int, list[Visit]] = field(default_factory=lambda: defaultdict(list))
    by_time: dict[tuple[str, datetime], list[Visit]] = field(default_factory=lambda: defaultdict(list))
    by_start: dict[datetime, list[Visit]] = field(default_factory=lambda: defaultdict(list))
    by_day: dict[tuple[str, date], list[Visit]] = field(default_factory=lambda: defaultdict(list))
    by_phone: dict[str, list[Visit]] = field(default_factory=lambda: defaultdict(list))


def index(visits: Iterable[Visit]) -> Index:
    found = Index()
    for visit in visits:
        found.by_record[visit.record_id].append(visit)
        if visit.visit_id:
            found.by_visit[visit.visit_id].append(visit)
        found.by_start[minute(visit.starts_at)].append(visit)
        found.by_start[minute(visit.wall)].append(visit)
        if visit.phone:
            found.by_time[visit.phone, minute(visit.starts_at)].append(visit)
            found.by_time[visit.phone, minute(visit.wall)].append(visit)
            found.by_day[visit.phone, visit.wall.date()].append(visit)
            found.by_phone[visit.phone].append(visit)
    for of_phone in found.by_phone.values():
        of_phone.sort(key=lambda visit: visit.created_at)
    return found


def candidates(
    known: Index, deals: Iterable[Deal], now: datetime, homes: Mapping[int, frozenset[int]] | None = None
) -> list[Candidate]:
    """Every visit that a deal may belong to. `homes`: the salons whose leads a pipeline holds."""
    return [one for deal in deals for one in _of_deal(known, deal, now, homes or {})]


def homes(known: Index, deals: Iterable[Deal]) -> dict[int, frozenset[int]]:
    """Measured: the salons of a pipeline by the leads that name their booking, or its person and minute."""
    counts: dict[int, Counter[int]] = defaultdict(Counter)
    for deal in deals:
        visits = _by_id(known, deal)[0] or _by_time(known, deal)
        if len(branches := {visit.branch_id for visit in visits}) == 1:
            counts[deal.pipeline_id].update(branches)
    return {
        pipeline: frozenset(b for b, n in found.items() if n >= HOME_SHARE * found.total())
        for pipeline, found in counts.items()
    }


def _of_deal(
    known: Index, deal: Deal, now: datetime, at_home: Mapping[int, frozenset[int]]
) -> Iterable[Candidate]:
    named, why = _by_id(known, deal)
    visits = {visit.key: visit for visit in named}
    mentioned = {visit.key: visit for one in deal.mentioned for visit in _of_number(known, deal, one)}
    near = {} if named else {visit.key: visit for look in NEAR for visit in look(known, deal)}
    for key, visit in (visits | mentioned | near).items():
        reasons = set(_reasons(deal, visit, now, at_home))
        reasons |= {why} if key in visits else {Why.NAMES_ANOTHER} if deal.named else set()
        reasons |= {Why.MENTION} if key in mentioned else set()
        tier = _tier(reasons)
        if tier:
            yield Candidate(visit, deal, tier, frozenset(reasons))


def _tier(reasons: set[Why]) -> Tier | None:
    """The table of §12.3, from its top."""
    is_person, is_salon = Why.PERSON in reasons, Why.SALON_DIFFERS not in reasons
    if not reasons.isdisjoint((Why.RECORD_ID, Why.VISIT_ID)):
        return Tier.A if is_person else Tier.A_MINUS
    if is_person and is_salon and Why.TIME in reasons:
        return Tier.B
    if is_person and is_salon and Why.DAY in reasons and not reasons.isdisjoint((Why.PRICE, Why.SERVICES)):
        return Tier.C
    if Why.MENTION in reasons:
        return Tier.E
    is_made_for_it = {Why.LAG, Why.WRITER} <= reasons
    is_like_it = is_salon and {Why.TIME, Why.SERVICES} <= reasons  # of whoever has another phone by now
    return Tier.D if is_made_for_it and (is_person or is_like_it) else None


def _reasons(deal: Deal, visit: Visit, now: datetime, at_home: Mapping[int, frozenset[int]]) -> Iterable[Why]:
    lag = deal.created_at - visit.created_at
    salons = deal.salons or at_home.get(deal.pipeline_id, frozenset())
    yield _person(deal, visit)
    checks = (
        (Why.TIME, is_same_time(deal, visit)),
        (Why.DAY, is_same_day(deal, visit)),
        (Why.PRICE, is_same_price(deal, visit)),
        (Why.SERVICES, any(says(text, visit.titles) for text in deal.services)),
        (Why.LAG, -SKEW <= lag < LAG),
        (Why.WRITER, deal.is_writers),
        (Why.MADE_BEFORE, deal.is_writers and lag < -SKEW),
        (Why.SALON_DIFFERS, bool(salons) and visit.branch_id not in salons),
        (Why.OLD, deal.is_closed and now - deal.created_at > OLD),
    )
    yield from (why for why, is_so in checks if is_so)


def _person(deal: Deal, visit: Visit) -> Why:
    """Nobody has a phone on either side: nothing speaks against one person."""
    if visit.phone in deal.phones or not (visit.phone or deal.phones):
        return Why.PERSON
    return Why.PERSON_DIFFERS if visit.phone and deal.phones else Why.PERSON_UNKNOWN


def is_same_time(deal: Deal, visit: Visit) -> bool:
    when = deal.when
    return minute(visit.starts_at) in when.instants or minute(visit.wall) in when.walls


def is_same_day(deal: Deal, visit: Visit) -> bool:
    when, ahead = deal.when, visit.wall - visit.starts_at.astimezone(UTC).replace(tzinfo=None)
    shown = (*when.walls, *(one.replace(tzinfo=None) + ahead for one in when.instants))
    return visit.wall.date() in when.days or any(one.date() == visit.wall.date() for one in shown)


def is_same_price(deal: Deal, visit: Visit) -> bool:
    """The CRM keeps whole rubles; nothing for nothing tells nothing."""
    return bool(visit.price) and to_whole_rubles(visit.price) in map(to_whole_rubles, deal.prices)


# Visits by key


def _by_id(known: Index, deal: Deal) -> tuple[list[Visit], Why]:
    """A whole visit's number only counts where no booking is named, and where the visit is one booking."""
    named = [visit for one in deal.named for visit in _of_number(known, deal, one)]
    if named:
        return named, Why.RECORD_ID
    whole = [known.by_visit.get(number, []) for number in deal.visits]
    return [visits[0] for visits in whole if len(visits) == 1], Why.VISIT_ID


def _of_number(known: Index, deal: Deal, named: Named) -> list[Visit]:
    """Salons may use one number: the salon named with it decides, then the person."""
    found = known.by_record.get(named.record_id, [])
    for belongs in (
        lambda visit: visit.branch_id == named.company_id,
        lambda visit: visit.phone in deal.phones,
    ):
        if len(found) > 1:
            found = [visit for visit in found if belongs(visit)] or found
    return found


def _by_time(known: Index, deal: Deal) -> list[Visit]:
    moments = (*deal.when.instants, *deal.when.walls)
    return [visit for phone in deal.phones for at in moments for visit in known.by_time.get((phone, at), ())]


def _by_day(known: Index, deal: Deal) -> list[Visit]:
    """Whatever zone the salon has, its day is that of UTC, the one before or the one after."""
    around = {(at + timedelta(days=n)).date() for at in deal.when.instants for n in (-1, 0, 1)}
    days = around | {at.date() for at in deal.when.walls} | deal.when.days
    return [
        visit
        for phone in _peoples(known, deal)
        for day in days
        for visit in known.by_day.get((phone, day), ())
    ]


def _by_lag(known: Index, deal: Deal) -> list[Visit]:
    if not deal.is_writers:
        return []
    first, last = deal.created_at - LAG, deal.created_at + SKEW
    found: list[Visit] = []
    for phone in _peoples(known, deal):
        visits = known.by_phone.get(phone, [])
        begins = bisect_right(visits, first, key=lambda visit: visit.created_at)
        ends = bisect_right(visits, last, key=lambda visit: visit.created_at)
        found += visits[begins:ends]
    return found


def _by_start(known: Index, deal: Deal) -> list[Visit]:
    """Whoever comes then: a phone may have changed since, but a lead made at once for it is told apart."""
    if not deal.is_writers:
        return []
    moments = (*deal.when.instants, *deal.when.walls)
    near = (visit for at in moments for visit in known.by_start.get(at, ()))
    return [visit for visit in near if -SKEW <= deal.created_at - visit.created_at < LAG]


def _peoples(known: Index, deal: Deal) -> list[str]:
    return [phone for phone in deal.phones if len(known.by_phone.get(phone, ())) <= CROWD]


NEAR = (_by_time, _by_day, _by_lag, _by_start)
