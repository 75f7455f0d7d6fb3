"""Booking → lead: the rules. Facts in, a decision with its reason out; nothing here waits, reads or
writes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from backend.core.crm import LOST, Contact, Lead
from backend.core.phones import normalized
from backend.core.reasons import Reason
from backend.core.rules.configuration import BookingRules, Branch, Mode
from backend.core.salon import Booking, Client, Phase
from backend.core.sync import leads, matching, stages, wording
from backend.core.sync.commands import (
    AddNote,
    AddTask,
    Command,
    CreateLead,
    Decision,
    NewContact,
    Remembered,
    UpdateLead,
)
from backend.core.sync.links import Link, Role
from backend.core.sync.matching import Candidate, Match, Place, Shares


@dataclass(frozen=True, slots=True)
class BookingFacts:
    """Everything a decision may look at, gathered by flows/sync/bookings.py.

    `seen` is the newest change of this booking that was handled; `lead` the linked lead as the CRM has it
    (None: it is gone); `contact` the person's contact; `candidates` the person's open leads and the bookings
    driving them; `twins` other contacts with the same phone or card;
    `keyed` a lead that carries this booking's key although no link knows of it.
    """

    booking: Booking
    now: datetime
    seen: datetime | None = None
    link: Link | None = None
    lead: Lead | None = None
    contact: Contact | None = None
    candidates: tuple[Candidate, ...] = ()
    twins: tuple[int, ...] = ()
    keyed: Lead | None = None


def decide(facts: BookingFacts, rules: BookingRules) -> Decision:
    """Total: every input yields a decision with a reason. Carried out and decided again, it asks for
    nothing.
    """
    booking, link = facts.booking, facts.link
    if facts.seen and booking.changed_at < facts.seen:
        return Decision(booking.key, Reason.STALE, version=facts.seen)
    decision = _follow(facts, link, rules) if link else _open(facts, rules)
    return replace(decision, version=booking.changed_at, notices=(*decision.notices, *_twins(facts)))


# A booking without a lead


def _open(facts: BookingFacts, rules: BookingRules) -> Decision:
    booking, configuration = facts.booking, rules.configuration
    branch = configuration.branch(booking.branch_id)
    if branch is None or branch.mode is Mode.OFF:
        return _nothing(booking, Reason.BRANCH_UNMAPPED)
    skipped = _skipped(booking, branch, facts, rules)
    if skipped:
        return _nothing(booking, skipped)
    shares = matching.shares(booking, configuration)
    notices = tuple(("category_unmapped", f"{booking.branch_id}:{category}") for category in shares.unmapped)
    if shares.main is None:
        return replace(_nothing(booking, Reason.NO_DIRECTION), notices=notices)
    route = configuration.route(booking.branch_id, shares.main.key)
    if route is None or route.entry_stage is None:
        names = (("branch", branch.title), ("direction", shares.main.title))
        return replace(_nothing(booking, Reason.NO_ROUTE), details=names, notices=notices)
    place = Place(branch, shares.main, route, shares)
    match = _recognised(facts) or matching.best(booking, place, facts.candidates, rules, facts.now)
    decision = _attach(facts, match, place, rules) if match else _create(facts, place, rules)
    return replace(decision, notices=notices)


def _recognised(facts: BookingFacts) -> Match | None:
    """Our own lead whose link was lost (a restored copy of the database): nothing may be made a second
    time.
    """
    return Match(Candidate(facts.keyed), rank=0) if facts.keyed else None


def _skipped(booking: Booking, branch: Branch, facts: BookingFacts, rules: BookingRules) -> Reason | None:
    """Filters before linking (§4.2); the journal shows each as «пропущено и почему»."""
    oldest = facts.now - timedelta(days=rules.configuration.options.import_past_days)
    filters = (
        (booking.phase is Phase.CANCELLED, Reason.CANCELLED_EARLY),
        (booking.client is None, Reason.NO_CLIENT),
        (booking.staff.id in branch.excluded_staff, Reason.EXCLUDED_STAFF),
        (not booking.lines, Reason.NO_SERVICES),
        (booking.starts_at < oldest, Reason.TOO_OLD),
    )
    return next((reason for applies, reason in filters if applies), None)


def _create(facts: BookingFacts, place: Place, rules: BookingRules) -> Decision:
    booking = facts.booking
    route, direction = place.route, place.direction
    stage = route.stages.get(booking.phase) or route.stages[Phase.WAITING]
    responsible = route.responsible_id or place.branch.responsible_id or 0
    content = leads.content(booking, place.shares, rules)
    name = wording.lead_name(booking, place.shares, rules)
    lead = CreateLead(
        booking.key, direction.key, name, route.pipeline_id, stage, responsible, booking.price,
        contact=facts.contact.id if facts.contact else _new_contact(booking, responsible),
        fields=tuple(content.fields.values()),
        remembers=(*leads.remembered(content), ("name", name), ("phase", booking.phase)),
    )  # fmt: skip
    details = (("direction", direction.title), ("branch", place.branch.title))
    return Decision(
        booking.key, Reason.CREATED, (lead, _card(booking, None, rules, is_attached=False)), details=details
    )


def _attach(facts: BookingFacts, match: Match, place: Place, rules: BookingRules) -> Decision:
    """Continue an open lead of the person: fill it, lift its stage, leave its responsible alone, and its
    name too unless it is still the one that we gave it for the booking before.
    """
    booking, lead, holder = facts.booking, match.candidate.lead, match.candidate.holder
    is_ours = holder is not None and bool(lead.name) and holder.applied.get("name") == lead.name
    name = wording.lead_name(booking, place.shares, rules) if is_ours else None
    named = (("name", name),) if name else ()
    move = stages.on_attach(booking.phase, lead, place.route)
    content = leads.content(booking, place.shares, rules)
    demoted = holder.key if holder and holder.key != booking.key else None
    update = UpdateLead(
        booking.key, lead.id, name=name, price=booking.price,
        stage_id=move.stage_id, pipeline_id=move.pipeline_id,
        loss_reason_id=_loss_reason(move.stage_id, rules),
        fields=tuple(content.fields.values()), attaches=place.direction.key, demotes=demoted,
        remembers=(*leads.remembered(content), *named, ("phase", booking.phase)),
    )  # fmt: skip
    reason = (
        Reason.CONTINUED if demoted else Reason.ATTACHED_AMBIGUOUS if match.is_ambiguous else Reason.ATTACHED
    )
    details = (("rank", str(match.rank)), ("lead", str(lead.id)))
    return Decision(
        booking.key, reason, (update, _card(booking, lead.id, rules, is_attached=True)), details=details
    )


def _new_contact(booking: Booking, responsible: int) -> NewContact:
    client = booking.client or Client("")
    phone = normalized(client.phone)
    tags = () if phone else (wording.NO_PHONE_TAG,)
    return NewContact(
        matching.person_keys(booking),
        wording.client_name(booking),
        phone or "",
        client.email,
        tags,
        responsible,
    )


# A booking whose lead exists


def _follow(facts: BookingFacts, link: Link, rules: BookingRules) -> Decision:
    booking, lead = facts.booking, facts.lead
    if link.role is Role.HISTORY:
        return _nothing(booking, Reason.HISTORY)
    if lead is None or lead.is_deleted:
        is_alive = booking.phase in (Phase.WAITING, Phase.CONFIRMED) and booking.starts_at > facts.now
        return _open(replace(facts, link=None), rules) if is_alive else _nothing(booking, Reason.LEAD_LOST)
    move = stages.on_change(booking, link, lead, rules, facts.now)
    update = _changes(facts, link, lead, move, rules)
    notes = _notes(facts, link, lead, move, rules)
    commands = (*((update,) if update else ()), *notes)
    remembers: Remembered = () if link.applied.get("phase") == booking.phase else (("phase", booking.phase),)
    reason = move.reason or (Reason.UPDATED if commands else Reason.UP_TO_DATE)
    return Decision(booking.key, reason, commands, remembers=remembers, details=(("lead", str(lead.id)),))


def _changes(
    facts: BookingFacts, link: Link, lead: Lead, move: stages.Move, rules: BookingRules
) -> UpdateLead | None:
    """Only what changed at the source since we wrote last, so a person's correction in the CRM survives
    (§9).
    """
    booking = facts.booking
    shares = matching.shares(booking, rules.configuration, fixed=link.direction)
    changed = leads.changed(leads.content(booking, shares, rules), link)
    name = _new_name(booking, link, lead, shares, rules)
    if not (changed.fields or changed.price is not None or name or move.stage_id):
        return None
    remembers = [*leads.remembered(changed), *((("name", name),) if name else ())]
    if move.stage_id:
        remembers.append(("phase", booking.phase))
    return UpdateLead(
        booking.key, lead.id, name=name, price=changed.price,
        stage_id=move.stage_id, pipeline_id=move.pipeline_id,
        loss_reason_id=_loss_reason(move.stage_id, rules),
        fields=tuple(changed.fields.values()), remembers=tuple(remembers),
    )  # fmt: skip


def _new_name(booking: Booking, link: Link, lead: Lead, shares: Shares, rules: BookingRules) -> str | None:
    """The name is ours until a person edits it; the name of a lead that we did not open is never ours."""
    ours = link.applied.get("name") if booking.phase is not Phase.CANCELLED else None
    wanted = wording.lead_name(booking, shares, rules)
    return wanted if ours and wanted != ours and lead.name in ("", ours) else None


def _notes(
    facts: BookingFacts, link: Link, lead: Lead, move: stages.Move, rules: BookingRules
) -> tuple[Command, ...]:
    booking, noted = facts.booking, link.applied
    before = noted.get("noted_start")
    if before is None:
        return (_card(booking, lead.id, rules, is_attached=not link.opened_by_us),)
    texts, remembers = [], []
    is_cancelled = booking.phase is Phase.CANCELLED
    if not is_cancelled and before != booking.starts_at.isoformat():
        texts.append(wording.moved_note(before, booking, rules))
        remembers.append(("noted_start", booking.starts_at.isoformat()))
    if not is_cancelled and noted.get("noted_comment", "") != booking.comment:
        texts.append(wording.comment_note(booking, rules))
        remembers.append(("noted_comment", booking.comment))
    note = (AddNote(booking.key, lead.id, "\n".join(texts), tuple(remembers)),) if texts else ()
    return (
        *note,
        *(_closed_by_person(facts, link, lead, rules) if move.reason is Reason.LEAD_CLOSED else ()),
    )


def _closed_by_person(
    facts: BookingFacts, link: Link, lead: Lead, rules: BookingRules
) -> tuple[Command, ...]:
    """A person's closing stays; the salon's news is told once per phase (row I2)."""
    booking = facts.booking
    if link.applied.get("told_closed") == booking.phase:
        return ()
    told = (("told_closed", str(booking.phase)),)
    note = AddNote(booking.key, lead.id, wording.closed_note(booking, rules), told)
    is_ahead = booking.phase in (Phase.WAITING, Phase.CONFIRMED) and booking.starts_at > facts.now
    if not is_ahead:
        return (note,)
    text = wording.closed_task(booking, rules)
    return note, AddTask(booking.key, lead.id, text, facts.now + timedelta(days=1), lead.responsible_id, told)


def _twins(facts: BookingFacts) -> tuple[tuple[str, str], ...]:
    """Other contacts that the person is found by too: only a person may merge them (rows E1, E12)."""
    if facts.contact is None or not facts.twins:
        return ()
    ids = sorted({facts.contact.id, *facts.twins})
    return (("contacts_alike", ", ".join(f"№ {contact_id}" for contact_id in ids)),)


# Shared


def _card(booking: Booking, lead_id: int | None, rules: BookingRules, *, is_attached: bool) -> AddNote:
    noted = (("noted_start", booking.starts_at.isoformat()), ("noted_comment", booking.comment))
    return AddNote(booking.key, lead_id, wording.booking_note(booking, rules, is_attached), noted)


def _loss_reason(stage_id: int | None, rules: BookingRules) -> int | None:
    return rules.configuration.options.cancelled_loss_reason if stage_id == LOST else None


def _nothing(booking: Booking, reason: Reason) -> Decision:
    return Decision(booking.key, reason)
