"""Which bookings never get a lead, and which only later (booking-sync-scenarios.md §4.2)."""

from __future__ import annotations

from datetime import datetime, timedelta

from backend.core import phones
from backend.core.reasons import Reason
from backend.core.rules.configuration import BookingRules, Branch
from backend.core.rules.options import Incoming, Older, Options, Repeating, Without
from backend.core.salon import Booking, Phase, branch_of
from backend.core.sync.facts import BookingFacts
from backend.core.sync.matching import Place

ACTIVE = (Phase.WAITING, Phase.CONFIRMED)
FINISHED = (Phase.ARRIVED, Phase.NO_SHOW)
ONE_GO = timedelta(minutes=2)  # bookings of a schedule are made at once (row A18)


def reason(facts: BookingFacts, branch: Branch, rules: BookingRules) -> Reason | None:
    """The journal shows each as «пропущено и почему»."""
    booking, options = facts.booking, rules.configuration.options
    client, left_out = booking.client, excluded(booking, branch, options)
    filters = (
        (booking.phase is Phase.CANCELLED, Reason.CANCELLED_EARLY),
        (client is None, Reason.NO_CLIENT),
        (left_out is not None, left_out),
        (_is_withheld(booking, options.do_not_transfer_label), Reason.DO_NOT_TRANSFER),
        (not booking.lines and options.without_services is Without.SKIP, Reason.NO_SERVICES),
        (options.without_phone is Without.SKIP and not _phone(booking), Reason.NO_PHONE),
        (_is_too_old(facts, rules), Reason.TOO_OLD),
    )
    return next((reason for applies, reason in filters if applies), None)


def excluded(booking: Booking, branch: Branch, options: Options) -> Reason | None:
    """By its master or by a mark of the desk."""
    if booking.staff.id in branch.excluded_staff:
        return Reason.EXCLUDED_STAFF
    marked = {label.id for label in booking.labels} & options.excluded_labels.get(
        booking.branch_id, frozenset()
    )
    return Reason.EXCLUDED_LABEL if marked else None


def _is_withheld(booking: Booking, label: str) -> bool:
    labels = booking.client.labels if booking.client else ()
    return bool(label) and label.casefold() in (one.casefold() for one in labels)


def _phone(booking: Booking) -> str | None:
    return phones.key(booking.client.phone) if booking.client else None


def _is_too_old(facts: BookingFacts, rules: BookingRules) -> bool:
    """History entered by hand gets a lead only where somebody wants it, and only in its final stage (A17)."""
    options = rules.configuration.options
    oldest = facts.now - timedelta(days=options.import_past_days)
    if facts.booking.starts_at >= oldest:
        return False
    return options.older is Older.SKIP or facts.booking.phase not in FINISHED


def waits_its_turn(facts: BookingFacts, place: Place, rules: BookingRules) -> bool:
    """An earlier booking of the same schedule, direction and salon has its lead and is not over (A18)."""
    if rules.configuration.options.repeating is not Repeating.NEAREST:
        return False
    booking = facts.booking
    return any(
        one.holder_phase in ACTIVE
        and one.holder_starts_at is not None
        and one.holder_created_at is not None
        and one.holder_starts_at < booking.starts_at
        and abs(one.holder_created_at - booking.created_at) <= ONE_GO
        for one in facts.candidates
        if one.holder
        and one.holder.direction == place.direction.key
        and branch_of(one.holder.key) == booking.branch_id
    )


def incoming(facts: BookingFacts, rules: BookingRules) -> int | None:
    """A lead of the person that lies in «Неразобранное», unless we may take it (A11)."""
    if rules.configuration.options.incoming is Incoming.ACCEPT:
        return None
    unsorted = (one.lead for one in facts.candidates if one.lead.stage_id in rules.incoming_stages)
    return next((lead.id for lead in unsorted), None)


def waits_for_a_person(facts: BookingFacts, rules: BookingRules) -> timedelta | None:
    """How long a person still has to decide about that lead; None when there is nothing to wait for."""
    if incoming(facts, rules) is None:
        return None
    until = facts.booking.created_at + timedelta(seconds=rules.configuration.options.incoming_wait)
    return until - facts.now if until > facts.now else None


def waits_for_next_lead(facts: BookingFacts, place: Place, rules: BookingRules) -> timedelta | None:
    """The person's last visit was won a moment ago, and the automation's lead is about to come (K2)."""
    options, configuration = rules.configuration.options, rules.configuration
    for win in facts.wins:
        route = configuration.route(branch_of(win.key), win.direction)
        if win.direction != place.direction.key or win.stage_at is None or win.key == facts.booking.key:
            continue
        if route is None or route.trigger_pipeline_id is None or "next_lead" in win.applied:
            continue
        if _has_come(facts, win.won_from or win.stage_at, route.trigger_pipeline_id):
            continue
        left = win.stage_at + timedelta(seconds=options.trigger_wait) - facts.now
        if left > timedelta(0):
            return left
    return None


def _has_come(facts: BookingFacts, since: datetime, pipeline_id: int) -> bool:
    """Whether an unheld lead of that pipeline was made since the success."""
    return any(
        one.holder is None
        and one.lead.pipeline_id == pipeline_id
        and one.lead.created_at is not None
        and one.lead.created_at >= since
        for one in facts.candidates
    )
