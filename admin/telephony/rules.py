"""Rules: what becomes of calls in amoCRM, each in a sentence, tried on past calls before it is saved."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, saving
from admin.forms import Form
from admin.names import Names
from admin.pages import language, page
from admin.telephony import chosen, line, rule_form, tried
from backend import texts
from backend.core.rules.configuration import Configuration
from backend.core.rules.telephony_dialling import DAYS
from backend.core.telephony.after import wording
from backend.core.telephony.rules import LogAs, MissedTo, RingTo
from backend.core.templates import fields
from backend.flows.rules import configuration
from backend.store.accounts import Account


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/telephony/rules"
    bp.get(home, endpoint="telephony_rules")(show)
    bp.post(home, endpoint="save_telephony_rules")(save)


def show(domain: str) -> Response:
    return _page(guard.account(domain), Form({}))


def save(domain: str) -> AnyResponse:
    """Also the look: the same form with another button."""
    account, form = guard.account(domain), Form(request.form)
    wanted = rule_form.read(form, configuration.current(account.id).telephony)
    if form.flag(tried.LOOK):
        tried.check(form, account, wanted, rule_form.PATHS)
        return _page(account, form, looked=tried.look(account, wanted) if form.ok else None)

    def change(before: Configuration) -> Configuration:
        return replace(before, telephony=rule_form.read(form, before.telephony))

    if form.ok and saving.save(form, account, rule_form.PARTS, change, rule_form.PATHS):
        return redirect(url_for("admin.telephony_rules", domain=domain), 303)
    tried.check(form, account, wanted, rule_form.PATHS)
    return _page(account, form, 422)


def _page(
    account: Account, form: Form, status: int = 200, looked: list[tried.Line] | None = None
) -> Response:
    rules, schema = configuration.current(account.id).telephony, chosen.schema(account.id)
    said = {name: texts.t(f"telephony_rules.{name}", language()) for name in ("first_stage", "gone", "left")}
    known = rule_form.shown(rules)
    ticked = {name for name in form.values if form.flag(name)} if form.values else rule_form.ticked(rules)
    place = chosen.place(form, "place") if form.values else (rules.pipeline_id, rules.stage_id)
    people = {rules.first_responsible_id, form.number("first_responsible")}
    return page(
        "telephony/rules.html", "rules", status,
        account=account, form=form, rules=rules, known=known, ticked=ticked, looked=looked,
        base=form.shown("base", configuration.number(account.id)), logs=tuple(LogAs), days=DAYS,
        ring=tuple(RingTo), missed_to=tuple(MissedTo), most_minutes=rule_form.MINUTES,
        users=chosen.users(schema, people, said["left"]), names=Names(account.id),
        places=chosen.places(schema, place, said["first_stage"], said["gone"]),
        usual_task=wording.MISSED_TASK, palette=fields.of(fields.CALL),
        unnamed=line.unnamed(account, rules),
    )  # fmt: skip
