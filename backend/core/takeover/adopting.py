"""What the link of a lead taken over remembers: as if everything that the lead and its booking were at that
moment had been written, told and asked already.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from backend.core.crm import Lead
from backend.core.money import to_whole_rubles
from backend.core.rules.configuration import BookingRules, FieldName
from backend.core.salon import Booking, Phase
from backend.core.sync import adopted, leads, prices, satellites, sharing, stages, tasks
from backend.core.sync.links import Link
from backend.core.sync.sharing import Shares

LATE = "late"  # no digest: the lead lags behind its booking, and its turn to be written has come


def link(booking: Booking, lead: Lead, rules: BookingRules, now: datetime) -> Link:
    """Nothing here says that the lead shows what it should: what differs stays until the booking changes."""
    shares = sharing.shares(booking, rules.configuration)
    direction = _direction(booking, lead, shares, rules)
    contact = lead.contact_ids[0] if lead.contact_ids else None
    bare = Link(
        booking.key, lead.id, direction=direction, contact_id=contact, version=booking.changed_at,
        applied={"phase": str(booking.phase)}, opened_by_us=False,
    )  # fmt: skip
    known = replace(bare, applied=_applied(booking, bare, lead, rules, now))
    if not _is_there(known, lead, booking, rules):
        return known
    return replace(known, stage_id=lead.stage_id, stage_at=booking.changed_at)


def behind(booking: Booking, known: Link, lead: Lead, rules: BookingRules) -> Link | None:
    """The link as the lead really shows its booking, when its stage, its money or the time of the visit are
    not what they should be; None when they are. The next decision then writes the difference.
    """
    wanted = leads.content(
        booking, sharing.shares(booking, rules.configuration, fixed=known.direction), rules
    )
    seen: dict[str, str] = {}
    if wanted.price is not None and to_whole_rubles(wanted.price) != to_whole_rubles(lead.price):
        seen["price"] = str(lead.price)
    if not _is_there(known, lead, booking, rules):
        seen["phase"] = _phase_shown(known, lead, booking, rules)
    at = wanted.fields.get(f"field:{rules.field_ids.get(FieldName.VISIT_AT)}")
    if at and (shown := lead.values(at.field_id)) and shown != (leads.shown(at.value),):
        seen[f"field:{at.field_id}"] = shown[0]
    return replace(known, applied={**known.applied, **seen, adopted.MEMORY: LATE}) if seen else None


def _applied(booking: Booking, bare: Link, lead: Lead, rules: BookingRules, now: datetime) -> dict[str, str]:
    """A field that the other integration fills counts as ours as soon as the booking changes there; an empty
    one waits for our first word.
    """
    shares = sharing.shares(booking, rules.configuration, fixed=bare.direction)
    content = leads.content(booking, shares, rules)
    filled = {name: value for name, value in content.fields.items() if lead.values(value.field_id)}
    case = tasks.Case(booking, rules, now, bare, lead, lead.id, lead.responsible_id)
    found = {
        **bare.applied,
        **dict(leads.remembered(replace(content, fields=filled))),
        **dict(satellites.directions(shares) if booking.lines else ()),
        **dict(prices.told(booking)),
        **dict(tasks.remembered(case)),
        **{name: mark for task in tasks.wanted(case) for name, mark in task.remembers},
        "noted_start": booking.starts_at.isoformat(),
        "noted_comment": booking.comment,
        adopted.MEMORY: adopted.digest(booking),
    }
    if booking.phase is Phase.CANCELLED:
        found["noted_cancelled"] = booking.starts_at.isoformat()
    if booking.client and booking.client.card:
        found["card"] = booking.client.card
    return found


def _direction(booking: Booking, lead: Lead, shares: Shares, rules: BookingRules) -> str:
    """That of the pipeline where the lead is, if the booking has it; else the booking's own, so that nothing
    is moved only because the lead is elsewhere.
    """
    configuration = rules.configuration
    keys = [direction.key for direction, _ in shares.directions]
    routes = [(key, configuration.route(booking.branch_id, key)) for key in keys]
    at_home = [key for key, route in routes if route and route.pipeline_id == lead.pipeline_id]
    there = configuration.route_in(booking.branch_id, lead.pipeline_id)
    return next(iter((*at_home, *keys)), there.direction if there else "")


def _is_there(known: Link, lead: Lead, booking: Booking, rules: BookingRules) -> bool:
    """The lead stands where our rules would have put it: it may be moved on as if we had."""
    return _stages(known, lead, booking, rules).get(booking.phase) == lead.stage_id


def _phase_shown(known: Link, lead: Lead, booking: Booking, rules: BookingRules) -> str:
    """What the stage of the lead means; nothing when it means none."""
    phases = [
        phase for phase, stage in _stages(known, lead, booking, rules).items() if stage == lead.stage_id
    ]
    return str(phases[0]) if phases else ""


def _stages(known: Link, lead: Lead, booking: Booking, rules: BookingRules) -> Mapping[Phase, int]:
    route = stages.route_of(known, lead, booking.branch_id, rules.configuration)
    return route.stages if route else {}
