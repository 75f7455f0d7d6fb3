"""What rules would have done with a call of the past: as if nothing had been done with it yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from backend.core.crm_values import NewContact
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
    NoteCall,
)
from backend.core.telephony.after.facts import CallDecision, CallFacts, CallReason, Written
from backend.core.telephony.rules import Entity

NOTHING = frozenset(
    {CallReason.OFF, CallReason.GOING_ON, CallReason.INTERNAL, CallReason.UNKNOWN_WAY, CallReason.EXCLUDED,
     CallReason.OWN_NUMBER, CallReason.HOOK_SKIPPED}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that rules do, as people compare it: `call_effect.<code>` with a user, a place, a text."""

    code: str
    user_id: int | None = None
    pipeline_id: int | None = None
    stage_id: int | None = None
    text: str = ""


def untouched(facts: CallFacts) -> CallFacts:
    """The facts without what we made of this very call."""
    written, contact = facts.written, facts.contact
    is_ours = contact is not None and contact.id == written.contact_id
    task = facts.open_task
    return replace(
        facts,
        contact=None if is_ours else contact,
        responsible_id=None if is_ours else facts.responsible_id,
        open_leads=() if is_ours else tuple(lead for lead in facts.open_leads if lead.id != written.lead_id),
        incoming_lead=None if written.incoming else facts.incoming_lead,
        open_task=None if task and task.uniq == facts.call.uniq else task,
        written=Written(),
    )


def effects(decision: CallDecision) -> tuple[Effect, ...]:
    """In the order in which they happen; a call that is left out has one effect, the reason."""
    if decision.reason in NOTHING:
        return (Effect(f"none.{decision.reason}"),)
    found = tuple(effect for command in decision.commands for effect in _of(command))
    notes = sum(effect.code == "note" for effect in found)
    if notes > 1:
        found = (*(one for one in found if one.code != "note"), Effect("notes", text=str(notes)))
    return found or (Effect(f"none.{decision.reason}"),)


def _of(command: CallCommand) -> Iterator[Effect]:
    """What is made and whose it is, then what is told beside it."""
    match command:
        case MakeContact(contact=contact):
            yield Effect("contact", contact.responsible_id or None)
        case MakeLead(contact=contact):
            code = "contact_and_lead" if isinstance(contact, NewContact) else "lead"
            yield Effect(code, command.responsible_id or None, command.pipeline_id, command.stage_id)
        case MakeIncoming():
            yield Effect("incoming", command.logged.user_id, command.pipeline_id)
        case GiveContact(user_id=user_id):
            yield Effect("give", user_id)
        case _:
            yield from _beside(command)


def _beside(command: CallCommand) -> Iterator[Effect]:
    match command:
        case LogCall(logged=logged):
            yield Effect("log", logged.user_id)
        case NoteCall(logged=logged):
            yield Effect("note", logged.user_id)
        case FillFields(entity=entity, fields=fields):
            code = "fill_lead" if entity is Entity.LEAD else "fill_contact"
            yield Effect(code, text=", ".join(str(one.value) for one in fields))
        case AddMissedTask(text=text, responsible_id=user_id):
            yield Effect("task", user_id or None, text=text)
        case CloseMissedTask():
            yield Effect("close_task")
        case _:
            return
