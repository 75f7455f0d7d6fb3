"""Our commands → amoCRM's JSON, values by the type of their field. The opposite of `parse`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from backend.core.crm import CustomField
from backend.core.money import to_whole_rubles
from backend.core.salon import DEFAULT_ZONE
from backend.core.sync.commands import (
    AddNote,
    AddTask,
    CreateLead,
    FieldValue,
    NewContact,
    UpdateContact,
    UpdateLead,
)
from backend.integrations.http import JsonObject

TEXT_LENGTH = 256  # of a one-line field; names of leads and contacts take 255
NAME_LENGTH = 255
COMPLEX_VALUES = 40  # values of custom fields that one new lead may bring
FOLLOW_UP = 1  # the task type every account has

ONE_OF = ("select", "radiobutton", "category")


@dataclass(frozen=True, slots=True)
class Products:
    """The products catalogue of the account and its elements by our names of them."""

    catalog_id: int = 0
    elements: Mapping[str, int] = field(default_factory=dict)


NO_PRODUCTS = Products()


@dataclass(frozen=True, slots=True)
class Terms:
    """What is needed to write for one account: its fields of leads and contacts by id, the zone that its days
    begin in, and the elements of the products catalogue by our names of them.
    """

    fields: Mapping[int, CustomField]
    timezone: str = DEFAULT_ZONE
    products: Products = NO_PRODUCTS


def new_lead(command: CreateLead, terms: Terms) -> JsonObject:
    """A lead with its contact for `/leads/complex`."""
    filled = [one for one in command.fields if one.value not in (None, "", ())]
    contact = command.contact
    body: JsonObject = {
        "name": shortened(command.name, NAME_LENGTH),
        "price": to_whole_rubles(command.price),
        "pipeline_id": command.pipeline_id,
        "status_id": command.stage_id,
        "custom_fields_values": list(_up_to(COMPLEX_VALUES, custom_fields(filled, terms))),
        "tags_to_add": _tags(command.tags),
        "_embedded": {
            "contacts": [{"id": contact} if isinstance(contact, int) else new_contact(contact, terms)]
        },
    }
    if command.responsible_id:
        body["responsible_user_id"] = command.responsible_id
    return _without_empty_lists(body)


def new_contact(contact: NewContact, terms: Terms) -> JsonObject:
    channels = (("PHONE", contact.phone), ("EMAIL", contact.email))
    filled = [one for one in contact.fields if one.value not in (None, "", ())]
    body: JsonObject = {
        "name": shortened(contact.name, NAME_LENGTH),
        "custom_fields_values": [
            *(
                {"field_code": code, "values": [{"value": value, "enum_code": "WORK"}]}
                for code, value in channels
                if value
            ),
            *custom_fields(filled, terms),
        ],
        "tags_to_add": _tags(contact.tags),
    }
    if contact.responsible_id:
        body["responsible_user_id"] = contact.responsible_id
    return _without_empty_lists(body)


def changed_lead(command: UpdateLead, terms: Terms) -> JsonObject:
    """Only what changes; empty when the command changes nothing in the CRM."""
    body: JsonObject = {
        "name": shortened(command.name, NAME_LENGTH) if command.name is not None else None,
        "price": to_whole_rubles(command.price) if command.price is not None else None,
        "pipeline_id": command.pipeline_id,
        "status_id": command.stage_id,
        "loss_reason_id": command.loss_reason_id,
        "custom_fields_values": custom_fields(command.fields, terms) or None,
        "tags_to_add": _tags(command.tags) or None,
    }
    filled = {name: value for name, value in body.items() if value is not None}
    return {"id": command.lead_id, **filled} if filled else {}


def changed_contact(command: UpdateContact, phones: Iterable[JsonObject], terms: Terms) -> JsonObject:
    """Only what changes; `phones` are those that the contact has: writing a field replaces all its values."""
    values = custom_fields(command.fields, terms)
    if command.phones:
        added = [{"value": phone, "enum_code": "WORK"} for phone in command.phones]
        values.append({"field_code": "PHONE", "values": [*phones, *added]})
    body: JsonObject = {
        "name": shortened(command.name, NAME_LENGTH) if command.name is not None else None,
        "custom_fields_values": values or None,
        "tags_to_add": _tags(command.tags) or None,
    }
    filled = {name: value for name, value in body.items() if value is not None}
    return {"id": command.contact_id, **filled} if filled else {}


def note(command: AddNote, lead_id: int) -> JsonObject:
    return {"entity_id": lead_id, "note_type": "common", "params": {"text": command.text}}


def task(command: AddTask, lead_id: int) -> JsonObject:
    body: JsonObject = {
        "entity_id": lead_id,
        "entity_type": "leads",
        "task_type_id": FOLLOW_UP,
        "text": command.text,
        "complete_till": int(command.due.timestamp()),
    }
    if command.responsible_id:
        body["responsible_user_id"] = command.responsible_id
    return body


def custom_fields(values: Iterable[FieldValue], terms: Terms) -> list[JsonObject]:
    return [{"field_id": field.field_id, "values": _values(field, terms)} for field in values]


def shortened(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _values(given: FieldValue, terms: Terms) -> list[JsonObject] | None:
    """None clears a field."""
    if given.value in (None, "", ()):
        return None
    field = terms.fields.get(given.field_id)
    kind = field.type if field else "text"
    texts = given.value if isinstance(given.value, tuple) else (str(given.value),)
    if kind == "multiselect":
        return [_choice(field, text) for text in texts]
    if kind in ONE_OF:
        return [_choice(field, texts[0])]
    return [{"value": _scalar(kind, ", ".join(texts), terms)}]


def _choice(field: CustomField | None, text: str) -> JsonObject:
    """By id when the list has this text; else by the text, refused unless the list has grown since."""
    enums = field.enums if field else ()
    enum_id = next((enum_id for enum_id, value in enums if value == text), None)
    return {"enum_id": enum_id} if enum_id is not None else {"value": text}


def _scalar(kind: str, text: str, terms: Terms) -> str | int | bool:
    match kind:
        case "checkbox":
            return text.lower() not in ("0", "false")
        case "date" | "birthday" if text.isdecimal():
            return _midnight(int(text), terms.timezone)
        case "date_time" if text.isdecimal():
            return int(text)
        case "text" | "url" | "streetaddress":
            return shortened(text, TEXT_LENGTH)
    return text


def _midnight(moment: int, timezone: str) -> int:
    """A date is the midnight that begins it in the account; anything else may be shown as another day."""
    day = datetime.fromtimestamp(moment, ZoneInfo(timezone))
    return int(day.replace(hour=0, minute=0, second=0, microsecond=0).timestamp())


def _up_to(count: int, fields: Iterable[JsonObject]) -> Iterable[JsonObject]:
    """As many fields as fit; the list of a multi-select is cut before a field is left out."""
    for one in fields:
        values = (one["values"] or ())[:count]
        if values:
            yield {**one, "values": values}
        count -= len(values)


def _tags(names: Iterable[str]) -> list[JsonObject]:
    return [{"name": name} for name in names]


def _without_empty_lists(body: JsonObject) -> JsonObject:
    return {name: value for name, value in body.items() if value != []}
