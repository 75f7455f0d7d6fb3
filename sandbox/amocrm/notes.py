"""Notes of leads, contacts and companies."""

from __future__ import annotations

from typing import Any

from sandbox.amocrm import hooks, triggers
from sandbox.amocrm.checks import Check, Json, items_of, object_of, prepared, request_id
from sandbox.amocrm.http import Reply, Request, brackets, hal, no_content, route
from sandbox.amocrm.journal_events import record_event
from sandbox.amocrm.lists import answer, order_of
from sandbox.amocrm.models import ROBOT, Account, Note
from sandbox.amocrm.views import note_model

KEYS = {
    "entity_id": "int", "note_type": "string", "params": "object", "created_by": "int", "updated_by": "int",
    "created_at": "time", "updated_at": "time", "responsible_user_id": "int", "request_id": "string",
    "is_need_to_trigger_digital_pipeline": "bool", "id": "int",
}  # fmt: skip
CALLS = {"call_in": "incoming_call", "call_out": "outgoing_call"}
PARAMS: dict[str, tuple[str, ...]] = {
    "common": ("text",),
    "service_message": ("service", "text"),
    "extended_service_message": ("service", "text"),
    "call_in": ("uniq", "duration", "source", "phone"),
    "call_out": ("uniq", "duration", "source", "phone"),
    "message_cashier": ("status", "text"),
    "geolocation": ("text", "address", "longitude", "latitude"),
    "sms_in": ("text", "phone"),
    "sms_out": ("text", "phone"),
    "attachment": ("file_uuid", "file_name"),
}


def entity_of(request: Request) -> str:
    return request.path.strip("/").split("/")[0]


def _model(request: Request, note: Note) -> Json:
    model = note_model(request.account, note)
    del model["entity_type"]
    return {**model, "_links": request.links(f"{note.entity}/{note.entity_id}/notes/{note.id}")}


def _listed(request: Request, ids: Any) -> Reply:
    field, descending = order_of(request, ("id", "updated_at"))
    kinds = {value for key, value in request.pairs if key.startswith("filter[note_type]")}
    wanted = {value for key, value in request.pairs if brackets(key)[:2] == ["filter", "entity_id"]}
    rows = [request.account.notes.rows[note_id] for note_id in ids]
    rows = [note for note in rows if not kinds or note.note_type in kinds]
    rows = [note for note in rows if not wanted or str(note.entity_id) in wanted]
    rows.sort(key=lambda note: (getattr(note, field), note.id), reverse=descending)
    return answer(request, "notes", rows, lambda note: _model(request, note))


def listed_of_entity(request: Request) -> Reply:
    return _listed(request, request.account.notes_of.get((entity_of(request), request.ids[0]), ()))


def listed(request: Request) -> Reply:
    entity = entity_of(request)
    return _listed(
        request, [note.id for note in request.account.notes.rows.values() if note.entity == entity]
    )


def single(request: Request) -> Reply:
    note = request.account.notes.get(request.ids[-1])
    return hal(_model(request, note)) if note is not None else no_content()


def created(request: Request) -> Reply:
    entity = entity_of(request)
    owner = request.ids[0] if request.ids else None
    account = request.account
    items = items_of(request)
    drafts = prepared(items, lambda item, check: _read(account, entity, owner, item, check))
    rows = []
    for place, (item, entity_id) in enumerate(zip(items, drafts, strict=True)):
        note = add_note(account, entity, entity_id, item, request.user_id)
        links = request.links(f"{entity}/{entity_id}/notes/{note.id}")
        row = {"id": note.id, "entity_id": entity_id, "request_id": request_id(item, place), "_links": links}
        rows.append(row)
    return hal({"_links": request.links(request.path), "_embedded": {"notes": rows}}, rows=len(rows))


def _read(account: Account, entity: str, owner: int | None, item: Json, check: Check) -> int:
    """The id of the entity that the note belongs to."""
    check.shape(item, KEYS)
    entity_id = owner if owner is not None else item.get("entity_id")
    if entity_id is None:
        check.refuse("FieldMissing", "entity_id")
    elif getattr(account, entity).get(entity_id) is None:
        check.refuse("NotSupportedChoice", "entity_id")
    kind = item.get("note_type")
    if kind is None:
        check.refuse("FieldMissing", "note_type")
    elif kind not in PARAMS:
        check.refuse("NotSupportedChoice", "note_type")
    else:
        _read_params(kind, item.get("params"), check)
    check.choice("created_by", item.get("created_by"), account.users.keys() | {ROBOT})
    check.choice("responsible_user_id", item.get("responsible_user_id"), account.users.keys())
    return entity_id or 0


def _read_params(kind: str, params: Any, check: Check) -> None:
    if not isinstance(params, dict):
        check.refuse("FieldMissing", "params")
        return
    for name in PARAMS[kind]:
        if params.get(name) is None:
            check.refuse("FieldMissing", f"params.{name}")
        elif name == "text" and not isinstance(params[name], str):
            check.wrong_type(f"params.{name}", "string")


def add_note(account: Account, entity: str, entity_id: int, item: Json, author: int) -> Note:
    now = account.now
    note = Note(
        id=account.crm.new_id("note"),
        name="",
        created_at=item.get("created_at", now),
        updated_at=now,
        entity=entity,
        entity_id=entity_id,
        created_by=item.get("created_by", author),
        updated_by=author,
        responsible_user_id=item.get("responsible_user_id", author),
        note_type=item["note_type"],
        params=item["params"],
        is_counted=item.get("created_by") is not None
        and item.get("created_by") == item.get("responsible_user_id"),
    )
    account.notes.add(note, ("", ""), account.crm.search_now())
    account.notes_of.setdefault((entity, entity_id), []).append(note.id)
    about = (entity.removesuffix("s"), entity_id)
    kind = CALLS.get(note.note_type, f"{note.note_type}_note_added")
    record_event(account, kind, about, note.created_by, ({}, {"note": {"id": note.id}}))
    hooks.note_added(account, note)
    if item.get("is_need_to_trigger_digital_pipeline", True):
        triggers.lead_called(account, note)
    return note


def _change(request: Request, note_id: Any, item: Json, check: Check) -> Note | None:
    check.shape(item, KEYS)
    note = request.account.notes.get(note_id) if isinstance(note_id, int) else None
    if note is None:
        check.refuse("NotSupportedChoice", "id")
    elif "params" in item:
        _read_params(item.get("note_type", note.note_type), item["params"], check)
    return note


def _changed(request: Request, note: Any, item: Json) -> Json:
    note.note_type = item.get("note_type", note.note_type)
    note.params = item.get("params", note.params)
    note.updated_by = request.user_id
    request.account.notes.touch(note, request.account.now, ("", ""), request.crm.search_now())
    return {
        "id": note.id,
        "entity_id": note.entity_id,
        "updated_at": note.updated_at,
        "_links": _model(request, note)["_links"],
    }


def changed(request: Request) -> Reply:
    items = items_of(request)
    notes = prepared(items, lambda item, check: _change(request, item.get("id"), item, check))
    rows = [_changed(request, note, item) for note, item in zip(notes, items, strict=True)]
    return hal({"_links": request.links(request.path), "_embedded": {"notes": rows}}, rows=len(rows))


def changed_one(request: Request) -> Reply:
    item = object_of(request)
    notes = prepared([item], lambda given, check: _change(request, request.ids[-1], given, check))
    return hal(_changed(request, notes[0], item), rows=1)


def pinned(request: Request) -> Reply:
    note = request.account.notes.get(request.ids[-1])
    if note is not None:
        note.is_pinned = request.path.endswith("/pin")
    return no_content()


for _entity in ("leads", "contacts", "companies"):
    route("GET", f"{_entity}/notes")(listed)
    route("POST", f"{_entity}/notes")(created)
    route("PATCH", f"{_entity}/notes")(changed)
    route("GET", f"{_entity}/notes/#")(single)
    route("PATCH", f"{_entity}/notes/#")(changed_one)
    route("GET", f"{_entity}/#/notes")(listed_of_entity)
    route("POST", f"{_entity}/#/notes")(created)
    route("PATCH", f"{_entity}/#/notes")(changed)
    route("GET", f"{_entity}/#/notes/#")(single)
    route("PATCH", f"{_entity}/#/notes/#")(changed_one)
    route("POST", f"{_entity}/notes/#/pin")(pinned)
    route("POST", f"{_entity}/notes/#/unpin")(pinned)
