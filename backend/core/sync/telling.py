"""What people are told when a booking that has its lead changes: notes, and a task where one must act."""

from __future__ import annotations

from datetime import datetime, timedelta

from backend.core.crm import Lead
from backend.core.money import Kopecks
from backend.core.reasons import Reason
from backend.core.rules.configuration import BookingRules
from backend.core.salon import Phase, branch_of
from backend.core.sync import prices, remarks, wording
from backend.core.sync.commands import AddNote, AddTask, Command
from backend.core.sync.facts import BookingFacts
from backend.core.sync.links import Link
from backend.core.sync.making import card
from backend.core.sync.skipping import ACTIVE
from backend.core.sync.stages import Move

DAY = timedelta(days=1)
LEFT_ALONE = (Reason.LEAD_CLOSED, Reason.STAGE_LOCKED, Reason.STAYS_CLOSED)
MOVED_WITHIN = timedelta(minutes=10)  # deleted in one salon and made in another (row D3)


def notes(  # noqa: PLR0913 - what is told of
    facts: BookingFacts, link: Link, lead: Lead, move: Move, rules: BookingRules, taken: Kopecks
) -> tuple[Command, ...]:
    booking = facts.booking
    if link.applied.get("noted_start") is None:
        note = card(booking, lead.id, rules, is_attached=not link.opened_by_us)
        alone = _left_alone(facts, link, lead, move, rules)
        return (note, *alone, *_cancelled(facts, link, lead, move, rules))
    return (
        *_changes(facts, link, lead, rules),
        *prices.notes(booking, link, lead, rules, facts.now, taken),
        *_left_alone(facts, link, lead, move, rules),
        *(_moved_away(facts, link, lead, move, rules) or _cancelled(facts, link, lead, move, rules)),
    )


def _cancelled(
    facts: BookingFacts, link: Link, lead: Lead, move: Move, rules: BookingRules
) -> tuple[Command, ...]:
    """Told once for each time of the visit; where the stage is people's own they are told in another way."""
    booking, ((name, start),) = facts.booking, _noted_cancelled(facts)
    is_told = link.applied.get(name) == start or link.applied.get("told_closed") == booking.phase
    is_told = is_told or move.reason in LEFT_ALONE
    if booking.phase is not Phase.CANCELLED or is_told:
        return ()
    return (AddNote(booking.key, lead.id, wording.cancelled_note(booking, rules), ((name, start),)),)


def _noted_cancelled(facts: BookingFacts) -> tuple[tuple[str, str], ...]:
    return (("noted_cancelled", facts.booking.starts_at.isoformat()),)


def _changes(facts: BookingFacts, link: Link, lead: Lead, rules: BookingRules) -> tuple[Command, ...]:
    """Another time or another comment, in one note."""
    booking, before = facts.booking, link.applied
    if booking.phase is Phase.CANCELLED:
        return ()
    texts, remembers = [], []
    if before["noted_start"] != booking.starts_at.isoformat():
        texts.append(wording.moved_note(before["noted_start"], booking, rules))
        remembers.append(("noted_start", booking.starts_at.isoformat()))
    if before.get("noted_comment", "") != booking.comment:
        texts.append(wording.comment_note(booking, rules))
        remembers.append(("noted_comment", booking.comment))
    return (AddNote(booking.key, lead.id, "\n".join(texts), tuple(remembers)),) if texts else ()


def _left_alone(
    facts: BookingFacts, link: Link, lead: Lead, move: Move, rules: BookingRules
) -> tuple[Command, ...]:
    """The stage is people's own: the salon's news is told once per phase (rows I2, D8, K10)."""
    booking = facts.booking
    if link.applied.get("told_closed") == booking.phase:
        return ()
    told = (("told_closed", str(booking.phase)),)
    if move.reason is Reason.STAYS_CLOSED:
        return (AddNote(booking.key, lead.id, remarks.stays_closed(), told),)
    if move.reason is Reason.STAGE_LOCKED and booking.phase is Phase.CANCELLED:
        when = moment(booking.starts_at, facts, rules)
        return (_task(facts, lead, remarks.cancelled_task(when), told),)
    if move.reason is not Reason.LEAD_CLOSED:
        return ()
    note = AddNote(booking.key, lead.id, _closed(facts, link, lead, rules), told)
    is_ahead = booking.phase in ACTIVE and booking.starts_at > facts.now
    return (note, _task(facts, lead, wording.closed_task(booking, rules), told)) if is_ahead else (note,)


def _closed(facts: BookingFacts, link: Link, lead: Lead, rules: BookingRules) -> str:
    """Who closed it is no small matter: «вручную» of a lead that we closed would be a lie."""
    if lead.stage_id != link.stage_id:
        return wording.closed_note(facts.booking, rules)
    status = wording.PHASES[facts.booking.phase]
    return remarks.closed_by_us(moment(facts.booking.starts_at, facts, rules), status)


def _task(facts: BookingFacts, lead: Lead, text: str, told: tuple[tuple[str, str], ...]) -> AddTask:
    return AddTask(facts.booking.key, lead.id, text, facts.now + DAY, lead.responsible_id, told)


def _moved_away(
    facts: BookingFacts, link: Link, lead: Lead, move: Move, rules: BookingRules
) -> tuple[Command, ...]:
    """Deleted here and made in another salon a moment ago: the two leads name each other (row D3)."""
    booking = facts.booking
    if move.stage_id is None or booking.phase is not Phase.CANCELLED:
        return ()
    for one in facts.candidates:
        branch = rules.configuration.branch(branch_of(one.holder.key)) if one.holder else None
        if one.holder is None or branch is None or branch.company_id == booking.branch_id:
            continue
        made = one.holder_created_at
        is_near = made is not None and abs(made - booking.changed_at) <= MOVED_WITHIN
        if is_near and one.holder.direction == link.direction:
            return (
                AddNote(
                    booking.key, lead.id, remarks.moved_to(branch.title, one.lead.id), _noted_cancelled(facts)
                ),
            )
    return ()


def moment(at: datetime, facts: BookingFacts, rules: BookingRules) -> str:
    return wording.moment(at, wording.zone(facts.booking, rules))
