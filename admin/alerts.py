"""Whom to tell when a person is needed: e-mail addresses and somebody in amoCRM; what was told already."""

from __future__ import annotations

import re
from dataclasses import replace

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, pages, saving
from admin.forms import Form
from admin.names import Names
from admin.pages import language, page
from backend.core.errors import AppError, InvalidInput, TryLater
from backend.core.rules.configuration import Configuration
from backend.core.rules.sections import Alerts
from backend.flows.rules import configuration, schemas
from backend.flows.sync import brake
from backend.flows.watch import alerts, words
from backend.store import alarms
from backend.store.accounts import Account

SECTIONS = ("alerts",)
MOST_ADDRESSES = 10
MAILBOX = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\"]+")
PATHS = {"alerts.emails": "emails", "alerts.user": "user"}


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/alerts"
    bp.get(home, endpoint="alerts")(show)
    bp.post(home, endpoint="save_alerts")(save)
    bp.post(f"{home}/try", endpoint="try_alerts")(probe)
    bp.post("/accounts/<domain>/brake", endpoint="release_brake")(release)


def show(domain: str) -> Response:
    return _page(guard.account(domain), Form({}))


def save(domain: str) -> AnyResponse:
    account, form = guard.account(domain), Form(request.form)
    wanted = Alerts(_emails(form), form.number("user"))

    def change(before: Configuration) -> Configuration:
        return replace(before, alerts=wanted)

    if form.ok and saving.save(form, account, SECTIONS, change, PATHS):
        return redirect(url_for("admin.alerts", domain=domain), 303)
    return _page(account, form, 422)


def probe(domain: str) -> AnyResponse:
    """A letter to the saved addresses, so that nobody learns in an emergency that it does not come."""
    account = guard.account(domain)
    to = configuration.current(account.id).alerts.emails
    if not to:
        pages.say("alerts.nobody", "warn")
        return redirect(url_for("admin.alerts", domain=domain), 303)
    try:
        alerts.probe(guard.context(), account, to, language())
    except AppError as error:
        pages.say(error.code, "bad", **error.details)
    else:
        guard.audit("alerts.tried", ", ".join(to), account)
        pages.say("alerts.tried")
    return redirect(url_for("admin.alerts", domain=domain), 303)


def release(domain: str) -> AnyResponse:
    """Held bookings of one person or one salon become leads after all."""
    account, scope = guard.account(domain), Form(request.form).text("scope")
    try:
        freed = brake.release(guard.context(), account.id, scope)
    except InvalidInput as error:
        pages.say(error.code, "warn")
    else:
        guard.audit("brake.released", scope, account, after={"bookings": freed})
        pages.say("brake.released")
    return redirect(url_for("admin.account", domain=domain), 303)


def _emails(form: Form) -> tuple[str, ...]:
    """One in a line, or separated by commas."""
    given = [part.strip() for part in re.split(r"[\s,;]+", form.text("emails", is_required=False))]
    found = tuple(dict.fromkeys(part for part in given if part))
    wrong = next((part for part in found if not MAILBOX.fullmatch(part)), None)
    if wrong is not None:
        form.complain("emails", "alerts.bad_email", value=wrong)
    elif len(found) > MOST_ADDRESSES:
        form.complain("emails", "alerts.too_many", most=MOST_ADDRESSES)
    return found


def _page(account: Account, form: Form, status: int = 200) -> Response:
    current = configuration.current(account.id).alerts
    server = alerts.server(guard.context())
    return page(
        "admin/alerts.html", "settings", status,
        account=account, form=form, current=current, users=_users(account), names=Names(account.id),
        base=form.shown("base", configuration.number(account.id)), sender=server.sender if server else "",
        open_alarms=alarms.open_alarms(account.id), worth=alerts.WORTH,
        sentence=lambda alarm: words.sentence(alarm, language()),
    )  # fmt: skip


def _users(account: Account) -> list[tuple[int, str]]:
    try:
        return [(user.id, user.name) for user in schemas.load(account.id).users if user.is_active]
    except TryLater:
        return []
