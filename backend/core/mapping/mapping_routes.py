"""The matrix of salons and directions: what filling some of its cells means for the routes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from backend.core.crm import CrmSchema, Pipeline
from backend.core.mapping import mapping_words
from backend.core.rules.configuration import Configuration, Route

Cell = tuple[int, str]  # company id and key of the direction


@dataclass(frozen=True, slots=True)
class Trigger:
    """Where amoCRM's own automation opens the lead of the next visit; no pipeline: nowhere."""

    pipeline_id: int | None = None
    stage_id: int | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants of the ticked cells; None keeps what there is. A responsible of 0 is the salon's
    own.
    """

    pipeline_id: int | None = None
    responsible_id: int | None = None
    tags: tuple[str, ...] | None = None
    trigger: Trigger | None = None
    removes: bool = False

    @property
    def needs_pipeline(self) -> bool:
        """Whether it changes only routes that are there already."""
        return self.pipeline_id is None and not self.removes


def cells(
    configuration: Configuration,
    ticked: Iterable[Cell],
    rows: Iterable[int] = (),
    columns: Iterable[str] = (),
) -> tuple[Cell, ...]:
    """The ticked cells with those of whole rows and columns, in the order of the matrix; unknown ones are
    left out.
    """
    wanted, whole_rows, whole_columns = set(ticked), set(rows), set(columns)
    every = ((b.company_id, d.key) for b in configuration.branches for d in configuration.directions)
    return tuple(
        cell for cell in every if cell in wanted or cell[0] in whole_rows or cell[1] in whole_columns
    )


def filled(
    configuration: Configuration, chosen: Sequence[Cell], wish: Wish, schema: CrmSchema
) -> Configuration:
    """New cells come after the routes that are there, so that old ones keep their place in the document."""
    if wish.removes:
        kept = tuple(r for r in configuration.routes if (r.branch_id, r.direction) not in chosen)
        return replace(configuration, routes=kept)
    routes = {(r.branch_id, r.direction): r for r in configuration.routes}
    for cell in chosen:
        route = _route(configuration, cell, wish, schema)
        if route is not None:
            routes[cell] = route
    return replace(configuration, routes=tuple(routes.values()))


def _route(configuration: Configuration, cell: Cell, wish: Wish, schema: CrmSchema) -> Route | None:
    """The cell's route as wished; None where there is none and no pipeline was chosen for it."""
    route = configuration.route(*cell)
    if wish.pipeline_id is not None and (route is None or route.pipeline_id != wish.pipeline_id):
        fresh = _fresh(configuration, cell, wish.pipeline_id, schema)
        route = replace(fresh, responsible_id=route.responsible_id if route else None)
    if route is None:
        return None
    if wish.responsible_id is not None:
        route = replace(route, responsible_id=wish.responsible_id or None)
    if wish.tags is not None:
        route = replace(route, tags=wish.tags)
    if wish.trigger is not None:
        where = wish.trigger
        route = replace(route, trigger_pipeline_id=where.pipeline_id, trigger_stage_id=where.stage_id)
    return route


def _fresh(configuration: Configuration, cell: Cell, pipeline_id: int, schema: CrmSchema) -> Route:
    """With the stages that another route has in this pipeline, the same direction's first; else with those
    that are called as they should be.
    """
    alike = [route for route in configuration.routes if route.pipeline_id == pipeline_id]
    alike.sort(key=lambda route: (route.direction != cell[1], route.branch_id != cell[0]))
    if alike:
        return replace(alike[0], branch_id=cell[0], direction=cell[1], responsible_id=None)
    pipeline = next((one for one in schema.pipelines if one.id == pipeline_id), Pipeline(pipeline_id, ""))
    stages = mapping_words.stages(pipeline)
    return Route(*cell, pipeline_id, stages, attachable=mapping_words.attachable(pipeline, stages))
