"""The second half of the field map: what the contact learns of its client, and services as products."""

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
from backend.core.crm import Catalog, CrmSchema, CustomField
from backend.core.errors import AppError
from backend.core.rules import contact_fields
from backend.core.rules.configuration import Configuration
from backend.core.rules.contact_fields import PRODUCTS
from backend.core.rules.sections import CREATE, ContactFieldName, FieldChoice
from backend.core.sync import leads
from backend.core.sync.commands import Value
from backend.flows.mapping import contact_example
from backend.flows.mapping import mapping as flow
from backend.flows.mapping import mapping_fields as fields_flow
from backend.flows.rules import configuration
from backend.store.accounts import Account
from backend.store.contact_fields import broken

SECTIONS = ("contact_fields", "products")
NOTHING = "none"
CATALOG = "products"
MOMENTS = (ContactFieldName.LAST_VISIT, ContactFieldName.NEXT_VISIT)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing we can tell of a client, as its row shows it. `lost` is a chosen field that is not there."""

    name: ContactFieldName
    chosen: str
    own: CustomField | None
    candidates: tuple[CustomField, ...]
    lost: int | None
    is_broken: bool
    text: str = ""
    moment: datetime | None = None


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/fields/contact"
    bp.get(home, endpoint="contact_fields")(show)
    bp.post(home, endpoint="save_contact_fields")(save)
    bp.post(f"{home}/<name>/mend", endpoint="mend_contact_field")(mend)


def show(domain: str) -> Response:
    return _page(guard.account(domain), Form({}))


def save(domain: str) -> AnyResponse:
    account, form = guard.account(domain), Form(request.form)
    choices = {name: _choice(form, name) for name in ContactFieldName if str(name) in request.form}
    catalog = _choice(form, CATALOG)
    _complain_of_repeats(form, choices)

    def change(before: Configuration) -> Configuration:
        chosen = {**before.contact_fields, **choices}
        products = catalog if CATALOG in request.form else before.products
        kept = {name: choice for name, choice in chosen.items() if choice is not None}
        return replace(before, contact_fields=kept, products=products)

    places = {**{f"contact_fields.{name}": str(name) for name in ContactFieldName}, CATALOG: CATALOG}
    if form.ok and saving.save(form, account, SECTIONS, change, places):
        return redirect(url_for("admin.contact_fields", domain=account.domain), 303)
    return _page(account, form, 422)


def mend(domain: str, name: str) -> AnyResponse:
    """A deleted field is made anew: in place of a chosen one comes our own."""
    account = guard.account(domain)
    if name not in list(ContactFieldName):
        abort(404)
    field, form = ContactFieldName(name), Form(request.form)
    if isinstance(configuration.current(account.id).contact_fields.get(field), int):

        def change(before: Configuration) -> Configuration:
            return replace(before, contact_fields={**before.contact_fields, field: CREATE})

        if not saving.save(form, account, SECTIONS, change, {}):
            return _page(account, form, 422)
    else:
        _mend_own(account, field)
    return redirect(url_for("admin.contact_fields", domain=account.domain), 303)


def _mend_own(account: Account, field: ContactFieldName) -> None:
    title = texts.t(f"contact_fields.name.{field}", pages.language())
    try:
        fields_flow.mend(guard.context(), account)
    except AppError as error:
        pages.say(error.code, "bad", **error.details)
        return
    guard.audit("field.mended", field, account)
    pages.say("mapping.fields.mended", name=title)


def _choice(form: Form, name: str) -> FieldChoice:
    """The id of what is there, our own, or nothing."""
    chosen = form.text(name)
    if chosen in (CREATE, NOTHING, ""):
        return CREATE if chosen == CREATE else None
    number = form.number(name)
    if number is None:
        form.complain(name, "mapping.fields.unknown")
    return number


def _complain_of_repeats(form: Form, choices: Mapping[ContactFieldName, FieldChoice]) -> None:
    """One field cannot hold two things."""
    first: dict[FieldChoice, ContactFieldName] = {}
    for name, choice in choices.items():
        if isinstance(choice, int) and first.setdefault(choice, name) != name:
            form.complain(name, "contact_fields.taken", name=first[choice])


def _page(account: Account, form: Form, status: int = 200) -> Response:
    rules, schema = configuration.current(account.id), flow.schema(account.id)
    catalogs = [one for one in schema.catalogs if one.type in (PRODUCTS, "regular")] if schema else []
    return page(
        "admin/contact_fields.html", "fields", status,
        account=account, form=form, schema=schema, base=configuration.number(account.id),
        lines=_lines(account, rules, schema) if schema else [], create=CREATE, nothing=NOTHING,
        catalogs=catalogs, own_catalog=_own(catalogs), catalog=_shown(rules.products),
        fresh=reading.fresh(account, "fields"),
    )  # fmt: skip


def _own(catalogs: list[Catalog]) -> Catalog | None:
    return next((one for one in catalogs if one.type == PRODUCTS), None)


def _shown(choice: FieldChoice) -> str:
    return NOTHING if choice is None else str(choice)


def _lines(account: Account, rules: Configuration, schema: CrmSchema) -> list[Line]:
    gone, example = set(broken(account.id)), contact_example.example(account.id, guard.context().now())
    return [_line(name, rules, schema, str(name) in gone, example) for name in ContactFieldName]


def _line(
    name: ContactFieldName,
    rules: Configuration,
    schema: CrmSchema,
    is_broken: bool,
    example: Mapping[ContactFieldName, Value],
) -> Line:
    choice, value = rules.contact_fields.get(name), example.get(name)
    there = {field.id for field in schema.contact_fields}
    is_moment = name in MOMENTS and isinstance(value, int)
    return Line(
        name,
        _shown(choice),
        contact_fields.own(name, schema),
        contact_fields.candidates(name, schema),
        lost=choice if isinstance(choice, int) and choice not in there else None,
        is_broken=is_broken,
        text="" if value is None or is_moment else leads.shown(value),
        moment=datetime.fromtimestamp(value, UTC) if is_moment and isinstance(value, int) else None,
    )
