"""The lead that amoCRM's automation makes after a success: known for what it is, filled, or closed as
needless (booking-sync-scenarios.md §7.3, §7.4); and what becomes of it when the success is taken back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from backend.core.crm import WON, Lead
from backend.core.rules.configuration import BookingRules, Direction, FieldName, Route
from backend.core.rules.options import AlreadyBooked
from backend.core.sync import remarks, wording
from backend.core.sync.commands import AddNote, AddTask, Command, UpdateLead
from backend.core.sync.facts import BookingFacts, Held
from backend.core.sync.links import Link, next_share
from backend.core.sync.making import closed
from backend.core.sync.matching import Candidate
from backend.core.sync.next_visits import After, fields, have, next_booking, origin

SKEW = timedelta(seconds=5)  # amoCRM tells whole seconds by its own clock
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Win:
    """A success through one of the booking's links, and where the next lead of its direction begins."""

    link: Link
    direction: Direction
    route: Route


def recognised(facts: BookingFacts, rules: BookingRules) -> After:
    found, remembers, wakes = [], [], []
    known = {held.lead.id for held in facts.nexts if held.lead}
    for win in _wins(facts, rules):
        twins = [one for one in _came_of(win, facts, rules) if one.lead.id not in known]
        is_there = next_share(win.direction.key) in have(facts)
        for one in twins:
            known.add(one.lead.id)
            if is_there:
                nobodys = next_share(str(one.lead.id))  # no link of that name: nothing is remembered of it
                found += _closed(facts, one.lead, remarks.twin(), remarks.TWIN_TAG, rules, nobodys)
                continue
            is_there = True
            commands, woken = _first(facts, win, one.lead, rules)
            found += commands
            wakes += woken
            if not win.link.share:
                remembers.append(("next_lead", str(one.lead.id)))
    return After(commands=tuple(found), remembers=tuple(remembers), wakes=tuple(wakes))


def _wins(facts: BookingFacts, rules: BookingRules) -> Iterable[_Win]:
    """A satellite may be won although people have closed the main lead, and the other way round."""
    mains = (Held(facts.link, facts.lead),) if facts.link else ()
    for held in (*mains, *facts.satellites):
        link, lead = held.link, held.lead
        if lead is None or not lead.stage_id == link.stage_id == WON or link.stage_at is None:
            continue
        route = rules.configuration.route(facts.booking.branch_id, link.direction)
        direction = rules.configuration.direction(link.direction)
        if route and direction and route.trigger_pipeline_id is not None:
            yield _Win(link, direction, route)


def _came_of(win: _Win, facts: BookingFacts, rules: BookingRules) -> list[Candidate]:
    """Made by a robot, in the place of the automation, within the window, and nobody's (§7.3)."""
    since, won_at = win.link.won_from or facts.now, win.link.stage_at or facts.now
    until = won_at + timedelta(seconds=rules.configuration.options.trigger_window)

    def is_one(one: Candidate) -> bool:
        lead, made = one.lead, one.lead.created_at
        place = (win.route.trigger_pipeline_id, win.route.trigger_stage_id or lead.stage_id)
        said = lead.values(rules.field_ids.get(FieldName.DIRECTION))
        return (
            one.holder is None
            and lead.created_by == 0
            and made is not None
            and since - SKEW <= made <= until
            and (lead.pipeline_id, lead.stage_id) == place
            and (not said or win.direction.title in said)
            and not lead.values(rules.field_ids.get(FieldName.KEY))
        )

    return sorted((one for one in facts.candidates if is_one(one)), key=lambda one: one.lead.id)


def _first(
    facts: BookingFacts, win: _Win, lead: Lead, rules: BookingRules
) -> tuple[list[Command], list[str]]:
    """Filled, so that the next booking finds it at once; redundant when the next visit is booked (§7.4)."""
    booking, share = facts.booking, next_share(win.direction.key)
    booked = next_booking(facts, win.direction.key)
    how = rules.configuration.options.already_booked
    if booked and booked.holder and how is AlreadyBooked.CLOSE:
        text = wording.booked_note(booking, rules, booked.holder_starts_at or facts.now)
        tag = remarks.ALREADY_BOOKED_TAG
        return _closed(facts, lead, text, tag, rules, share, win.direction.key), []
    values = origin(facts, win.direction, win.link.lead_id, rules)
    empty = {k: v for k, v in values.items() if not lead.values(rules.field_ids.get(k))}
    filled = UpdateLead(
        booking.key, lead.id, fields=fields(empty, rules), attaches=win.direction.key, share=share,
        remembers=(("begun_in", str(lead.stage_id)),),
    )  # fmt: skip
    if booked is None or booked.holder is None:
        return [filled], []
    if how is AlreadyBooked.TASK:
        text = remarks.already_booked_task(_when(facts, booked, rules))
        due = facts.now + DAY
        return [filled, AddTask(booking.key, lead.id, text, due, lead.responsible_id, share=share)], []
    return [filled, *_let_go(booked.holder, booked.lead, lead.id, rules)], [booked.holder.key]


def _let_go(holder: Link, lead: Lead, to: int, rules: BookingRules) -> list[Command]:
    """The booked visit leaves its lead for the automation's one: decided again, it finds that."""
    note = AddNote(holder.key, lead.id, remarks.rebooked(to))
    return [note, replace(closed(holder.key, lead, rules), releases=True)]


def _when(facts: BookingFacts, booked: Candidate, rules: BookingRules) -> str:
    at: datetime = booked.holder_starts_at or facts.now
    return wording.moment(at, wording.zone(facts.booking, rules))


def _closed(  # noqa: PLR0913 - what a closing is made of
    facts: BookingFacts, lead: Lead, text: str, tag: str, rules: BookingRules, share: str, attaches: str = ""
) -> list[Command]:
    """With a tag that tells why. `attaches` is the direction when the lead is remembered as the next one all
    the same.
    """
    key, is_keyed = facts.booking.key, bool(lead.values(rules.field_ids.get(FieldName.KEY)))
    closing = closed(key, lead, rules, frees_key=is_keyed)
    closing = replace(closing, tags=(tag,), attaches=attaches or None, share=share)
    return [AddNote(key, lead.id, text, share=share), closing]


# When the success is taken back


def revoked(facts: BookingFacts, rules: BookingRules) -> tuple[Command, ...]:
    """Nobody has touched the next lead: it is closed. Somebody works there: a person decides (C5, C6)."""
    found: list[Command] = []
    for held in facts.nexts:
        lead = held.lead
        if lead is None or lead.is_deleted or lead.is_closed or _is_held(lead, facts):
            continue
        if _is_worked(held, facts):
            text, due = remarks.success_revoked_task(), facts.now + DAY
            found.append(
                AddTask(facts.booking.key, lead.id, text, due, lead.responsible_id, share=held.link.share)
            )
        else:
            text, tag = wording.revoked_note(facts.booking, rules), remarks.REVOKED_TAG
            found += _closed(facts, lead, text, tag, rules, held.link.share)
    return tuple(found)


def _is_held(lead: Lead, facts: BookingFacts) -> bool:
    return any(one.lead.id == lead.id and one.holder for one in facts.candidates)


def _is_worked(held: Held, facts: BookingFacts) -> bool:
    lead = held.lead
    begun = held.link.applied.get("begun_in")
    return lead is not None and (str(lead.stage_id) != begun or lead.id in facts.worked_on)
