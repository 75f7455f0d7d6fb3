"""Routes: salons down, directions across; in each cell the pipeline and who answers for new deals."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, reading, saving
from admin.forms import Form
from admin.names import Names
from admin.pages import page
from backend.core.crm import CrmSchema
from backend.core.mapping import first_run, mapping, mapping_routes, mapping_words
from backend.core.mapping.first_run import Facts
from backend.core.mapping.mapping_routes import Cell, Trigger, Wish
from backend.core.rules.configuration import Configuration
from backend.core.rules.configuration_schema import check_against
from backend.core.salon import Phase
from backend.flows.mapping import mapping as flow
from backend.flows.rules import configuration
from backend.store.accounts import Account

SECTIONS = ("routes",)
KEEP, REMOVE, OF_SALON, NOWHERE = (
    "keep",
    "remove",
    "salon",
    "nowhere",
)  # what a list of choices offers besides ids
PARTS = (
    "",
    ".pipeline",
    ".responsible_id",
    ".attachable",
    ".ranks",
    ".stages",
    ".branch",
    ".direction",
    ".tags",
    ".trigger",
    ".trigger.pipeline",
    ".trigger.stage",
)


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/routes"
    bp.get(home, endpoint="routes")(show)
    bp.post(home, endpoint="save_routes")(save)


def show(domain: str) -> Response:
    """What has broken since it was saved shows in its cell."""
    account, form = guard.account(domain), Form({})
    rules, schema = configuration.current(account.id), flow.schema(account.id)
    if schema is not None:
        places = cell_places(rules)
        for problem in check_against(rules, schema):
            if problem.path in places:
                form.place(places[problem.path], problem)
    return _page(account, form)


def save(domain: str) -> AnyResponse:
    account, form = guard.account(domain), Form(request.form)
    schema = flow.schema(account.id)
    wish = _wish(form, schema)
    rules = configuration.current(account.id)
    chosen = _chosen(form, rules)
    if not chosen:
        form.complain("pipeline", "mapping.routes.nothing_ticked")
    elif wish.needs_pipeline and not any(rules.route(*cell) for cell in chosen):
        form.complain("pipeline", "mapping.routes.pipeline_first")
    places: dict[str, str] = {}

    def change(before: Configuration) -> Configuration:
        after = mapping_routes.filled(before, chosen, wish, schema) if schema else before
        places.update(cell_places(after))
        return after

    if form.ok and saving.save(form, account, SECTIONS, change, places):
        return redirect(url_for("admin.routes", domain=account.domain), 303)
    return _page(account, form, 422)


def _wish(form: Form, schema: CrmSchema | None) -> Wish:
    """A choice that amoCRM does not have any more is complained of, not guessed at."""
    pipeline, responsible = form.text("pipeline", is_required=False), form.number("responsible")
    if pipeline == REMOVE:
        return Wish(removes=True)
    pipeline_id = form.number("pipeline")
    if pipeline_id and schema and all(one.id != pipeline_id for one in schema.pipelines):
        form.complain("pipeline", "configuration.no_pipeline", value=pipeline_id)
    if schema is None:
        form.complain("pipeline", "mapping.unread")
    tags = _tags(form) if form.flag("change_tags") else None
    whose = 0 if form.values.get("responsible") == OF_SALON else responsible
    return Wish(pipeline_id, whose, tags, _trigger(form, schema))


def _tags(form: Form) -> tuple[str, ...]:
    given = (tag.strip() for tag in form.text("tags", is_required=False).split(","))
    return tuple(dict.fromkeys(tag for tag in given if tag))


def _trigger(form: Form, schema: CrmSchema | None) -> Trigger | None:
    """`8001:8105` is a stage of a pipeline, `8001:` any open one of it; None keeps what there is."""
    pipeline, _, stage = form.text("trigger", is_required=False).partition(":")
    if pipeline == NOWHERE:
        return Trigger()
    known = {str(one.id): one for one in schema.pipelines} if schema else {}
    if pipeline not in known:
        return None
    stages = {str(one.id): one.id for one in mapping_words.open_stages(known[pipeline])}
    if stage and stage not in stages:
        form.complain("trigger", "configuration.no_stage", value=stage)
    return Trigger(known[pipeline].id, stages.get(stage))


def _chosen(form: Form, rules: Configuration) -> tuple[Cell, ...]:
    ticked = [as_cell(value) for value in request.form.getlist("cell")]
    columns = request.form.getlist("column")
    return mapping_routes.cells(rules, ticked, form.numbers("row"), columns)


def as_cell(value: str) -> Cell:
    company, _, key = value.partition("/")
    return (int(company) if company.isascii() and company.isdigit() and len(company) < 19 else 0, key)


def cell_places(rules: Configuration) -> Mapping[str, str]:
    """Path of the document → the cell whose route it is, for every part of a route."""
    parts = (*PARTS, *(f".stages.{phase}" for phase in Phase))
    return {
        f"routes[{place}]{part}": f"{route.branch_id}/{route.direction}"
        for place, route in enumerate(rules.routes)
        for part in parts
    }


def _page(account: Account, form: Form, status: int = 200) -> Response:
    rules, schema = configuration.current(account.id), flow.schema(account.id)
    missing = first_run.missing_routes(Facts(True, True, rules, flow.categories(account.id)))
    users = sorted((u for u in schema.users if u.is_active), key=lambda u: u.name) if schema else []
    return page(
        "admin/routes.html", "routes", status,
        account=account, form=form, rules=rules, schema=schema,
        routes={(route.branch_id, route.direction): route for route in rules.routes},
        base=configuration.number(account.id),
        directions=mapping.in_order(rules), missing=set(missing), names=Names(account.id), users=users,
        strips={one.id: mapping_words.open_stages(one) for one in schema.pipelines} if schema else {},
        ticked=_ticked("cell"), rows=_ticked("row"), columns=_ticked("column"),
        keep=KEEP, remove=REMOVE, of_salon=OF_SALON, nowhere=NOWHERE,
        fresh=reading.fresh(account, "routes"),
    )  # fmt: skip


def _ticked(name: str) -> set[str]:
    return set(request.form.getlist(name))
