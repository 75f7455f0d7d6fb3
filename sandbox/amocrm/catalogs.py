"""Catalogues (lists) and their elements; an account has at most one of products, with fields of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.amocrm.checks import Check, Json, items_of, prepared, request_id
from sandbox.amocrm.http import Reply, Request, hal, no_content, refusal, route
from sandbox.amocrm.lists import page_of
from sandbox.amocrm.models import Account
from sandbox.amocrm.state import add_field
from sandbox.amocrm.values import Values, read_fields, shown

MOST = 10
TYPES = ("regular", "invoices", "products")
SINGLE = ("invoices", "products")
KEYS = {
    "name": "string", "type": "string", "sort": "int", "can_add_elements": "bool",
    "can_link_multiple": "bool", "request_id": "string",
}  # fmt: skip
ELEMENT_KEYS = {"id": "int", "name": "string", "custom_fields_values": "array?", "request_id": "string"}
PREDEFINED = (
    ("SKU", "Артикул", "text"),
    ("DESCRIPTION", "Описание", "textarea"),
    ("PRICE", "Цена", "price"),
    ("EXTERNAL_ID", "Внешний идентификатор", "text"),
    ("UNIT", "Единица измерения", "text"),
)


@dataclass(slots=True)
class Element:
    id: int
    name: str
    created_at: int
    updated_at: int
    created_by: int
    fields: Values = field(default_factory=dict)


@dataclass(slots=True)
class Catalog:
    id: int
    name: str
    type: str
    created_at: int
    created_by: int
    elements: dict[int, Element] = field(default_factory=dict)


def entity_of(catalog_id: int) -> str:
    """Under which name the fields of a catalogue stand among those of leads and contacts."""
    return f"catalogs/{catalog_id}"


def make_catalog(account: Account, name: str, kind: str, author: int) -> Catalog:
    made = Catalog(account.crm.new_id("catalog"), name, kind, account.now, author)
    account.catalogs[made.id] = made
    account.fields[entity_of(made.id)] = {}
    if kind == "products":
        for code, title, type_ in PREDEFINED:
            add_field(account, entity_of(made.id), {"name": title, "type": type_, "code": code}, True)
    return made


def catalog_model(account: Account, catalog: Catalog) -> Json:
    return {
        "id": catalog.id,
        "name": catalog.name,
        "created_by": catalog.created_by,
        "updated_by": catalog.created_by,
        "created_at": catalog.created_at,
        "updated_at": catalog.created_at,
        "sort": 10 * (1 + list(account.catalogs).index(catalog.id)),
        "type": catalog.type,
        "can_add_elements": True,
        "can_show_in_cards": False,
        "can_link_multiple": True,
        "can_be_deleted": catalog.type == "regular",
        "sdk_widget_code": None,
        "account_id": account.id,
    }


def element_model(account: Account, catalog: Catalog, element: Element) -> Json:
    return {
        "id": element.id,
        "name": element.name,
        "created_by": element.created_by,
        "updated_by": element.created_by,
        "created_at": element.created_at,
        "updated_at": element.updated_at,
        "is_deleted": False,
        "custom_fields_values": shown(account, entity_of(catalog.id), element.fields),
        "catalog_id": catalog.id,
        "account_id": account.id,
    }


def _found(request: Request) -> Catalog:
    catalog = request.account.catalogs.get(request.ids[0])
    if catalog is None:
        raise refusal(404, "Catalog not found")
    return catalog


def _listed(request: Request, name: str, rows: list[Json]) -> Reply:
    page, limit = page_of(request)
    part = rows[(page - 1) * limit : page * limit]
    if not part:
        return no_content()
    links: Json = request.links(request.path)
    if page * limit < len(rows):
        links["next"] = {"href": f"{request.href(request.path)}?limit={limit}&page={page + 1}"}
    return hal({"_page": page, "_links": links, "_embedded": {name: part}})


@route("GET", "catalogs")
def catalogs(request: Request) -> Reply:
    account = request.account
    return _listed(request, "catalogs", [catalog_model(account, one) for one in account.catalogs.values()])


@route("GET", "catalogs/#")
def catalog_read(request: Request) -> Reply:
    return hal({**catalog_model(request.account, _found(request)), "_links": request.links(request.path)})


@route("POST", "catalogs")
def catalogs_added(request: Request) -> Reply:
    account, items = request.account, items_of(request)
    if len(account.catalogs) + len(items) > MOST:
        raise refusal(422, f"Limit {MOST} catalogs")
    prepared(items, lambda item, check: _check_catalog(account, item, check))
    rows = []
    for place, item in enumerate(items):
        made = make_catalog(account, item["name"], item.get("type", "regular"), request.user_id)
        rows.append({**catalog_model(account, made), "request_id": request_id(item, place)})
    return hal({"_links": request.links("catalogs"), "_embedded": {"catalogs": rows}}, rows=len(rows))


def _check_catalog(account: Account, item: Json, check: Check) -> None:
    check.shape(item, KEYS)
    if not item.get("name"):
        check.refuse("FieldMissing", "name")
    kind = item.get("type", "regular")
    check.choice("type", kind, TYPES)
    if kind in SINGLE and any(one.type == kind for one in account.catalogs.values()):
        check.refuse("NotUnique", "type", "A catalog of this type already exists.")


@route("GET", "catalogs/#/elements")
def elements(request: Request) -> Reply:
    catalog, query = _found(request), request.query.get("query", "").casefold()
    rows = [one for one in catalog.elements.values() if query in one.name.casefold()]
    return _listed(request, "elements", [element_model(request.account, catalog, one) for one in rows])


@route("GET", "catalogs/#/elements/#")
def element_read(request: Request) -> Reply:
    catalog = _found(request)
    element = catalog.elements.get(request.ids[1])
    if element is None:
        return no_content()
    return hal({**element_model(request.account, catalog, element), "_links": request.links(request.path)})


@route("POST", "catalogs/#/elements")
def elements_added(request: Request) -> Reply:
    """The answer brings whole models, and `request_id` is a number there."""
    account, catalog, items = request.account, _found(request), items_of(request)
    drafts = prepared(items, lambda item, check: _read_element(account, catalog, item, check))
    rows = []
    for place, draft in enumerate(drafts):
        made = Element(
            account.crm.new_id("element"), draft["name"], account.now, account.now, request.user_id,
            draft["fields"],
        )  # fmt: skip
        catalog.elements[made.id] = made
        rows.append({**element_model(account, catalog, made), "request_id": place})
    body = {"_links": request.links(request.path), "_embedded": {"elements": rows}}
    return hal(body, rows=len(rows))


@route("PATCH", "catalogs/#/elements")
def elements_changed(request: Request) -> Reply:
    account, catalog, items = request.account, _found(request), items_of(request)

    def prepare(item: Json, check: Check) -> Any:
        check.choice("id", item.get("id", 0), catalog.elements)
        return _read_element(account, catalog, item, check, is_new=False)

    drafts = prepared(items, prepare)
    rows = []
    for item, draft in zip(items, drafts, strict=True):
        element = catalog.elements[item["id"]]
        element.name = draft["name"] or element.name
        element.fields = {**element.fields, **draft["fields"]}
        element.updated_at = account.now
        rows.append(element_model(account, catalog, element))
    body = {"_links": request.links(request.path), "_embedded": {"elements": rows}}
    return hal(body, rows=len(rows))


def _read_element(account: Account, catalog: Catalog, item: Json, check: Check, is_new: bool = True) -> Json:
    check.shape(item, ELEMENT_KEYS)
    if is_new and not item.get("name"):
        check.refuse("FieldMissing", "name")
    fields = read_fields(account, entity_of(catalog.id), item.get("custom_fields_values"), check)
    return {"name": item.get("name"), "fields": fields}


# Elements of a lead


def linked_elements(account: Account, lead_id: int) -> list[Json]:
    return [
        {
            "entity_id": lead_id,
            "entity_type": "leads",
            "to_entity_id": element_id,
            "to_entity_type": "catalog_elements",
            "metadata": metadata,
        }
        for element_id, metadata in account.element_links.get(lead_id, {}).items()
    ]


def read_element_link(account: Account, item: Json, check: Check, is_unlink: bool = False) -> None:
    """An element is named by its id together with its catalogue's."""
    metadata = item.get("metadata") or {}
    for key in metadata.keys() - {"quantity", "catalog_id", "price_id", "updated_by"}:
        check.refuse("FieldNotExpected", f"metadata.{key}")
    catalog = account.catalogs.get(metadata.get("catalog_id") or 0)
    if catalog is None:
        check.refuse(
            "FieldMissing" if "catalog_id" not in metadata else "NotSupportedChoice", "metadata.catalog_id"
        )
    elif item.get("to_entity_id") not in catalog.elements:
        check.refuse("NotSupportedChoice", "to_entity_id")
    quantity = metadata.get("quantity", 1)
    if not is_unlink and (
        isinstance(quantity, bool) or not isinstance(quantity, int | float) or quantity <= 0
    ):
        check.wrong_type("metadata.quantity", "numeric")


def link_element(account: Account, lead_id: int, item: Json) -> None:
    """The same element again gets another quantity."""
    metadata = item["metadata"]
    kept = {
        "quantity": metadata.get("quantity", 1),
        "catalog_id": metadata["catalog_id"],
        "price_id": metadata.get("price_id"),
    }
    account.element_links.setdefault(lead_id, {})[item["to_entity_id"]] = kept


def unlink_element(account: Account, lead_id: int, item: Json) -> None:
    account.element_links.get(lead_id, {}).pop(item["to_entity_id"], None)
