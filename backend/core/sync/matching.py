"""Which direction a booking belongs to and which open lead of the person it continues (booking-sync-
scenarios.md §4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.core import phones
from backend.core.crm import Contact, Lead
from backend.core.money import Kopecks
from backend.core.rules.configuration import BookingRules, Branch, Configuration, Direction, FieldName, Route
from backend.core.rules.options import AfterNoShow
from backend.core.salon import Booking, Phase, ServiceLine
from backend.core.sync.links import Link


@dataclass(frozen=True, slots=True)
class Shares:
    """Directions of a booking with the money of each, main first; `unmapped` are category ids nobody has
    mapped.
    """

    directions: tuple[tuple[Direction, Kopecks], ...]
    unmapped: tuple[int, ...] = ()

    @property
    def main(self) -> Direction | None:
        return self.directions[0][0] if self.directions else None

    @property
    def titles(self) -> tuple[str, ...]:
        return tuple(direction.title for direction, _ in self.directions)


def shares(booking: Booking, configuration: Configuration, fixed: str = "") -> Shares:
    """Services → directions. Main: the fixed one while it is present, else priority, then money, then the
    first line (§5.1).
    """
    money: dict[str, int] = {}
    unmapped: list[int] = []
    for line in booking.lines:
        direction = direction_of(line, booking.branch_id, configuration)
        if direction is None:
            unmapped.append(line.category_id or 0)
            direction = configuration.default_direction
        if direction:
            money[direction.key] = money.get(direction.key, 0) + line.price
    order = {key: position for position, key in enumerate(money)}

    def rank(key: str) -> tuple[bool, int, int, int]:
        direction = configuration.direction(key)
        return key != fixed, direction.priority if direction else 0, -money[key], order[key]

    chosen = [(configuration.direction(key), Kopecks(money[key])) for key in sorted(money, key=rank)]
    return Shares(tuple((d, sum_) for d, sum_ in chosen if d), tuple(dict.fromkeys(unmapped)))


def direction_of(line: ServiceLine, branch_id: int, configuration: Configuration) -> Direction | None:
    """The service's own override wins over its category (row B17)."""
    for direction in configuration.directions:
        if line.service_id in direction.services.get(branch_id, ()):
            return direction
    for direction in configuration.directions:
        if line.category_id in direction.categories.get(branch_id, ()):
            return direction
    return None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a booking belongs: its salon, its main direction and the route of the two."""

    branch: Branch
    direction: Direction
    route: Route
    shares: Shares


@dataclass(frozen=True, slots=True)
class Candidate:
    """An open lead of the person and the booking that drives it now, if any."""

    lead: Lead
    holder: Link | None = None
    holder_phase: Phase | None = None
    holder_starts_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Match:
    candidate: Candidate
    rank: int
    is_ambiguous: bool = False


def best(
    booking: Booking, place: Place, candidates: Iterable[Candidate], rules: BookingRules, now: datetime
) -> Match | None:
    """The lead this booking continues, by the ranks of §4.4; None when a new one has to be made."""
    ranked = []
    for candidate in candidates:
        rank = _rank(candidate, place, rules) if _is_free(booking, candidate, place, rules, now) else None
        if rank is not None:
            ranked.append((rank, candidate))
    if not ranked:
        return None
    top = min(rank for rank, _ in ranked)
    equals = [candidate for rank, candidate in ranked if rank == top]
    newest = max(
        equals, key=lambda c: (c.lead.created_at.timestamp() if c.lead.created_at else 0.0, c.lead.id)
    )
    return Match(newest, top, is_ambiguous=len(equals) > 1)


def _rank(candidate: Candidate, place: Place, rules: BookingRules) -> int | None:
    lead, route = candidate.lead, place.route
    if not _may_take(lead, route, rules.configuration):
        return None
    salon = _agreement(lead.values(rules.field_ids.get(FieldName.SALON)), place.branch.title)
    category = _agreement(lead.values(rules.field_ids.get(FieldName.DIRECTION)), place.direction.title)
    if salon is False or category is False:
        return None
    if category and salon:
        return 1 if lead.stage_id == route.stages.get(Phase.NO_SHOW) else 2
    if category:
        return 3
    return 4 if salon else 5


def _agreement(values: tuple[str, ...], wanted: str) -> bool | None:
    """True when the lead says the same, False when it says something else, None when it says nothing."""
    return wanted in values if values else None


def _may_take(lead: Lead, route: Route, configuration: Configuration) -> bool:
    options = configuration.options
    pipelines = options.common_pipelines | {route.pipeline_id}
    return (
        not (lead.is_closed or lead.is_deleted)
        and lead.pipeline_id in pipelines
        and lead.stage_id in route.attachable
        and options.do_not_attach_tag not in lead.tags
    )


def _is_free(
    booking: Booking, candidate: Candidate, place: Place, rules: BookingRules, now: datetime
) -> bool:
    """Nobody drives the lead, or its booking did not take place and the new booking continues it (§8)."""
    holder, options = candidate.holder, rules.configuration.options
    if holder is None or holder.key == booking.key:
        return True
    waits_for_another = candidate.lead.stage_id == place.route.stages.get(Phase.NO_SHOW)
    missed = candidate.holder_phase in (Phase.NO_SHOW, Phase.CANCELLED) and waits_for_another
    if not missed or options.after_no_show is AfterNoShow.STRICT:
        return False
    missed_at = candidate.holder_starts_at or now
    return now - missed_at <= timedelta(days=options.reuse_no_show_days)


def person_keys(booking: Booking) -> tuple[str, ...]:
    """What the person is looked up by, the surest first: the phone, then the client card, which was there
    before the phone became known (§4.3, row E1).
    """
    client = booking.client
    keys = (phones.key(client.phone), client.card) if client else ()
    return tuple(key for key in keys if key)


def pick_contact(contacts: tuple[Contact, ...], leads: Mapping[int, tuple[Lead, ...]]) -> Contact | None:
    """Of several contacts with one phone: the one with open leads, then the newest (row E12)."""
    alive = [contact for contact in contacts if not contact.is_deleted]
    return max(alive, key=lambda c: (bool(leads.get(c.id)), c.id), default=None)
