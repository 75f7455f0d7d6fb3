"""The direction of a linked booking is gone from it: its lead moves, is closed for another, or a person
decides (booking-sync-scenarios.md §4.6).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from backend.core.crm import Lead
from backend.core.reasons import Reason
from backend.core.rules.configuration import BookingRules, Configuration, Route
from backend.core.rules.options import DirectionChange
from backend.core.salon import Booking, Phase
from backend.core.sync import (
    following,
    leads,
    opening,
    remarks,
    satellites,
    sharing,
    stages,
    telling,
)
from backend.core.sync.commands import AddNote, AddTask, Decision, UpdateLead
from backend.core.sync.facts import BookingFacts, Held
from backend.core.sync.links import Link
from backend.core.sync.making import closed
from backend.core.sync.sharing import Shares

DAY = timedelta(days=1)
ASKED = "told_direction"


def is_needed(booking: Booking, link: Link, configuration: Configuration) -> bool:
    if booking.phase is Phase.CANCELLED or not booking.lines:
        return False
    keys = [d.key for d, _ in sharing.shares(booking, configuration).directions]
    return bool(keys) and bool(link.direction) and link.direction not in keys


def decide(facts: BookingFacts, link: Link, lead: Lead, rules: BookingRules) -> Decision:
    booking, configuration = facts.booking, rules.configuration
    shares = sharing.shares(booking, configuration)
    main = shares.directions[0][0]
    route = configuration.route(booking.branch_id, main.key)
    change = configuration.options.direction_change
    if lead.is_closed:  # it is over: fields say what the booking has become, nobody has to decide anything
        followed = following.follow(facts, link, lead, rules)
        if followed.reason is not Reason.REOPENED:
            return followed
    touched = Held(link, lead).is_touched(facts.worked_on) or _was_asked(link, shares)
    if route is None or route.entry_stage is None or touched or change is DirectionChange.TASK:
        return _left(facts, link, lead, shares, rules)
    if change is DirectionChange.RELINK:
        return _linked_anew(facts, lead, main.title, rules)
    return _moved(facts, link, lead, shares, route, rules)


def _left(facts: BookingFacts, link: Link, lead: Lead, shares: Shares, rules: BookingRules) -> Decision:
    """Fields say the new directions, the lead stays where it is, and a person is asked once (row B8)."""
    decision = following.follow(facts, link, lead, rules)
    if _was_asked(link, shares):
        return decision
    text, due = remarks.direction_changed(shares.titles), facts.now + DAY
    task = AddTask(facts.booking.key, lead.id, text, due, lead.responsible_id, ((ASKED, _keys(shares)),))
    return replace(decision, reason=Reason.DIRECTION_LEFT, commands=(*decision.commands, task))


def _was_asked(link: Link, shares: Shares) -> bool:
    """Somebody has a task about these directions: he decides, whatever the lead looks like meanwhile."""
    return link.applied.get(ASKED) == _keys(shares)


def _keys(shares: Shares) -> str:
    return ",".join(direction.key for direction, _ in shares.directions)


def _linked_anew(facts: BookingFacts, lead: Lead, title: str, rules: BookingRules) -> Decision:
    key = facts.booking.key
    given_up = (closed(key, lead, rules), AddNote(key, lead.id, remarks.relinked(title)))
    others = tuple(one for one in facts.candidates if one.lead.id != lead.id)
    decision = opening.decide(replace(following.unlinked(facts), candidates=others), rules)
    return replace(decision, commands=(*given_up, *decision.commands)) if decision.commands else decision


def _moved(  # noqa: PLR0913 - what a move is made of
    facts: BookingFacts, link: Link, lead: Lead, shares: Shares, route: Route, rules: BookingRules
) -> Decision:
    """Untouched by people: the lead gets the new direction and the equivalent stage of its route (row B7)."""
    booking = facts.booking
    phase = stages.counted(booking, rules, facts.now)
    stage = route.stages.get(phase) or route.stages[Phase.WAITING]
    redirected = replace(link, direction=route.direction)
    secondary = satellites.plan(replace(facts, link=redirected), lead.id, route.direction, shares, rules)
    price = following.rest(facts, secondary.taken, rules)
    content = leads.changed(leads.content(booking, shares, rules, price=price), link)
    is_there = (lead.pipeline_id, lead.stage_id) == (route.pipeline_id, stage)
    update = UpdateLead(
        booking.key, lead.id, price=content.price,
        stage_id=None if is_there else stage, pipeline_id=None if is_there else route.pipeline_id,
        loss_reason_id=stages.loss_reason(None if is_there else stage, rules),
        fields=tuple(content.fields.values()), redirects=route.direction,
        remembers=(*leads.remembered(content), ("phase", str(phase)), *satellites.directions(shares)),
    )  # fmt: skip
    name = following.new_name(booking, link, lead, stage, shares, rules)
    if name:
        update = replace(update, name=name, remembers=(*update.remembers, ("name", name)))
    details = (("lead", str(lead.id)), ("direction", shares.titles[0]))
    told = telling.notes(facts, link, lead, stages.STAY, rules, secondary.taken)
    commands = (update, *secondary.commands, *told)
    return Decision(booking.key, Reason.DIRECTION_MOVED, commands, details=details)
