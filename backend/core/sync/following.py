"""A booking whose lead exists: only what changed at the source is written, only attendance moves a stage.

«What happens when a booking is cancelled?»: `decide` finds its way, `stages.on_change` names the stage, and
`telling` says what people are told.
"""

from __future__ import annotations

from dataclasses import replace

from backend.core.crm import CLOSED_STAGES, WON, Lead
from backend.core.money import Kopecks
from backend.core.reasons import Reason
from backend.core.rules.configuration import BookingRules, FieldName
from backend.core.rules.options import RestoredLate
from backend.core.salon import Booking, Phase
from backend.core.sync import (
    adopted,
    lapsing,
    leads,
    next_visits,
    opening,
    prices,
    remarks,
    satellites,
    sharing,
    stages,
    successors,
    tasks,
    telling,
    wording,
)
from backend.core.sync.budgets import budget
from backend.core.sync.commands import Command, Decision, FieldValue, Remembered, UpdateLead
from backend.core.sync.facts import BookingFacts
from backend.core.sync.links import Link, Role
from backend.core.sync.making import keyless, nothing
from backend.core.sync.sharing import Shares
from backend.core.sync.skipping import ACTIVE
from backend.core.sync.stages import STAY, Move

TWICE = 2
OVER = (Phase.NO_SHOW, Phase.CANCELLED)
WAITING = (Reason.WAITS_FOR_PAYMENT, Reason.WAITS_FOR_START)  # the phase has not counted yet
HELD = (*WAITING, Reason.STAYS_CLOSED)  # the main lead stays where it is, and its satellites with it


def decide(facts: BookingFacts, rules: BookingRules) -> Decision:
    booking, link, lead = facts.booking, facts.link, facts.lead
    if link is None or link.role is Role.HISTORY:
        return _taken_over(facts, link, rules)
    is_ahead = booking.phase in ACTIVE and booking.starts_at > facts.now
    if lead is None or lead.is_deleted:
        return opening.decide(unlinked(facts), rules) if is_ahead else nothing(booking, Reason.LEAD_LOST)
    if is_ahead and _came_back_late(facts, link, lead, rules):
        return _anew(facts, lead, rules)
    return follow(facts, link, lead, rules)


def _taken_over(facts: BookingFacts, link: Link | None, rules: BookingRules) -> Decision:
    """A missed or cancelled booking has given its lead to the next one. When it takes place after all it gets
    one of its own (INV1), which continues nothing: the person's open leads are for what is to come.
    """
    has_come_back = link and link.applied.get("phase") in OVER and facts.booking.phase not in OVER
    if link is None or not has_come_back:
        return nothing(facts.booking, Reason.HISTORY)
    alone = replace(unlinked(facts), candidates=())
    return opening.decide(alone, rules, after=remarks.after_lead(link.lead_id))


def _anew(facts: BookingFacts, lead: Lead, rules: BookingRules) -> Decision:
    """Another lead, which names the old one. Satellites that were closed with it are given up too."""
    key = facts.booking.key
    over = [held for held in facts.satellites if held.lead and held.lead.is_closed]
    alive = tuple(held for held in facts.satellites if held not in over)
    decision = opening.decide(
        replace(unlinked(facts), satellites=alive), rules, after=remarks.after_lead(lead.id)
    )
    given_up = (
        UpdateLead(key, lead.id, fields=keyless(rules)),
        *(
            UpdateLead(key, held.link.lead_id, fields=keyless(rules), share=held.link.share, releases=True)
            for held in over
        ),
    )
    return replace(decision, commands=(*given_up, *decision.commands)) if decision.commands else decision


def unlinked(facts: BookingFacts) -> BookingFacts:
    """As if the booking had no main lead yet: its satellites stay, what it has for the next visit is over."""
    return replace(facts, link=None, lead=None, nexts=())


def is_too_early(facts: BookingFacts, rules: BookingRules) -> bool:
    """«Пришёл» before the visit begins waits for it, where the account wants that (row C11)."""
    booking, link = facts.booking, facts.link
    is_news = link is None or link.applied.get("phase") != Phase.ARRIVED
    return is_news and stages.not_counted(booking, rules, facts.now) is Reason.WAITS_FOR_START


def _came_back_late(facts: BookingFacts, link: Link, lead: Lead, rules: BookingRules) -> bool:
    """A deleted booking is there again, too late to open its lead again (row D6)."""
    options = rules.configuration.options
    is_ours = lead.is_closed and lead.stage_id == link.stage_id and link.stage_at is not None
    was_deleted = link.applied.get("phase") == Phase.CANCELLED
    if not (is_ours and was_deleted and options.restored_late is RestoredLate.NEW):
        return False
    return link.stage_at is not None and facts.now - link.stage_at > options.reopen_window


def follow(facts: BookingFacts, link: Link, lead: Lead, rules: BookingRules) -> Decision:
    """The usual way: the lead follows its booking."""
    booking = facts.booking
    shares = sharing.shares(booking, rules.configuration, fixed=link.direction)
    move = _move(facts, link, lead, rules)
    is_held = move.reason in HELD
    secondary = satellites.plan(facts, lead.id, link.direction, shares, rules, is_held=is_held)
    after = successors.plan(facts, link, lead, move, rules)
    update = _changes(facts, link, lead, shares, move, Kopecks(secondary.taken), rules)
    told = telling.notes(facts, link, lead, move, rules, secondary.taken)
    asked = tasks.wanted(_task_case(facts, link, lead, rules))
    commands: tuple[Command, ...] = (
        *after.before, *((update,) if update else ()), *secondary.commands, *told, *after.commands, *asked,
    )  # fmt: skip
    changed = Reason.TASK_SET if commands == asked else Reason.UPDATED
    reason = move.reason or (changed if commands else Reason.UP_TO_DATE)
    return Decision(
        booking.key, reason, commands,
        remembers=(*_remembered(facts, link, shares, move, rules), *after.remembers),
        details=(("lead", str(lead.id)),), wakes=after.wakes, notices=_notices(link, lead),
    )  # fmt: skip


def silent(facts: BookingFacts, link: Link, lead: Lead, rules: BookingRules) -> Decision:
    """A lead taken over from another integration, whose booking is as it was then: only time may ask for
    something.
    """
    case = _task_case(facts, link, lead, rules)
    asked = tasks.wanted(case)
    reason = Reason.TASK_SET if asked else Reason.ADOPTED
    details = (("lead", str(lead.id)),)
    return Decision(facts.booking.key, reason, asked, remembers=tasks.remembered(case), details=details)


def _notices(link: Link, lead: Lead) -> tuple[tuple[str, str], ...]:
    """Twice a robot did not agree with the stages of the configuration: a person should look at it."""
    undone = int(dict(_undone(link, lead)).get("undone", "0"))
    return (("robot_moves_back", str(lead.pipeline_id)),) if undone >= TWICE else ()


def _move(facts: BookingFacts, link: Link, lead: Lead, rules: BookingRules) -> Move:
    booking = facts.booking
    is_news = link.applied.get("phase") != booking.phase
    waits = stages.not_counted(booking, rules, facts.now) if is_news else None
    if waits:
        return Move(reason=waits)
    move = stages.on_change(booking, link, lead, rules, facts.now)
    is_missed = booking.phase is Phase.NO_SHOW  # any other phase says what has become of this visit itself
    if move.reason is Reason.REOPENED and is_missed and next_visits.is_booked_again(facts, link.direction):
        return Move(reason=Reason.STAYS_CLOSED)
    if move.reason is Reason.REOPENED and move.stage_id in CLOSED_STAGES:
        return replace(move, reason=Reason.MOVED)
    is_early = booking.phase is Phase.ARRIVED and facts.now < booking.starts_at
    if move == STAY:
        is_back = next_visits.is_booked_again(facts, link.direction)
        return lapsing.move(booking, link, lead, rules, facts.now, is_rebooked=is_back)
    return replace(move, reason=Reason.WON_EARLY) if move.reason is Reason.MOVED and is_early else move


def _remembered(
    facts: BookingFacts, link: Link, shares: Shares, move: Move, rules: BookingRules
) -> Remembered:
    """What becomes true of the link even when nothing has to be written."""
    booking, found = facts.booking, []
    if link.applied.get("phase") != booking.phase and move.reason not in WAITING:
        found.append(("phase", str(booking.phase)))
        found += _undone(link, facts.lead)
    if booking.lines and booking.phase is not Phase.CANCELLED:
        found += [pair for pair in satellites.directions(shares) if link.applied.get(pair[0]) != pair[1]]
    found += [pair for pair in prices.told(booking) if link.applied.get(pair[0]) != pair[1]]
    found += tasks.remembered(_task_case(facts, link, facts.lead, rules))
    return tuple(found)


def _undone(link: Link, lead: Lead | None) -> Remembered:
    """How often a robot took the lead from a stage that we had set (row I12)."""
    is_undone = lead and lead.updated_by == 0 and link.stage_id not in (None, lead.stage_id)
    return (("undone", str(int(link.applied.get("undone", "0")) + 1)),) if is_undone else ()


def _task_case(facts: BookingFacts, link: Link, lead: Lead | None, rules: BookingRules) -> tasks.Case:
    return tasks.Case(
        facts.booking, rules, facts.now, link, lead, lead.id if lead else None,
        lead.responsible_id if lead else 0, is_rebooked=tasks.is_back(facts.booking, facts.person),
    )  # fmt: skip


def _changes(  # noqa: PLR0913 - what a change is made of
    facts: BookingFacts,
    link: Link,
    lead: Lead,
    shares: Shares,
    move: Move,
    taken: Kopecks,
    rules: BookingRules,
) -> UpdateLead | None:
    """Only what changed at the source since we wrote last, so a person's correction in the CRM survives
    (§9).
    """
    booking = facts.booking
    price = rest(facts, taken, rules)
    changed = leads.changed(leads.content(booking, shares, rules, price=price), link)
    if prices.keeps(booking, link, lead, rules, facts.now):
        changed = replace(changed, price=None)
    changed = _with_key(changed, booking, link, lead, rules)
    name = new_name(booking, link, lead, move.stage_id, shares, rules)
    if not (changed.fields or changed.price is not None or name or move.stage_id):
        return None
    remembers = [*leads.remembered(changed), *((("name", name),) if name else ())]
    if move.stage_id:
        remembers.append(("phase", str(booking.phase)))
    if move.stage_id == WON:
        remembers.append(("won_from", facts.now.isoformat()))
    return UpdateLead(
        booking.key, lead.id, name=name, price=changed.price,
        stage_id=move.stage_id, pipeline_id=move.pipeline_id,
        loss_reason_id=stages.loss_reason(move.stage_id, rules),
        fields=tuple(changed.fields.values()), remembers=tuple(remembers),
    )  # fmt: skip


def rest(facts: BookingFacts, taken: Kopecks, rules: BookingRules) -> Kopecks:
    """The main lead's part of the budget: all that the satellites do not have (INV4)."""
    return Kopecks(budget(facts.booking, rules) - taken)


def _with_key(
    changed: leads.Content, booking: Booking, link: Link, lead: Lead, rules: BookingRules
) -> leads.Content:
    """Somebody cleared the hidden key that we had written: it is written again (row I8). A lead taken over
    gets it with the first change of its booking, whatever that is.
    """
    field_id = rules.field_ids.get(FieldName.KEY)
    was_written = link.applied.get(f"field:{field_id}") == booking.key or adopted.is_ours_to_fill(link)
    if field_id is None or lead.values(field_id) or not was_written:
        return changed
    restored = {f"field:{field_id}": FieldValue(field_id, booking.key)}
    return replace(changed, fields={**restored, **changed.fields})


def new_name(  # noqa: PLR0913 - what a name is made of
    booking: Booking, link: Link, lead: Lead, goes_to: int | None, shares: Shares, rules: BookingRules
) -> str | None:
    """The name is ours until a person edits it; the name of a lead that we did not open is never ours, and a
    closed one keeps the direction it was closed with, unless the stage that it `goes_to` opens it again.
    """
    main = shares.main.key if shares.main else ""
    is_closed = (goes_to or lead.stage_id) in CLOSED_STAGES
    is_over = booking.phase is Phase.CANCELLED or (is_closed and main != link.direction)
    ours = None if is_over else link.applied.get("name")
    wanted = wording.lead_name(booking, shares, rules)
    return wanted if ours and wanted != ours and lead.name in ("", ours) else None
