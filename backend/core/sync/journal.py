"""Commands, decisions and facts as plain JSON, for the outbox and for the pages that explain them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from backend.core.crm import Lead
from backend.core.salon import Booking, Label, Phase, ServiceLine, StaffMember
from backend.core.sync.commands import (
    AddNote,
    AddTask,
    Command,
    CreateLead,
    Decision,
    FieldValue,
    LinkProducts,
    NewContact,
    ProductLine,
    ReplaceContact,
    UpdateContact,
    UpdateLead,
)
from backend.core.sync.facts import BookingFacts

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Json = dict[str, object]


def command(value: Command) -> Json:
    return {"kind": type(value).__name__, **_plain_object(value)}


def command_from(data: Mapping[str, Any]) -> Command:
    """The command that `command` wrote down; render and read are inverse."""
    values = {name: _tuples(value) for name, value in data.items() if name not in ("kind", "fields")}
    fields = tuple(FieldValue(**_tupled(value)) for value in data.get("fields", ()))
    match data["kind"]:
        case "CreateLead":
            return CreateLead(**{**values, "contact": _contact(data["contact"])}, fields=fields)
        case "UpdateLead":
            return UpdateLead(**values, fields=fields)
        case "AddNote":
            return AddNote(**values)
        case "AddTask":
            return AddTask(**{**values, "due": datetime.fromisoformat(data["due"])})
        case "UpdateContact":
            return UpdateContact(**values, fields=fields)
        case "ReplaceContact":
            return ReplaceContact(**{**values, "contact": _contact(data["contact"])})
        case "LinkProducts":
            lines = tuple(ProductLine(**line) for line in data["lines"])
            return LinkProducts(**{**values, "lines": lines})
        case kind:
            raise ValueError(f"unknown command: {kind}")


def _contact(given: int | Mapping[str, Any]) -> int | NewContact:
    if isinstance(given, int):
        return given
    fields = tuple(FieldValue(**_tupled(value)) for value in given.get("fields", ()))
    return NewContact(**{**_tupled(given), "fields": fields})


def _tupled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _tuples(value) for key, value in values.items()}


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


def decision(value: Decision, facts: BookingFacts | None = None) -> Json:
    """What an event remembers of its decision: reason, details and the facts it was made from."""
    return {
        "reason": str(value.reason),
        "details": dict(value.details),
        "version": value.version.isoformat() if value.version else None,
        "facts": _facts(facts, dict(value.considered)) if facts else {},
    }


def _facts(facts: BookingFacts, thoughts: Mapping[int, str]) -> Json:
    return {
        "booking": booking(facts.booking),
        "lead": _lead(facts.lead) if facts.lead else None,
        "contact_id": facts.contact.id if facts.contact else None,
        "candidates": [
            {
                **_lead(c.lead),
                "holder": c.holder.key if c.holder else None,
                "rank": thoughts.get(c.lead.id, ""),
            }
            for c in facts.candidates
        ],
    }


def booking(value: Booking) -> Json:
    """No phone and no name of the client here: the journal outlives the need to know them."""
    return {
        "key": value.key,
        "phase": str(value.phase),
        "starts_at": value.starts_at.isoformat(),
        "changed_at": value.changed_at.isoformat(),
        "created_at": value.created_at.isoformat(),
        "duration": value.duration_seconds,
        "price": value.price,
        "is_paid": value.is_paid,
        "is_online": value.is_online,
        "staff": value.staff.name,
        "staff_id": value.staff.id,
        "author_id": value.author_id,
        "visit_id": value.visit_id,
        "event_id": value.event_id,
        "places": value.places,
        "labels": [[label.id, label.title] for label in value.labels],
        "services": [
            {
                "id": line.service_id, "title": line.title, "price": line.price, "amount": line.amount,
                "full_price": line.full_price, "category_id": line.category_id,
            }
            for line in value.lines
        ],
    }  # fmt: skip


def booking_from(data: Mapping[str, Any]) -> Booking:
    """A booking as it was written down: without its client and its comment."""
    source, branch_id, record_id = data["key"].split(":")
    return Booking(
        source, int(branch_id), int(record_id), Phase(data["phase"]),
        datetime.fromisoformat(data["starts_at"]), datetime.fromisoformat(data["changed_at"]),
        datetime.fromisoformat(data.get("created_at", data["changed_at"])),
        lines=tuple(_line(row) for row in data["services"]),
        staff=StaffMember(data.get("staff_id", 0), data["staff"]),
        duration_seconds=data.get("duration", 0), visit_id=data.get("visit_id", 0),
        is_online=data.get("is_online", False), is_paid=data["is_paid"], author_id=data.get("author_id", 0),
        labels=tuple(Label(*pair) for pair in data.get("labels", ())), event_id=data.get("event_id", 0),
        places=data.get("places", 1),
    )  # fmt: skip


def _line(row: Mapping[str, Any]) -> ServiceLine:
    return ServiceLine(
        row.get("id", 0), row["title"], row["price"], row["amount"], row.get("full_price", 0),
        row.get("category_id"),
    )  # fmt: skip


def created_at(snapshot: str) -> datetime | None:
    """When the booking was made, read from its snapshot as it is stored."""
    written = json.loads(snapshot).get("created_at")
    return datetime.fromisoformat(written) if written else None


def _lead(value: Lead) -> Json:
    return {
        "id": value.id,
        "name": value.name,
        "pipeline_id": value.pipeline_id,
        "stage_id": value.stage_id,
        "price": value.price,
        "responsible_id": value.responsible_id,
    }


def _plain_object(value: DataclassInstance) -> Json:
    return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return _plain_object(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list | frozenset):
        return [_plain(item) for item in value]
    return value
