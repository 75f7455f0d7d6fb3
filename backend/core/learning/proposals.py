"""From cross-tables to a draft: directions with their categories, routes, stages, people and triggers, each
with the share and the number of cases behind it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from backend.core.crm import CLOSED_STAGES, CrmSchema, Pipeline
from backend.core.learning.tables import Tables
from backend.core.mapping import mapping, mapping_routes
from backend.core.mapping.mapping_routes import Wish
from backend.core.mapping.mapping_words import open_stages
from backend.core.rules.configuration import Configuration, Route
from backend.core.salon import Phase

LEAST = 5  # cases; fewer are told, and nothing is proposed
SHARE = 0.6  # of the cases that must agree


class Kind(StrEnum):
    CATEGORY = "category"
    STAGE = "stage"
    PERSON = "person"
    TRIGGER = "trigger"


@dataclass(frozen=True, slots=True)
class Proposal:
    """`row` and `choice` are ids as in the tables. `of` cases, `count` of them agree. `is_enough`: as many
    agree as a proposal needs; `is_known`: the rules say so already.
    """

    kind: Kind
    row: tuple[Any, ...]
    choice: Any
    count: int
    of: int
    is_known: bool = False

    @property
    def is_enough(self) -> bool:
        return self.of >= LEAST and self.count >= SHARE * self.of

    @property
    def is_offered(self) -> bool:
        return self.is_enough and not self.is_known

    @property
    def percent(self) -> int:
        return round(100 * self.count / self.of)

    @property
    def name(self) -> str:
        """What a form calls it by."""
        return f"{self.kind}:{'/'.join(map(str, self.row))}"


def proposals(tables: Tables, rules: Configuration, schema: CrmSchema) -> tuple[Proposal, ...]:
    """Everything the tables say of salons and pipelines that are there, the surest of a kind first."""
    salons = {branch.company_id for branch in rules.branches}
    pipelines = {one.id: one for one in schema.pipelines}
    places = {(stage.pipeline_id, stage.id) for one in schema.pipelines for stage in one.stages}
    users = {user.id for user in schema.users if user.is_active}
    found = [
        *(one for row, counts in tables.categories.items() if row[0] in salons
          for one in _best(Kind.CATEGORY, row, counts, pipelines)),
        *(one for row, counts in tables.stages.items() if row[0] in pipelines
          for one in _best(Kind.STAGE, row, counts, _stages(pipelines[row[0]], row[1]))),
        *(one for row, counts in tables.people.items() if row[0] in salons and row[1] in pipelines
          for one in _best(Kind.PERSON, row, counts, users)),
        *(one for row, counts in tables.triggers.items() if row[0] in pipelines
          for one in _best(Kind.TRIGGER, row, counts, places)),
    ]  # fmt: skip
    known = [replace(one, is_known=_is_known(one, rules)) for one in found]
    order = tuple(Kind)
    return tuple(sorted(known, key=lambda one: (order.index(one.kind), not one.is_enough, -one.of, one.name)))


def _best(
    kind: Kind, row: tuple[Any, ...], counts: Counter[Any], possible: Collection[Any]
) -> list[Proposal]:
    """The most frequent of what may be chosen; what is gone from the CRM still counts against it."""
    of = sum(counts.values())
    choices = [(count, choice) for choice, count in counts.items() if choice in possible]
    if not choices:
        return []
    count, choice = max(choices, key=lambda one: (one[0], str(one[1])))
    return [Proposal(kind, row, choice, count, of)]


def _stages(pipeline: Pipeline, phase: str) -> set[int]:
    """A lead begins at an open stage; 142 and 143 are in every pipeline."""
    opened = {stage.id for stage in open_stages(pipeline)}
    return opened if phase == Phase.WAITING else opened | set(CLOSED_STAGES)


def _is_known(one: Proposal, rules: Configuration) -> bool:
    """Whether the rules in force say the same already."""
    match one.kind:
        case Kind.CATEGORY:
            salon, category = one.row
            return any(
                category in direction.categories.get(salon, ()) and route.pipeline_id == one.choice
                for direction in rules.directions
                for route in _routes(rules, salon=salon, direction=direction.key)
            )
        case Kind.STAGE:
            pipeline, phase = one.row
            routes = _routes(rules, pipeline=pipeline)
            return bool(routes) and all(route.stages.get(Phase(phase)) == one.choice for route in routes)
        case Kind.PERSON:
            salon, pipeline = one.row
            routes = _routes(rules, salon=salon, pipeline=pipeline)
            branch = rules.branch(salon)
            own = branch.responsible_id if branch else None
            return bool(routes) and all((route.responsible_id or own) == one.choice for route in routes)
        case _:
            routes = _routes(rules, pipeline=one.row[0])
            return bool(routes) and all(_trigger(route) == one.choice for route in routes)


def _routes(
    rules: Configuration, *, salon: int | None = None, direction: str = "", pipeline: int | None = None
) -> list[Route]:
    return [
        route
        for route in rules.routes
        if salon in (None, route.branch_id)
        and direction in ("", route.direction)
        and pipeline in (None, route.pipeline_id)
    ]


def _trigger(route: Route) -> tuple[int | None, int | None]:
    return route.trigger_pipeline_id, route.trigger_stage_id


# Accepting


def accepted(rules: Configuration, chosen: Iterable[Proposal], schema: CrmSchema) -> Configuration:
    """The rules with these proposals in them: categories and their routes first, then what routes hold."""
    order = tuple(Kind)
    for one in sorted(chosen, key=lambda one: (order.index(one.kind), one.name)):
        rules = _with(rules, one, schema)
    return rules


def _with(rules: Configuration, one: Proposal, schema: CrmSchema) -> Configuration:
    if one.kind is Kind.CATEGORY:
        return _with_category(rules, one, schema)

    def changed(route: Route) -> Route:
        match one.kind:
            case Kind.STAGE if route.pipeline_id == one.row[0]:
                stages = {**route.stages, Phase(one.row[1]): one.choice}
                entry = stages.get(Phase.WAITING)
                return replace(
                    route, stages=stages, attachable=route.attachable | ({entry} if entry else set())
                )
            case Kind.PERSON if (route.branch_id, route.pipeline_id) == one.row:
                return replace(route, responsible_id=one.choice)
            case Kind.TRIGGER if route.pipeline_id == one.row[0]:
                pipeline, stage = one.choice
                opened = route.attachable | {stage} if pipeline == route.pipeline_id else route.attachable
                return replace(route, trigger_pipeline_id=pipeline, trigger_stage_id=stage, attachable=opened)
        return route

    return replace(rules, routes=tuple(changed(route) for route in rules.routes))


def _with_category(rules: Configuration, one: Proposal, schema: CrmSchema) -> Configuration:
    """The direction that leads into this pipeline already, or a new one of the pipeline's name."""
    salon, category = one.row
    leading = [route.direction for route in rules.routes if route.pipeline_id == one.choice]
    here = [route.direction for route in _routes(rules, salon=salon, pipeline=one.choice)]
    key = next(iter((*here, *leading)), "")
    if not key:
        title = next(pipeline.name for pipeline in schema.pipelines if pipeline.id == one.choice)
        rules, key = mapping.added(rules, title)
    rules = mapping.moved(rules, [(salon, category)], key)
    route = rules.route(salon, key)
    if route is not None and route.pipeline_id == one.choice:
        return rules
    return mapping_routes.filled(rules, [(salon, key)], Wish(one.choice), schema)
