"""The switch of one salon: what has to be right before, one button, and what each step did; and groups of
salons, one after another.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, pages
from admin.forms import Form
from admin.pages import page
from admin.takeover import salon_view
from backend.core.errors import AppError
from backend.core.takeover import cutover as way
from backend.flows.takeover.hands import hook_lists
from backend.flows.takeover.switching import cutover, preflight
from backend.store import connections, cutovers, writers
from backend.store.accounts import Account
from backend.store.connections import BranchRow

ACTS = ("start", "cancel", "stopped")


def add_routes(bp: Blueprint) -> None:
    bp.get("/accounts/<domain>/takeover/salons", endpoint="takeover_salons")(listed)
    bp.post("/accounts/<domain>/takeover/salons", endpoint="switch_salons")(start_group)
    where = "/accounts/<domain>/takeover/salons/<int:company_id>"
    bp.get(where, endpoint="takeover_salon")(show)
    bp.post(where, endpoint="switch_salon")(act)


def show(domain: str, company_id: int) -> Response:
    account = guard.account(domain)
    return _drawn(account, _branch(account, company_id), Form({}))


def act(domain: str, company_id: int) -> AnyResponse:
    """Start, call off, or confirm that the other widget was switched off by hand."""
    account, form = guard.account(domain), Form(request.form)
    branch, chosen = _branch(account, company_id), form.choice("act", ACTS) or abort(400)
    try:
        _done(account, branch, chosen)
    except AppError as error:
        form.complain("act", error.code, **error.details)
        return _drawn(account, branch, form, 422)
    guard.audit(f"cutover.{chosen}", str(company_id), account)
    pages.say(f"takeover_cutover.said.{chosen}", salon=branch.title)
    return redirect(url_for("admin.takeover_salon", domain=domain, company_id=company_id), 303)


def _done(account: Account, branch: BranchRow, chosen: str) -> None:
    ctx = guard.context()
    if chosen == "cancel":
        cutover.cancel(ctx, account.id, branch.company_id)
    elif chosen == "stopped":
        cutover.stopped_by_hand(ctx, account.id, branch.company_id)
    else:
        told = request.form.getlist("url")
        removed = told if request.form.get("urls") else None
        cutover.start(ctx, account, branch.company_id, guard.person().login, removed=removed)


def listed(domain: str) -> Response:
    account = guard.account(domain)
    return _list(account, Form({}))


def start_group(domain: str) -> AnyResponse:
    """In the order of the list; the next one begins when the one before is ours."""
    account, form = guard.account(domain), Form(request.form)
    known = {branch.company_id for branch in connections.of_account(account.id)}
    chosen = [number for number in form.numbers("salon") if number in known]
    try:
        begun = cutover.start_group(guard.context(), account, chosen, guard.person().login)
    except AppError as error:
        form.complain("salon", error.code, **error.details)
        return _list(account, form, 422)
    if not begun:
        form.complain("salon", "takeover_cutover.none_chosen")
        return _list(account, form, 422)
    for one in begun:
        guard.audit("cutover.start", str(one.company_id), account)
    pages.say("takeover_cutover.said.group", n=len(begun))
    return redirect(url_for("admin.takeover_salons", domain=domain), 303)


def _list(account: Account, form: Form, status: int = 200) -> Response:
    held, known = writers.of_account(account.id), cutovers.of_account(account.id)
    salons = [
        salon_view.line(branch, held.get(branch.company_id), known.get(branch.company_id))
        for branch in connections.of_account(account.id)
        if branch.user_token
    ]
    is_live = any(one.is_open for one in salons)
    return page(
        "takeover/salons.html", "salons", status,
        account=account, form=form, salons=salons, is_live=is_live,
        may_group=cutovers.is_pilot_over(account.id, guard.context().now() - way.PILOT_FOR),
    )  # fmt: skip


def _drawn(account: Account, branch: BranchRow, form: Form, status: int = 200) -> Response:
    """While nothing is under way the conditions are asked; afterwards only the timeline moves."""
    company_id, language = branch.company_id, pages.language()
    attempts = cutovers.of_salon(account.id, company_id)
    newest, writer = attempts[0] if attempts else None, writers.of_salon(account.id, company_id)
    is_open = newest is not None and not newest.is_over
    is_live_part = bool(request.headers.get("HX-Request"))
    is_theirs = writer is None or not writer.is_ours
    asks = is_theirs and not is_open and not is_live_part
    checks = preflight.checks(guard.context(), account.id, company_id, is_deep=False) if asks else []
    return page(
        "takeover/salon.html", "timeline", status,
        account=account, branch=branch, form=form, newest=newest, is_open=is_open, asks=asks,
        writer=writer, checks=[salon_view.check(one, language) for one in checks],
        is_ready=way.is_ready(checks), addresses=_addresses(account, company_id) if asks else [],
        steps=salon_view.timeline(newest, guard.context().now(), account.timezone, language),
        older=attempts[1:], may_cancel=newest is not None and way.may_cancel(newest.state),
        by_hand=salon_view.is_by_hand(newest),
    )  # fmt: skip


def _addresses(account: Account, company_id: int) -> list[salon_view.Address]:
    """Strangers in the salon's list; the likely ones are ticked."""
    ctx = guard.context()
    try:
        found = hook_lists.read(ctx, account.id, company_id)
        crm_urls = ctx.amo(account.id).webhooks() if found.strangers else ()
    except AppError:
        return []
    likely = way.suspects(found.strangers, crm_urls, ctx.settings.public_url)
    return [salon_view.Address(url, url in likely) for url in found.strangers]


def _branch(account: Account, company_id: int) -> BranchRow:
    branch = connections.get(account.id, company_id)
    if branch is None:
        abort(404)
    return branch
