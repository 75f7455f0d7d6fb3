"""Tasks that the account's rules ask for: about a record, a missed visit, an unmarked visit, a late price.

Each is set once for a booking and a rule: the link remembers what was set. Two kinds wait for their time;
`next_look` says when a booking has to be looked at although nobody tells of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.core.clients import Person
from backend.core.crm import CLOSED_STAGES, Lead
from backend.core.money import Kopecks
from backend.core.rules.configuration import BookingRules
from backend.core.rules.sections import TaskRule, TaskWhen
from backend.core.salon import Booking, Phase
from backend.core.sync import said
from backend.core.sync.commands import AddTask, Remembered
from backend.core.sync.links import Link
from backend.core.sync.said import Said
from backend.core.templates import builtin

DAY = timedelta(days=1)
TOO_LATE = timedelta(days=7)  # later a task says nothing new, and nobody wants a month of them at once
VISIT_PRICE = "visit_price"
AHEAD = (Phase.WAITING, Phase.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Case:
    """A booking and the lead that its tasks are for. No link: the same plan makes one, and no id of the lead
    may be known yet. `is_rebooked`: the person has another visit ahead.
    """

    booking: Booking
    rules: BookingRules
    now: datetime
    link: Link | None = None
    lead: Lead | None = None
    lead_id: int | None = None
    responsible_id: int = 0
    is_rebooked: bool = False

    @property
    def applied(self) -> Mapping[str, str]:
        return self.link.applied if self.link else {}


def wanted(case: Case) -> tuple[AddTask, ...]:
    """What the rules want now and was not set yet."""
    marks = ((name, rule, _mark(name, rule, case)) for name, rule in named(case.rules.configuration.tasks))
    return tuple(
        _task(rule, case, name, mark) for name, rule, mark in marks if mark and case.applied.get(name) != mark
    )


def is_back(booking: Booking, person: Person | None) -> bool:
    """The client has another visit after this one, in whatever salon and direction, ahead or over already."""
    visits = person.visits if person else {}
    return any(
        key != booking.key and starts_at > booking.starts_at and phase in (*AHEAD, Phase.ARRIVED)
        for key, (starts_at, phase) in visits.items()
    )


def remembered(case: Case) -> Remembered:
    """The price that the visit ended with: what comes later is told from it, whatever the lead says then."""
    known, is_over = case.applied.get(VISIT_PRICE, ""), case.booking.phase is Phase.ARRIVED
    if bool(known) == is_over:
        return ()
    return ((VISIT_PRICE, str(case.booking.price) if is_over else ""),)


def passed_over(booking: Booking, rules: BookingRules, now: datetime) -> Remembered:
    """Of a booking that has its lead only now: whose time had come before asks for nothing, later neither."""
    moments = ((name, time_of(rule, booking)) for name, rule in named(rules.configuration.tasks))
    return tuple((name, _start(booking)) for name, moment in moments if moment and moment <= now)


def next_look(case: Case) -> datetime | None:
    """When a rule will have something to say about this booking by time alone; None: never."""
    moments = [
        moment
        for name, rule in named(case.rules.configuration.tasks)
        if (moment := time_of(rule, case.booking)) and case.applied.get(name) != _start(case.booking)
    ]
    return min((moment for moment in moments if moment > case.now), default=None)


def waits(rules: Sequence[TaskRule]) -> tuple[tuple[tuple[Phase, ...], timedelta], ...]:
    """In which phases a booking waits for a rule, and how long after its beginning it is looked at first."""
    found = []
    for when, phases in ((TaskWhen.NO_SHOW, (Phase.NO_SHOW,)), (TaskWhen.UNMARKED, AHEAD)):
        pauses = [pause(rule) for rule in rules if rule.when is when]
        found += [(phases, min(pauses))] if pauses else []
    return tuple(found)


def named(rules: Sequence[TaskRule]) -> Iterator[tuple[str, TaskRule]]:
    """A rule's name is what it waits for and how long: new words for it set no task a second time."""
    met: Counter[str] = Counter()
    for rule in rules:
        name = f"task:{rule.when}:{rule.days}:{rule.hours}"
        met[name] += 1
        yield (name if met[name] == 1 else f"{name}:{met[name]}"), rule


def time_of(rule: TaskRule, booking: Booking) -> datetime | None:
    """When a rule that waits for its time speaks of this booking; None while its phase does not ask for
    it.
    """
    if rule.when is TaskWhen.NO_SHOW and booking.phase is Phase.NO_SHOW:
        return booking.starts_at + pause(rule)
    ends = booking.starts_at + timedelta(seconds=booking.duration_seconds)
    was_entered_later = booking.created_at >= ends  # history written by hand asks nobody to mark it (row A17)
    if rule.when is TaskWhen.UNMARKED and booking.phase in AHEAD and not was_entered_later:
        return ends + pause(rule)
    return None


def pause(rule: TaskRule) -> timedelta:
    return timedelta(days=rule.days, hours=rule.hours)


def _mark(name: str, rule: TaskRule, case: Case) -> str:
    """What to remember when this rule's task is set now; empty: it is not wanted."""
    match rule.when:
        case TaskWhen.BOOKED:
            return _day_due(rule, case)
        case TaskWhen.PRICE_CHANGED:
            was = _price_before(name, case)
            return str(case.booking.price) if was not in (None, case.booking.price) else ""
        case TaskWhen.NO_SHOW if case.is_rebooked or _is_closed(case.lead):
            return ""
    moment = time_of(rule, case.booking) if case.link else None
    return _start(case.booking) if moment and moment <= case.now < moment + TOO_LATE else ""


def _day_due(rule: TaskRule, case: Case) -> str:
    """A visit moved within its day needs no other task."""
    booking, due = case.booking, case.booking.starts_at + pause(rule)
    is_wanted = booking.phase in AHEAD and booking.starts_at > case.now and due > case.now
    return due.astimezone(said.zone(booking, case.rules)).date().isoformat() if is_wanted else ""


def _price_before(name: str, case: Case) -> Kopecks | None:
    """What was told last, or else the price of the visit; None while it has not taken place."""
    price = case.applied.get(name) or case.applied.get(VISIT_PRICE, "")
    return Kopecks(int(price)) if price and case.booking.phase is Phase.ARRIVED else None


def _is_closed(lead: Lead | None) -> bool:
    """Somebody has decided about this person already."""
    return lead is not None and lead.stage_id in CLOSED_STAGES


def _start(booking: Booking) -> str:
    return booking.starts_at.isoformat()


def _task(rule: TaskRule, case: Case, name: str, mark: str) -> AddTask:
    said_of = Said(case.booking, case.rules, was_sum=_price_before(name, case))
    text = builtin.task(rule.when, rule.text, said_of)
    whose = rule.user_id or _of_salon(rule, case) or case.responsible_id
    return AddTask(case.booking.key, case.lead_id, text, _due(rule, case), whose, ((name, mark),))


def _due(rule: TaskRule, case: Case) -> datetime:
    """A task that comes when its time has come is to be done within a day."""
    if rule.when is TaskWhen.BOOKED:
        return case.booking.starts_at + pause(rule)
    return case.now + (pause(rule) or DAY) if rule.when is TaskWhen.PRICE_CHANGED else case.now + DAY


def _of_salon(rule: TaskRule, case: Case) -> int | None:
    """Marking a visit is work of the salon (row C12)."""
    branch = case.rules.configuration.branch(case.booking.branch_id)
    return branch.responsible_id if branch and rule.when is TaskWhen.UNMARKED else None
