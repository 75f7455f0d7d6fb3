"""Which open lead of the person a booking continues (booking-sync-scenarios.md §4)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.core import names, phones
from backend.core.crm import Contact, Lead
from backend.core.rules.configuration import BookingRules, Branch, Direction, FieldName, Route
from backend.core.rules.options import AfterNoShow, Incoming, MovedBetweenSalons, Options
from backend.core.rules.sections import TextName
from backend.core.salon import Booking, Phase, branch_of
from backend.core.sync.links import Link, Role
from backend.core.sync.sharing import Shares

CLIENT = ("{клиент", "{client")  # how a text names whom it is about
NAMED = CLIENT[0]  # the built-in name of a lead does


@dataclass(frozen=True, slots=True)
class Place:
    """Where a booking belongs: its salon, its main direction and the route of the two."""

    branch: Branch
    direction: Direction
    route: Route
    shares: Shares


@dataclass(frozen=True, slots=True)
class Candidate:
    """An open lead of the person and the booking that drives it now, if any. `is_leaving`: that booking was
    deleted a moment ago, and its deletion still rests.
    """

    lead: Lead
    holder: Link | None = None
    holder_phase: Phase | None = None
    holder_starts_at: datetime | None = None
    holder_created_at: datetime | None = None
    is_leaving: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    candidate: Candidate
    rank: int
    is_ambiguous: bool = False


def best(  # noqa: PLR0913 - what a choice is made of
    booking: Booking,
    place: Place,
    candidates: Iterable[Candidate],
    rules: BookingRules,
    now: datetime,
    wanted: int | None = None,
) -> Match | None:
    """The lead this booking continues, by the ranks of §4.4; None when a new one has to be made. The lead in
    whose card the booking was made (`wanted`) comes first.
    """
    ranked = []
    for candidate in candidates:
        rank = _rank(booking, candidate, place, rules, now)
        if rank is not None and _is_free(booking, candidate, place, rules, now):
            ranked.append((0 if candidate.lead.id == wanted else rank, candidate))
    if not ranked:
        return None
    top = min(rank for rank, _ in ranked)
    equals = [candidate for rank, candidate in ranked if rank == top]
    return Match(max(equals, key=lambda one: _nearness(one, rules, booking)), top, len(equals) > 1)


def considered(
    booking: Booking, place: Place, candidates: Iterable[Candidate], rules: BookingRules, now: datetime
) -> tuple[tuple[int, str], ...]:
    """What was thought of each open lead of the person, for «why this lead»: its rank, or what spoke against
    it.
    """
    return tuple((each.lead.id, _verdict(booking, each, place, rules, now)) for each in candidates)


def _verdict(booking: Booking, candidate: Candidate, place: Place, rules: BookingRules, now: datetime) -> str:
    lead, options = candidate.lead, rules.configuration.options
    rank = _rank(booking, candidate, place, rules, now)
    if rank is not None:
        return str(rank) if _is_free(booking, candidate, place, rules, now) else "held"
    if not _may_take(lead, place.route, rules) and not _follows(booking, candidate, rules):
        return "stage"
    if _is_too_old(lead, options.attach_days, now):
        return "old"
    if options.match_by_name and not _is_same_person(booking, lead, rules):
        return "person"
    category = _agreement(lead.values(rules.field_ids.get(FieldName.DIRECTION)), place.direction.title)
    return "direction" if category is False else "salon"


def _nearness(candidate: Candidate, rules: BookingRules, booking: Booking) -> tuple[float, float, int]:
    """Inside a rank: the planned visit nearest to this one, then the newest."""
    lead, planned = candidate.lead, rules.field_ids.get(FieldName.VISIT_AT)
    days = [float(text) for text in lead.values(planned) if text.isdecimal()]
    distance = abs(days[0] - booking.starts_at.timestamp()) if days else float("inf")
    return -distance, lead.created_at.timestamp() if lead.created_at else 0.0, lead.id


def _rank(
    booking: Booking, candidate: Candidate, place: Place, rules: BookingRules, now: datetime
) -> int | None:
    lead, route, options = candidate.lead, place.route, rules.configuration.options
    follows = _follows(booking, candidate, rules)
    if (not _may_take(lead, route, rules) and not follows) or _is_too_old(lead, options.attach_days, now):
        return None
    if options.match_by_name and not _is_same_person(booking, lead, rules):
        return None
    salon = _agreement(lead.values(rules.field_ids.get(FieldName.SALON)), place.branch.title)
    category = _agreement(lead.values(rules.field_ids.get(FieldName.DIRECTION)), place.direction.title)
    if category is False or (salon is False and not (options.network_wide or follows)):
        return None
    if category and salon:
        return 1 if lead.stage_id == route.stages.get(Phase.NO_SHOW) or candidate.is_leaving else 2
    if category:
        return 3
    return 4 if salon else 5


def _is_too_old(lead: Lead, days: int, now: datetime) -> bool:
    return bool(days and lead.created_at and now - lead.created_at > timedelta(days=days))


def _is_same_person(booking: Booking, lead: Lead, rules: BookingRules) -> bool:
    """One phone, several people (E9): a lead of a booking that names somebody else is another person's; one
    that no booking has named yet may be anybody's, and so is any where leads are not named after people.
    """
    name = booking.visitor or (booking.client.name if booking.client else "")
    words = rules.configuration.texts.get(TextName.LEAD_NAME, NAMED)
    is_named = any(word in words for word in CLIENT) and lead.values(rules.field_ids.get(FieldName.KEY))
    return not name or not is_named or names.is_named_in(name, lead.name)


def is_kept(booking: Booking, lead: Lead, rules: BookingRules) -> bool:
    """People have marked the lead as theirs, or it is another person's of the same phone."""
    options = rules.configuration.options
    is_marked = not {options.do_not_attach_tag, options.do_not_move_tag}.isdisjoint(lead.tags)
    return is_marked or (options.match_by_name and not _is_same_person(booking, lead, rules))


def _follows(booking: Booking, candidate: Candidate, rules: BookingRules) -> bool:
    """Deleted in another salon a moment ago and made here: the lead may follow (row D3)."""
    holder, follow = candidate.holder, rules.configuration.options.moved_between_salons
    if holder is None or not candidate.is_leaving or follow is MovedBetweenSalons.SEPARATE:
        return False
    return branch_of(holder.key) != booking.branch_id


def _agreement(values: tuple[str, ...], wanted: str) -> bool | None:
    """True when the lead says the same, False when it says something else, None when it says nothing."""
    return wanted in values if values else None


def _may_take(lead: Lead, route: Route, rules: BookingRules) -> bool:
    options = rules.configuration.options
    pipelines = options.common_pipelines | {route.pipeline_id}
    incoming = rules.incoming_stages if options.incoming is Incoming.ACCEPT else frozenset()
    return (
        not (lead.is_closed or lead.is_deleted)
        and lead.pipeline_id in pipelines
        and lead.stage_id in route.attachable | incoming
        and options.do_not_attach_tag not in lead.tags
    )


def _is_free(
    booking: Booking, candidate: Candidate, place: Place, rules: BookingRules, now: datetime
) -> bool:
    """Nobody drives the lead, or its booking did not take place and the new booking continues it (§8)."""
    holder, options = candidate.holder, rules.configuration.options
    if holder is None:
        return True
    if holder.key == booking.key:  # a lead of its own: of the same direction it may become the main one
        return holder.role is Role.MAIN or holder.share == place.direction.key
    if candidate.is_leaving:
        return holder.role is Role.MAIN
    waits_for_another = candidate.lead.stage_id == place.route.stages.get(Phase.NO_SHOW)
    missed = candidate.holder_phase in (Phase.NO_SHOW, Phase.CANCELLED) and waits_for_another
    missed = missed and holder.share in ("", place.direction.key)
    return missed and is_continued(candidate, options, now)


def is_continued(candidate: Candidate, options: Options, now: datetime) -> bool:
    """Whether a new booking continues the lead of a missed visit, rather than ending it (§8)."""
    if options.after_no_show is AfterNoShow.STRICT:
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


def person_mark(booking: Booking) -> str | None:
    """What bookings of one person have in common, without telling who it is."""
    known = next(iter(person_keys(booking)), None)
    return mark(known) if known else None


def mark(person_key: str) -> str:
    """Of one of the keys that a person is found by."""
    return hashlib.sha256(person_key.encode()).hexdigest()[:24]


def pick_contact(contacts: tuple[Contact, ...], leads: Mapping[int, tuple[Lead, ...]]) -> Contact | None:
    """Of several contacts with one phone: the one with open leads, then the newest (row E12)."""
    alive = [contact for contact in contacts if not contact.is_deleted]
    return max(alive, key=lambda c: (bool(leads.get(c.id)), c.id), default=None)
