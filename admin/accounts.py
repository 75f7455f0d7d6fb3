"""One account: its salons, what stopped, pause and resume."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, health, reports, works
from admin.pages import page
from admin.telephony import today
from backend.core.errors import TryLater
from backend.flows.accounts import accounts as flow
from backend.flows.rules import configuration, schemas
from backend.store import accounts, configs, connections
from backend.store.accounts import Account


def add_routes(bp: Blueprint) -> None:
    bp.get("/accounts/<domain>", endpoint="account")(show)
    bp.get("/accounts/<domain>/charts", endpoint="account_charts")(drawn)
    bp.post("/accounts/<domain>/resume", endpoint="resume")(resume)
    bp.post("/accounts/<domain>/pause", endpoint="pause")(pause)


def show(domain: str) -> Response:
    account = guard.account(domain)
    shown = health.look(account)
    return page(
        "admin/account.html", "live",
        account=account,
        shown=shown,
        progress=health.progress(shown),
        dots=health.DOTS,
        details=health.details,
        branches=connections.of_account(account.id),
        version=configuration.number(account.id),
        broken=configs.broken_fields(account.id),
        has_filters=_has_filters(account),
        calls=today.outcomes(account),
        unmarked=reports.unmarked_yesterday(account),
        **works.under_way(account),
        **health.day(account),
    )  # fmt: skip


def _has_filters(account: Account) -> bool | None:
    """Whether amoCRM narrows lists as it is asked to; None before its schema was read."""
    try:
        return schemas.load(account.id).has_filters
    except TryLater:
        return None


def drawn(domain: str) -> Response:
    """The charts alone, for the page that is already open."""
    account = guard.account(domain)
    return page("admin/charts.html", "drawing", account=account, **health.day(account))


def resume(domain: str) -> AnyResponse:
    account = guard.account(domain)
    flow.resume(guard.context(), account.id)
    return _done(account, "account.resumed")


def pause(domain: str) -> AnyResponse:
    account = guard.account(domain)
    flow.pause(guard.context(), account.id)
    return _done(account, "account.paused")


def _done(account: Account, action: str) -> AnyResponse:
    """Who pressed what stays in the audit trail. Another page that holds the button says where to stay."""
    after = accounts.by_id(account.id)
    guard.audit(action, "", account, before={"state": account.state}, after={"state": after.state})
    onward = request.form.get("next", "")
    stays = guard.safe_next(onward) if onward else url_for("admin.account", domain=account.domain)
    return redirect(stays, 303)
