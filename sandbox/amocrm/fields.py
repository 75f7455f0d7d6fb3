"""Custom fields of leads and contacts: reading, making, changing and deleting them."""

from __future__ import annotations

from typing import Any

from sandbox.amocrm.checks import Check, Json, items_of, object_of, prepared, request_id
from sandbox.amocrm.directories import require_admin
from sandbox.amocrm.http import Reply, Request, hal, no_content, refusal, route
from sandbox.amocrm.lists import page_of
from sandbox.amocrm.models import Field
from sandbox.amocrm.state import add_field, new_enums
from sandbox.amocrm.views import field_model

KEYS = {
    "id": "int", "name": "string", "type": "string", "code": "string?", "sort": "int?",
    "is_api_only": "bool?", "enums": "array?", "group_id": "string?", "required_statuses": "array?",
    "is_deletable": "bool", "is_visible": "bool", "is_required": "bool", "remind": "string?",
    "currency": "string?", "request_id": "string", "settings": "array?",
}  # fmt: skip
TYPES = {
    "text", "numeric", "checkbox", "select", "multiselect", "date", "url", "textarea", "radiobutton",
    "streetaddress", "smart_address", "birthday", "legal_entity", "date_time", "tracking_data", "monetary",
    "file", "multitext",
}  # fmt: skip
WITH_ENUMS = {"select", "multiselect", "radiobutton"}


def _entity(request: Request) -> str:
    return request.path.strip("/").split("/")[0]


def _model(request: Request, field: Field) -> Json:
    entity = _entity(request)
    links = request.links(f"{entity}/custom_fields/{field.id}")
    return {**field_model(request.account, entity, field), "_links": links}


def _found(request: Request) -> Field:
    field = request.account.fields[_entity(request)].get(request.ids[0])
    if field is None:
        raise refusal(404, "Field not found")
    return field


def listed(request: Request) -> Reply:
    kinds = {value for key, value in request.pairs if key.startswith("filter[type]")}
    known = request.account.fields[_entity(request)].values()
    rows = [field for field in known if not kinds or field.type in kinds]
    page, limit = page_of(request)
    shown = rows[(page - 1) * limit : page * limit]
    if not shown:
        return no_content()
    pages = -(-len(rows) // limit)
    links: Json = request.links(request.path)
    if page < pages:
        links["next"] = {"href": f"{request.href(request.path)}?limit={limit}&page={page + 1}"}
    links["last"] = {"href": f"{request.href(request.path)}?limit={limit}&page={pages}"}
    head = {"_total_items": len(rows), "_page": page, "_page_count": pages, "_links": links}
    return hal({**head, "_embedded": {"custom_fields": [_model(request, field) for field in shown]}})


def single(request: Request) -> Reply:
    return hal(_model(request, _found(request)))


def created(request: Request) -> Reply:
    """A new field; the platform answers 201 with the whole models."""
    require_admin(request)
    items = items_of(request)
    prepared(items, lambda item, check: _check_new(request, item, check))
    rows = []
    for place, item in enumerate(items):
        field = add_field(request.account, _entity(request), item)
        rows.append({**_model(request, field), "request_id": request_id(item, place)})
    body = {
        "_total_items": len(rows),
        "_links": request.links(request.path),
        "_embedded": {"custom_fields": rows},
    }
    return hal(body, status=201, rows=len(rows))


def _check_new(request: Request, item: Json, check: Check) -> None:
    _check(item, check)
    for key in ("name", "type"):
        if not item.get(key):
            check.refuse("FieldMissing" if key not in item else "NotBlank", key)
    if "id" in item:
        check.refuse("FieldNotExpected", "id")
    if item.get("type") is not None:
        check.choice("type", item["type"], TYPES)
    if item.get("type") in WITH_ENUMS and not item.get("enums"):
        check.refuse("FieldMissing", "enums")
    code = item.get("code")
    if code and request.account.field_by_code(_entity(request), code) is not None:
        check.refuse("NotUnique", "code", "A field with this code already exists.")


def _check(item: Json, check: Check) -> None:
    check.shape(item, KEYS)
    for place, enum in enumerate(item.get("enums") or ()):
        if not isinstance(enum, dict) or not isinstance(enum.get("value"), str):
            check.refuse("FieldMissing", f"enums.{place}.value")


def changed(request: Request) -> Reply:
    require_admin(request)
    items = items_of(request)
    known = request.account.fields[_entity(request)]

    def prepare(item: Json, check: Check) -> Any:
        _check(item, check)
        check.choice("id", item.get("id", 0), known)
        return item.get("id")

    ids = prepared(items, prepare)
    rows = [_change(request, known[field_id], item) for field_id, item in zip(ids, items, strict=True)]
    body = {
        "_total_items": len(rows),
        "_links": request.links(request.path),
        "_embedded": {"custom_fields": rows},
    }
    return hal(body, rows=len(rows))


def changed_one(request: Request) -> Reply:
    require_admin(request)
    field, item = _found(request), object_of(request)
    prepared([item], _check)
    return hal(_change(request, field, item), rows=1)


def _change(request: Request, field: Field, item: Json) -> Json:
    """The type of a field stays; its list of items is replaced as a whole."""
    for key in ("name", "code", "sort", "is_api_only", "group_id"):
        if item.get(key) is not None:
            setattr(field, key, item[key])
    if item.get("enums") is not None:
        field.enums = new_enums(request.account, item["enums"])
    return _model(request, field)


def deleted(request: Request) -> Reply:
    require_admin(request)
    field = _found(request)
    if field.is_predefined:
        raise refusal(400, "Field can not be deleted")
    del request.account.fields[_entity(request)][field.id]
    return no_content()


for _name in ("leads", "contacts"):
    route("GET", f"{_name}/custom_fields")(listed)
    route("POST", f"{_name}/custom_fields")(created)
    route("PATCH", f"{_name}/custom_fields")(changed)
    route("GET", f"{_name}/custom_fields/#")(single)
    route("PATCH", f"{_name}/custom_fields/#")(changed_one)
    route("DELETE", f"{_name}/custom_fields/#")(deleted)
