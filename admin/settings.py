"""Settings: an account's options with their words, defaults and hints; facts of the installation to read."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, option_fields, saving, zones
from admin.forms import Form
from admin.pages import page
from backend.core.crm import CrmSchema
from backend.core.errors import TryLater
from backend.core.rules.configuration import Configuration
from backend.core.rules.options import STANDARD
from backend.flows.accounts import installation
from backend.flows.rules import configuration, schemas
from backend.store.accounts import Account

SECTIONS = ("options", "account")
PATHS = {"account.timezone": "timezone", **option_fields.PATHS}


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/settings"
    bp.get(home, endpoint="account_settings")(show)
    bp.post(home, endpoint="save_settings")(save)
    bp.get("/settings", endpoint="settings")(guard.owners(of_installation))


def show(domain: str) -> Response:
    return _page(guard.account(domain), Form({}))


def save(domain: str) -> AnyResponse:
    account, form = guard.account(domain), Form(request.form)
    options = option_fields.read(form, configuration.current(account.id).options)
    timezone = form.text("timezone")

    def change(before: Configuration) -> Configuration:
        return replace(before, timezone=timezone, options=options)

    if form.ok and saving.save(form, account, SECTIONS, change, PATHS):
        return redirect(url_for("admin.account_settings", domain=account.domain), 303)
    return _page(account, form, 422)


def of_installation() -> Response:
    """Facts to read. They are set where the service is started, never in the browser."""
    return page("admin/settings.html", "facts", facts=installation.look(guard.context()))


def _page(account: Account, form: Form, status: int = 200) -> Response:
    current, schema = configuration.current(account.id), _schema(account)
    chosen = form.numbers("common_pipelines") if form.values else list(current.options.common_pipelines)
    return page(
        "admin/account_settings.html", "options", status,
        account=account, form=form, current=current, schema=schema, groups=option_fields.GROUPS,
        value=partial(option_fields.value, current.options), usual=partial(option_fields.value, STANDARD),
        ticked=set(request.form.getlist(option_fields.SHOWN)), chosen=chosen,
        base=form.shown("base", configuration.number(account.id)), zones=_zones(current.timezone),
    )  # fmt: skip


def _zones(current: str) -> list[tuple[str, str]]:
    """Known by their city and how far they are from Greenwich now."""
    now = guard.context().now()
    names = zones.offered(current)
    offsets = {name: now.astimezone(ZoneInfo(name)).strftime("%z") for name in names}
    return [(name, f"UTC{offsets[name][:3]}:{offsets[name][3:]}") for name in names]


def _schema(account: Account) -> CrmSchema | None:
    try:
        return schemas.load(account.id)
    except TryLater:
        return None
