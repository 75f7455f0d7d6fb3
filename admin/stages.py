"""The stage map: for each pipeline, where a deal goes when the visit is booked, confirmed, over or missed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, reading, routes, saving
from admin.forms import Form
from admin.names import Names
from admin.pages import page
from backend.core.crm import CrmSchema, Pipeline, Stage
from backend.core.mapping import mapping_stages, mapping_words
from backend.core.mapping.mapping_stages import Group, StageMap
from backend.core.rules.configuration import Configuration
from backend.core.rules.configuration_schema import check_against
from backend.core.rules.document import Problem
from backend.core.salon import Phase
from backend.flows.mapping import mapping as flow
from backend.flows.rules import configuration
from backend.store.accounts import Account

SECTIONS = ("routes",)
MOST_RANK = 1_000
ALL = "all"  # one map for every route into the pipeline


@dataclass(frozen=True, slots=True)
class Shown:
    """One group as its form shows it: what is saved, what was typed, or what is proposed."""

    group: Group
    pipeline: Pipeline
    map: StageMap
    strip: tuple[Stage, ...]
    adoptable: tuple[Stage, ...]
    form: Form
    is_alone: bool
    is_proposed: bool = False

    @property
    def is_open(self) -> bool:
        """Whether something is wrong in the part that is folded away."""
        return any(name.startswith(("attachable", "rank-")) for name in self.form.problems)

    def choices(self, phase: Phase) -> tuple[Stage, ...]:
        return mapping_stages.choices(self.pipeline, phase)

    def pinned(self, stage_id: int) -> list[Phase]:
        return [phase for phase in Phase if self.map.stages.get(phase) == stage_id]

    def usual_rank(self, stage_id: int) -> int:
        return mapping_stages.usual_rank(stage_id, self.map.stages)


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/stages"
    bp.get(home, endpoint="stages")(show)
    bp.post(home, endpoint="save_stages")(save)


def show(domain: str) -> Response:
    """What amoCRM does not have any more is told where it was chosen."""
    account = guard.account(domain)
    rules, schema = configuration.current(account.id), flow.schema(account.id)
    problems = check_against(rules, schema) if schema else ()
    forms = {group.name: _broken(group, rules, problems) for group in mapping_stages.groups(rules)}
    return _page(account, forms, proposed=request.args.get("suggest", ""))


def save(domain: str) -> AnyResponse:
    account, form = guard.account(domain), Form(request.form)
    rules, schema = configuration.current(account.id), flow.schema(account.id)
    group = next((g for g in mapping_stages.groups(rules) if g.name == form.text("group")), None)
    if group is None or schema is None:
        abort(404)
    map_ = _typed(form, group, schema, rules)
    is_for_all = form.flag(ALL)
    cells = mapping_stages.cells_of(rules, group.pipeline_id) if is_for_all else group.cells

    def change(before: Configuration) -> Configuration:
        return mapping_stages.mapped(before, cells, map_)

    if form.ok and saving.save(form, account, SECTIONS, change, _places(group, rules)):
        return redirect(url_for("admin.stages", domain=account.domain), 303)
    return _page(account, {group.name: form}, 422, typed=(group.name, map_))


def _typed(form: Form, group: Group, schema: CrmSchema, rules: Configuration) -> StageMap:
    """An entry stage is needed; ranks that say what goes without saying are not kept."""
    chosen = {phase: form.number(f"stage-{phase}") for phase in Phase}
    if not chosen[Phase.WAITING]:
        form.complain(f"stage-{Phase.WAITING}", "mapping.stages.no_entry")
    known = mapping_stages.adoptable(schema, group.pipeline_id, rules.options.common_pipelines)
    ranks = {
        stage.id: form.whole(f"rank-{stage.id}", 0, MOST_RANK)
        for stage in known
        if form.text(f"rank-{stage.id}", is_required=False)
    }
    stages = {phase: stage for phase, stage in chosen.items() if stage}
    return StageMap(stages, frozenset(form.numbers("attachable")), ranks)


def _places(group: Group, rules: Configuration) -> Mapping[str, str]:
    """Path of the document → field of the group's form."""
    fields = {f".stages.{phase}": f"stage-{phase}" for phase in Phase}
    fields |= {".attachable": "attachable", ".ranks": "attachable", ".stages": f"stage-{Phase.WAITING}"}
    found = routes.cell_places(rules)
    return {
        path: fields[part]
        for path, cell in found.items()
        for part in [path[path.index("]") + 1 :]]
        if part in fields and routes.as_cell(cell) in group.cells
    }


def _broken(group: Group, rules: Configuration, problems: tuple[Problem, ...]) -> Form:
    form, places = Form({}), _places(group, rules)
    for problem in problems:
        if problem.path in places:
            form.place(places[problem.path], problem)
    return form


def _page(
    account: Account,
    forms: Mapping[str, Form],
    status: int = 200,
    *,
    typed: tuple[str, StageMap] | None = None,
    proposed: str = "",
) -> Response:
    rules, schema = configuration.current(account.id), flow.schema(account.id)
    groups = mapping_stages.groups(rules) if schema else ()
    maps = dict([typed]) if typed else {}
    shown = [
        _shown(group, groups, rules, schema, forms.get(group.name, Form({})), maps.get(group.name), proposed)
        for group in groups
        if schema
    ]
    return page(
        "admin/stages.html", "stages", status,
        account=account, shown=shown, schema=schema, rules=rules, base=configuration.number(account.id),
        phases=tuple(Phase), names=Names(account.id), all_name=ALL,
        branches={branch.company_id: branch.title for branch in rules.branches},
        directions={direction.key: direction.title for direction in rules.directions},
        fresh=reading.fresh(account, "stages"),
    )  # fmt: skip


def _shown(  # noqa: PLR0913 - everything a form is drawn from
    group: Group,
    groups: tuple[Group, ...],
    rules: Configuration,
    schema: CrmSchema,
    form: Form,
    typed: StageMap | None,
    proposed: str,
) -> Shown:
    pipeline = next(
        (p for p in schema.pipelines if p.id == group.pipeline_id), Pipeline(group.pipeline_id, "")
    )
    map_ = typed or group.map
    if proposed == group.name:
        stages = mapping_words.stages(pipeline)
        map_ = StageMap(stages, mapping_words.attachable(pipeline, stages))
    return Shown(
        group, pipeline, map_, mapping_stages.everything(pipeline),
        mapping_stages.adoptable(schema, group.pipeline_id, rules.options.common_pipelines),
        form, is_alone=sum(one.pipeline_id == group.pipeline_id for one in groups) == 1,
        is_proposed=proposed == group.name,
    )  # fmt: skip
