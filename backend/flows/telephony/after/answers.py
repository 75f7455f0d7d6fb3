"""What an answer of the CRM makes true of a call: in the outbox, in its row, in our copy of the CRM."""

from __future__ import annotations

from collections.abc import Iterable

from backend.core.crm import Contact, Lead
from backend.core.crm_values import FieldValue, NewContact
from backend.core.money import Kopecks
from backend.core.sync import leads as texts
from backend.core.telephony.after.commands import (
    AddMissedTask,
    CallCommand,
    CloseMissedTask,
    FillFields,
    GiveContact,
    LogCall,
    MakeContact,
    MakeIncoming,
    MakeLead,
)
from backend.core.telephony.rules import Entity
from backend.flows.telephony.after import became
from backend.integrations.amocrm.calls_sent import Outcome
from backend.store.outbox import Settled
from backend.store.own_writes import ContactPatch, LeadPatch
from backend.store.telephony.call_tasks import NewTask
from backend.store.telephony.calls import CallRow
from backend.store.telephony.settling import Answered, Crm

NOBODY = "calls.nobody_with_number"


def note(
    answered: Answered, row: CallRow, command: CallCommand, outcome: Outcome, incoming_stages: dict[int, int]
) -> None:
    """Adds what this outcome makes true. `row.crm` is what the call knew before; `incoming_stages`: pipeline
    → its «Неразобранное».
    """
    is_done = outcome.status == "done"
    error = str(outcome.error) if outcome.error else None
    answered.results[outcome.row_id] = Settled("done" if is_done else "failed", outcome.response, error)
    before: Crm = answered.crm.get(row.uniq, row.crm or {})
    if is_done:
        answered.crm[row.uniq] = became.after(before, command, outcome)
        _copy(answered, row, command, outcome, incoming_stages)
    elif isinstance(command, LogCall) and outcome.error and outcome.error.code == NOBODY:
        answered.crm[row.uniq] = {**before, "is_refused": True}


def _copy(
    answered: Answered, row: CallRow, command: CallCommand, outcome: Outcome, incoming_stages: dict[int, int]
) -> None:
    """Our own write, so that the next decision knows it before any hook tells."""
    match command:
        case MakeContact() if outcome.contact_id:
            answered.people.append(_person(outcome.contact_id, command.contact))
        case MakeLead() if outcome.lead_id:
            answered.patches.append(_lead(command, outcome))
        case MakeIncoming() if outcome.lead_id and command.pipeline_id in incoming_stages:
            answered.patches.append(_incoming(command, outcome, incoming_stages[command.pipeline_id]))
        case GiveContact():
            answered.met.append(ContactPatch(command.contact_id, responsible_id=command.user_id))
            changes = {"responsible_id": command.user_id}
            answered.patches.extend(LeadPatch(lead_id, changes=changes) for lead_id in command.lead_ids)
        case FillFields(entity=Entity.LEAD):
            answered.patches.append(LeadPatch(command.entity_id, fields=_shown(command.fields)))
        case AddMissedTask() if outcome.made_id:
            answered.tasks.append(_task(row, command, outcome.made_id))
        case CloseMissedTask():
            answered.done_tasks[command.task_id] = "" if outcome.gone else row.uniq
        case _:
            pass


def _person(contact_id: int, made: NewContact) -> Contact:
    phones = (made.phone,) if made.phone else ()
    return Contact(contact_id, made.name, phones, responsible_id=made.responsible_id or None)


def _lead(command: MakeLead, outcome: Outcome) -> LeadPatch:
    made, lead_id = command.contact, outcome.lead_id or 0
    contact_id = outcome.contact_id
    lead = Lead(
        lead_id, command.pipeline_id, command.stage_id, Kopecks(0), command.name, command.responsible_id,
        (contact_id,) if contact_id else (), command.tags, _shown(command.fields),
    )  # fmt: skip
    if isinstance(made, NewContact) and contact_id:
        return LeadPatch(lead_id, created=lead, contact=_person(contact_id, made), person_keys=made.keys)
    return LeadPatch(lead_id, created=lead)


def _incoming(command: MakeIncoming, outcome: Outcome, stage_id: int) -> LeadPatch:
    lead_id, contact_id = outcome.lead_id or 0, outcome.contact_id
    lead = Lead(
        lead_id, command.pipeline_id, stage_id, Kopecks(0), command.name,
        contact_ids=(contact_id,) if contact_id else (), tags=command.tags, fields=_shown(command.fields),
        created_at=command.logged.at,
    )  # fmt: skip
    person = _person(contact_id, command.contact) if contact_id else None
    return LeadPatch(lead_id, created=lead, contact=person, person_keys=command.contact.keys)


def _task(row: CallRow, command: AddMissedTask, task_id: int) -> NewTask:
    entity = command.entity.value if command.entity else None
    return NewTask(
        task_id, row.client_key, row.uniq, entity, command.entity_id, command.responsible_id, row.began_at,
        command.due,
    )  # fmt: skip


def _shown(values: Iterable[FieldValue]) -> tuple[tuple[int, str], ...]:
    return tuple((one.field_id, text) for one in values for text in texts.shown(one.value).split("\n"))
