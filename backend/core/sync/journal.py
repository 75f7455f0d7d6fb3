"""Commands, decisions and facts as plain JSON, for the outbox and for the pages that explain them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from backend.core.crm import Lead
from backend.core.salon import Booking
from backend.core.sync.booking import BookingFacts
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
        "facts": _facts(facts) if facts else {},
    }


def _facts(facts: BookingFacts) -> Json:
    return {
        "booking": booking(facts.booking),
        "lead": _lead(facts.lead) if facts.lead else None,
        "contact_id": facts.contact.id if facts.contact else None,
        "candidates": [
            {**_lead(c.lead), "holder": c.holder.key if c.holder else None} for c in facts.candidates
        ],
    }


def booking(value: Booking) -> Json:
    """No phone and no name of the client here: the journal outlives the need to know them."""
    return {
        "key": value.key,
        "phase": str(value.phase),
        "starts_at": value.starts_at.isoformat(),
        "changed_at": value.changed_at.isoformat(),
        "price": value.price,
        "is_paid": value.is_paid,
        "staff": value.staff.name,
        "staff_id": value.staff.id,
        "services": [
            {"id": line.service_id, "title": line.title, "price": line.price, "amount": line.amount}
            for line in value.lines
        ],
    }


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
