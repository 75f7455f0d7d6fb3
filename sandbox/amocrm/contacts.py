"""`/contacts`: people. The platform never checks for doubles."""

from __future__ import annotations

from typing import Any

from sandbox.amocrm import hooks
from sandbox.amocrm.checks import Check, Json, items_of, object_of, prepared, request_id
from sandbox.amocrm.entities import COMMON, keep, read_common, settle_changed, settle_new, shown_tags
from sandbox.amocrm.http import Reply, Request, hal, no_content, route
from sandbox.amocrm.journal_events import Card, record_changes, record_event
from sandbox.amocrm.lists import answer, select
from sandbox.amocrm.models import Account, Contact
from sandbox.amocrm.values import shown

KEYS = {**COMMON, "first_name": "string?", "last_name": "string?", "is_main": "bool"}


def model(request: Request, contact: Contact, extras: set[str]) -> Json:
    account = request.account
    embedded: Json = {"tags": shown_tags(account, "contacts", contact), "companies": []}
    if "leads" in extras:
        embedded["leads"] = [{"id": lead, "_links": request.links(f"leads/{lead}")} for lead in contact.leads]
    return {
        **plain(account, contact),
        "_links": request.links(f"contacts/{contact.id}"),
        "_embedded": embedded,
    }


def plain(account: Account, contact: Contact) -> Json:
    return {
        "id": contact.id,
        "name": contact.name,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "responsible_user_id": contact.responsible_user_id,
        "group_id": 0,
        "created_by": contact.created_by,
        "updated_by": contact.updated_by,
        "created_at": contact.created_at,
        "updated_at": contact.updated_at,
        "closest_task_at": None,
        "is_deleted": False,
        "is_unsorted": contact.is_unsorted,
        "custom_fields_values": shown(account, "contacts", contact.fields),
        "account_id": account.id,
    }


def read_contact(account: Account, item: Json, check: Check, prefix: str = "") -> Json:
    check.shape(item, KEYS, prefix)
    if check.errors:
        return {}
    draft = read_common(account, "contacts", item, check, prefix)
    for key in ("first_name", "last_name"):
        if key in item:
            draft[key] = item[key] or ""
    return draft


def create_contact(account: Account, draft: Json, author: int) -> Contact:
    now = account.now
    contact = Contact(
        id=account.crm.new_id("contact"),
        name="",
        created_at=draft.get("created_at", now),
        updated_at=now,
        created_by=draft.get("created_by", author),
        responsible_user_id=author or account.admin_id(),
    )
    keep_names(contact, draft)
    keep(account, "contacts", contact, draft, author)
    settle_new(account, "contacts", contact)
    record_event(account, "contact_added", ("contact", contact.id), contact.created_by)
    hooks.contact_written(account, contact, "add")
    return contact


def change_contact(account: Account, contact: Contact, draft: Json, author: int) -> None:
    before, card = contact.responsible_user_id, Card.of(contact)
    keep_names(contact, draft)
    keep(account, "contacts", contact, draft, author)
    settle_changed(account, "contacts", contact)
    record_changes(account, "contact", contact, card, author)
    if before != contact.responsible_user_id:
        hooks.contact_responsible(account, contact, before)
    hooks.contact_written(account, contact, "update")


def delete_contact(account: Account, contact: Contact, author: int) -> None:
    account.contacts.remove(contact)
    for lead_id in contact.leads:
        lead = account.leads.get(lead_id)
        if lead is not None:
            lead.contacts.pop(contact.id, None)
    record_event(account, "contact_deleted", ("contact", contact.id), author)
    hooks.contact_deleted(account, contact)


def keep_names(contact: Contact, draft: Json) -> None:
    """A full name wins over its parts; the parts make a name when there is no other."""
    contact.first_name = draft.get("first_name", contact.first_name)
    contact.last_name = draft.get("last_name", contact.last_name)
    if "name" not in draft and ("first_name" in draft or "last_name" in draft):
        draft["name"] = f"{contact.first_name} {contact.last_name}".strip()
    elif "name" in draft and "first_name" not in draft and "last_name" not in draft:
        contact.first_name, contact.last_name = draft["name"], ""


@route("GET", "contacts")
def listed(request: Request) -> Reply:
    extras = _extras(request)
    rows = (row for row in select(request, request.account.contacts) if not row.is_unsorted)
    return answer(request, "contacts", rows, lambda contact: model(request, contact, extras))


def _extras(request: Request) -> set[str]:
    return set(request.query.get("with", "").split(","))


@route("GET", "contacts/#")
def single(request: Request) -> Reply:
    contact = request.account.contacts.get(request.ids[0])
    return hal(model(request, contact, _extras(request))) if contact is not None else no_content()


@route("POST", "contacts")
def created(request: Request) -> Reply:
    items = items_of(request)
    account = request.account
    drafts = prepared(items, lambda item, check: read_contact(account, item, check))
    rows = []
    for place, (item, draft) in enumerate(zip(items, drafts, strict=True)):
        contact = create_contact(account, draft, request.user_id)
        links = request.links(f"contacts/{contact.id}")
        rows.append({"id": contact.id, "request_id": request_id(item, place), "_links": links})
    return hal({"_links": request.links("contacts"), "_embedded": {"contacts": rows}}, rows=len(rows))


@route("PATCH", "contacts")
def changed(request: Request) -> Reply:
    items = items_of(request)
    drafts = prepared(items, lambda item, check: _read_change(request.account, item.get("id"), item, check))
    rows = [_change(request, contact, draft) for contact, draft in drafts]
    return hal({"_links": request.links("contacts"), "_embedded": {"contacts": rows}}, rows=len(rows))


@route("PATCH", "contacts/#")
def changed_one(request: Request) -> Reply:
    item = object_of(request)
    drafts = prepared([item], lambda item, check: _read_change(request.account, request.ids[0], item, check))
    return hal(_change(request, *drafts[0]), rows=1)


def _read_change(account: Account, contact_id: Any, item: Json, check: Check) -> tuple[Contact | None, Json]:
    contact = account.contacts.get(contact_id) if isinstance(contact_id, int) else None
    if contact_id is None:
        check.refuse("FieldMissing", "id")
    elif contact is None:
        check.refuse("NotSupportedChoice", "id")
    return contact, read_contact(account, item, check)


def _change(request: Request, contact: Any, draft: Json) -> Json:
    change_contact(request.account, contact, draft, request.user_id)
    links = request.links(f"contacts/{contact.id}")
    return {"id": contact.id, "name": contact.name, "updated_at": contact.updated_at, "_links": links}
