"""Bodies of YCLIENTS' hooks → envelopes. Events have no id: the hash of the content is one."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any, NoReturn

from backend.integrations.envelope import Envelope
from backend.integrations.http import JsonObject
from backend.integrations.yclients.parse import NAME, number, phase

RECORD = "record"
RESOURCES = frozenset(
    (
        "company", "service_category", "service", "staff", "client", RECORD, "good", "goods_operations_sale",
        "goods_operations_receipt", "goods_operations_consumable", "goods_operations_stolen",
        "goods_operations_move", "finances_operation", "schedule",
    )
)  # fmt: skip
UNREADABLE = f"{NAME}.unreadable"


def read(body: bytes) -> tuple[Envelope, ...]:
    """One envelope for each event: a body holds one object or an array of them."""
    try:
        data = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return (_unreadable(body.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")),)
    events = data if isinstance(data, list) and data else [data]
    return tuple(_envelope(event) for event in events)


def _envelope(event: Any) -> Envelope:
    text = _storable(json.dumps(event, ensure_ascii=False, sort_keys=True, separators=(",", ":")))
    if not isinstance(event, dict):
        return _unreadable(text)
    try:
        company_id, resource_id = number(event["company_id"]), number(event["resource_id"])
        resource = _storable(str(event["resource"])).replace("\0", "")
    except (KeyError, ValueError):
        return _unreadable(text)
    is_known = resource in RESOURCES and isinstance(event.get("data"), dict | list)
    return Envelope(
        kind=f"{NAME}.{resource}" if is_known else UNREADABLE,
        subject=_subject(company_id, resource, resource_id),
        dedup_key=_digest(text),
        body=text,
        company_id=company_id,
        resource=resource[:40],
        resource_id=resource_id,
        status=str(event.get("status") or "")[:20],
        is_readable=is_known,
        phase=phase(event.get("data")) if resource == RECORD else None,
    )


def told(company_id: int, record: JsonObject) -> Envelope:
    """A record found by asking, in the same envelope as if a hook had brought it."""
    event = {
        "company_id": company_id,
        "resource": RECORD,
        "resource_id": number(record["id"]),
        "status": "update",
        "data": record,
    }
    return _envelope(json.loads(json.dumps(event, default=str)))


def record_of(body: str) -> JsonObject:
    """The record inside a stored event."""
    data: JsonObject = json.loads(body, parse_float=Decimal)["data"]
    return data


def _subject(company_id: int, resource: str, resource_id: int) -> str:
    """A booking's key for records; other things never share a subject with one."""
    middle = "" if resource == RECORD else f"{resource[:40]}:"
    return f"{NAME}:{company_id}:{middle}{resource_id}"


def _unreadable(text: str) -> Envelope:
    digest = _digest(text)
    return Envelope(UNREADABLE, f"{UNREADABLE}:{digest[:16]}", digest, text, is_readable=False)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _storable(text: str) -> str:
    """Half of a surrogate pair is legal in JSON and in no database."""
    return text.encode("utf-8", "replace").decode()


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
