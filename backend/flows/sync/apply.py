"""Carrying decisions out: written down first, sent in batches, each answer settled at once, each event
closed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from backend.core.errors import AppError, InvalidInput, NeedsHuman, TryLater
from backend.core.rules.configuration import BookingRules, FieldName, Mode
from backend.core.sync import journal
from backend.core.sync.commands import Command, CreateLead, Decision, LinkProducts, UpdateContact
from backend.core.sync.matching import person_mark
from backend.flows.reports import noting
from backend.flows.rules import contact_fields, products, schemas
from backend.flows.sync import answers, beside, persons, readings, waking
from backend.flows.sync.cases import Case
from backend.flows.work import Work
from backend.integrations.amocrm import apply as amocrm
from backend.integrations.amocrm.apply import Planned
from backend.integrations.amocrm.batches import Outcome
from backend.integrations.amocrm.client import AmoClient
from backend.store import alarms, configs, outbox, settlement
from backend.store import mirror as index
from backend.store.bookings import SeenBooking
from backend.store.events import Closing
from backend.store.links import LinkChange
from backend.store.outbox import PlannedRow
from backend.store.settlement import Answered

GONE = ("amocrm.lead_gone", "amocrm.contact_gone")
NOBODY = "amocrm.user_unknown"
AGAIN = timedelta(seconds=1)


def carry_out(work: Work, cases: Sequence[Case], client: AmoClient, rules: BookingRules) -> None:
    """One wave: plan, send, close. In `observe` the plan is kept as observed and nothing is sent."""
    cases = beside.prepared(work, cases, rules)
    for case in cases:
        _notify(work, case)
    observed = [case for case in cases if case.decision.commands and case.mode is not Mode.ACTIVE]
    acting = [case for case in cases if case.decision.commands and case.mode is Mode.ACTIVE]
    waiting = [case for case in cases if case.decision.wait]
    silent = [case for case in cases if not (case.decision.commands or case.decision.wait)]
    for case in waiting:
        _rest(work, case)
    waking.wake(work, [case for case in cases if not case.decision.wait])
    if observed:
        outbox.plan(work.lease, _planned_rows(observed, "observed"), work.ctx.now())
    _close(work, [*silent, *observed])
    if acting:
        _send(work, acting, client, rules)


def _rest(work: Work, case: Case) -> None:
    """Too early to decide: something is about to come. The journal says what is waited for."""
    events = [case.reading.event.id, *(event.id for event in case.reading.older)]
    work.dispose(TryLater(f"booking.{case.decision.reason}", after=case.decision.wait), events)


def _send(work: Work, acting: Sequence[Case], client: AmoClient, rules: BookingRules) -> None:
    fences = {case.facts.booking.branch_id: case.fence for case in acting if case.fence is not None}
    ids = outbox.plan(work.lease, _planned_rows(acting, "planned"), work.ctx.now(), fences)
    pairs = [(case.decision.subject, command) for case in acting for command in case.decision.commands]
    progress = _Progress(work, rules, dict(zip(ids, pairs, strict=True)))
    planned = [Planned(row_id, command) for row_id, (_, command) in progress.commands.items()]
    schema = schemas.load(work.account_id)
    fields = {f.id: f for f in (*schema.lead_fields, *schema.contact_fields)}
    sold = [command for _, command in pairs if isinstance(command, LinkProducts)]
    try:
        with work.writing(fences):
            elements = products.ready(work.account_id, client, rules.configuration, sold)
            amocrm.apply(client, fields, planned, progress.settle, schema.timezone, elements)
    finally:  # whatever stopped us, what was answered counts; the rest stays open for another attempt
        _close(work, [case for case in acting if progress.is_complete(case)])
        for case in acting:
            if error := progress.refusals.get(case.decision.subject):
                _refuse(work, case, error, client)


def _refuse(work: Work, case: Case, error: AppError, client: AmoClient) -> None:
    """The CRM does not want this one: rejected for good, or blocked until a person mends what it refers
    to.
    """
    events = [case.reading.event.id, *(event.id for event in case.reading.older)]
    if error.code == NOBODY:
        _look_who_works(work, error, client)
        work.count_attempt(error, events)
    elif isinstance(error, NeedsHuman):
        work.dispose(error, events)
    elif error.code in GONE:
        _forget_gone(work, case)
        work.count_attempt(error, events)
    else:
        decision = journal.decision(case.decision, case.facts)
        work.close(readings.closings(case.reading, "rejected", error.code, decision, str(error)))


def _look_who_works(work: Work, error: AppError, client: AmoClient) -> None:
    """A responsible user was dismissed: the account's users are read anew, the booking is decided again
    without that one, and a person is told (row I11).
    """
    schemas.refresh(work.account_id, client)
    who = str(error.details.get("value", ""))
    alarms.raise_alarm(work.account_id, "responsible_gone", "notice", who, {"user_id": who}, work.ctx.now())


def _forget_gone(work: Work, case: Case) -> None:
    """Deleted in the CRM, and the hook that told so was lost: the mirror learns it, the booking is decided
    anew.
    """
    for command in case.decision.commands:
        if isinstance(command, CreateLead) and isinstance(command.contact, int):
            index.mark_contact_deleted(work.account_id, command.contact)
        elif isinstance(command, UpdateContact):
            index.mark_contact_deleted(work.account_id, command.contact_id)
        elif not isinstance(command, CreateLead) and command.lead_id:
            index.mark_lead_deleted(work.account_id, command.lead_id)


def _close(work: Work, cases: Sequence[Case]) -> None:
    """Outcome of the event, newest state of the booking and what is remembered of it, in one transaction."""
    closings = [closing for case in cases for closing in _closings(case)]
    changes = [
        change
        for case in cases
        if case.mode is Mode.ACTIVE  # of a booking without a link it says nothing and is dropped
        for change in _remembered(case.decision)
    ]
    people = [(case.reading.booking, case.facts.contact) for case in cases]
    persons.remember(work.account_id, people, work.ctx.now())
    noting.note(work, [_figured(case) for case in cases])
    settlement.finish(work.lease, closings, [_seen(case) for case in cases], changes, work.ctx.now())
    work.forget(closing.event_id for closing in closings)


def _remembered(decision: Decision) -> list[LinkChange]:
    """Of the booking's own link, or of the one that leads its visit; then it goes with that one's lead."""
    about = decision.leader or decision.subject
    changes = [LinkChange(about, remembers=dict(decision.remembers), version=decision.version)]
    if decision.leader and decision.joins:
        changes.append(LinkChange(decision.subject, lead_id=decision.joins, is_additional=True))
    if decision.leaves:
        changes.append(LinkChange(decision.subject, is_released=True))
    return changes


def _closings(case: Case) -> list[Closing]:
    decision = journal.decision(case.decision, case.facts)
    return readings.closings(case.reading, "done", str(case.decision.reason), decision)


def _seen(case: Case) -> SeenBooking:
    booking = case.reading.booking
    snapshot = json.dumps(journal.booking(booking), ensure_ascii=False)
    lead_id = case.facts.link.lead_id if case.facts.link else None
    return SeenBooking(
        booking.key, case.reading.event.branch_id or 0, booking.record_id, booking.phase, booking.starts_at,
        booking.changed_at, case.reading.content_hash, snapshot, str(case.decision.reason), lead_id,
        case.decision.look_at, booking.visit_id or None, person_mark(booking),
    )  # fmt: skip


def _figured(case: Case) -> noting.Seen:
    return noting.Seen(case.reading.booking, case.reading.event.branch_id or 0, case.facts.contact)


def _notify(work: Work, case: Case) -> None:
    for code, key in case.decision.notices:
        alarms.raise_alarm(work.account_id, code, "notice", key, {"key": key}, work.ctx.now())


def _planned_rows(cases: Sequence[Case], status: str) -> list[PlannedRow]:
    return [
        PlannedRow(
            case.reading.event.id, position, case.decision.subject, type(command).__name__,
            journal.command(command), status,
        )
        for case in cases
        for position, command in enumerate(case.decision.commands)
    ]  # fmt: skip


@dataclass
class _Progress:
    """What the CRM has answered so far; every answer is stored before the next request goes out. `commands`
    stand with the subject of the decision that asked for them.
    """

    work: Work
    rules: BookingRules
    commands: dict[int, tuple[str, Command]]
    done: set[int] = field(default_factory=set)
    refusals: dict[str, AppError] = field(default_factory=dict)

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        now = self.work.ctx.now()
        answered = Answered()
        for outcome in outcomes:
            subject, command = self.commands[outcome.row_id]
            self._note_broken_fields(outcome)
            answers.note(answered, command, outcome, now)
            if outcome.status == "done":
                self.done.add(outcome.row_id)
            else:
                error = outcome.error or InvalidInput("amocrm.refused")
                self.refusals.setdefault(subject, error)
        settlement.settle(self.work.lease, answered, now)

    def is_complete(self, case: Case) -> bool:
        key = case.decision.subject
        mine = [row_id for row_id, (subject, _) in self.commands.items() if subject == key]
        return key not in self.refusals and all(row_id in self.done for row_id in mine)

    def _note_broken_fields(self, outcome: Outcome) -> None:
        """An administrator deleted a field: bookings go on without it, and a person is told (row H14)."""
        names = {field_id: name for name, field_id in self.rules.field_ids.items()}
        for field_id in outcome.broken_fields:
            name = names.get(field_id, FieldName.KEY)
            if contact_fields.note_broken(self.work.account_id, field_id, self.work.ctx.now()):
                continue
            configs.mark_field_broken(self.work.account_id, name)
            now = self.work.ctx.now()
            alarms.raise_alarm(
                self.work.account_id, "amocrm.field_gone", "field", name, {"field_id": field_id}, now
            )
