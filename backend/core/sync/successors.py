"""The lead for the next visit that comes of a success: amoCRM's automation makes it, and we recognise, fill
or close it; or we make it ourselves (booking-sync-scenarios.md §7).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.core.crm import LOST, WON, Lead
from backend.core.money import ZERO
from backend.core.rules.configuration import BookingRules, Direction, FieldName, Route
from backend.core.rules.options import AlreadyBooked, NextLead
from backend.core.salon import Phase
from backend.core.sync import matching, remarks, wording
from backend.core.sync.commands import (
    AddNote,
    AddTask,
    Command,
    CreateLead,
    FieldValue,
    Remembered,
    UpdateLead,
    Value,
)
from backend.core.sync.facts import BookingFacts, Held
from backend.core.sync.links import Link, key_value, next_share
from backend.core.sync.making import keyless, whose
from backend.core.sync.matching import Candidate
from backend.core.sync.skipping import ACTIVE
from backend.core.sync.stages import Move

SKEW = timedelta(seconds=5)  # amoCRM tells whole seconds by its own clock
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class After:
    """`before` goes out ahead of the lead's own change, `commands` behind it; `wakes` are decided again."""

    before: tuple[Command, ...] = ()
    commands: tuple[Command, ...] = ()
    remembers: Remembered = ()
    wakes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Win:
    """A success through one of the booking's links, and where the next lead of its direction begins."""

    link: Link
    direction: Direction
    route: Route


def plan(facts: BookingFacts, link: Link, lead: Lead, move: Move, rules: BookingRules) -> After:
    """What a success, or its end, means for the next visit."""
    if move.stage_id == WON:
        return _announced(facts, link, lead, rules)
    if link.applied.get("phase") == Phase.ARRIVED and facts.booking.phase is not Phase.ARRIVED:
        return After(commands=_revoked(facts, rules)) if move.stage_id else After()
    if facts.booking.phase is Phase.ARRIVED and lead.stage_id == WON:
        return _recognised(facts, rules)
    return After()


def is_booked_again(facts: BookingFacts, direction: str) -> bool:
    """The person has another visit of this direction ahead of them."""
    return next_booking(facts, direction) is not None


def next_booking(facts: BookingFacts, direction: str) -> Candidate | None:
    ahead = (
        one
        for one in facts.candidates
        if one.holder
        and one.holder.key != facts.booking.key
        and one.holder.direction == direction
        and one.holder_phase in ACTIVE
        and one.holder_starts_at is not None
        and one.holder_starts_at > facts.booking.starts_at
    )
    return min(ahead, key=lambda one: one.holder_starts_at or facts.now, default=None)


# At the moment of success


def _announced(facts: BookingFacts, link: Link, lead: Lead, rules: BookingRules) -> After:
    """The field that keeps the automation quiet is written ahead; our own next lead behind (§7.5)."""
    is_next = is_booked_again(facts, link.direction)
    field_id = rules.field_ids.get(FieldName.HAS_NEXT)
    known = link.applied.get(f"field:{field_id}")
    before: tuple[Command, ...] = ()
    if field_id and known != str(int(is_next)):
        value, remembers = FieldValue(field_id, int(is_next)), ((f"field:{field_id}", str(int(is_next))),)
        before = (UpdateLead(facts.booking.key, lead.id, fields=(value,), remembers=remembers),)
    return After(before, _made(facts, link, lead, rules))


def _made(facts: BookingFacts, link: Link, lead: Lead, rules: BookingRules) -> tuple[Command, ...]:
    options, contact = rules.configuration.options, next(iter(lead.contact_ids), None)
    contact = contact or (facts.contact.id if facts.contact else None)
    have = _have(facts)
    own = {link.direction, *(held.link.share for held in facts.satellites)}
    keys = own if options.next_lead is NextLead.OURS else set()
    if options.followup_secondary:
        shares = matching.shares(facts.booking, rules.configuration, fixed=link.direction)
        keys |= {direction.key for direction, _ in shares.directions} - own
    wanted = (
        key
        for key in sorted(keys)
        if next_share(key) not in have
        and not is_booked_again(facts, key)
        and not _waits_already(facts, key, rules)
    )
    made = (_next_lead(facts, key, lead.id, contact, rules) for key in wanted if contact)
    return tuple(command for command in made if command)


def _have(facts: BookingFacts) -> set[str]:
    """Shares of next leads that are there. One that was closed when the success was taken back is not."""
    return {held.link.share for held in facts.nexts if held.lead and not held.lead.is_closed}


def _waits_already(facts: BookingFacts, key: str, rules: BookingRules) -> bool:
    """One lead for the next visit is enough for a person and a direction, whichever visit it came of."""
    direction = rules.configuration.direction(key)
    field_id = rules.field_ids.get(FieldName.DIRECTION)
    return direction is not None and any(
        one.holder is None and direction.title in one.lead.values(field_id) for one in facts.candidates
    )


def _next_lead(
    facts: BookingFacts, key: str, source: int, contact: int | None, rules: BookingRules
) -> CreateLead | None:
    booking, configuration = facts.booking, rules.configuration
    route, direction = configuration.route(booking.branch_id, key), configuration.direction(key)
    if route is None or direction is None or contact is None or route.trigger_stage_id is None:
        return None
    share = next_share(key)
    values = {FieldName.KEY: key_value(booking.key, share), **_origin(facts, direction, source, rules)}
    shares = matching.Shares(((direction, ZERO),))
    return CreateLead(
        booking.key, key, wording.lead_name(booking, shares, rules),
        route.trigger_pipeline_id or route.pipeline_id, route.trigger_stage_id,
        whose(booking, route, rules), ZERO, contact, _fields(values, rules), share=share,
        remembers=(("begun_in", str(route.trigger_stage_id)),),
    )  # fmt: skip


def _origin(
    facts: BookingFacts, direction: Direction, source: int, rules: BookingRules
) -> dict[FieldName, Value]:
    """Where a next lead comes from, and when the visit would be due."""
    branch, days = rules.configuration.branch(facts.booking.branch_id), direction.next_visit_days
    due = facts.booking.starts_at + timedelta(days=days) if days else None
    return {
        FieldName.SALON: branch.title if branch else None,
        FieldName.DIRECTION: (direction.title,),
        FieldName.SOURCE_LEAD: rules.lead_url(source),
        FieldName.NEXT_VISIT_AT: int(due.timestamp()) if due else None,
    }


def _fields(values: dict[FieldName, Value], rules: BookingRules) -> tuple[FieldValue, ...]:
    pairs = ((rules.field_ids.get(name), value) for name, value in values.items())
    return tuple(FieldValue(field_id, value) for field_id, value in pairs if field_id and value is not None)


# When the automation's lead has come


def _recognised(facts: BookingFacts, rules: BookingRules) -> After:
    found, remembers, wakes = [], [], []
    known = {held.lead.id for held in facts.nexts if held.lead}
    for win in _wins(facts, rules):
        twins = [one for one in _came_of(win, facts, rules) if one.lead.id not in known]
        have = next_share(win.direction.key) in _have(facts)
        for one in twins:
            known.add(one.lead.id)
            if have:
                nobodys = next_share(str(one.lead.id))  # no link of that name: nothing is remembered of it
                found += _closed(facts, one.lead, remarks.twin(), remarks.TWIN_TAG, rules, nobodys)
                continue
            have = True
            commands, woken = _first(facts, win, one.lead, rules)
            found += commands
            wakes += woken
            if not win.link.share:
                remembers.append(("next_lead", str(one.lead.id)))
    return After(commands=tuple(found), remembers=tuple(remembers), wakes=tuple(wakes))


def _wins(facts: BookingFacts, rules: BookingRules) -> Iterable[_Win]:
    links = (facts.link, *(held.link for held in facts.satellites))
    for link in links:
        if link is None or link.stage_id != WON or link.stage_at is None:
            continue
        route = rules.configuration.route(facts.booking.branch_id, link.direction)
        direction = rules.configuration.direction(link.direction)
        if route and direction and route.trigger_pipeline_id is not None:
            yield _Win(link, direction, route)


def _came_of(win: _Win, facts: BookingFacts, rules: BookingRules) -> list[Candidate]:
    """Made by a robot, in the place of the automation, within the window, and nobody's (§7.3)."""
    since = win.link.stage_at or facts.now
    until = since + timedelta(seconds=rules.configuration.options.trigger_window)

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
    values = _origin(facts, win.direction, win.link.lead_id, rules)
    fields = _fields({k: v for k, v in values.items() if not lead.values(rules.field_ids.get(k))}, rules)
    filled = UpdateLead(
        booking.key, lead.id, fields=fields, attaches=win.direction.key, share=share,
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
    reason = rules.configuration.options.technical_loss_reason
    return [
        AddNote(holder.key, lead.id, remarks.rebooked(to)),
        UpdateLead(
            holder.key,
            lead.id,
            stage_id=LOST,
            pipeline_id=lead.pipeline_id,
            loss_reason_id=reason,
            fields=keyless(rules),
            releases=True,
        ),
    ]


def _when(facts: BookingFacts, booked: Candidate, rules: BookingRules) -> str:
    at: datetime = booked.holder_starts_at or facts.now
    return wording.moment(at, wording.zone(facts.booking, rules))


def _closed(  # noqa: PLR0913 - what a closing is made of
    facts: BookingFacts, lead: Lead, text: str, tag: str, rules: BookingRules, share: str, attaches: str = ""
) -> list[Command]:
    """Technically: with its own reason and tag, so that reports can leave it out. `attaches` is the direction
    when the lead is remembered as the next one all the same.
    """
    key, reason = facts.booking.key, rules.configuration.options.technical_loss_reason
    closing = UpdateLead(
        key, lead.id, stage_id=LOST, pipeline_id=lead.pipeline_id, loss_reason_id=reason, tags=(tag,),
        attaches=attaches or None, share=share,
        fields=keyless(rules) if lead.values(rules.field_ids.get(FieldName.KEY)) else (),
    )  # fmt: skip
    return [AddNote(key, lead.id, text, share=share), closing]


# When the success is taken back


def _revoked(facts: BookingFacts, rules: BookingRules) -> tuple[Command, ...]:
    """Nobody has touched the next lead: it is closed. Somebody works there: a person decides (C5, C6)."""
    found: list[Command] = []
    for held in facts.nexts:
        lead = held.lead
        if lead is None or lead.is_deleted or lead.is_closed or _is_held(lead, facts):
            continue
        if is_worked(held, facts):
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


def is_worked(held: Held, facts: BookingFacts) -> bool:
    lead = held.lead
    begun = held.link.applied.get("begun_in")
    return lead is not None and (str(lead.stage_id) != begun or lead.id in facts.worked_on)
