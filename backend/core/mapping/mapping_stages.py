"""The stage map of a pipeline: routes that share one are edited together."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from backend.core.crm import CLOSED_STAGES, CrmSchema, Pipeline, Stage
from backend.core.mapping.mapping_routes import Cell
from backend.core.mapping.mapping_words import open_stages
from backend.core.rules.configuration import Configuration, Route
from backend.core.salon import Phase
from backend.core.sync.stages import OPEN_RANK, RANKS


@dataclass(frozen=True, slots=True)
class StageMap:
    """What the routes of a group have in common."""

    stages: Mapping[Phase, int] = field(default_factory=dict)
    attachable: frozenset[int] = frozenset()
    ranks: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """Routes into one pipeline with one stage map. Its `name` is the place of its first route."""

    pipeline_id: int
    map: StageMap
    cells: tuple[Cell, ...]

    @property
    def name(self) -> str:
        company, direction = self.cells[0]
        return f"{company}/{direction}"


def groups(configuration: Configuration) -> tuple[Group, ...]:
    """By pipeline, in the order of the document; several groups of a pipeline are salons that differ."""
    found: list[tuple[int, StageMap, list[Cell]]] = []
    for route in configuration.routes:
        key, cell = (route.pipeline_id, _map(route)), (route.branch_id, route.direction)
        known = next((cells for pipeline, map_, cells in found if (pipeline, map_) == key), None)
        if known is None:
            found.append((*key, [cell]))
        else:
            known.append(cell)
    order = list(dict.fromkeys(pipeline for pipeline, _, _ in found))
    found.sort(key=lambda one: order.index(one[0]))
    return tuple(Group(pipeline, map_, tuple(cells)) for pipeline, map_, cells in found)


def _map(route: Route) -> StageMap:
    return StageMap(dict(route.stages), route.attachable, dict(route.ranks))


def mapped(configuration: Configuration, cells: Collection[Cell], map_: StageMap) -> Configuration:
    """These routes have this stage map now."""
    routes = tuple(
        replace(route, stages=map_.stages, attachable=map_.attachable, ranks=map_.ranks)
        if (route.branch_id, route.direction) in cells
        else route
        for route in configuration.routes
    )
    return replace(configuration, routes=routes)


def cells_of(configuration: Configuration, pipeline_id: int) -> tuple[Cell, ...]:
    """Every route into a pipeline: for those who want one map for all."""
    return tuple((r.branch_id, r.direction) for r in configuration.routes if r.pipeline_id == pipeline_id)


def choices(pipeline: Pipeline, phase: Phase) -> tuple[Stage, ...]:
    """Stages that may be chosen for a phase: a lead begins at an open one."""
    closing = () if phase is Phase.WAITING else _closing(pipeline)
    return (*open_stages(pipeline), *closing)


def _closing(pipeline: Pipeline) -> tuple[Stage, ...]:
    """142 and 143 are in every pipeline; only their names and colours differ."""
    known = {stage.id: stage for stage in pipeline.stages}
    return tuple(known.get(number, Stage(number, pipeline.id, str(number))) for number in CLOSED_STAGES)


def everything(pipeline: Pipeline) -> tuple[Stage, ...]:
    """The whole strip, as amoCRM draws it."""
    return (*open_stages(pipeline), *_closing(pipeline))


def adoptable(schema: CrmSchema, pipeline_id: int, common: Collection[int]) -> tuple[Stage, ...]:
    """Open stages of the pipeline and of the common ones: where a lead may stand that a booking continues."""
    chosen = sorted(
        (one for one in schema.pipelines if one.id == pipeline_id or one.id in common),
        key=lambda one: one.id != pipeline_id,
    )
    return tuple(stage for pipeline in chosen for stage in open_stages(pipeline))


def usual_rank(stage_id: int, stages: Mapping[Phase, int]) -> int:
    """The rank of a stage that nobody gave one."""
    return max((RANKS[phase] for phase, stage in stages.items() if stage == stage_id), default=OPEN_RANK)
