"""What leads and contacts have in common: reading a write, keeping it, tags, and the search text."""

from __future__ import annotations

from typing import Any

from sandbox.amocrm.checks import Check, Json
from sandbox.amocrm.models import ROBOT, Account, Entity, Tag
from sandbox.amocrm.values import Values, filterable, read_fields, searchable

COMMON = {
    "id": "int", "name": "string", "responsible_user_id": "int", "created_by": "int", "updated_by": "int",
    "created_at": "time", "updated_at": "time", "custom_fields_values": "array?", "tags_to_add": "array?",
    "tags_to_delete": "array?", "_embedded": "object?", "request_id": "string",
}  # fmt: skip
PLAIN = ("name", "responsible_user_id", "created_by", "created_at")


def read_common(account: Account, entity: str, item: Json, check: Check, prefix: str = "") -> Json:
    """The checked common part of a write; `fields`, `tags_*` are in the shape that `keep` takes."""
    users = account.users.keys()
    check.choice(f"{prefix}responsible_user_id", item.get("responsible_user_id"), users)
    for author in ("created_by", "updated_by"):
        check.choice(f"{prefix}{author}", item.get(author), users | {ROBOT})
    draft: Json = {key: item[key] for key in PLAIN if item.get(key) is not None}
    if item.get("updated_by") is not None:
        draft["updated_by"] = item["updated_by"]
    fields = item.get("custom_fields_values")
    if isinstance(fields, list):
        draft["fields"] = read_fields(account, entity, fields, check, prefix)
    draft.update(_read_tags(account, entity, item, check, prefix))
    return draft


def _read_tags(account: Account, entity: str, item: Json, check: Check, prefix: str) -> Json:
    draft: Json = {}
    embedded = item.get("_embedded")
    if isinstance(embedded, dict) and "tags" in embedded:
        draft["tags_replace"] = _tags(account, entity, embedded["tags"], check, f"{prefix}_embedded.tags")
    for key in ("tags_to_add", "tags_to_delete"):
        if item.get(key) is not None:
            draft[key] = _tags(account, entity, item[key], check, f"{prefix}{key}")
    return draft


def _tags(account: Account, entity: str, given: Any, check: Check, path: str) -> list[Json]:
    if given is None:
        return []
    if not isinstance(given, list):
        check.wrong_type(path, "array")
        return []
    for place, tag in enumerate(given):
        if not isinstance(tag, dict) or not (tag.get("id") or tag.get("name")):
            check.refuse("FieldMissing", f"{path}.{place}.name")
        elif tag.get("id") and tag["id"] not in account.tags[entity]:
            check.refuse("NotSupportedChoice", f"{path}.{place}.id")
    return [tag for tag in given if isinstance(tag, dict)]


def tag_id(account: Account, entity: str, tag: Json) -> int:
    """An unknown name becomes a new tag; names differ in more than case."""
    if tag.get("id"):
        return int(tag["id"])
    name = str(tag["name"])
    key = (entity, name.lower())
    if key not in account.tag_ids:
        new = Tag(account.crm.new_id("tag"), name, tag.get("color"))
        account.tags[entity][new.id] = new
        account.tag_ids[key] = new.id
    return account.tag_ids[key]


def keep(account: Account, collection: str, entity: Entity, draft: Json, author: int) -> None:
    """Write the common part of a checked draft into the entity."""
    for key in ("name", "responsible_user_id"):
        if key in draft:
            setattr(entity, key, draft[key])
    entity.updated_by = draft.get("updated_by", author)
    if "fields" in draft:
        _keep_fields(account, collection, entity, draft["fields"])
    _keep_tags(account, collection, entity, draft)


def _keep_fields(account: Account, collection: str, entity: Entity, fields: Values) -> None:
    table: Any = getattr(account, collection)
    for field_id, values in fields.items():
        old = [filterable(value) for value in entity.fields.get(field_id, ())]
        table.index_value(entity.id, field_id, old, [filterable(value) for value in values])
        if values:
            entity.fields[field_id] = values
        else:
            entity.fields.pop(field_id, None)


def _keep_tags(account: Account, collection: str, entity: Entity, draft: Json) -> None:
    if "tags_replace" in draft:
        entity.tags = {tag_id(account, collection, tag): None for tag in draft["tags_replace"]}
    for tag in draft.get("tags_to_add", ()):
        entity.tags[tag_id(account, collection, tag)] = None
    for tag in draft.get("tags_to_delete", ()):
        entity.tags.pop(tag_id(account, collection, tag), None)


def settle_new(account: Account, collection: str, entity: Entity) -> None:
    entity_text = searchable(account, collection, entity.name, entity.fields)
    getattr(account, collection).add(entity, entity_text, account.crm.search_now())


def settle_changed(account: Account, collection: str, entity: Entity) -> None:
    """Every write moves `updated_at`, and the search learns of it later."""
    crm = account.crm
    entity_text = searchable(account, collection, entity.name, entity.fields)
    if crm.search_now() - entity.changed >= crm.search_lag:
        entity.older = (entity.text, entity.digits)
    table: Any = getattr(account, collection)
    table.touch(entity, account.now, entity_text, crm.search_now())


def shown_tags(account: Account, collection: str, entity: Entity) -> list[Json]:
    known = account.tags[collection]
    return [{"id": tag, "name": known[tag].name, "color": known[tag].color} for tag in entity.tags]
