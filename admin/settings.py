"""Settings: an account's options with their words, defaults and hints; facts of the installation to read."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, saving, zones
from admin.forms import Form
from admin.pages import page
from backend.core.crm import CrmSchema
from backend.core.errors import TryLater
from backend.core.rules.configuration import Configuration
from backend.core.rules.options import AfterNoShow, Options, Settle
from backend.core.rules.options_document import DAY, YEARS
from backend.flows.accounts import installation
from backend.flows.rules import configuration, schemas
from backend.store.accounts import Account

SECTIONS = ("options", "account")
SETTLE = ("create", "edit", "arrived", "no_show", "delete")
WINDOWS = {"import_past_days": YEARS, "reuse_no_show_days": YEARS, "reopen_hours": 24 * YEARS}
TAGS = ("do_not_attach_tag", "do_not_move_tag")
PATHS = {
    "account.timezone": "timezone",
    "options.loss_reasons.cancelled": "cancelled_loss_reason",
    "options.common_pipelines": "common_pipelines",
    **{f"options.settle.{name}": f"settle_{name}" for name in SETTLE},
    **{f"options.{name}": name for name in (*WINDOWS, *TAGS, "after_no_show")},
}


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/settings"
    bp.get(home, endpoint="account_settings")(show)
    bp.post(home, endpoint="save_settings")(save)
    bp.get("/settings", endpoint="settings")(guard.owners(of_installation))


def show(domain: str) -> Response:
    return _page(guard.account(domain), Form({}))


def save(domain: str) -> AnyResponse:
    account, form = guard.account(domain), Form(request.form)
    options = _options(form, configuration.current(account.id).options)
    timezone = form.text("timezone")

    def change(before: Configuration) -> Configuration:
        return replace(before, timezone=timezone, options=options)

    if form.ok and saving.save(form, account, SECTIONS, change, PATHS):
        return redirect(url_for("admin.account_settings", domain=account.domain), 303)
    return _page(account, form, 422)


def of_installation() -> Response:
    """Facts to read. They are set where the service is started, never in the browser."""
    return page("admin/settings.html", "facts", facts=installation.look(guard.context()))


def _options(form: Form, before: Options) -> Options:
    """What the form does not show stays as it was."""
    reason = form.number("cancelled_loss_reason")
    no_show = form.choice("after_no_show", tuple(AfterNoShow))
    return replace(
        before,
        settle=Settle(**{name: form.whole(f"settle_{name}", 0, DAY) for name in SETTLE}),
        after_no_show=AfterNoShow(no_show) if no_show else before.after_no_show,
        cancelled_loss_reason=reason,
        common_pipelines=frozenset(form.numbers("common_pipelines")),
        do_not_attach_tag=form.text("do_not_attach_tag"),
        do_not_move_tag=form.text("do_not_move_tag"),
        import_past_days=form.whole("import_past_days", 0, WINDOWS["import_past_days"]),
        reuse_no_show_days=form.whole("reuse_no_show_days", 0, WINDOWS["reuse_no_show_days"]),
        reopen_hours=form.whole("reopen_hours", 0, WINDOWS["reopen_hours"]),
    )


def _page(account: Account, form: Form, status: int = 200) -> Response:
    current, schema = configuration.current(account.id), _schema(account)
    chosen = form.numbers("common_pipelines") if form.values else list(current.options.common_pipelines)
    return page(
        "admin/account_settings.html", "options", status,
        account=account, form=form, current=current, usual=Options(), schema=schema,
        base=form.shown("base", configuration.number(account.id)),
        zones=_zones(current.timezone), settle=SETTLE, tags=TAGS,
        after_no_show=tuple(AfterNoShow), chosen=chosen,
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
