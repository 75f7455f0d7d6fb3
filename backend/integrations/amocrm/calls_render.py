"""Commands about calls → amoCRM's JSON (amocrm.md §3.9, §3.11, §3.14, §7).

Whoever is author, responsible and «who» of a call at once has it counted in amoCRM's reports.
"""

from __future__ import annotations

from backend.core.money import Kopecks
from backend.core.sync.commands import CreateLead
from backend.core.telephony.after.commands import (
    AddMissedTask,
    FillFields,
    LogCall,
    Logged,
    MakeIncoming,
    MakeLead,
    NoteCall,
)
from backend.core.telephony.after.facts import SOURCE
from backend.core.telephony.call import Way
from backend.core.telephony.rules import Entity
from backend.integrations.amocrm import render
from backend.integrations.amocrm.render import FOLLOW_UP, NAME_LENGTH, Terms
from backend.integrations.http import JsonObject

DIRECTIONS = {Way.IN: "inbound", Way.OUT: "outbound"}
NOTES = {Way.IN: "call_in", Way.OUT: "call_out"}
COLLECTIONS = {Entity.LEAD: "leads", Entity.CONTACT: "contacts", Entity.COMPANY: "companies"}
SOURCE_TITLE = "Мостик"  # what people see as the source of a call in «Неразобранное»


def lead(command: MakeLead, terms: Terms) -> JsonObject:
    made = CreateLead(
        command.key, "", command.name, command.pipeline_id, command.stage_id, command.responsible_id,
        Kopecks(0), command.contact or 0, fields=command.fields, tags=command.tags,
    )  # fmt: skip
    body = {name: value for name, value in render.new_lead(made, terms).items() if name != "price"}
    return {**body, "_embedded": {"companies": [{"id": command.company_id}]}} if command.company_id else body


def incoming(command: MakeIncoming, terms: Terms) -> JsonObject:
    """`uniq` makes a repetition known to amoCRM; the lead carries our key like any other."""
    told = command.logged
    began = int(told.at.timestamp())
    lead_body: JsonObject = {
        "name": render.shortened(command.name, NAME_LENGTH),
        "custom_fields_values": render.custom_fields(
            [one for one in command.fields if one.value not in (None, "", ())], terms
        ),
        "tags_to_add": [{"name": tag} for tag in command.tags],
    }
    return {
        "source_uid": SOURCE,
        "source_name": SOURCE_TITLE,
        "pipeline_id": command.pipeline_id,
        "created_at": began,
        "_embedded": {
            "leads": [{name: value for name, value in lead_body.items() if value != []}],
            "contacts": [render.new_contact(command.contact, terms)],
        },
        "metadata": {
            "phone": told.number,
            "call_responsible": told.user_id or told.who,
            "called_at": began,
            "duration": told.seconds,
            "link": told.link,
            "service_code": SOURCE,
            "uniq": command.uniq,
            "is_call_event_needed": True,
        },
    }


def call(command: LogCall) -> JsonObject:
    told = command.logged
    return {"direction": DIRECTIONS[told.way], **_facts(command.uniq, told), **_whose(told), **_when(told)}


def note(command: NoteCall, entity_id: int) -> JsonObject:
    """A copy has no author of ours and starts no robots: the call happened once."""
    told = command.logged
    whose = _whose(told) if command.counts else {}
    authors = ("created_by", "responsible_user_id")
    body: JsonObject = {name: whose[name] for name in authors if name in whose}
    params = {**_facts(command.uniq, told), "call_responsible": told.user_id or told.who}
    return {
        "entity_id": entity_id,
        "note_type": NOTES[told.way],
        "params": params,
        **body,
        **_when(told),
        **({} if command.counts else {"is_need_to_trigger_digital_pipeline": False}),
    }


def task(command: AddMissedTask, entity_id: int | None) -> JsonObject:
    body: JsonObject = {
        "task_type_id": FOLLOW_UP,
        "text": command.text,
        "complete_till": int(command.due.timestamp()),
    }
    if command.entity is not None:
        body |= {"entity_id": entity_id, "entity_type": COLLECTIONS[command.entity]}
    if command.responsible_id:
        body["responsible_user_id"] = command.responsible_id
    return body


def filled(command: FillFields, terms: Terms) -> JsonObject:
    return {"id": command.entity_id, "custom_fields_values": render.custom_fields(command.fields, terms)}


def _facts(uniq: str, told: Logged) -> JsonObject:
    """What was not said is left out: amoCRM breaks on an empty status or result (amocrm.md §7.1)."""
    body: JsonObject = {
        "uniq": uniq, "duration": told.seconds, "source": SOURCE, "phone": told.number, "link": told.link,
        "call_result": told.result, "call_status": told.status,
    }  # fmt: skip
    return {name: value for name, value in body.items() if value not in (None, "")}


def _whose(told: Logged) -> JsonObject:
    if told.user_id is None:
        return {"call_responsible": told.who} if told.who else {}
    users = ("call_responsible", "responsible_user_id", "created_by")
    return dict.fromkeys(users, told.user_id)


def _when(told: Logged) -> JsonObject:
    return {"created_at": int(told.at.timestamp())}
