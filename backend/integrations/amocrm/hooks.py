"""Bodies of amoCRM's account webhooks: PHP's bracket form, every value a text → leads, contacts, moves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from backend.core.crm import Contact, Lead
from backend.core.errors import InvalidInput
from backend.core.sync.confirming import StageMove
from backend.integrations.amocrm import parse
from backend.integrations.http import JsonObject

SHOWN = ("add", "update", "status", "responsible", "restore")  # actions that bring the whole entity
STEP = re.compile(r"\[([^\[\]]*)\]")
MOST_PAIRS = 100_000
DEEPEST = 12

T = TypeVar("T", Lead, Contact)


@dataclass(frozen=True, slots=True)
class AmoHook:
    """What changed. Leads come without `contact_ids`: hooks do not name them, so keep the known ones."""

    account_id: int
    leads: tuple[Lead, ...] = ()
    deleted_lead_ids: tuple[int, ...] = ()
    contacts: tuple[Contact, ...] = ()
    deleted_contact_ids: tuple[int, ...] = ()
    moves: tuple[StageMove, ...] = ()


def read(body: bytes) -> AmoHook:
    """A hook may carry several entities and actions; companies travel among the contacts and are left out."""
    try:
        data = form(body)
        leads, contacts = _object(data.get("leads")), _object(data.get("contacts"))
        moved = [parse.lead(row) for row in _rows(leads, ("status",))]
        return AmoHook(
            account_id=int(_object(data["account"])["id"]),
            leads=_newest(parse.lead(row) for row in _rows(leads, SHOWN)),
            deleted_lead_ids=tuple(int(row["id"]) for row in _rows(leads, ("delete",))),
            contacts=_newest(parse.contact(row) for row in _rows(contacts, SHOWN) if _is_person(row)),
            deleted_contact_ids=tuple(
                int(row["id"]) for row in _rows(contacts, ("delete",)) if _is_person(row)
            ),
            moves=tuple(
                StageMove(lead.id, lead.pipeline_id, lead.stage_id, lead.updated_at) for lead in moved
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput("amocrm.hook_malformed", error=type(error).__name__) from error


def form(body: bytes) -> JsonObject:
    """`a[b][0][c]=v` → {"a": {"b": [{"c": "v"}]}}. Objects with number keys become lists, gaps or not."""
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_PAIRS)
    except ValueError as error:
        raise InvalidInput("amocrm.hook_malformed", error="too many fields") from error
    root: JsonObject = {}
    for key, value in pairs:
        _put(root, _steps(key), value)
    return {name: _listed(value, name) for name, value in root.items()}


def _steps(key: str) -> list[str]:
    head, bracket, _rest = key.partition("[")
    return [head, *STEP.findall(key[len(head) :])] if bracket else [key]


def _put(node: JsonObject, steps: list[str], value: str) -> None:
    """The last of two contradicting pairs wins: a text gives way to an object and the other way round."""
    if len(steps) > DEEPEST:
        return
    for step in steps[:-1]:
        name = step or str(len(node))
        below = node.get(name)
        if not isinstance(below, dict):
            below = node[name] = {}
        node = below
    node[steps[-1] or str(len(node))] = value


def _listed(node: Any, name: str = "") -> Any:
    """`linked_leads_id` is keyed by ids and stays an object."""
    if not isinstance(node, dict):
        return node
    if node and name != "linked_leads_id" and all(key.isdecimal() for key in node):
        return [_listed(node[key]) for key in sorted(node, key=int)]
    return {key: _listed(value, key) for key, value in node.items()}


def _rows(entity: JsonObject, actions: Iterable[str]) -> Iterator[JsonObject]:
    for action in actions:
        rows = entity.get(action)
        yield from (row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()


def _is_person(row: JsonObject) -> bool:
    return bool(row.get("type", "contact") == "contact")


def _object(value: object) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _newest(entities: Iterable[T]) -> tuple[T, ...]:
    """Each entity once, as its latest picture; of equally old pictures the later one in the body."""
    latest: dict[int, T] = {}
    for entity in entities:
        known = latest.get(entity.id)
        older = (
            known is not None
            and known.updated_at
            and entity.updated_at
            and entity.updated_at < known.updated_at
        )
        if not older:
            latest[entity.id] = entity
    return tuple(latest.values())


def _is_older(entity: Lead | Contact, known: Lead | Contact) -> bool:
    return bool(entity.updated_at and known.updated_at and entity.updated_at < known.updated_at)
