"""Our fields on the leads and contacts of an account: missing ones are made, short lists are completed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.integrations.amocrm.client import AmoClient
from backend.integrations.http import Answer, JsonObject

WITH_ENUMS = ("select", "multiselect", "radiobutton")


@dataclass(frozen=True, slots=True)
class FieldWish:
    """A field we want. `name` is ours, `title` is what people see; `code` finds it after a reinstall."""

    name: str
    code: str
    type: str
    title: str
    enums: tuple[str, ...] = ()
    is_api_only: bool = False


def ensure_fields(
    client: AmoClient, wanted: Sequence[FieldWish], existing: Mapping[str, int], entity: str = "leads"
) -> dict[str, int]:
    """Ids of the wanted fields by our name. `existing` are known ids; one that is gone is made anew."""
    rows = client.custom_fields(entity)
    by_id = {int(row["id"]): row for row in rows}
    by_code = {str(row["code"]): row for row in rows if row.get("code")}
    found: dict[str, JsonObject] = {}
    for wish in wanted:
        row = by_id.get(existing.get(wish.name, 0)) or by_code.get(wish.code)
        if row is not None:
            found[wish.name] = row
    path = f"{entity}/custom_fields"
    _complete_lists(client, path, [(wish, found[wish.name]) for wish in wanted if wish.name in found])
    made = _make(client, path, [wish for wish in wanted if wish.name not in found])
    return {name: int(row["id"]) for name, row in found.items()} | made


def _make(client: AmoClient, path: str, wishes: Sequence[FieldWish]) -> dict[str, int]:
    if not wishes:
        return {}
    answer = client.write("POST", path, [_body(wish) for wish in wishes])
    by_code = {str(row.get("code")): int(row["id"]) for row in _rows(answer)}
    return {wish.name: by_code[wish.code] for wish in wishes}


def _body(wish: FieldWish) -> JsonObject:
    body: JsonObject = {
        "name": wish.title,
        "code": wish.code,
        "type": wish.type,
        "is_api_only": wish.is_api_only,
        "request_id": wish.name,
    }
    if wish.type in WITH_ENUMS:
        body["enums"] = [{"value": value, "sort": place * 10} for place, value in enumerate(wish.enums, 1)]
    return body


def _complete_lists(client: AmoClient, path: str, pairs: Sequence[tuple[FieldWish, JsonObject]]) -> None:
    """A list is written as a whole, with the ids of its old items: an item left out would be deleted."""
    changes = []
    for wish, row in pairs:
        old = row.get("enums") or []
        missing = [value for value in wish.enums if value not in {enum.get("value") for enum in old}]
        if missing and row.get("type") in WITH_ENUMS:
            kept = [{key: enum[key] for key in ("id", "value", "sort") if key in enum} for enum in old]
            last = max((int(enum.get("sort") or 0) for enum in old), default=0)
            added = [{"value": value, "sort": last + 10 * place} for place, value in enumerate(missing, 1)]
            changes.append({"id": int(row["id"]), "enums": [*kept, *added]})
    if changes:
        client.write("PATCH", path, changes)


def _rows(answer: Answer) -> list[JsonObject]:
    return list((answer.body.get("_embedded") or {}).get("custom_fields") or ())
