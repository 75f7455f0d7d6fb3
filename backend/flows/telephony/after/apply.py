"""Carrying decisions about calls out: written down first, equal commands of several calls in one request,
each answer settled at once, each call closed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from backend.core.crm_values import FieldValue
from backend.core.errors import AppError, InvalidInput, NeedsHuman
from backend.core.rules.configuration import BookingRules, FieldName
from backend.core.telephony.after.commands import (
    AddMissedTask,
    CallCommand,
    GiveContact,
    MakeIncoming,
    MakeLead,
    NoteCall,
    Notify,
    key_of,
)
from backend.core.telephony.after.facts import CallReason
from backend.core.telephony.rules import Entity
from backend.flows.rules import schemas
from backend.flows.telephony.after import answers, became, companies, facts, planned
from backend.flows.telephony.after.cases import CallCase
from backend.flows.work import Work
from backend.integrations.amocrm import calls as amocrm
from backend.integrations.amocrm.calls import Planned
from backend.integrations.amocrm.calls_sent import Outcome
from backend.integrations.amocrm.client import AmoClient
from backend.store import alarms, configs, mirror, outbox
from backend.store.events import Closing
from backend.store.outbox import PlannedRow
from backend.store.telephony import calls, settling
from backend.store.telephony.settling import Answered, Crm

NOBODY_WORKS = "amocrm.user_unknown"
IGNORED = frozenset({
    CallReason.OFF, CallReason.INTERNAL, CallReason.UNKNOWN_WAY, CallReason.EXCLUDED, CallReason.OWN_NUMBER,
    CallReason.HOOK_SKIPPED, CallReason.UNREACHED,
})  # fmt: skip


def carry_out(
    work: Work, cases: Sequence[CallCase], client: AmoClient, rules: BookingRules
) -> list[CallCase]:
    """One wave: plan, send, close. Returns those that the CRM knows nobody for: they are to be decided once
    more, now that this is known.
    """
    cases = [_told(work, case) for case in cases]
    _close(work, [case for case in cases if not case.decision.commands])
    acting = [case for case in cases if case.decision.commands]
    return _send(work, acting, client, rules) if acting else []


def _send(work: Work, acting: Sequence[CallCase], client: AmoClient, rules: BookingRules) -> list[CallCase]:
    key_field = rules.field_ids.get(FieldName.KEY)
    pairs = [(case, _keyed(command, key_field)) for case in acting for command in case.decision.commands]
    ids = outbox.plan(work.lease, _rows(acting, key_field), work.ctx.now())
    schema = schemas.load(work.account_id)
    commands_of = dict(zip(ids, pairs, strict=True))
    progress = _Progress(work, commands_of, facts.incoming_stages(work.account_id), key_field)
    fields = {one.id: one for one in (*schema.lead_fields, *schema.contact_fields)}
    commands = [Planned(row_id, command) for row_id, (_, command) in progress.commands.items()]
    try:
        amocrm.apply(client, fields, commands, progress.settle, schema.timezone)
    finally:  # whatever stopped us, what was answered counts; the rest stays open for another attempt
        _close(work, [case for case in acting if progress.is_complete(case)])
        again = [case for case in acting if progress.is_stranger(case)]
        for case in acting:
            error = progress.refusals.get(case.uniq)
            if error is not None and error.code != answers.NOBODY:
                _refuse(work, case, error, client)
    commands_sent = [command for case in acting for command in case.decision.commands]
    facts.learn_incoming(work.account_id, client, commands_sent)
    return again


def _told(work: Work, case: CallCase) -> CallCase:
    """What a person should see is shown here; the CRM hears nothing of it."""
    notices = [one for one in case.decision.commands if isinstance(one, Notify)]
    crm: Crm = case.heard.row.crm or {}
    for one in notices:
        about, details = one.about or str(case.heard.row.id), dict(one.details)
        alarms.raise_alarm(work.account_id, one.code, "notice", about, details, work.ctx.now())
        crm = became.after(crm, one, Outcome(0))
    case.heard.row.crm = crm
    rest = tuple(one for one in case.decision.commands if not isinstance(one, Notify))
    return replace(case, decision=replace(case.decision, commands=rest))


def _refuse(work: Work, case: CallCase, error: AppError, client: AmoClient) -> None:
    """The CRM does not want this one: blocked until a person mends what it refers to, decided again when
    something was gone, or kept for a person.
    """
    events = case.heard.events
    if error.code == NOBODY_WORKS:
        schemas.refresh(work.account_id, client)
        work.count_attempt(error, events)
    elif isinstance(error, NeedsHuman):
        work.dispose(error, events)
    elif error.code == amocrm.PLACE_GONE:
        _forget_gone(work, case)
        work.count_attempt(error, events)
    elif isinstance(error, InvalidInput):
        _close(work, [case], error)
    else:
        work.dispose(error, events)


def _forget_gone(work: Work, case: CallCase) -> None:
    """Deleted in the CRM, and the hook that told so was lost: the mirror learns it, the call is decided
    anew.
    """
    for command in case.decision.commands:
        match command:
            case (
                MakeLead(company_id=int())
                | NoteCall(entity=Entity.COMPANY)
                | AddMissedTask(entity=Entity.COMPANY)
            ):
                companies.forget(work, case.heard.row)
            case MakeLead(contact=int() as contact_id) | GiveContact(contact_id=contact_id):
                mirror.mark_contact_deleted(work.account_id, contact_id)
            case _ if getattr(command, "entity_id", None):
                is_lead = getattr(command, "entity", None) is Entity.LEAD
                gone = mirror.mark_lead_deleted if is_lead else mirror.mark_contact_deleted
                gone(work.account_id, getattr(command, "entity_id", 0))


def _close(work: Work, cases: Sequence[CallCase], error: AppError | None = None) -> None:
    """Outcome of the events, state of the calls and why, in one transaction."""
    closings: list[Closing] = []
    became_: dict[str, tuple[str, Crm]] = {}
    for case in cases:
        status, reason = ("rejected", error.code) if error else ("done", str(case.decision.reason))
        said = str(error) if error else None
        closings.append(Closing(case.heard.event.id, status, reason, error=said))
        closings += [Closing(one.id, "superseded") for one in case.heard.older]
        crm = became.explained(case.heard.row.crm, case.decision)
        became_[case.uniq] = (_state(case, error), {**crm, "error": said} if said else crm)
    settling.finish(work.lease, closings, became_, work.ctx.now())
    work.forget(closing.event_id for closing in closings)


def _state(case: CallCase, error: AppError | None) -> str:
    reason = case.decision.reason
    if error is not None or reason is CallReason.REFUSED:
        return calls.REFUSED
    return calls.IGNORED if reason in IGNORED else calls.HANDLED


def _rows(cases: Sequence[CallCase], key_field: int | None) -> list[PlannedRow]:
    return [
        PlannedRow(
            case.heard.event.id, position, key_of(case.uniq), type(command).__name__,
            planned.payload(_keyed(command, key_field)),
        )
        for case in cases
        for position, command in enumerate(case.decision.commands)
    ]  # fmt: skip


def _keyed(command: CallCommand, key_field: int | None) -> CallCommand:
    """With the value by which its lead is found again after a cut."""
    if not isinstance(command, MakeLead | MakeIncoming) or key_field is None:
        return command
    key = FieldValue(key_field, key_of(command.uniq))
    return replace(command, fields=(key, *(one for one in command.fields if one.field_id != key_field)))


@dataclass
class _Progress:
    """What the CRM has answered so far; every answer is stored before the next request goes out."""

    work: Work
    commands: Mapping[int, tuple[CallCase, CallCommand]]
    incoming_stages: dict[int, int]
    key_field: int | None
    done: set[int] = field(default_factory=set)
    refusals: dict[str, AppError] = field(default_factory=dict)

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        answered = Answered()
        for outcome in outcomes:
            case, command = self.commands[outcome.row_id]
            self._note_broken_fields(outcome)
            answers.note(answered, case.heard.row, command, outcome, self.incoming_stages)
            if case.uniq in answered.crm:  # a cut must not take the reason away
                answered.crm[case.uniq] = became.explained(answered.crm[case.uniq], case.decision)
            if outcome.status == "done":
                self.done.add(outcome.row_id)
            else:
                self._refused(case.uniq, _error(outcome))
        settling.settle(self.work.lease, answered, self.work.ctx.now())
        for case, _ in self.commands.values():
            if case.uniq in answered.crm:
                case.heard.row.crm = answered.crm[case.uniq]

    def _refused(self, uniq: str, error: AppError) -> None:
        """That nobody has the number is the least of it: the next decision knows what to do then."""
        known = self.refusals.get(uniq)
        if known is None or known.code == answers.NOBODY:
            self.refusals[uniq] = error

    def is_complete(self, case: CallCase) -> bool:
        mine = [row_id for row_id, (one, _) in self.commands.items() if one.uniq == case.uniq]
        return case.uniq not in self.refusals and all(row_id in self.done for row_id in mine)

    def is_stranger(self, case: CallCase) -> bool:
        """Everything of it was done but the log: nobody has this number."""
        error = self.refusals.get(case.uniq)
        mine = [row_id for row_id, (one, _) in self.commands.items() if one.uniq == case.uniq]
        missing = [row_id for row_id in mine if row_id not in self.done]
        return error is not None and error.code == answers.NOBODY and len(missing) == 1

    def _note_broken_fields(self, outcome: Outcome) -> None:
        """A field is gone or does not take the value: the call is written without it, and a person is told.
        Our key field alone is made anew.
        """
        for field_id in outcome.broken_fields:
            if field_id == self.key_field:
                configs.mark_field_broken(self.work.account_id, FieldName.KEY)
            details, now = {"field_id": field_id}, self.work.ctx.now()
            alarms.raise_alarm(
                self.work.account_id, "telephony.field_gone", "notice", str(field_id), details, now
            )


def _error(outcome: Outcome) -> AppError:
    if outcome.gone:
        return InvalidInput(amocrm.PLACE_GONE)
    return outcome.error or InvalidInput("amocrm.refused")
