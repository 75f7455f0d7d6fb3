"""`/leads`: lists, single leads, creation, changes and the complex creation with contacts."""

from __future__ import annotations

from typing import Any

from sandbox.amocrm.checks import Check, Json, items_of, object_of, prepared, request_id
from sandbox.amocrm.contacts import create_contact, read_contact
from sandbox.amocrm.deals import change_lead, create_lead, read_lead
from sandbox.amocrm.entities import COMMON, shown_tags
from sandbox.amocrm.http import JSON, Reply, Request, hal, no_content, route
from sandbox.amocrm.lists import answer, select
from sandbox.amocrm.models import Account, Lead
from sandbox.amocrm.values import shown

KEYS = {
    **COMMON, "price": "int?", "status_id": "int", "pipeline_id": "int", "loss_reason_id": "int?",
    "closed_at": "time?",
}  # fmt: skip
NEW_EMBEDDED = {
    "tags": "array?",
    "contacts": "array",
    "companies": "array",
    "source": "object",
    "metadata": "object",
}
COMPLEX_LIMIT = 50


def model(request: Request, lead: Lead, extras: set[str], is_deleted: bool = False) -> Json:
    account = request.account
    embedded: Json = {
        "tags": shown_tags(account, "leads", lead),
        "companies": [{"id": one, "_links": request.links(f"companies/{one}")} for one in lead.companies],
    }
    if "contacts" in extras:
        embedded["contacts"] = [
            {"id": contact, "is_main": is_main, "_links": request.links(f"contacts/{contact}")}
            for contact, is_main in lead.contacts.items()
        ]
    if "loss_reason" in extras and lead.loss_reason_id in account.loss_reasons:
        reason = {"id": lead.loss_reason_id, "name": account.loss_reasons[lead.loss_reason_id]}
        embedded["loss_reason"] = [reason]
    return {
        **plain(account, lead, is_deleted),
        "_links": request.links(f"leads/{lead.id}"),
        "_embedded": embedded,
    }


def plain(account: Account, lead: Lead, is_deleted: bool = False) -> Json:
    return {
        "id": lead.id,
        "name": lead.name,
        "price": lead.price,
        "responsible_user_id": lead.responsible_user_id,
        "group_id": 0,
        "status_id": lead.status_id,
        "pipeline_id": lead.pipeline_id,
        "loss_reason_id": lead.loss_reason_id,
        "created_by": lead.created_by,
        "updated_by": lead.updated_by,
        "created_at": lead.created_at,
        "updated_at": lead.updated_at,
        "closed_at": lead.closed_at,
        "closest_task_at": None,
        "is_deleted": is_deleted,
        "custom_fields_values": shown(account, "leads", lead.fields),
        "score": None,
        "account_id": account.id,
        "labor_cost": None,
    }


def extras_of(request: Request) -> set[str]:
    return set(request.query.get("with", "").split(","))


@route("GET", "leads")
def listed(request: Request) -> Reply:
    extras = extras_of(request)
    if "only_deleted" in extras:
        trash = sorted(request.account.trash.values(), key=lambda lead: lead.id)
        return answer(request, "leads", trash, lambda lead: model(request, lead, extras, is_deleted=True))
    return answer(
        request, "leads", select(request, request.account.leads), lambda lead: model(request, lead, extras)
    )


@route("GET", "leads/#")
def single(request: Request) -> Reply:
    lead = request.account.leads.get(request.ids[0])
    return hal(model(request, lead, extras_of(request))) if lead is not None else no_content()


@route("POST", "leads")
def created(request: Request) -> Reply:
    items = items_of(request)
    account = request.account
    drafts = prepared(items, lambda item, check: _read_new(account, item, check))
    leads = [create_lead(account, draft, contacts, request.user_id) for draft, contacts in drafts]
    for lead, item in zip(leads, items, strict=True):
        lead.companies = tuple(one["id"] for one in (item.get("_embedded") or {}).get("companies") or ())
    rows = [
        {"id": lead.id, "request_id": request_id(item, place), "_links": request.links(f"leads/{lead.id}")}
        for place, (item, lead) in enumerate(zip(items, leads, strict=True))
    ]
    return hal({"_links": request.links("leads"), "_embedded": {"leads": rows}}, rows=len(rows))


def _read_new(account: Account, item: Json, check: Check) -> tuple[Json, dict[int, bool]]:
    contacts: dict[int, bool] = {}
    check.shape(item, KEYS)
    if "id" in item:
        check.refuse("FieldNotExpected", "id")
    if check.errors:
        return {}, contacts
    embedded = item.get("_embedded") or {}
    check.shape(embedded, NEW_EMBEDDED, "_embedded.")
    for place, contact in enumerate(embedded.get("contacts") or ()):
        contact_id = contact.get("id") if isinstance(contact, dict) else None
        if contact_id is None or account.contacts.get(contact_id) is None:
            check.refuse("NotSupportedChoice", f"_embedded.contacts.{place}.id")
        else:
            contacts[contact_id] = bool(contact.get("is_main"))
    for place, company in enumerate(embedded.get("companies") or ()):
        if not isinstance(company, dict) or company.get("id") not in account.companies:
            check.refuse("NotSupportedChoice", f"_embedded.companies.{place}.id")
    return read_lead(account, None, item, check), contacts


@route("PATCH", "leads")
def changed(request: Request) -> Reply:
    items = items_of(request)
    account = request.account
    drafts = prepared(items, lambda item, check: _read_change(account, item.get("id"), item, check))
    rows = [_change(request, lead, draft) for lead, draft in drafts]
    return hal({"_links": request.links("leads"), "_embedded": {"leads": rows}}, rows=len(rows))


@route("PATCH", "leads/#")
def changed_one(request: Request) -> Reply:
    item = object_of(request)
    drafts = prepared([item], lambda item, check: _read_change(request.account, request.ids[0], item, check))
    return hal(_change(request, *drafts[0]), rows=1)


def _change(request: Request, lead: Any, draft: Json) -> Json:
    change_lead(request.account, lead, draft, request.user_id)
    return {"id": lead.id, "updated_at": lead.updated_at, "_links": request.links(f"leads/{lead.id}")}


def _read_change(account: Account, lead_id: Any, item: Json, check: Check) -> tuple[Lead | None, Json]:
    lead = account.leads.get(lead_id) if isinstance(lead_id, int) else None
    check.shape(item, KEYS)
    if lead_id is None:
        check.refuse("FieldMissing", "id")
    elif lead is None:
        check.refuse("NotSupportedChoice", "id")
    if check.errors:
        return lead, {}
    check.shape(item.get("_embedded") or {}, {"tags": "array?"}, "_embedded.")
    return lead, read_lead(account, lead, item, check)


@route("POST", "leads/complex")
def complex_created(request: Request) -> Reply:
    """Leads with their contacts; the answer is a plain array and `request_id` is an array too."""
    items = items_of(request, COMPLEX_LIMIT)
    account = request.account
    drafts = prepared(items, lambda item, check: _read_complex(account, item, check))
    rows = []
    for place, (item, (draft, contact)) in enumerate(zip(items, drafts, strict=True)):
        contact_id = contact
        if isinstance(contact, dict):
            contact_id = create_contact(account, contact, request.user_id).id
        contacts = {} if contact_id is None else {contact_id: True}
        lead = create_lead(account, draft, contacts, request.user_id)
        ids = {"id": lead.id, "contact_id": contact_id, "company_id": None}
        rows.append({**ids, "request_id": [request_id(item, place)], "merged": False})
    reply = hal(rows, rows=len(rows))
    reply.content_type = JSON
    return reply


def _read_complex(account: Account, item: Json, check: Check) -> tuple[Json, Any]:
    """The lead's draft, and the contact: a draft of a new one, an id, or None."""
    check.shape(item, KEYS)
    if check.errors:
        return {}, None
    embedded = item.get("_embedded") or {}
    check.shape(embedded, NEW_EMBEDDED, "_embedded.")
    contact: Any = None
    given = embedded.get("contacts") or []
    if isinstance(given, list) and given:
        if len(given) > 1:
            check.refuse(
                "TooManyElements", "_embedded.contacts", "This collection should contain 1 element or less."
            )
        contact = _read_complex_contact(account, given[0], check)
    return read_lead(account, None, item, check), contact


def _read_complex_contact(account: Account, item: Any, check: Check) -> Any:
    if not isinstance(item, dict):
        check.wrong_type("_embedded.contacts.0", "array")
        return None
    if "id" in item:
        if account.contacts.get(item["id"]) is None:
            check.refuse("NotSupportedChoice", "_embedded.contacts.0.id")
        return item["id"]
    return read_contact(account, item, check, "_embedded.contacts.0.")
