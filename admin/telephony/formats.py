"""Numbers and fields: looks of numbers, what a click asks of a PBX, data into fields, paths of recordings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, saving
from admin.forms import Form
from admin.pages import page
from admin.telephony import chosen, format_form, originate, tried
from backend.core.crm import CrmSchema
from backend.core.rules.configuration import Configuration
from backend.core.rules.telephony_results import DIAL_STATUSES
from backend.core.rules.telephony_schema import TYPES
from backend.core.telephony.after import meaning
from backend.core.telephony.call import Way
from backend.core.telephony.rules import Entity, Result, TelephonyRules
from backend.core.templates import fields
from backend.flows.rules import configuration
from backend.flows.telephony.after import samples, trying
from backend.store.accounts import Account

PLAIN = TelephonyRules()
MOST_UNDERSTOOD = 6


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/telephony/formats"
    bp.get(home, endpoint="telephony_formats")(show)
    bp.post(home, endpoint="save_telephony_formats")(save)


def show(domain: str) -> Response:
    account = guard.account(domain)
    return _page(account, Form({}), configuration.current(account.id).telephony)


def save(domain: str) -> AnyResponse:
    """With the other button only the samples are drawn anew."""
    account, form = guard.account(domain), Form(request.form)
    wanted = format_form.read(form, configuration.current(account.id).telephony)
    if form.flag(tried.LOOK):
        tried.check(form, account, wanted, format_form.PATHS)
        return _page(account, form, wanted)

    was = configuration.current(account.id).telephony

    def change(before: Configuration) -> Configuration:
        return replace(before, telephony=format_form.read(form, before.telephony))

    if form.ok and saving.save(form, account, format_form.PARTS, change, format_form.PATHS):
        return redirect(originate.after(account, was, "admin.telephony_formats"), 303)
    tried.check(form, account, wanted, format_form.PATHS)
    return _page(account, form, wanted, 422)


def _page(account: Account, form: Form, wanted: TelephonyRules, status: int = 200) -> Response:
    rules, schema = configuration.current(account.id).telephony, chosen.schema(account.id)
    ticked = {name for name in form.values if form.flag(name)} if form.values else format_form.ticked(rules)
    return page(
        "telephony/formats.html", "formats", status,
        account=account, form=form, known=format_form.shown(rules), ticked=ticked, rules=wanted,
        base=form.shown("base", configuration.number(account.id)), sources=format_form.SOURCES,
        format_rows=_rows(len(wanted.formats), format_form.MOST_FORMATS),
        dial_rows=_rows(len(wanted.dialling.formats), format_form.MOST_FORMATS),
        field_rows=_rows(len(wanted.fields), format_form.MOST_FIELDS),
        fields=_fields(schema, rules), palette=fields.of(fields.CALL),
        result_rows=_rows(len(wanted.results), format_form.MOST_RESULTS), results=tuple(Result),
        dial_statuses=DIAL_STATUSES, understood=_understood(account, wanted),
        samples=samples.of(guard.context(), account.id, wanted), looked=None,
    )  # fmt: skip


def _understood(account: Account, rules: TelephonyRules) -> list[dict[str, Any]]:
    """Newest outbound calls that nobody answered: what amoCRM is told of them by these rules."""
    found = [row.call for row in trying.newest(account.id)]
    return [
        {"call": call, "status": meaning.crm_status(call, rules), "usual": meaning.crm_status(call, PLAIN)}
        for call in found
        if call.way is Way.OUT and not call.is_answered and call.outcome is not None
    ][:MOST_UNDERSTOOD]


def _rows(filled: int, most: int) -> range:
    return range(min(most, filled + format_form.SPARE))


def _fields(schema: CrmSchema | None, rules: TelephonyRules) -> list[tuple[Entity, list[tuple[str, str]]]]:
    """Fields of leads and of contacts that take a text; one that is gone shows its number."""
    known = {
        Entity.LEAD: schema.lead_fields if schema else (),
        Entity.CONTACT: schema.contact_fields if schema else (),
    }
    groups = []
    for entity, found in known.items():
        pairs = [(f"{entity}:{field.id}", field.name) for field in found if field.type in TYPES]
        there = {value for value, _ in pairs}
        lost = {f"{entity}:{rule.field_id}" for rule in rules.fields if rule.entity is entity} - there
        groups.append((entity, pairs + [(value, f"№ {value.partition(':')[2]}") for value in sorted(lost)]))
    return groups
