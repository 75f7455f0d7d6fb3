"""A decision about a call carried out in thought: facts as they are when everything has been done."""

from dataclasses import replace

from backend.core.crm import Contact, Lead
from backend.core.telephony.after import commands as c
from backend.core.telephony.after.facts import OpenTask
from backend.core.telephony.rules import Entity

NEW_CONTACT, NEW_LEAD, NEW_TASK = 910_001, 900_001, 800_001


def carried_out(facts, decision):
    """What CallFacts would be gathered now."""
    for command in decision.commands:
        facts = _done(facts, command)
    return facts


def _done(facts, command):
    return DEEDS[type(command)](facts, command)


def _lead(facts, command):
    if not isinstance(command.contact, int):
        facts = _with_contact(facts, command.contact)
    lead = Lead(
        NEW_LEAD, command.pipeline_id, command.stage_id, 0, responsible_id=command.responsible_id,
        fields=_pairs(command.fields), created_at=facts.now,
    )  # fmt: skip
    return _written(facts, open_leads=(*facts.open_leads, lead), lead_id=NEW_LEAD)


def _note(facts, command):
    entity_id = command.entity_id or (NEW_LEAD if command.entity is Entity.LEAD else NEW_CONTACT)
    return _written(facts, notes=facts.written.notes | {(command.entity, entity_id)})


def _given(facts, command):
    leads = tuple(
        replace(one, responsible_id=command.user_id) if one.id in command.lead_ids else one
        for one in facts.open_leads
    )
    contact = replace(facts.contact, responsible_id=command.user_id)
    changed = replace(facts, responsible_id=command.user_id)
    given = facts.written.given | {command.contact_id}
    return _written(changed, contact=contact, open_leads=leads, given=given)


def _task(facts, command):
    task = OpenTask(NEW_TASK, command.uniq, facts.call.began_at)
    return replace(_written(facts, task_id=NEW_TASK), open_task=task)


def _closed(facts, command):
    return replace(_written(facts, closed=facts.written.closed | {command.task_id}), open_task=None)


DEEDS = {
    c.MakeContact: lambda facts, command: _with_contact(facts, command.contact),
    c.MakeLead: _lead,
    c.MakeIncoming: lambda facts, _: replace(_written(facts, incoming="u1"), incoming_lead=NEW_LEAD),
    c.LogCall: lambda facts, _: _written(facts, is_logged=True),
    c.NoteCall: _note,
    c.GiveContact: _given,
    c.FillFields: lambda facts, command: _written(
        facts, filled=facts.written.filled | {(command.entity, command.entity_id)}
    ),
    c.AddMissedTask: _task,
    c.CloseMissedTask: _closed,
    c.Notify: lambda facts, command: _written(facts, told=facts.written.told | {command.code}),
}


def _with_contact(facts, new):
    contact = Contact(
        NEW_CONTACT, new.name, (new.phone,), fields=_pairs(new.fields), created_at=facts.now,
        created_by=0, responsible_id=new.responsible_id,
    )  # fmt: skip
    return _written(facts, contact=contact, contact_id=NEW_CONTACT)


def _written(facts, **changes):
    whole = {name: changes.pop(name) for name in ("contact", "open_leads") if name in changes}
    return replace(facts, **whole, written=replace(facts.written, **changes))


def _pairs(fields):
    return tuple((one.field_id, one.value) for one in fields)
