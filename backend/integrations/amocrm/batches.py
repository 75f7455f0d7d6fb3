"""Where equal commands go together in amoCRM, and what its answers say of each entity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from backend.core.errors import AppError
from backend.core.sync.commands import Command, CreateLead
from backend.integrations.http import Answer, JsonObject


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a command. `broken_fields` were left out: the CRM has no such fields any more."""

    row_id: int
    status: Literal["done", "rejected", "human"]
    lead_id: int | None = None
    contact_id: int | None = None
    response: JsonObject | None = None
    error: AppError | None = None
    broken_fields: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity of a batch."""

    row_id: int
    command: Command
    body: JsonObject
    lead_id: int | None = None
    broken_fields: tuple[int, ...] = ()

    @property
    def ref(self) -> str:
        return f"c{self.row_id}"


@dataclass(frozen=True, slots=True)
class Collection:
    """Where equal commands go together, and how to read what came of them: by reference."""

    method: str
    path: str
    read: Callable[[Answer], dict[str, JsonObject]]
    ref: Callable[[Entity], str] = lambda entity: entity.ref


def done(entity: Entity, row: JsonObject | None) -> Outcome:
    is_new = isinstance(entity.command, CreateLead)
    return Outcome(
        row_id=entity.row_id,
        status="done",
        lead_id=int(row["id"]) if is_new and row else entity.lead_id,
        contact_id=int(row["contact_id"]) if is_new and row and row.get("contact_id") else None,
        response={name: value for name, value in row.items() if name != "_links"} if row else None,
        broken_fields=entity.broken_fields,
    )


def _rows(answer: Answer, name: str) -> list[JsonObject]:
    return list((answer.body.get("_embedded") or {}).get(name) or ())


def _made(answer: Answer) -> dict[str, JsonObject]:
    """A plain array whose `request_id` is an array: joined duplicates share one lead."""
    rows = answer.data if isinstance(answer.data, list) else _rows(answer, "leads")
    return {str(ref): row for row in rows for ref in _listed(row.get("request_id"))}


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _noted(name: str) -> Callable[[Answer], dict[str, JsonObject]]:
    return lambda answer: {str(row.get("request_id")): row for row in _rows(answer, name)}


CREATED = Collection("POST", "leads/complex", _made)
# The answer to a change names leads by id and has no `request_id`.
UPDATED = Collection(
    "PATCH",
    "leads",
    lambda answer: {str(row.get("id")): row for row in _rows(answer, "leads")},
    lambda entity: str(entity.lead_id),
)
NOTED = Collection("POST", "leads/notes", _noted("notes"))
TASKED = Collection("POST", "tasks", _noted("tasks"))
MET = Collection("POST", "contacts", _noted("contacts"))
KNOWN = Collection(
    "PATCH",
    "contacts",
    lambda answer: {str(row.get("id")): row for row in _rows(answer, "contacts")},
    lambda entity: str(entity.body.get("id")),
)
