"""What a refusal says of the entities of a batch: a field or a stage is gone, or the entity is wrong."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from backend.core.errors import InvalidInput, NeedsHuman, Scope
from backend.core.sync.commands import Command, CreateLead, UpdateContact, UpdateLead
from backend.integrations.amocrm.batches import Entity, Outcome
from backend.integrations.amocrm.client import Problem, Refused
from backend.integrations.http import JsonObject

BROKEN_FIELD = re.compile(r"^(_embedded\.contacts\.(\d+)\.)?custom_fields_values\.(\d+)\.field_id$")
CONFIGURED = {
    "pipeline_id": "amocrm.stage_unknown",
    "status_id": "amocrm.stage_unknown",
    "responsible_user_id": "amocrm.user_unknown",
    "loss_reason_id": "amocrm.loss_reason_unknown",
}
GONE = {
    "id": "amocrm.lead_gone",
    "entity_id": "amocrm.lead_gone",
    "_embedded.contacts.0.id": "amocrm.contact_gone",
}


class Sent(Protocol):
    """One entity of a batch: our reference of it, and what was sent."""

    @property
    def ref(self) -> str: ...
    @property
    def body(self) -> JsonObject: ...


def problems_of(entity: Sent, place: int, refusal: Refused) -> list[Problem]:
    """By our reference; a bare number is the place in the batch."""
    return [problem for problem in refusal.problems if problem.request_id in (entity.ref, str(place))]


def broken_fields_of(entity: Sent, problems: Iterable[Problem]) -> Iterable[int]:
    for problem in problems:
        found = BROKEN_FIELD.match(problem.path)
        if found is None:
            continue
        contacts = (entity.body.get("_embedded") or {}).get("contacts") or []
        whole = contacts[int(found[2])] if found[1] and int(found[2]) < len(contacts) else entity.body
        values = whole.get("custom_fields_values") or []
        if int(found[3]) < len(values) and "field_id" in values[int(found[3])]:
            yield values[int(found[3])]["field_id"]


def without_fields(body: JsonObject, broken: Collection[int]) -> tuple[JsonObject, tuple[int, ...]]:
    """A lead or a contact, and those inside it, without the fields that are gone, and which those were."""
    body, gone = _cut(body, broken)
    contacts = (body.get("_embedded") or {}).get("contacts") or []
    for place, contact in enumerate(contacts):
        cut, more = _cut(contact, broken)
        if more:
            contacts = [*contacts[:place], cut, *contacts[place + 1 :]]
            body, gone = {**body, "_embedded": {**body["_embedded"], "contacts": contacts}}, (*gone, *more)
    return body, gone


def _cut(body: JsonObject, broken: Collection[int]) -> tuple[JsonObject, tuple[int, ...]]:
    values = body.get("custom_fields_values") or []
    gone = tuple(value["field_id"] for value in values if value.get("field_id") in broken)
    if not gone:
        return body, ()
    left = [value for value in values if value.get("field_id") not in broken]
    kept = {name: value for name, value in body.items() if name != "custom_fields_values"}
    return ({**kept, "custom_fields_values": left} if left else kept), gone


def refused(entity: Entity, problems: Sequence[Problem], refusal: Refused) -> Outcome:
    paths = [problem.path for problem in problems]
    configured = next((path for path in paths if path in CONFIGURED), None)
    gone = next((GONE[path] for path in paths if path in GONE), None)
    if gone is not None and isinstance(entity.command, UpdateContact):
        gone = "amocrm.contact_gone"
    details = refusal.details if not problems else {"path": problems[0].path, "problem": problems[0].code}
    if configured is not None:
        named = {"value": entity.body.get(configured, 0), "pipeline_id": entity.body.get("pipeline_id", 0)}
        error = NeedsHuman(CONFIGURED[configured], _route(entity.command), **named)
        return Outcome(
            entity.row_id, "human", entity.lead_id, error=error, broken_fields=entity.broken_fields
        )
    rejected = InvalidInput(gone or "amocrm.refused", **details)
    return Outcome(
        entity.row_id, "rejected", entity.lead_id, error=rejected, broken_fields=entity.broken_fields
    )


def _route(command: Command) -> Scope:
    """The route that a command follows: branch and direction, as far as the command knows them."""
    branch = command.key.split(":")[1] if command.key.count(":") == 2 else ""
    match command:
        case CreateLead():
            return Scope("route", f"{branch}:{command.direction}")
        case UpdateLead():
            return Scope("route", f"{branch}:{command.attaches or ''}")
        case _:
            return Scope("branch", branch)
