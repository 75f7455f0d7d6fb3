"""Account webhooks: the old bracket form where every value is a string, and the rules of delivery."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sandbox.amocrm.models import Account, Contact, Incoming, Lead, Note, Webhook
from sandbox.amocrm.values import for_hook
from sandbox.sender import Hook, Policy

if TYPE_CHECKING:
    from sandbox.amocrm.checks import Json

SERVICE = "amocrm"
WINDOW = 2 * 3600
INVALID_ALLOWED = 100
SINGULAR = {"leads": "lead", "contacts": "contact", "companies": "company"}
NOTE_TYPES = {"call_in": 10, "call_out": 11, "service_message": 25, "sms_in": 102, "sms_out": 103}
HEADERS = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "amoCRM-Webhooks/3.0"}


def _again(status: int, attempt: int) -> bool:
    """Any failure deserves attempts 2 and 3; only time-outs and 5xx deserve 4 and 5."""
    if 100 <= status <= 299:
        return False
    return attempt < 3 or status in {0, 499} or status >= 500


POLICY = Policy(timeout=2.0, delays=(300, 900, 900, 3600), again=_again)


def bracket_form(data: Any, key: str = "") -> list[tuple[str, str]]:
    """Nested objects and lists → PHP's bracket keys; the order is kept."""
    if isinstance(data, dict):
        steps = data.items()
    elif isinstance(data, list):
        steps = dict(enumerate(data)).items()
    else:
        return [(key, _string(data))]
    return [
        pair for step, value in steps for pair in bracket_form(value, f"{key}[{step}]" if key else str(step))
    ]


def _string(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)


@contextmanager
def silence(account: Account) -> Iterator[None]:
    """What happens meanwhile is told to nobody."""
    kept, account.webhooks = account.webhooks, {}
    yield
    account.webhooks = kept


def emit(account: Account, setting: str, collection: str, action: str, item: Json) -> None:
    """Queue a hook for everyone who subscribed to this kind of change."""
    hooks = [hook for hook in account.webhooks.values() if setting in hook.settings and not hook.disabled]
    if not hooks:
        return
    body = {
        "account": {"subdomain": account.subdomain, "id": account.id, "_links": {"self": account.url}},
        collection: {action: [item]},
    }
    for hook in hooks:
        _queue(account, hook, body, {"domain": account.domain, "setting": setting})


def _queue(account: Account, hook: Webhook, body: Json, about: Json) -> None:
    crm = account.crm

    def content() -> bytes:
        return urlencode(bracket_form(body)).encode()

    def answered(_sent: Hook, status: int) -> None:
        with crm.lock:
            _note_answer(hook, status, crm.clock_now())

    outgoing = Hook(SERVICE, hook.destination, content, HEADERS, POLICY, answered=answered, about=about)
    crm.world.sender.send(outgoing, crm.trouble)


def _note_answer(hook: Webhook, status: int, now: float) -> None:
    """More than a hundred invalid answers in two hours, the last one among them, switch the hook off."""
    if 100 <= status <= 299:
        return
    hook.invalid = [moment for moment in hook.invalid if moment > now - WINDOW]
    hook.invalid.append(now)
    if len(hook.invalid) > INVALID_ALLOWED:
        hook.disabled = True


def lead_item(account: Account, lead: Lead) -> Json:
    item: Json = {
        "id": lead.id,
        "name": lead.name,
        "status_id": lead.status_id,
        "price": lead.price,
        "responsible_user_id": lead.responsible_user_id,
        "last_modified": lead.updated_at,
        "modified_user_id": lead.updated_by,
        "created_user_id": lead.created_by,
        "date_create": lead.created_at,
        "pipeline_id": lead.pipeline_id,
        "account_id": account.id,
        "created_at": lead.created_at,
        "updated_at": lead.updated_at,
    }
    if lead.loss_reason_id is not None:
        item["loss_reason_id"] = lead.loss_reason_id
    return _with_extras(account, "leads", item, lead)


def _with_extras(account: Account, collection: str, item: Json, entity: Lead | Contact) -> Json:
    if entity.tags:
        item["tags"] = [{"id": tag, "name": account.tags[collection][tag].name} for tag in entity.tags]
    if entity.fields:
        item["custom_fields"] = for_hook(account, collection, entity.fields)
    return item


def contact_item(account: Account, contact: Contact) -> Json:
    item: Json = {
        "id": contact.id,
        "name": contact.name,
        "responsible_user_id": contact.responsible_user_id,
        "date_create": contact.created_at,
        "last_modified": contact.updated_at,
        "created_user_id": contact.created_by,
        "modified_user_id": contact.updated_by,
        "account_id": account.id,
        "linked_leads_id": {lead: {"ID": lead} for lead in contact.leads},
        "created_at": contact.created_at,
        "updated_at": contact.updated_at,
        "type": "contact",
    }
    return _with_extras(account, "contacts", item, contact)


def wanted(account: Account) -> bool:
    return bool(account.webhooks)


def lead_added(account: Account, lead: Lead) -> None:
    if wanted(account):
        emit(account, "add_lead", "leads", "add", lead_item(account, lead))


def lead_changed(account: Account, lead: Lead, before: tuple[int, int, int]) -> None:
    """`before` is pipeline, stage and responsible as they were; every change is an update as well."""
    if not wanted(account):
        return
    pipeline_id, status_id, responsible = before
    item = lead_item(account, lead)
    if (pipeline_id, status_id) != (lead.pipeline_id, lead.status_id):
        old: Json = {"old_status_id": status_id}
        if pipeline_id != lead.pipeline_id:
            old["old_pipeline_id"] = pipeline_id
        emit(account, "status_lead", "leads", "status", {**item, **old})
    if responsible != lead.responsible_user_id:
        emit(
            account,
            "responsible_lead",
            "leads",
            "responsible",
            {**item, "old_responsible_user_id": responsible},
        )
    emit(account, "update_lead", "leads", "update", item)


def lead_deleted(account: Account, lead: Lead) -> None:
    item = {"id": lead.id, "status_id": lead.status_id, "pipeline_id": lead.pipeline_id}
    emit(account, "delete_lead", "leads", "delete", item)


def lead_restored(account: Account, lead: Lead) -> None:
    if wanted(account):
        emit(account, "restore_lead", "leads", "restore", lead_item(account, lead))


def incoming_added(account: Account, incoming: Incoming, lead: Lead) -> None:
    """A lead in «Неразобранное» is told by this hook alone until somebody accepts it."""
    contacts = [_as_data(account, contact_id) for contact_id in lead.contacts]
    item = {
        "uid": incoming.uid,
        "category": incoming.category,
        "account_id": account.id,
        "source": incoming.source,
        "pipeline_id": lead.pipeline_id,
        "data": {"leads": [{"id": lead.id, "date_create": lead.created_at}], "contacts": contacts},
    }
    emit(account, "add_unsorted", "unsorted", "add", item)


def _as_data(account: Account, contact_id: int) -> Json:
    contact = account.contacts.rows[contact_id]
    return {"name": contact.name, "custom_fields": for_hook(account, "contacts", contact.fields)}


def incoming_settled(
    account: Account, incoming: Incoming, action: str, user_id: int, contacts: list[int]
) -> None:
    """`action` is accept or decline."""
    result = {"leads": [incoming.lead_id], **({"contacts": contacts} if contacts else {})}
    item = {
        "action": action,
        "uid": incoming.uid,
        "category": incoming.category,
        "created_at": incoming.created_at,
        f"{action}_result": result,
        "modified_user_id": user_id,
    }
    emit(account, "delete_unsorted", "unsorted", "delete", item)


def contact_written(account: Account, contact: Contact, action: str) -> None:
    if wanted(account):
        emit(account, f"{action}_contact", "contacts", action, contact_item(account, contact))


def contact_responsible(account: Account, contact: Contact, before: int) -> None:
    if wanted(account):
        item = {**contact_item(account, contact), "old_responsible_user_id": before}
        emit(account, "responsible_contact", "contacts", "responsible", item)


def contact_deleted(account: Account, contact: Contact) -> None:
    emit(account, "delete_contact", "contacts", "delete", {"id": contact.id, "type": "contact"})


def note_added(account: Account, note: Note) -> None:
    if not wanted(account):
        return
    inner = {
        "id": note.id,
        "text": _note_text(note),
        "note_type": NOTE_TYPES.get(note.note_type, 4),
        "element_type": 2 if note.entity == "leads" else 1,
        "element_id": note.entity_id,
        "account_id": account.id,
        "created_by": note.created_by,
        "created_at": note.created_at,
        "updated_at": note.updated_at,
    }
    emit(account, f"note_{SINGULAR[note.entity]}", note.entity, "note", {"note": inner})


def _note_text(note: Note) -> str:
    """Of a call: JSON with the keys of the first version."""
    if note.note_type not in {"call_in", "call_out"}:
        return str(note.params.get("text", ""))
    old = {"uniq": "UNIQ", "link": "LINK", "phone": "PHONE", "duration": "DURATION", "source": "SRC"}
    told = {old.get(key, key): str(value) for key, value in note.params.items() if value is not None}
    return json.dumps(told, ensure_ascii=False)
