"""One booking's newest decision beside the lead as the other widget left it: facts in, rows of the report
out. Nothing is written to the CRM.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from backend.core.crm import Lead
from backend.core.rules.configuration import BookingRules
from backend.core.salon import Booking, branch_of
from backend.core.sync import journal, making, stages
from backend.core.sync.budgets import budget
from backend.core.sync.links import Link
from backend.core.takeover import intents, shadow
from backend.core.takeover.intents import Action, Intent, State
from backend.core.takeover.recognition import Kind, Recognition
from backend.core.takeover.shadow import ALIKE, Case, Part
from backend.flows.takeover import shadow_pairs
from backend.flows.takeover.shadow_pairs import Found
from backend.store import bookings, links, mirror, takeover_diffs, takeover_shadows
from backend.store.bookings import BookingRow
from backend.store.takeover_diffs import DiffRow
from backend.store.takeover_shadows import Decided

PATIENCE = timedelta(hours=24)  # so long the other widget may still come to what it has not done
AGAIN = timedelta(minutes=10)
SKEW = timedelta(minutes=2)  # between the clocks of two services
HABIT_DAYS = timedelta(days=14)
FEWEST, TIMES = 3, 4  # seen to act so often, and so many times as often as not: that is a habit


@dataclass
class Look:
    """What one round of an account's comparison knows. `habits` are remembered per salon."""

    account_id: int
    now: datetime
    rules: BookingRules
    marks: Recognition
    habits: dict[int, dict[str, tuple[int, int]]] = field(default_factory=dict)

    @property
    def known(self) -> tuple[int, ...]:
        """Fields that the other widget fills."""
        places = (place for place in self.marks.places if place.entity == "leads")
        return tuple({one.field_id for one in places if one.kind in (Kind.FIELD, Kind.URL)} - {0})

    def is_usual(self, company_id: int, trait: str) -> bool:
        if company_id not in self.habits:
            since = self.now - HABIT_DAYS
            self.habits[company_id] = takeover_diffs.habits(self.account_id, company_id, since)
        acted, idle = self.habits[company_id].get(trait, (0, 0))
        return acted >= FEWEST and acted >= TIMES * idle


@dataclass(frozen=True, slots=True)
class Subject:
    """A booking to be compared: what it is, what was decided of it, and its lead. `first_at`: when the same
    decision was compared first, if it was.
    """

    key: str
    decided_at: datetime
    booking: Booking
    intent: Intent
    lead: Lead | None
    link: Link | None = None
    before: State | None = None
    doubles: tuple[int, ...] = ()
    first_at: datetime | None = None
    trait: str = ""

    @property
    def company_id(self) -> int:
        return branch_of(self.key)


def first(look: Look, decided: Mapping[str, datetime]) -> int:
    """Bookings whose newest decision has settled; returns how many were compared."""
    if not decided:
        return 0
    rows = bookings.by_keys(look.account_id, decided)
    said = takeover_shadows.decisions(look.account_id, decided)
    earlier = takeover_diffs.newest(look.account_id, decided)
    subjects = _gathered(look, {key: rows[key] for key in decided if key in rows}, said, earlier)
    takeover_diffs.give_up(row.id for row in earlier.values() if row.next_look_at is not None)
    for one in subjects:
        _save(look, one)
    shadow_pairs.renew(look.account_id, (one.key for one in subjects if one.lead is not None))
    return len(subjects)


def again(look: Look, rows: Sequence[DiffRow], doubles: Mapping[str, Collection[int]] | None = None) -> int:
    """Comparisons in which the other widget had not done its part yet, or did too much: `doubles` are leads
    that came to light since.
    """
    if not rows:
        return 0
    seen = bookings.by_keys(look.account_id, (row.key for row in rows))
    linked, found = _leads_of(look, [row.key for row in rows])
    leads = _read(look, linked, found)
    for row in rows:
        stored = dict(row.intent)
        before, others = stored["before"], set(stored["doubles"])
        others |= set(found[row.key].doubles if row.key in found else ())
        others |= set((doubles or {}).get(row.key, ()))
        subject = Subject(
            row.key, row.decided_at, _booking(seen[row.key]), intents.read(stored["intent"]),
            leads.get(row.key), linked.get(row.key), intents.read_state(before) if before else None,
            tuple(sorted(others)), row.compared_at, row.trait,
        )  # fmt: skip
        _save(look, subject)
    shadow_pairs.renew(look.account_id, leads)
    return len(rows)


def unasked(look: Look, rows: Sequence[DiffRow], leads: Mapping[int, Lead]) -> None:
    """Leads that the other widget changed after they were compared, with no change of their booking."""
    seen = bookings.by_keys(look.account_id, (row.key for row in rows))
    linked = links.by_keys(look.account_id, seen)
    for row in rows:
        lead = leads[row.lead_id or 0]
        one = Subject(
            row.key, lead.updated_at or look.now, _booking(seen[row.key]),
            Intent(Action.NOTHING, phase=seen[row.key].phase), lead, linked.get(row.key),
            intents.read_state(row.theirs), trait="nothing",
        )  # fmt: skip
        if shadow.compare(_case(look, one, is_new=False, is_usual=False)):
            _save(look, one)


# Facts


def _gathered(
    look: Look,
    rows: Mapping[str, BookingRow],
    said: Mapping[str, Decided],
    earlier: Mapping[str, DiffRow],
) -> list[Subject]:
    linked, found = _leads_of(look, list(rows))
    leads = _read(look, linked, found)
    subjects = []
    for key, row in rows.items():
        decided, booking, lead = said.get(key), _booking(row), leads.get(key)
        commands = [journal.command_from(one) for one in decided.commands] if decided else []
        intent = intents.of(key, commands, look.known, reason=row.reason or "", phase=str(booking.phase))
        before = _before(look, linked.get(key), lead, decided, earlier.get(key))
        doubles = found[key].doubles if key in found else ()
        trait = _trait(intent, earlier.get(key))
        subjects.append(
            Subject(key, row.updated_at, booking, intent, lead, linked.get(key), before, doubles, trait=trait)
        )
    return subjects


def _leads_of(look: Look, keys: Sequence[str]) -> tuple[dict[str, Link], dict[str, Found]]:
    """Bookings with a lead of their own, and what is found for the others; what is sure is adopted."""
    linked = links.by_keys(look.account_id, keys)
    bare = [key for key in keys if key not in linked]
    found = shadow_pairs.find(look.account_id, bare, look.rules, look.now)
    shadow_pairs.adopt(look.account_id, found.values(), look.now)
    return linked, found


def _read(look: Look, linked: Mapping[str, Link], found: Mapping[str, Found]) -> dict[str, Lead]:
    ids = {key: link.lead_id for key, link in linked.items()}
    ids |= {key: one.lead_id for key, one in found.items() if one.lead_id}
    leads = mirror.leads_by_ids(look.account_id, ids.values())
    return {
        key: leads[lead_id]
        for key, lead_id in ids.items()
        if lead_id in leads and not leads[lead_id].is_deleted
    }


def _before(
    look: Look, link: Link | None, lead: Lead | None, decided: Decided | None, earlier: DiffRow | None
) -> State | None:
    """The lead as it was last looked at, else as the decision saw it; None for one that is new to us."""
    if lead is None or link is None:
        return None
    if earlier is not None and earlier.lead_id == lead.id and earlier.theirs:
        return intents.read_state(earlier.theirs)
    known = decided.facts.get("lead") if decided else None
    if not known or known["id"] != lead.id:
        return intents.seen(lead, look.known)
    names = ("pipeline_id", "stage_id", "price", "responsible_id")
    return State(lead.id, *(known[name] for name in names))


def _booking(row: BookingRow) -> Booking:
    return journal.booking_from(json.loads(row.snapshot))


# Comparing


def _save(look: Look, one: Subject) -> None:
    """A comparison as its rows."""
    is_new = _is_new(look, one)
    intent = _as_made(look, one) if is_new else one.intent
    case = _case(look, replace(one, intent=intent), is_new, look.is_usual(one.company_id, one.trait))
    parts = shadow.compare(case)
    found_at = one.first_at or look.now
    is_open = shadow.may_change(parts) and look.now - found_at < PATIENCE
    diff = shadow.classify(parts, is_first=one.first_at is None)
    acted = not shadow.may_change(parts) and intent.action is not Action.NOTHING
    stored = {
        "intent": intents.written(one.intent),
        "before": intents.written_state(one.before) if one.before else None,
        "doubles": list(one.doubles),
    }
    takeover_diffs.save(
        {
            "account_id": look.account_id, "company_id": one.company_id, "key": one.key,
            "decided_at": one.decided_at, "compared_at": found_at, "looked_at": look.now,
            "next_look_at": look.now + max(AGAIN, (look.now - found_at) / 2) if is_open else None,
            "version": look.rules.version, "action": str(intent.action), "trait": one.trait,
            "diff": str(diff), "reason": intent.reason, "lead_id": one.lead.id if one.lead else None,
            "theirs": intents.written_state(case.theirs) if case.theirs else None, "intent": stored,
            "lag_seconds": _lag(one, is_new) if diff in ALIKE and acted else None, "acted": acted,
        },
        [_row(part) for part in parts],
    )  # fmt: skip


def _case(look: Look, one: Subject, is_new: bool, is_usual: bool) -> Case:
    routes = [r for r in look.rules.configuration.routes if r.branch_id == one.company_id]
    sides = mirror.leads_by_ids(look.account_id, (side.lead_id for side in one.intent.sides if side.lead_id))
    stood = (sides.get(side.lead_id or 0) for side in one.intent.sides)
    return Case(
        one.intent, intents.seen(one.lead, look.known) if one.lead else None, one.before,
        is_new=is_new,
        author=shadow.who(one.lead.updated_by if one.lead else None, look.marks.writer_ids),
        pipelines=frozenset(route.pipeline_id for route in routes),
        target=_target(look, one), sums=(one.booking.price, budget(one.booking, look.rules)),
        doubles=one.doubles, sides=tuple(lead.stage_id if lead else None for lead in stood),
        is_usual=is_usual,
    )  # fmt: skip


def _target(look: Look, one: Subject) -> int | None:
    """The stage that our rules name for the booking's phase."""
    if one.lead is None or one.link is None:
        return None
    route = stages.route_of(one.link, one.lead, one.company_id, look.rules.configuration)
    return route.stages.get(one.booking.phase) if route else None


def _is_new(look: Look, one: Subject) -> bool:
    """Whether the other widget made the lead for this booking."""
    if one.lead is None or one.lead.created_at is None or one.intent.action is Action.CHANGE:
        return False
    writers = look.marks.writer_ids
    return one.lead.created_at >= one.booking.created_at - SKEW and (
        not writers or one.lead.created_by in writers
    )


def _as_made(look: Look, one: Subject) -> Intent:
    """Their new lead was there before our decision, which took it for the person's open one: compared is what
    we would have made by ourselves.
    """
    intent, rules = one.intent, look.rules
    route = rules.configuration.route(one.company_id, intent.direction)
    if intent.action is not Action.ATTACH or route is None or one.lead is None:
        return intent
    if intent.wanted.lead_id != one.lead.id:
        return intent
    phase = stages.counted(one.booking, rules, look.now)
    wanted = replace(
        intent.wanted, pipeline_id=route.pipeline_id, stage_id=route.stages.get(phase) or route.entry_stage,
        responsible_id=making.whose(one.booking, route, rules) or None,
    )  # fmt: skip
    return replace(intent, wanted=wanted)


def _trait(intent: Intent, earlier: DiffRow | None) -> str:
    """What kind of thing was asked for: by it the other widget's habits are known. It may have moved the lead
    before we came to it.
    """
    if intent.action in (Action.OPEN, Action.ATTACH):
        return f"open:{intent.direction}"
    if intent.action is Action.NOTHING:
        return "nothing"
    is_moved = earlier is not None and earlier.intent["intent"]["phase"] != intent.phase
    return f"move:{intent.phase}" if is_moved or intent.wanted.stage_id is not None else "edit"


def _lag(one: Subject, is_new: bool) -> int | None:
    """Seconds from the change in the journal to the other widget's answer to it."""
    if one.lead is None:
        return None
    since, at = (
        (one.booking.created_at, one.lead.created_at)
        if is_new
        else (one.booking.changed_at, one.lead.updated_at)
    )
    if at is None or at < since:
        return None
    return int((at - since).total_seconds())


def _row(part: Part) -> dict[str, Any]:
    return {
        "diff": str(part.diff), "rule": part.rule, "what": part.what,
        "ours": part.ours, "theirs": part.theirs,
    }  # fmt: skip
