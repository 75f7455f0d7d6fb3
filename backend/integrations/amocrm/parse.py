"""amoCRM's JSON → our leads, contacts and schema. Unknown fields and field types never break anything."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from backend.core.crm import Catalog, Contact, CrmSchema, CrmUser, CustomField, Lead, Pipeline, Stage
from backend.core.errors import InvalidInput
from backend.core.money import from_rubles
from backend.core.salon import DEFAULT_ZONE
from backend.integrations.http import JsonObject

PHONE, EMAIL = "PHONE", "EMAIL"


@dataclass(frozen=True, slots=True)
class Remark:
    """A note or a task that stands on a lead."""

    id: int
    lead_id: int
    text: str


@dataclass(frozen=True, slots=True)
class AccountFacts:
    id: int
    name: str
    timezone: str
    has_filters: bool
    user_id: int


def lead(data: JsonObject) -> Lead:
    """A lead of the REST API, or of a webhook: with `custom_fields`, text for numbers and no contacts."""
    try:
        return Lead(
            id=int(data["id"]),
            pipeline_id=int(data["pipeline_id"]),
            stage_id=int(data["status_id"]),
            price=from_rubles(data.get("price") or 0),
            name=_clean(str(data.get("name") or "")),
            responsible_id=int(data.get("responsible_user_id") or 0),
            contact_ids=_contact_ids(data),
            tags=tuple(str(tag["name"]) for tag in _embedded(data, "tags")),
            fields=tuple(_pairs(data)),
            created_at=moment(data.get("created_at") or data.get("date_create")),
            updated_at=moment(data.get("updated_at") or data.get("last_modified")),
            created_by=int(data.get("created_by") or data.get("created_user_id") or 0),
            updated_by=_author(data),
            is_deleted=bool(data.get("is_deleted")),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInput("amocrm.lead_malformed", error=type(error).__name__) from error


def _author(data: JsonObject) -> int | None:
    """Who changed it last: the list calls it `updated_by`, a hook `modified_user_id`."""
    found = data.get("updated_by", data.get("modified_user_id"))
    return None if found in (None, "") else int(str(found))


def contact(data: JsonObject) -> Contact:
    """A contact of the REST API (read with its leads) or of a webhook."""
    try:
        return Contact(
            id=int(data["id"]),
            name=_clean(str(data.get("name") or "")),
            phones=tuple(_phones(data)),
            lead_ids=tuple(int(row["id"]) for row in _embedded(data, "leads")) or _linked_leads(data),
            created_at=moment(data.get("created_at") or data.get("date_create")),
            updated_at=moment(data.get("updated_at") or data.get("last_modified")),
            is_deleted=bool(data.get("is_deleted")),
            fields=tuple(_pairs(data, but=(PHONE, EMAIL))),
            tags=tuple(str(tag["name"]) for tag in _embedded(data, "tags")),
            created_by=int(data.get("created_by") or data.get("created_user_id") or 0),
            responsible_id=int(data.get("responsible_user_id") or 0),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInput("amocrm.contact_malformed", error=type(error).__name__) from error


def moment(value: object) -> datetime | None:
    """Unix seconds, as a number or as text; anything else says nothing."""
    text = str(value or "")
    return datetime.fromtimestamp(int(text), UTC) if text.isdecimal() else None


def account(data: JsonObject) -> AccountFacts:
    settings = (data.get("_embedded") or {}).get("datetime_settings") or {}
    return AccountFacts(
        id=int(data["id"]),
        name=str(data.get("name") or ""),
        timezone=str(settings.get("timezone") or DEFAULT_ZONE),
        has_filters=bool(data.get("is_api_filter_enabled")),
        user_id=int(data.get("current_user_id") or 0),
    )


def schema(facts: AccountFacts, domain: str, lists: Mapping[str, Iterable[JsonObject]]) -> CrmSchema:
    """`lists` are the rows of the collections by the names that amoCRM gives them."""
    return CrmSchema(
        account_id=facts.id,
        domain=domain,
        name=facts.name,
        timezone=facts.timezone,
        has_filters=facts.has_filters,
        pipelines=tuple(_pipeline(row) for row in lists["pipelines"] if not row.get("is_archive")),
        users=tuple(_user(row) for row in lists["users"]),
        lead_fields=tuple(custom_field(row) for row in lists["custom_fields"]),
        loss_reasons=tuple((int(row["id"]), str(row.get("name") or "")) for row in lists["loss_reasons"]),
        contact_fields=tuple(custom_field(row) for row in lists.get("contact_fields", ())),
        catalogs=tuple(catalog(row) for row in lists.get("catalogs", ())),
    )


def custom_field(data: JsonObject) -> CustomField:
    enums = data.get("enums") or ()
    return CustomField(
        id=int(data["id"]),
        name=str(data.get("name") or ""),
        type=str(data.get("type") or ""),
        code=str(data.get("code") or ""),
        enums=tuple((int(enum["id"]), str(enum.get("value") or "")) for enum in enums),
    )


def catalog(data: JsonObject) -> Catalog:
    return Catalog(int(data["id"]), str(data.get("name") or ""), str(data.get("type") or ""))


def phone_values(data: JsonObject) -> tuple[JsonObject, ...]:
    """The phones of a contact as they are written: the text with the id of its kind."""
    rows = [row for row in _fields(data) if row.get("field_code") == PHONE]
    kept = ("value", "enum_id")
    return tuple(
        {name: item[name] for name in kept if item.get(name) is not None}
        for row in rows
        for item in row.get("values") or ()
    )


def note(data: JsonObject) -> Remark:
    params = data.get("params")
    text = params.get("text") if isinstance(params, dict) else ""
    return Remark(int(data["id"]), int(data.get("entity_id") or 0), str(text or ""))


def task(data: JsonObject) -> Remark:
    return Remark(int(data["id"]), int(data.get("entity_id") or 0), str(data.get("text") or ""))


def _pipeline(data: JsonObject) -> Pipeline:
    stages = tuple(_stage(row, int(data["id"])) for row in _embedded(data, "statuses"))
    return Pipeline(int(data["id"]), str(data.get("name") or ""), stages, bool(data.get("is_main")))


def _stage(data: JsonObject, pipeline_id: int) -> Stage:
    return Stage(
        id=int(data["id"]),
        pipeline_id=int(data.get("pipeline_id") or pipeline_id),
        name=str(data.get("name") or ""),
        sort=int(data.get("sort") or 0),
        color=str(data.get("color") or ""),
        is_incoming=data.get("type") == 1,
    )


def _user(data: JsonObject) -> CrmUser:
    rights = data.get("rights") or {}
    return CrmUser(
        id=int(data["id"]),
        name=str(data.get("name") or ""),
        is_active=bool(rights.get("is_active", True)),
        is_admin=bool(rights.get("is_admin")),
    )


def _embedded(data: JsonObject, name: str) -> list[JsonObject]:
    """Rows under `_embedded` in the REST API, at the top in a webhook."""
    rows = (data.get("_embedded") or {}).get(name) or data.get(name) or []
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _contact_ids(data: JsonObject) -> tuple[int, ...]:
    rows = sorted(_embedded(data, "contacts"), key=lambda row: not row.get("is_main"))
    return tuple(int(row["id"]) for row in rows)


def _linked_leads(data: JsonObject) -> tuple[int, ...]:
    linked = data.get("linked_leads_id")
    return tuple(int(key) for key in linked if str(key).isdecimal()) if isinstance(linked, dict) else ()


def _fields(data: JsonObject) -> list[JsonObject]:
    rows = data.get("custom_fields_values") or data.get("custom_fields") or []
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _pairs(data: JsonObject, but: Container[str] = ()) -> Iterable[tuple[int, str]]:
    """Fields of a code in `but` are left out."""
    for row in _fields(data):
        for text in _texts(row) if (row.get("field_code") or row.get("code")) not in but else ():
            yield int(row.get("field_id") or row["id"]), text


def _phones(data: JsonObject) -> Iterable[str]:
    for row in _fields(data):
        if (row.get("field_code") or row.get("code")) == PHONE:
            yield from _texts(row)


def _texts(row: JsonObject) -> Iterable[str]:
    """The filled values of a field: objects with `value`, or bare values as webhooks give for dates."""
    for item in row.get("values") or []:
        text = _text(item.get("value") if isinstance(item, dict) else item)
        if text:
            yield text


def _clean(text: str) -> str:
    """What no database takes: zero bytes, halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _text(value: object) -> str:
    match value:
        case bool():
            return "1" if value else ""
        case Decimal():
            return format(value.normalize(), "f")
        case str() | int():
            return _clean(str(value))
        case _:  # structured values (files, legal entities) are nothing that our rules compare
            return ""
