"""A live test call: choose whose phone rings and a number, and see each step arrive."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard
from admin.forms import Form
from admin.names import Names
from admin.pages import page
from backend.core import phones
from backend.core.errors import InvalidInput
from backend.flows.rules import configuration
from backend.flows.telephony.desk import dialling, trial
from backend.store.accounts import Account
from backend.store.telephony import pbxes

OF_PERSON = ("dial.no_device", "dial.busy", "dial.pending", "dial.too_often", "dial.own_phone")
OF_ACCOUNT = ("dial.off", "dial.no_pbx", "dial.pbx_away", "dial.bad_order")


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/telephony/test"
    bp.get(home, endpoint="telephony_test")(show)
    bp.post(home, endpoint="telephony_test_dial")(dial)


def show(domain: str) -> Response:
    return _page(guard.account(domain), Form({}))


def dial(domain: str) -> AnyResponse:
    account, form = guard.account(domain), Form(request.form)
    number, user_id = form.text("number"), form.number("user")
    if user_id is None:
        form.complain("user", "ui.form.required")
    if user_id is not None and form.ok:
        try:
            made = dialling.ask(
                guard.context(), account.id, user_id, number, address=request.remote_addr or ""
            )
        except InvalidInput as refusal:
            form.complain(_field(refusal.code), refusal.code, **refusal.details)
        else:
            guard.audit("telephony.tried", made.number, account, after={"user": user_id})
            return redirect(url_for("admin.telephony_test", domain=domain), 303)
    return _page(account, form, 422)


def _field(code: str) -> str:
    """Beside which field a refusal stands; what concerns the account stands above both."""
    if code in OF_ACCOUNT:
        return "account"
    return "user" if code in OF_PERSON else "number"


def _page(account: Account, form: Form, status: int = 200) -> Response:
    rules, names = configuration.current(account.id).telephony, Names(account.id)
    people = [(one.user_id, f"{names.user(one.user_id)} · {one.extension}") for one in rules.people]
    trials = trial.newest(account.id, guard.context().now())
    told: dict[str, Any] = {
        "people": list(dict(people).items()), "trials": trials, "names": names, "shown": phones.shown,
        "is_ready": rules.is_on and bool(pbxes.of_account(account.id)), "zone": ZoneInfo(account.timezone),
    }  # fmt: skip
    return page("telephony/test.html", "live", status, account=account, form=form, **told)
