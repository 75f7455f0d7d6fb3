"""Values of custom fields: what each type accepts, how it is kept and how it is shown."""

from __future__ import annotations

from datetime import datetime
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.amocrm.checks import Check, Json, is_type
from sandbox.amocrm.models import Account, Enum, Field

TEXTS = {"text", "textarea", "url", "streetaddress", "tracking_data"}
NUMBERS = {"numeric", "price", "monetary"}
DATES = {"date", "date_time", "birthday"}
CHOICES = {"select", "radiobutton", "multiselect", "category"}
MAX_VALUES = 40
Values = dict[int, list[Json]]


def read_fields(account: Account, entity: str, given: Any, check: Check, prefix: str = "") -> Values:
    """`custom_fields_values` of a write → values as they are read; an empty list clears the field."""
    found: Values = {}
    if given is None:
        return found
    if len(given) > MAX_VALUES:
        check.refuse("TooManyElements", f"{prefix}custom_fields_values")
    for place, item in enumerate(given):
        path = f"{prefix}custom_fields_values.{place}"
        if not isinstance(item, dict):
            check.wrong_type(path, "array")
            continue
        field = _field(account, entity, item, check, path)
        if field is not None:
            found[field.id] = _values(account, field, item, check, path)
    return found


def _field(account: Account, entity: str, item: Json, check: Check, path: str) -> Field | None:
    for key in item.keys() - {"field_id", "field_code", "values", "field_name", "field_type"}:
        check.refuse("FieldNotExpected", f"{path}.{key}")
    if item.get("field_id") is not None:
        key, field = "field_id", None
        if is_type(item["field_id"], "int"):
            field = account.fields[entity].get(item["field_id"])
        else:
            check.wrong_type(f"{path}.field_id", "int")
            return None
    elif item.get("field_code"):
        key, field = "field_code", account.field_by_code(entity, str(item["field_code"]))
    else:
        check.refuse("FieldMissing", f"{path}.field_id")
        return None
    if field is None:
        check.refuse("NotSupportedChoice", f"{path}.{key}")
    return field


def _values(account: Account, field: Field, item: Json, check: Check, path: str) -> list[Json]:
    if "values" not in item:
        check.refuse("FieldMissing", f"{path}.values")
        return []
    values = item["values"]
    if values is None:
        return []
    if not isinstance(values, list):
        check.wrong_type(f"{path}.values", "array")
        return []
    if field.type not in {"multiselect", "multitext"}:
        values = values[:1]
    kept = [_value(account, field, value, check, f"{path}.values.{n}") for n, value in enumerate(values)]
    return [value for value in kept if value is not None]


def _value(account: Account, field: Field, given: Any, check: Check, path: str) -> Json | None:
    """One value; None when it is empty or refused."""
    if not isinstance(given, dict):
        check.wrong_type(path, "array")
        return None
    for key in given.keys() - {"value", "enum_id", "enum_code"}:
        check.refuse("FieldNotExpected", f"{path}.{key}")
    if field.type in CHOICES:
        return _choice(field, given, check, path)
    if field.type == "multitext":
        return _multitext(field, given, check, path)
    value = given.get("value")
    if value is None or value == "":
        return None
    return _simple(account, field, value, check, f"{path}.value")


def _simple(account: Account, field: Field, value: Any, check: Check, path: str) -> Json | None:
    if field.type in NUMBERS:
        return _number(value, check, path)
    if field.type in DATES:
        return _date(account, field, value, check, path)
    expected = "bool" if field.type == "checkbox" else "string" if field.type in TEXTS else None
    if expected is not None and not is_type(value, expected):
        check.wrong_type(path, expected)
        return None
    return {"value": value}


def _number(value: Any, check: Check, path: str) -> Json | None:
    if is_type(value, "numeric") or (isinstance(value, str) and is_number(value)):
        return {"value": str(value)}
    check.wrong_type(path, "numeric")
    return None


def is_number(text: str) -> bool:
    try:
        return isfinite(float(text))
    except ValueError:
        return False


def _date(account: Account, field: Field, value: Any, check: Check, path: str) -> Json | None:
    """A number of seconds or RFC 3339 with an offset; a plain date is refused."""
    stamp: int | None = None
    if is_type(value, "int") or (isinstance(value, float) and value.is_integer()):
        stamp = int(value)
    elif isinstance(value, str) and "T" in value:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = None
        if moment is not None and moment.tzinfo is not None:
            stamp = int(moment.timestamp())
    if stamp is None:
        check.wrong_type(path, "int")
        return None
    return {"value": stamp if field.type == "date_time" else midnight(account, stamp)}


def midnight(account: Account, stamp: int) -> int:
    """A date is kept as midnight of the account, so 00:00 UTC comes back shifted (issue 402)."""
    local = datetime.fromtimestamp(stamp, ZoneInfo(account.timezone))
    return int(local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp())


def _choice(field: Field, given: Json, check: Check, path: str) -> Json | None:
    if given.get("enum_code") is not None and not any(enum.code for enum in field.enums):
        check.refuse("FieldNotExpected", f"{path}.enum_code")
        return None
    for key, attribute in (("enum_id", "id"), ("enum_code", "code"), ("value", "value")):
        wanted = given.get(key)
        if wanted is None:
            continue
        for enum in field.enums:
            if getattr(enum, attribute) == wanted and not isinstance(wanted, bool):
                return _enum_value(enum)
        check.refuse("NotSupportedChoice", f"{path}.{key}")
        return None
    return None


def _enum_value(enum: Enum) -> Json:
    return {"value": enum.value, "enum_id": enum.id, "enum_code": enum.code}


def _multitext(field: Field, given: Json, check: Check, path: str) -> Json | None:
    value = given.get("value")
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        check.wrong_type(f"{path}.value", "string")
        return None
    enum: Enum | None = field.enums[0]
    if given.get("enum_id") is not None:
        enum = next((e for e in field.enums if e.id == given["enum_id"]), None)
    elif given.get("enum_code") is not None:
        enum = next((e for e in field.enums if e.value == given["enum_code"]), None)
    if enum is None:
        check.refuse("NotSupportedChoice", f"{path}.enum_id" if given.get("enum_id") else f"{path}.enum_code")
        return None
    return {"value": value, "enum_id": enum.id, "enum_code": enum.value}


def shown(account: Account, entity: str, fields: Values) -> list[Json] | None:
    """`custom_fields_values` of a read; null when nothing is filled."""
    known = account.fields[entity]
    rows = [
        {
            "field_id": field_id,
            "field_name": known[field_id].name,
            "field_code": known[field_id].code,
            "field_type": known[field_id].type,
            "values": values,
        }
        for field_id, values in fields.items()
        if field_id in known
    ]
    return rows or None


def for_hook(account: Account, entity: str, fields: Values) -> list[Json]:
    """The old shape of account webhooks: dates are plain strings, the rest `{value, enum?}`."""
    known = account.fields[entity]
    rows: list[Json] = []
    for field_id, values in fields.items():
        field = known.get(field_id)
        if field is None:
            continue
        row: Json = {"id": field_id, "name": field.name}
        if field.code:
            row["code"] = field.code
        row["values"] = [_hook_value(field, value) for value in values]
        rows.append(row)
    return rows


def _hook_value(field: Field, value: Json) -> Any:
    if field.type in DATES:
        return value["value"]
    if "enum_id" in value:
        return {"value": value["value"], "enum": value["enum_id"]}
    return {"value": value["value"]}


def searchable(account: Account, entity: str, name: str, fields: Values) -> tuple[str, str]:
    """The text a search looks into, and the digits of the phones."""
    known = account.fields[entity]
    texts, phones = [name], []
    for field_id, values in fields.items():
        field = known.get(field_id)
        if field is None or field.type in DATES:
            continue
        for value in values:
            texts.append(str(value["value"]))
            if field.code == "PHONE":
                phones.append("".join(char for char in str(value["value"]) if char.isdigit()))
    return "\n".join(texts).lower(), "\n".join(phones)


def filterable(value: Json) -> Any:
    """What a filter by custom field compares: the id of a list item, 1 or 0 of a checkbox, else the text."""
    if value.get("enum_id") is not None and value.get("enum_code") is None:
        return str(value["enum_id"])
    if isinstance(value["value"], bool):
        return "1" if value["value"] else "0"
    return str(value["value"])
