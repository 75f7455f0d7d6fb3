"""A booking of the journal, its decision and its lead as one case of the comparison, and what came of it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from backend.core.crm import Lead
from backend.core.errors import AppError
from backend.core.rules.configuration import BookingRules
from backend.core.salon import Booking, branch_of
from backend.core.sync import making, stages
from backend.core.sync.budgets import budget
from backend.core.sync.links import Link
from backend.core.takeover import intents, shadow
from backend.core.takeover.intents import Action, Intent, State
from backend.core.takeover.recognition import Kind, Recognition
from backend.core.takeover.shadow import Author, Case, Part
from backend.integrations.amocrm import authors
from backend.integrations.amocrm.client import AmoClient
from backend.store import mirror, takeover_diffs

log = logging.getLogger(__name__)

SKEW = timedelta(minutes=2)  # between the clocks of two services
HABIT_DAYS = timedelta(days=14)
FEWEST, TIMES = 3, 4  # seen to act so often, and so many times as often as not: that is a habit
ASKED = 50  # leads of one round whose authors are asked for
BY_MAKER = ("pipeline_id", "stage_id", "price", "responsible_id")


@dataclass
class Look:
    """What one round of an account's comparison knows. `habits` are remembered per salon; `client` reads the
    CRM, None: what the mirror says is all.
    """

    account_id: int
    now: datetime
    rules: BookingRules
    marks: Recognition
    client: AmoClient | None = None
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
    """A booking to be compared: what it is, what was decided of it, and its lead; `before` is as of `since`.
    `first_at`: when the same decision was compared first, if it was.
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
    since: datetime | None = None

    @property
    def company_id(self) -> int:
        return branch_of(self.key)


@dataclass(frozen=True, slots=True)
class Compared:
    """A case and what came of it; `intent` is what we would have done by ourselves."""

    subject: Subject
    case: Case
    parts: tuple[Part, ...]

    @property
    def intent(self) -> Intent:
        return self.case.intent


def judged(look: Look, subjects: Sequence[Subject]) -> list[Compared]:
    """Where both sides did something, the CRM is asked who set what: somebody may have worked in between."""
    found = [_compared(look, one, {}) for one in subjects]
    doubtful = [one.subject for one in found if one.subject.lead and shadow.is_doubtful(one.parts)]
    known = _authors(look, doubtful[:ASKED])
    return [
        _compared(look, one.subject, known[one.subject.key]) if one.subject.key in known else one
        for one in found
    ]


def _compared(look: Look, one: Subject, who: Mapping[str, Author]) -> Compared:
    is_new = _is_new(look, one)
    made = replace(one, intent=_as_made(look, one)) if is_new else one
    case = _case(look, made, is_new, who)
    return Compared(one, case, shadow.compare(case))


def _authors(look: Look, subjects: Sequence[Subject]) -> dict[str, dict[str, Author]]:
    """Booking → who set which property of its lead. Of a new lead whatever nobody has changed is its
    maker's.
    """
    writers = look.marks.writer_ids
    if look.client is None or not writers or not subjects:
        return {}
    since = min(one.since or one.booking.created_at for one in subjects) - SKEW
    try:
        ids = sorted({one.lead.id for one in subjects if one.lead})
        found = authors.of_leads(look.client, ids, since)
    except AppError as error:  # without this right the mirror's last author is all there is
        log.warning("authors not told error=%s", error)
        return {}
    known: dict[str, dict[str, Author]] = {}
    for one in subjects:
        if one.lead is not None:
            maker = shadow.who(one.lead.created_by, writers)
            usual = dict.fromkeys(BY_MAKER, maker) if _is_new(look, one) else {}
            told = found[one.lead.id]
            known[one.key] = usual | {what: shadow.who(user, writers) for what, user in told.items()}
    return known


def _case(look: Look, one: Subject, is_new: bool, who: Mapping[str, Author]) -> Case:
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
        is_usual=look.is_usual(one.company_id, one.trait), authors=who,
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


def lag(found: Compared) -> int | None:
    """Seconds from the change in the journal to the other widget's answer to it."""
    one = found.subject
    if one.lead is None:
        return None
    since, at = (
        (one.booking.created_at, one.lead.created_at)
        if found.case.is_new
        else (one.booking.changed_at, one.lead.updated_at)
    )
    if at is None or at < since:
        return None
    return int((at - since).total_seconds())
