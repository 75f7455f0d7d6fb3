"""Leads of secondary directions: one booking, several leads, one sum (booking-sync-scenarios.md §5).

`single` has none; `split` opens one for each direction; `hybrid` only gives an open lead of the person its
part. Which mode an account chose decides about new directions of a booking: leads it has already stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from backend.core.crm import WON
from backend.core.money import ZERO, Kopecks
from backend.core.rules.configuration import BookingRules, Direction, Route
from backend.core.rules.options import MultiCategory
from backend.core.salon import Booking, Phase
from backend.core.sync import handing, leads, matching, prices, remarks, sharing, stages, wording
from backend.core.sync.budgets import part
from backend.core.sync.commands import AddNote, AddTask, Command, CreateLead, Remembered, UpdateLead
from backend.core.sync.facts import BookingFacts, Held
from backend.core.sync.making import before, closed, keyless, new_contact, whose
from backend.core.sync.matching import Match, Place
from backend.core.sync.sharing import Shares


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of the secondary directions; `taken` is their part of the budget. `is_later`: leads have
    to be opened as soon as the person has a contact.
    """

    commands: tuple[Command, ...] = ()
    taken: Kopecks = ZERO
    is_later: bool = False


def plan(  # noqa: PLR0913 - what a booking is shared out by
    facts: BookingFacts,
    main_lead: int | None,
    main: str,
    shares: Shares,
    rules: BookingRules,
    *,
    is_held: bool = False,
) -> Plan:
    """For the booking whose main lead is (or becomes) `main_lead`, in direction `main`. `is_held`: the main
    lead does not follow the attendance now, and no satellite does.
    """
    alive = [held for held in facts.satellites if held.is_alive and held.lead]
    if facts.booking.phase is Phase.CANCELLED or not facts.booking.lines:  # it brings no services any more
        along = [_along(facts, held, ZERO, shares, rules, is_held) for held in alive]
        return Plan(tuple(one for commands in along for one in commands if not _is_empty(one)))
    wanted = {d.key: (d, sum_) for d, sum_ in shares.directions if d.key != main}
    budgets = {key: part(facts.booking, sum_, rules) for key, (_, sum_) in wanted.items()}
    commands: list[Command] = []
    left = [held for held in handing.beside(facts) if not held.link.opened_by_us]
    taken, busy = 0, {main_lead, *(held.lead.id for held in alive if held.lead)}
    for held in alive:
        if held.lead and held.lead.id == main_lead:  # it becomes the main one
            commands.append(UpdateLead(facts.booking.key, main_lead, share=held.link.share, releases=True))
        elif held in left:
            commands += _left_behind(facts, held, rules)
        elif held.link.share in wanted:
            commands += _along(facts, held, budgets[held.link.share], shares, rules, is_held)
            taken += budgets[held.link.share]
        else:
            commands += _released(facts, held, rules)
    known = {held.link.share for held in alive} | _searched(facts)
    new = {key: direction for key, (direction, _) in wanted.items() if key not in known}
    if main_lead is None and facts.contact is None:
        is_split = rules.configuration.multi_category(facts.booking.branch_id) is MultiCategory.SPLIT
        return Plan(is_later=is_split and bool(new))
    for key, direction in new.items():
        found = _new(facts, direction, budgets[key], shares, rules, busy)
        commands += found
        taken += budgets[key] if found else 0
        busy |= {one.lead_id for one in found if isinstance(one, UpdateLead)}
    return Plan(tuple(one for one in commands if not _is_empty(one)), Kopecks(taken))


def _searched(facts: BookingFacts) -> set[str]:
    """Directions that a lead was looked for already: what opens later belongs to the next visit."""
    if facts.link is None:
        return set()
    return {key for key in facts.link.applied.get("directions", "").split(",") if key}


def directions(shares: Shares) -> Remembered:
    return (("directions", ",".join(direction.key for direction, _ in shares.directions)),)


# A satellite that is there


def _along(  # noqa: PLR0913 - what a change is made of
    facts: BookingFacts,
    held: Held,
    price: Kopecks,
    shares: Shares,
    rules: BookingRules,
    is_held: bool,
) -> Sequence[Command]:
    """One attendance drives all leads of the booking (§5.3)."""
    booking, link, lead = facts.booking, held.link, held.lead
    assert lead is not None
    move = stages.STAY if is_held else stages.on_change(booking, link, lead, rules, facts.now)
    content = leads.changed(_content(booking, link.share, price, shares, rules), link)
    if prices.keeps(booking, link, lead, rules, facts.now):
        content = replace(content, price=None)
    remembers = list(leads.remembered(content))
    if not is_held and (move.stage_id or link.applied.get("phase") != booking.phase):
        remembers.append(("phase", str(booking.phase)))
    if move.stage_id == WON:
        remembers.append(("won_from", facts.now.isoformat()))
    update = UpdateLead(
        booking.key, lead.id, price=content.price, stage_id=move.stage_id, pipeline_id=move.pipeline_id,
        loss_reason_id=stages.loss_reason(move.stage_id, rules), fields=tuple(content.fields.values()),
        remembers=tuple(remembers), share=link.share,
    )  # fmt: skip
    note = prices.note(booking, link, lead, rules, facts.now, price)
    return (update, note) if note else (update,)


def _content(
    booking: Booking, share: str, price: Kopecks, shares: Shares, rules: BookingRules
) -> leads.Content:
    own = replace(shares, directions=tuple(pair for pair in shares.directions if pair[0].key == share))
    about = _own(booking, share, shares, rules) if booking.lines else booking
    return leads.content(about, own, rules, share=share, price=price)


def _own(booking: Booking, share: str, shares: Shares, rules: BookingRules) -> Booking:
    """The lines of this direction alone; auxiliary ones stay with the main direction."""
    return sharing.part(booking, rules.configuration, share, shares.main.key if shares.main else "")


def _is_empty(command: Command) -> bool:
    """Asks for nothing and remembers nothing new."""
    return isinstance(command, UpdateLead) and command == UpdateLead(
        command.key, command.lead_id, share=command.share
    )


def _released(facts: BookingFacts, held: Held, rules: BookingRules) -> tuple[Command, ...]:
    """Its direction left the booking: untouched, the lead goes back to where it was (row B6); a lead that we
    opened is closed.
    """
    booking, link, lead = facts.booking, held.link, held.lead
    assert lead is not None
    direction = rules.configuration.direction(link.share)
    title = direction.title if direction else remarks.OTHER_DIRECTION
    if held.is_touched(facts.worked_on):
        due, text = facts.now + timedelta(days=1), remarks.share_released_task(title)
        task = AddTask(booking.key, lead.id, text, due, lead.responsible_id, share=link.share)
        return UpdateLead(booking.key, lead.id, fields=keyless(rules), share=link.share, releases=True), task
    note = AddNote(booking.key, lead.id, wording.released_note(booking, rules, title), share=link.share)
    return note, _given_back(facts, held, rules)


def _left_behind(facts: BookingFacts, held: Held, rules: BookingRules) -> tuple[Command, ...]:
    """The booking is another client's now: a lead that its former client had before stays with that one."""
    booking, link, lead = facts.booking, held.link, held.lead
    assert lead is not None
    note = AddNote(booking.key, lead.id, remarks.left_behind(), share=link.share)
    if held.is_touched(facts.worked_on):
        return note, UpdateLead(booking.key, lead.id, fields=keyless(rules), share=link.share, releases=True)
    return note, _given_back(facts, held, rules)


def _given_back(facts: BookingFacts, held: Held, rules: BookingRules) -> UpdateLead:
    booking, link, lead = facts.booking, held.link, held.lead
    assert lead is not None
    was = link.applied
    if link.opened_by_us or "before_stage" not in was:
        return replace(closed(booking.key, lead, rules), share=link.share, releases=True)
    stage, pipeline = int(was["before_stage"]), int(was["before_pipeline"])
    stays = prices.keeps(booking, link, lead, rules, facts.now)
    return UpdateLead(
        booking.key, lead.id, price=None if stays else Kopecks(int(was["before_price"])),
        stage_id=stage if stage != lead.stage_id else None,
        pipeline_id=pipeline if stage != lead.stage_id else None,
        fields=keyless(rules), share=link.share, releases=True,
    )  # fmt: skip


# A satellite to be found or made


def _new(  # noqa: PLR0913 - what a lead is chosen by
    facts: BookingFacts,
    direction: Direction,
    price: Kopecks,
    shares: Shares,
    rules: BookingRules,
    busy: set[int | None],
) -> Sequence[Command]:
    booking, configuration = facts.booking, rules.configuration
    mode = configuration.multi_category(booking.branch_id)
    branch = configuration.branch(booking.branch_id)
    route = configuration.route(booking.branch_id, direction.key)
    if mode is MultiCategory.SINGLE or branch is None or route is None or route.entry_stage is None:
        return ()
    # A lead whose booking was deleted a moment ago is for the booking entered instead, not for a part of one.
    free = [one for one in facts.candidates if one.lead.id not in busy and not one.is_leaving]
    match = matching.best(booking, Place(branch, direction, route, shares), free, rules, facts.now)
    content = _content(booking, direction.key, price, shares, rules)
    if match:
        return (_attached(facts, match, direction, route, content, rules),)
    return _opened(facts, direction, route, content, shares, rules) if mode is MultiCategory.SPLIT else ()


def _attached(  # noqa: PLR0913 - what a lead is given
    facts: BookingFacts,
    match: Match,
    direction: Direction,
    route: Route,
    content: leads.Content,
    rules: BookingRules,
) -> UpdateLead:
    booking, lead, holder = facts.booking, match.candidate.lead, match.candidate.holder
    phase = stages.counted(booking, rules, facts.now)
    move = stages.on_attach(phase, lead, route)
    return UpdateLead(
        booking.key, lead.id, price=content.price, stage_id=move.stage_id, pipeline_id=move.pipeline_id,
        loss_reason_id=stages.loss_reason(move.stage_id, rules), fields=tuple(content.fields.values()),
        attaches=direction.key, demotes=holder.slot if holder and holder.key != booking.key else None,
        remembers=(*leads.remembered(content), ("phase", str(phase)), *before(lead)),
        share=direction.key, tags=tuple(tag for tag in route.tags if tag not in lead.tags),
    )  # fmt: skip


def _opened(  # noqa: PLR0913 - what a lead is made of
    facts: BookingFacts,
    direction: Direction,
    route: Route,
    content: leads.Content,
    shares: Shares,
    rules: BookingRules,
) -> Sequence[Command]:
    booking, phase = facts.booking, stages.counted(facts.booking, rules, facts.now)
    own = _own(booking, direction.key, shares, rules)
    name = wording.lead_name(own, Shares(((direction, own.price),)), rules)
    responsible = whose(booking, route, rules)
    lead = CreateLead(
        booking.key, direction.key, name, route.pipeline_id,
        route.stages.get(phase) or route.stages[Phase.WAITING], responsible,
        content.price or Kopecks(0),
        contact=facts.contact.id if facts.contact else new_contact(booking, responsible),
        fields=tuple(content.fields.values()), tags=route.tags,
        remembers=(*leads.remembered(content), ("name", name), ("phase", str(phase))),
        share=direction.key,
    )  # fmt: skip
    return (lead,)
