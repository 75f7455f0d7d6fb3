"""The field map: what of a booking is written into which field of a deal, with a live example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, pages, reading, saving
from admin.forms import Form
from admin.pages import page
from backend import texts
from backend.core.crm import CrmSchema, CustomField
from backend.core.errors import AppError
from backend.core.mapping import mapping_fields
from backend.core.mapping.mapping_fields import Candidate
from backend.core.rules.configuration import Configuration, FieldName
from backend.core.rules.configuration_document import FIELDS
from backend.core.rules.configuration_schema import FIELD_TYPES
from backend.core.rules.sections import CREATE, FieldChoice
from backend.core.sync.commands import Value
from backend.flows.mapping import contact_example
from backend.flows.mapping import mapping as flow
from backend.flows.mapping import mapping_fields as fields_flow
from backend.flows.rules import configuration
from backend.store import configs
from backend.store.accounts import Account

SECTIONS = ("fields",)
MONEY_FIELDS = ("paid", "prepaid", "by_abonement", "debt")  # empty where payments are hidden from us
NOTHING = "none"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing we can write, as its row shows it. `lost` is a chosen field that is not there."""

    name: FieldName
    chosen: str
    own: CustomField | None
    candidates: tuple[Candidate, ...]
    wanted_type: str
    lost: int | None
    is_broken: bool
    text: str = ""
    moment: datetime | None = None


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/fields"
    bp.get(home, endpoint="fields")(show)
    bp.post(home, endpoint="save_fields")(save)
    bp.post(f"{home}/<name>/mend", endpoint="mend_field")(mend)


def show(domain: str) -> Response:
    return _page(guard.account(domain), Form({}))


def save(domain: str) -> AnyResponse:
    account, form = guard.account(domain), Form(request.form)
    choices: dict[FieldName, FieldChoice] = {
        name: _choice(form, name) for name in FIELDS if str(name) in request.form
    }
    for name, other in mapping_fields.repeated(choices).items():
        form.complain(name, "mapping.fields.taken", title=_title(other))

    def change(before: Configuration) -> Configuration:
        return replace(before, fields={**before.fields, **choices})

    if form.ok and saving.save(
        form, account, SECTIONS, change, {f"fields.{name}": str(name) for name in FIELDS}
    ):
        return redirect(url_for("admin.fields", domain=account.domain), 303)
    return _page(account, form, 422)


def _choice(form: Form, name: FieldName) -> FieldChoice:
    """A field's id, our own field, or nothing."""
    chosen = form.text(name)
    if chosen in (CREATE, NOTHING):
        return CREATE if chosen == CREATE else None
    number = form.number(name)
    if number is None:
        form.complain(name, "mapping.fields.unknown")
    return number


def mend(domain: str, name: str) -> AnyResponse:
    """A deleted field is made anew: in place of a chosen one comes our own."""
    account = guard.account(domain)
    if name not in FIELDS:
        abort(404)
    field, form = FieldName(name), Form(request.form)
    chosen = configuration.current(account.id).fields.get(field, CREATE)
    if isinstance(chosen, int):
        is_saved = saving.save(
            form,
            account,
            SECTIONS,
            lambda before: replace(before, fields={**before.fields, field: CREATE}),
            {},
        )
        if not is_saved:
            return _page(account, form, 422)
    else:
        _mend_own(account, field)
    return redirect(url_for("admin.fields", domain=account.domain), 303)


def _mend_own(account: Account, field: FieldName) -> None:
    try:
        fields_flow.mend(guard.context(), account)
    except AppError as error:
        pages.say(error.code, "bad", **error.details)
        return
    guard.audit("field.mended", field, account)
    pages.say("mapping.fields.mended", name=_title(field))


def _title(name: FieldName) -> str:
    return texts.t(f"field_name.{name}", pages.language())


def _page(account: Account, form: Form, status: int = 200) -> Response:
    rules, schema = configuration.current(account.id), flow.schema(account.id)
    return page(
        "admin/fields.html", "fields", status,
        account=account, form=form, schema=schema, base=configuration.number(account.id),
        lines=_lines(account, rules, schema) if schema else [], create=CREATE, nothing=NOTHING,
        fresh=reading.fresh(account, "fields"),
        unpaid=contact_example.without_payments(account.id), money=MONEY_FIELDS,
    )  # fmt: skip


def _lines(account: Account, rules: Configuration, schema: CrmSchema) -> list[Line]:
    ids, marked = configs.field_ids(account.id), configs.broken_fields(account.id)
    broken = mapping_fields.broken(rules, schema, ids, marked)
    example = fields_flow.example(account.id)
    return [_line(name, rules, schema, name in broken, example) for name in FIELDS]


def _line(
    name: FieldName,
    rules: Configuration,
    schema: CrmSchema,
    is_broken: bool,
    example: Mapping[FieldName, Value],
) -> Line:
    choice, value = rules.field_choice(name), example.get(name)
    there = {field.id for field in schema.lead_fields}
    is_moment = name is FieldName.VISIT_AT and isinstance(value, int)
    return Line(
        name,
        NOTHING if choice is None else str(choice),
        mapping_fields.own(name, schema),
        mapping_fields.candidates(name, schema),
        FIELD_TYPES[name][0],
        lost=choice if isinstance(choice, int) and choice not in there else None,
        is_broken=is_broken,
        text=""
        if value is None or is_moment
        else ", ".join(value)
        if isinstance(value, tuple)
        else str(value),
        moment=datetime.fromtimestamp(value, UTC) if is_moment and isinstance(value, int) else None,
    )
