"""Calls that come into «Неразобранное» (amocrm.md §3.14): inbound ones, each with a contact and a lead."""

from __future__ import annotations

from typing import Any

from sandbox.amocrm import hooks
from sandbox.amocrm.checks import Check, Json, items_of, prepared, request_id
from sandbox.amocrm.contacts import create_contact, read_contact
from sandbox.amocrm.deals import create_lead, read_lead
from sandbox.amocrm.http import Reply, Request, hal, route
from sandbox.amocrm.incoming import arrived, unsorted_stage
from sandbox.amocrm.models import ROBOT, Account, Incoming
from sandbox.amocrm.notes import add_note

KEYS = {
    "request_id": "string", "source_uid": "string", "source_name": "string", "pipeline_id": "int",
    "created_at": "time", "_embedded": "object", "metadata": "object",
}  # fmt: skip
REQUIRED = ("source_uid", "source_name", "_embedded", "metadata")
TOLD = {
    "phone": "string", "called_at": "time", "duration": "int", "link": "string", "service_code": "string",
    "uniq": "string", "is_call_event_needed": "bool",
}  # fmt: skip
OPTIONAL = ("from", "call_responsible")


@route("POST", "leads/unsorted/sip")
def called(request: Request) -> Reply:
    account, items = request.account, items_of(request)
    drafts = prepared(items, lambda item, check: _read(account, item, check))
    rows = []
    for place, (item, draft) in enumerate(zip(items, drafts, strict=True)):
        incoming = _made(account, item, *draft)
        lead = account.leads.rows[incoming.lead_id]
        contacts = [{"id": one, "_links": request.links(f"contacts/{one}")} for one in lead.contacts]
        embedded = {
            "contacts": contacts,
            "leads": [{"id": lead.id, "_links": request.links(f"leads/{lead.id}")}],
            "companies": [],
        }
        named = {"uid": incoming.uid, "account_id": account.id, "request_id": request_id(item, place)}
        links = request.links(f"leads/unsorted/{incoming.uid}")
        rows.append({**named, "_links": links, "_embedded": embedded})
    return hal({"_total_items": len(rows), "_embedded": {"unsorted": rows}}, rows=len(rows))


def _made(account: Account, item: Json, lead_draft: Json, contact_drafts: list[Json]) -> Incoming:
    """The contact stands in no list until somebody accepts; the call is in the lead's feed when asked."""
    told = dict(item["metadata"])
    account.incoming_calls.add((item["source_uid"], told["uniq"]))
    needs_event = told.pop("is_call_event_needed", False)
    with hooks.silence(account):
        people = [create_contact(account, draft, ROBOT) for draft in contact_drafts]
        for person in people:
            person.is_unsorted = True
        lead = create_lead(account, lead_draft, {person.id: True for person in people}, ROBOT)
        if needs_event:
            params = {**told, "source": told["service_code"]}
            body: Json = {"note_type": "call_in", "params": params, "created_at": told["called_at"]}
            add_note(account, "leads", lead.id, body, ROBOT)
    incoming = arrived(account, lead, item["source_name"], "sip", told)
    incoming.created_at = item.get("created_at", incoming.created_at)
    return incoming


def _read(account: Account, item: Json, check: Check) -> tuple[Json, list[Json]]:
    check.shape(item, KEYS)
    for key in REQUIRED:
        if key not in item:
            check.refuse("FieldMissing", key)
    if check.errors:
        return {}, []
    _read_metadata(account, item, check)
    pipeline = account.pipelines.get(item.get("pipeline_id") or account.main_pipeline().id)
    if pipeline is None:
        check.refuse("NotSupportedChoice", "pipeline_id")
        return {}, []
    embedded = item["_embedded"]
    leads, people = embedded.get("leads") or [{}], embedded.get("contacts") or []
    lead = read_lead(account, None, dict(leads[0]), check)
    lead |= {"pipeline_id": pipeline.id, "status_id": unsorted_stage(account, pipeline)}
    return lead, [
        read_contact(account, dict(one), check, f"_embedded.contacts.{place}.")
        for place, one in enumerate(people)
    ]


def _read_metadata(account: Account, item: Json, check: Check) -> None:
    told: dict[str, Any] = item["metadata"]
    check.shape({k: v for k, v in told.items() if k not in OPTIONAL}, TOLD, "metadata.")
    for key in (*TOLD, "call_responsible"):
        if key not in told and key != "is_call_event_needed":
            check.refuse("FieldMissing", f"metadata.{key}")
    same = (item["source_uid"], str(told.get("uniq")))
    if same in account.incoming_calls:
        check.refuse("NotSupportedChoice", "metadata.uniq", "Duplicated data.")
