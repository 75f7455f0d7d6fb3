"""Links between leads and contacts, seen from either side, one at a time or many; elements of a lead."""

from __future__ import annotations

from typing import Any

from sandbox.amocrm.catalogs import link_element, linked_elements, read_element_link, unlink_element
from sandbox.amocrm.checks import Check, Json, items_of, prepared
from sandbox.amocrm.deals import link, unlink
from sandbox.amocrm.http import Reply, Request, brackets, hal, no_content, route
from sandbox.amocrm.models import Account

KEYS = {"entity_id": "int", "to_entity_id": "int", "to_entity_type": "string", "metadata": "object?"}
ELEMENTS = "catalog_elements"
OTHER = {"leads": "contacts", "contacts": "leads"}


def _entity(request: Request) -> str:
    return request.path.strip("/").split("/")[0]


def _rows(account: Account, entity: str, entity_id: int) -> list[Json]:
    if entity == "leads":
        lead = account.leads.get(entity_id)
        pairs = [] if lead is None else list(lead.contacts.items())
    else:
        contact = account.contacts.get(entity_id)
        leads = [] if contact is None else [account.leads.rows[lead_id] for lead_id in contact.leads]
        pairs = [(lead.id, lead.contacts.get(entity_id, False)) for lead in leads]
    return [
        {
            "entity_id": entity_id,
            "entity_type": entity,
            "to_entity_id": other,
            "to_entity_type": OTHER[entity],
            "metadata": {"main_contact": is_main},
        }
        for other, is_main in pairs
    ] + (linked_elements(account, entity_id) if entity == "leads" else [])


def listed(request: Request) -> Reply:
    entity, wanted = _entity(request), request.query.get("filter[to_entity_type]")
    ids = request.ids or [
        int(value)
        for key, value in request.pairs
        if brackets(key)[:2] == ["filter", "entity_id"] and value.isdigit()
    ]
    rows = [row for entity_id in ids for row in _rows(request.account, entity, entity_id)]
    rows = [row for row in rows if wanted in (None, row["to_entity_type"])]
    return hal(
        {"_total_items": len(rows), "_links": request.links(request.path), "_embedded": {"links": rows}}
    )


def _read(request: Request, item: Json, check: Check) -> tuple[int, int]:
    """Lead and contact of one link; of an element of a catalogue the lead alone."""
    account, entity = request.account, _entity(request)
    check.shape(item, KEYS)
    if entity == "leads" and item.get("to_entity_type") == ELEMENTS:
        return _read_element(request, item, check), 0
    own: Any = request.ids[0] if request.ids else item.get("entity_id")
    other: Any = item.get("to_entity_id")
    if check.errors:
        return 0, 0
    check.choice("to_entity_type", item.get("to_entity_type", ""), (OTHER[entity],))
    for key in (item.get("metadata") or {}).keys() - {"is_main", "updated_by"}:
        check.refuse("FieldNotExpected", f"metadata.{key}")
    lead_id, contact_id = (own, other) if entity == "leads" else (other, own)
    for name, table, row_id in (
        ("leads", account.leads, lead_id),
        ("contacts", account.contacts, contact_id),
    ):
        if row_id is None or table.get(row_id) is None:
            check.refuse("NotSupportedChoice", "entity_id" if name == entity else "to_entity_id")
    return lead_id, contact_id


def _read_element(request: Request, item: Json, check: Check) -> int:
    lead_id = request.ids[0] if request.ids else item.get("entity_id")
    if lead_id is None or request.account.leads.get(lead_id) is None:
        check.refuse("NotSupportedChoice", "entity_id")
    read_element_link(request.account, item, check, is_unlink=request.path.endswith("unlink"))
    return lead_id or 0


def linked(request: Request) -> Reply:
    items = items_of(request)
    pairs = prepared(items, lambda item, check: _read(request, item, check))
    account, entity = request.account, _entity(request)
    rows = []
    for item, (lead_id, contact_id) in zip(items, pairs, strict=True):
        if item.get("to_entity_type") == ELEMENTS:
            link_element(account, lead_id, item)
            rows += [
                row
                for row in linked_elements(account, lead_id)
                if row["to_entity_id"] == item["to_entity_id"]
            ]
            continue
        link(
            account,
            account.leads.rows[lead_id],
            contact_id,
            bool((item.get("metadata") or {}).get("is_main")),
        )
        own, other = (lead_id, contact_id) if entity == "leads" else (contact_id, lead_id)
        rows += [row for row in _rows(account, entity, own) if row["to_entity_id"] == other]
    body = {"_total_items": len(rows), "_links": request.links(request.path), "_embedded": {"links": rows}}
    return hal(body, rows=len(rows))


def unlinked(request: Request) -> Reply:
    items = items_of(request)
    pairs = prepared(items, lambda item, check: _read(request, item, check))
    for item, (lead_id, contact_id) in zip(items, pairs, strict=True):
        if item.get("to_entity_type") == ELEMENTS:
            unlink_element(request.account, lead_id, item)
        else:
            unlink(request.account, request.account.leads.rows[lead_id], contact_id)
    reply = no_content()
    reply.rows = len(items)
    return reply


for _name in ("leads", "contacts"):
    for _prefix in (_name, f"{_name}/#"):
        route("GET", f"{_prefix}/links")(listed)
        route("POST", f"{_prefix}/link")(linked)
        route("POST", f"{_prefix}/unlink")(unlinked)
