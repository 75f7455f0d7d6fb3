"""What is sent about calls, and how amoCRM's answers name and tell of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from backend.core.errors import AppError
from backend.core.telephony.after.commands import CallCommand, MakeLead
from backend.core.telephony.rules import Entity
from backend.integrations.amocrm.batches import CREATED, MET, TASKED
from backend.integrations.amocrm.calls_render import COLLECTIONS
from backend.integrations.http import Answer, JsonObject


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a command. `made_id` is the note, task or call; `uid` of «Неразобранное». `gone`: what
    it was about is not there any more.
    """

    row_id: int
    status: Literal["done", "rejected", "human"] = "done"
    entity: Entity | None = None
    entity_id: int | None = None
    lead_id: int | None = None
    contact_id: int | None = None
    made_id: int | None = None
    uid: str = ""
    error: AppError | None = None
    gone: bool = False
    broken_fields: tuple[int, ...] = ()
    response: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One entity of a batch."""

    row_id: int
    command: CallCommand
    body: JsonObject
    broken_fields: tuple[int, ...] = ()

    @property
    def ref(self) -> str:
        return f"c{self.row_id}"


@dataclass(frozen=True, slots=True)
class Sending:
    """Where equal commands go together, how an answer names them, and what its row says."""

    method: str
    path: str
    read: Callable[[Answer], Mapping[str, JsonObject]]
    told: Callable[[Item, JsonObject], Outcome]
    ref: Callable[[Item], str] = lambda item: item.ref


def _rows(name: str) -> Callable[[Answer], dict[str, JsonObject]]:
    return lambda answer: {
        str(row.get("request_id")): row for row in (answer.body.get("_embedded") or {}).get(name) or ()
    }


def _id(row: JsonObject, name: str = "id") -> int | None:
    return int(row[name]) if row.get(name) else None


def _first(row: JsonObject, name: str) -> int | None:
    return next((int(one["id"]) for one in (row.get("_embedded") or {}).get(name) or ()), None)


def _made_lead(item: Item, row: JsonObject) -> Outcome:
    known = item.command.contact if isinstance(item.command, MakeLead) else None
    contact_id = _id(row, "contact_id") or (known if isinstance(known, int) else None)
    return Outcome(item.row_id, lead_id=_id(row), contact_id=contact_id)


def _made_incoming(item: Item, row: JsonObject) -> Outcome:
    uid = str(row.get("uid") or "")
    return Outcome(item.row_id, uid=uid, lead_id=_first(row, "leads"), contact_id=_first(row, "contacts"))


def _logged(item: Item, row: JsonObject) -> Outcome:
    kinds = {str(entity): entity for entity in Entity}
    entity = kinds.get(str(row.get("entity_type") or "").removesuffix("s"))
    return Outcome(item.row_id, entity=entity, entity_id=_id(row, "entity_id"), made_id=_id(row))


def noted(entity: Entity) -> Sending:
    def told(item: Item, row: JsonObject) -> Outcome:
        entity_id = _id(row, "entity_id") or item.body["entity_id"]
        return Outcome(item.row_id, entity=entity, entity_id=entity_id, made_id=_id(row))

    return Sending("POST", f"{COLLECTIONS[entity]}/notes", _rows("notes"), told)


def changed(entity: Entity) -> Sending:
    name = COLLECTIONS[entity]

    def told(item: Item, _row: JsonObject) -> Outcome:
        return Outcome(item.row_id, entity=entity, entity_id=item.body["id"])

    return Sending("PATCH", name, _by_id(name), told, lambda item: str(item.body["id"]))


def _by_id(name: str) -> Callable[[Answer], dict[str, JsonObject]]:
    return lambda answer: {
        str(row.get("id")): row for row in (answer.body.get("_embedded") or {}).get(name) or ()
    }


def _made(item: Item, row: JsonObject) -> Outcome:
    return Outcome(item.row_id, made_id=_id(row))


PEOPLE = Sending(MET.method, MET.path, MET.read, lambda item, row: Outcome(item.row_id, contact_id=_id(row)))
LEADS = Sending(CREATED.method, CREATED.path, CREATED.read, _made_lead)
OF_COMPANIES = Sending("POST", "leads", _rows("leads"), _made_lead)
INCOMING = Sending("POST", "leads/unsorted/sip", _rows("unsorted"), _made_incoming)
CALLS = Sending("POST", "calls", _rows("calls"), _logged)
TASKS = Sending(TASKED.method, TASKED.path, TASKED.read, _made)
CLOSED = Sending("PATCH", "tasks", _by_id("tasks"), _made, lambda item: str(item.body["id"]))
