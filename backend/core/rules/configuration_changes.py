"""A configuration as plain data in a stable order, and what differs between two of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from backend.core.rules.configuration import Branch, Configuration, Direction, Options, Route
from backend.core.rules.configuration_document import CREATE, FIELDS, KEPT
from backend.core.salon import Phase

Plain = dict[str, object]

# How an item of a list is recognised when others were put before it.
NAMES: Mapping[str, Callable[[Mapping[str, object]], str]] = {
    "branches": lambda item: str(item.get("company_id")),
    "directions": lambda item: str(item.get("key")),
    "routes": lambda item: f"{item.get('branch')}/{item.get('direction')}",
}


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
        "options": _options(configuration.options),
        "branches": [_branch(branch) for branch in configuration.branches],
        "directions": [_direction(direction) for direction in configuration.directions],
        "routes": [_route(route) for route in configuration.routes],
        "fields": {str(name): configuration.fields.get(name, CREATE) for name in FIELDS},
    }


def _options(options: Options) -> Plain:
    return {
        "multi_category": str(options.multi_category),
        "after_no_show": str(options.after_no_show),
        "settle": asdict(options.settle),
        "trigger_wait": options.trigger_wait,
        "loss_reasons": {
            "cancelled": options.cancelled_loss_reason,
            "technical": options.technical_loss_reason,
        },
        "do_not_attach_tag": options.do_not_attach_tag,
        "do_not_move_tag": options.do_not_move_tag,
        "common_pipelines": sorted(options.common_pipelines),
        "import_past_days": options.import_past_days,
        "reuse_no_show_days": options.reuse_no_show_days,
        "reopen_hours": options.reopen_hours,
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
    }


def _direction(direction: Direction) -> Plain:
    return {
        "key": direction.key,
        "title": direction.title,
        "priority": direction.priority,
        "default": direction.is_default,
        "categories": _ids(direction.categories),
        "services": _ids(direction.services),
    }


def _ids(by_branch: Mapping[int, Iterable[int]]) -> dict[int, list[int]]:
    return {company_id: sorted(by_branch[company_id]) for company_id in sorted(by_branch)}


def _route(route: Route) -> Plain:
    return {
        "branch": route.branch_id,
        "direction": route.direction,
        "pipeline": route.pipeline_id,
        "responsible_id": route.responsible_id,
        "attachable": sorted(route.attachable),
        "stages": {str(phase): route.stages.get(phase) for phase in Phase},
        "ranks": {stage: route.ranks[stage] for stage in sorted(route.ranks)},
    }


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
