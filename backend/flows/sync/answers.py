"""What an answer of the CRM makes true: in the outbox, in the booking's link, in our own copy of the lead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from backend.core.crm import Contact, Lead
from backend.core.sync import leads
from backend.core.sync.commands import (
    AddNote,
    AddTask,
    Command,
    CreateLead,
    FieldValue,
    LinkProducts,
    NewContact,
    ReplaceContact,
    UpdateContact,
    UpdateLead,
)
from backend.integrations.amocrm.batches import Outcome
from backend.store.links import LinkChange
from backend.store.outbox import Settled
from backend.store.own_writes import ContactPatch, LeadPatch
from backend.store.settlement import Answered


def note(answered: Answered, command: Command, outcome: Outcome, now: datetime) -> None:
    """Adds what this outcome of this command makes true."""
    answered.results[outcome.row_id] = _settled(outcome)
    if outcome.status == "done":
        if isinstance(command, CreateLead) and outcome.lead_id:
            answered.made[outcome.row_id] = outcome.lead_id
        answered.changes.append(_link_change(command, outcome, now))
        answered.demoted.extend(_demoted(command))
        answered.patches.extend(_lead_patches(command, outcome, now))
        answered.met.extend(_contact_patches(command, outcome))


def _settled(outcome: Outcome) -> Settled:
    status = "done" if outcome.status == "done" else "failed"
    return Settled(status, outcome.response, str(outcome.error) if outcome.error else None)


def _link_change(command: Command, outcome: Outcome, now: datetime) -> LinkChange:
    """What became true of the booking by this command."""
    remembers = dict(command.remembers)
    match command:
        case CreateLead():
            return LinkChange(
                command.key, outcome.lead_id, command.direction, _contact_id(command, outcome),
                remembers=remembers, stage_id=command.stage_id, stage_at=now, opened_by_us=True,
                share=command.share,
            )  # fmt: skip
        case UpdateLead():
            moved = now if command.stage_id else None
            change = LinkChange(
                command.key, remembers=remembers, stage_id=command.stage_id, stage_at=moved,
                direction=command.redirects, is_released=command.releases, share=command.share,
            )  # fmt: skip
            if command.attaches is None:
                return change
            return replace(change, lead_id=command.lead_id, direction=command.attaches, opened_by_us=False)
        case ReplaceContact():
            return LinkChange(
                command.key, contact_id=outcome.contact_id, remembers=remembers, share=command.share
            )
        case AddNote() | AddTask():
            return LinkChange(command.key, remembers=remembers, share=command.share)
        case UpdateContact() | LinkProducts():
            return LinkChange(command.key, remembers=remembers)
        case _:
            assert_never(command)


def _contact_id(command: CreateLead, outcome: Outcome) -> int | None:
    return outcome.contact_id or (command.contact if isinstance(command.contact, int) else None)


def _lead_patches(command: Command, outcome: Outcome, now: datetime) -> list[LeadPatch]:
    """Our own write, so that the mirror knows it before any hook tells."""
    match command:
        case CreateLead():
            contact_id = _contact_id(command, outcome)
            lead = Lead(
                outcome.lead_id or 0, command.pipeline_id, command.stage_id, command.price, command.name,
                command.responsible_id, (contact_id,) if contact_id else (), command.tags,
                _shown(command.fields), created_at=now,
            )  # fmt: skip
            return [_created(command, lead)]
        case UpdateLead():
            written = {
                "name": command.name, "price": command.price,
                "pipeline_id": command.pipeline_id, "stage_id": command.stage_id,
            }  # fmt: skip
            changes = {name: value for name, value in written.items() if value is not None}
            return [LeadPatch(command.lead_id, changes=changes, fields=_shown(command.fields))]
        case ReplaceContact() if outcome.contact_id:
            contact, came = command.contact, outcome.contact_id
            phones = (contact.phone,) if isinstance(contact, NewContact) and contact.phone else ()
            new = Contact(came, contact.name, phones) if isinstance(contact, NewContact) else None
            keys = contact.keys if isinstance(contact, NewContact) else ()
            return [LeadPatch(command.lead_id, contact=new, person_keys=keys, main_contact=came)]
        case _:
            return []


def _contact_patches(command: Command, outcome: Outcome) -> list[ContactPatch]:
    """What a contact has from now on, and what of it we wrote."""
    match command:
        case UpdateContact():
            return [
                ContactPatch(
                    command.contact_id, command.name, command.phones, command.cards, dict(command.applied)
                )
            ]
        case CreateLead(contact=NewContact() as contact) | ReplaceContact(contact=NewContact() as contact):
            made = outcome.contact_id
            return [ContactPatch(made, applied=dict(contact.applied))] if made and contact.applied else []
        case _:
            return []


def _shown(values: Sequence[FieldValue]) -> tuple[tuple[int, str], ...]:
    return tuple(
        (value.field_id, text) for value in values for text in (leads.shown(value.value).split("\n"))
    )


def _created(command: CreateLead, lead: Lead) -> LeadPatch:
    contact = command.contact
    if not isinstance(contact, NewContact) or not lead.contact_ids:
        return LeadPatch(lead.id, created=lead)
    phones = (contact.phone,) if contact.phone else ()
    made = Contact(lead.contact_ids[0], contact.name, phones, responsible_id=contact.responsible_id or None)
    return LeadPatch(lead.id, created=lead, contact=made, person_keys=contact.keys)


def _demoted(command: Command) -> tuple[str, ...]:
    """Keys of bookings whose lead this command took over."""
    return (command.demotes,) if isinstance(command, UpdateLead) and command.demotes else ()
