"""A configuration as plain data in a stable order, and what differs between two of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from backend.core.rules import options_document, sections_document, telephony_rendered
from backend.core.rules.configuration import (
    Branch,
    Configuration,
    Direction,
    Master,
    Route,
)
from backend.core.rules.configuration_document import FIELDS, KEPT
from backend.core.rules.options_document import rendered_ids
from backend.core.rules.sections import TextName
from backend.core.salon import Phase

Plain = dict[str, object]

# How an item of a list is recognised when others were put before it.
NAMES: Mapping[str, Callable[[Mapping[str, object]], str]] = {
    "branches": lambda item: str(item.get("company_id")),
    "directions": lambda item: str(item.get("key")),
    "routes": lambda item: f"{item.get('branch')}/{item.get('direction')}",
    "telephony.people": lambda item: "/".join(filter(None, (str(item.get("extension")), _text(item, "pbx")))),
    "telephony.lines": lambda item: "/".join(
        filter(None, (_text(item, "trunk"), _text(item, "did"), _text(item, "pbx")))
    ),
}


def _text(item: Mapping[str, object], key: str) -> str:
    return str(item.get(key) or "")


@dataclass(frozen=True, slots=True)
class Difference:
    """One changed value; None stands for «left out»."""

    path: str
    old: object
    new: object


def render(configuration: Configuration) -> Plain:
    """The document of a configuration: parsed again, it gives the same one."""
    return {
        "account": {"timezone": configuration.timezone},
        "options": options_document.render(configuration.options),
        "branches": [_branch(branch) for branch in configuration.branches],
        "directions": [_direction(direction) for direction in configuration.directions],
        "routes": [_route(route) for route in configuration.routes],
        "fields": {str(name): configuration.field_choice(name) for name in FIELDS},
        "contact_fields": sections_document.rendered_choices(configuration.contact_fields),
        "products": configuration.products,
        "texts": {str(name): configuration.texts.get(name) for name in TextName},
        "tasks": [sections_document.rendered_task(rule) for rule in configuration.tasks],
        "card": sections_document.rendered_card(configuration.card),
        "alerts": sections_document.rendered_alerts(configuration.alerts),
        "telephony": telephony_rendered.rendered(configuration.telephony),
    }


def _branch(branch: Branch) -> Plain:
    return {
        "company_id": branch.company_id,
        "title": branch.title,
        "user_token": KEPT,
        "mode": str(branch.mode),
        "responsible_id": branch.responsible_id,
        "excluded_staff": sorted(branch.excluded_staff),
        "timezone": branch.timezone,
        "multi_category": str(branch.multi_category) if branch.multi_category else None,
        "staff": {staff: _master(branch.staff[staff]) for staff in sorted(branch.staff)},
        "authors": {author: branch.authors[author] for author in sorted(branch.authors)},
    }


def _master(master: Master) -> Plain:
    return {"user": master.user_id, "direction": master.direction}


def _direction(direction: Direction) -> Plain:
    return {
        "key": direction.key,
        "title": direction.title,
        "priority": direction.priority,
        "default": direction.is_default,
        "categories": rendered_ids(direction.categories),
        "services": rendered_ids(direction.services),
        "next_visit_days": direction.next_visit_days,
    }


def _route(route: Route) -> Plain:
    return {
        "branch": route.branch_id,
        "direction": route.direction,
        "pipeline": route.pipeline_id,
        "responsible_id": route.responsible_id,
        "attachable": sorted(route.attachable),
        "stages": {str(phase): route.stages.get(phase) for phase in Phase},
        "ranks": {stage: route.ranks[stage] for stage in sorted(route.ranks)},
        "tags": list(route.tags),
        "trigger": _trigger(route),
    }


def _trigger(route: Route) -> Plain | None:
    if route.trigger_pipeline_id is None:
        return None
    return {"pipeline": route.trigger_pipeline_id, "stage": route.trigger_stage_id}


def differences(old: Mapping[str, object], new: Mapping[str, object]) -> tuple[Difference, ...]:
    """What changed from one rendered document to another, by readable paths: `branches[41001].mode`."""
    before, after = dict(_leaves("", old)), dict(_leaves("", new))
    paths = dict.fromkeys((*before, *after))
    pairs = ((path, before.get(path), after.get(path)) for path in paths)
    return tuple(Difference(path, left, right) for path, left, right in pairs if left != right)


def _leaves(path: str, value: object) -> Iterable[tuple[str, object]]:
    """Values with their paths; a list of plain values is one value, null and the empty list say nothing."""
    if isinstance(value, Mapping):
        for key, child in value.items():
            yield from _leaves(f"{path}.{key}" if path else str(key), child)
    elif path in NAMES and isinstance(value, Sequence):
        for item in value:
            yield from _leaves(f"{path}[{NAMES[path](item)}]", item)
    elif value not in (None, []):
        yield path, value
