"""Connections to PBXes: added, changed, tried and removed; secrets go in and never come out again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, pages
from admin.forms import Form
from admin.pages import page
from admin.telephony import asked, snippets, tried
from backend.core.errors import AppError, InvalidInput
from backend.flows.rules import configuration
from backend.flows.telephony.connections import checking, connecting
from backend.flows.telephony.exchanges import kind_cloud, kinds
from backend.flows.telephony.exchanges.kind import Shape, Tested
from backend.flows.telephony.health import conditions
from backend.flows.telephony.hearing import table_rounds
from backend.store.accounts import Account
from backend.store.telephony import pbxes
from backend.store.telephony.pbxes import Pbx

SURE = "sure"
MOST_DAYS = 7  # that somebody waits for; the command line takes more


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/telephony/connections"
    one = f"{home}/<code>"
    bp.get(home, endpoint="telephony_connections")(show)
    bp.post(f"{home}/amocrm", endpoint="telephony_crm_check")(check_crm)
    bp.get(f"{home}/new/<kind>", endpoint="telephony_connection_new")(new)
    bp.post(f"{home}/new/<kind>", endpoint="telephony_connection_add")(add)
    bp.get(one, endpoint="telephony_connection")(form)
    bp.post(one, endpoint="telephony_connection_save")(save)
    bp.post(f"{one}/check", endpoint="telephony_connection_check")(check)
    bp.post(f"{one}/again", endpoint="telephony_connection_again")(again)
    bp.post(f"{one}/point", endpoint="telephony_connection_point")(point)
    bp.post(f"{one}/token", endpoint="telephony_connection_token")(renew)
    bp.post(f"{one}/remove", endpoint="telephony_connection_remove")(remove)


def show(domain: str) -> Response:
    return _list(guard.account(domain))


def check_crm(domain: str) -> Response:
    """Asks amoCRM who we are there."""
    account = guard.account(domain)
    return _list(account, checking.crm(guard.context(), account.id))


def _list(account: Account, crm_tested: Tested | None = None) -> Response:
    now = guard.context().now()
    looks = [(pbx, conditions.of_pbx(pbx, now)) for pbx in pbxes.of_account(account.id)]
    return page(
        "telephony/connections.html", "body",
        account=account, looks=looks, kinds=tuple(kinds.KINDS), crm=conditions.of_crm(account),
        crm_tested=crm_tested,
    )  # fmt: skip


def new(domain: str, kind: str) -> Response:
    """The proposed password is shown once, here, so that it can be copied to the PBX as well."""
    account = guard.account(domain)
    fresh = _fresh(account, kind)
    return _page(account, fresh, Form({}), proposed=_proposed(fresh))


def add(domain: str, kind: str) -> AnyResponse:
    """Or only fills in the pieces for the PBX, while the password can still be seen."""
    account, sent = guard.account(domain), Form(request.form)
    found = _read(_fresh(account, kind), sent)
    if sent.flag(tried.LOOK):
        return _page(account, found, Form(request.form), proposed=_proposed(found))
    if not sent.ok:
        return _page(account, found, sent, 422, proposed=_proposed(found))
    saved = pbxes.save(found)
    guard.audit("pbx.added", saved.title, account, after=connecting.facts(saved))
    pages.say("telephony_connections.added")
    return redirect(_address(account, saved, is_new=True), 303)


def form(domain: str, code: str) -> Response:
    account = guard.account(domain)
    return _page(account, _pbx(account, code), Form({}), tries=bool(request.args.get("try")))


def save(domain: str, code: str) -> AnyResponse:
    account, sent = guard.account(domain), Form(request.form)
    known = _pbx(account, code)
    found = _read(known, sent)
    if not sent.ok:
        return _page(account, known, sent, 422)
    saved = pbxes.save(found)
    before, after = connecting.facts(known), connecting.facts(saved)
    if saved.secret != known.secret or dict(saved.options) != dict(known.options) or before != after:
        guard.audit("pbx.changed", saved.title, account, before=before, after=after)
    pages.say("telephony_connections.saved")
    return redirect(_address(account, saved, is_new=True), 303)


def check(domain: str, code: str) -> Response:
    """Tries the connection as it is saved; nothing is changed by it, here or there."""
    account = guard.account(domain)
    pbx = _pbx(account, code)
    return _page(account, pbx, Form({}), tested=checking.test(guard.context(), pbx))


def again(domain: str, code: str) -> AnyResponse:
    """Calls of some days once more: what the tables know besides is added, everything is decided anew."""
    account = guard.account(domain)
    pbx, days = _pbx(account, code), asked.days(account, request.form, "yesterday")
    if days.form.ok and days.period.days > MOST_DAYS:
        days.form.complain("until", "reports.problem.long", most=MOST_DAYS)
    try:
        if not days.form.ok:
            raise InvalidInput(days.form.problems.get("since") or days.form.problems["until"])
        table_rounds.order(guard.context(), pbx, days.since, days.until)
    except AppError as error:
        sent = Form({})
        sent.complain("again", error.code, **{**error.details, "most": MOST_DAYS})
        return _page(account, pbx, sent, 422)
    guard.audit("pbx.reprocessed", pbx.title, account, after=days.chosen)
    pages.say("telephony_connections.again_said")
    return redirect(_address(account, pbx), 303)


def point(domain: str, code: str) -> AnyResponse:
    """Has a PBX in a cloud send its notices to us."""
    account = guard.account(domain)
    pbx, sent = _pbx(account, code), Form({})
    if pbx.kind != pbxes.CLOUD:
        abort(404)
    try:
        kind_cloud.point_here(guard.context(), pbx)
    except AppError as error:
        sent.complain("point", error.code, **error.details)
        return _page(account, pbx, sent, 422)
    guard.audit("pbx.pointed", pbx.title, account)
    pages.say("telephony_connections.pointed")
    return redirect(_address(account, pbx), 303)


def renew(domain: str, code: str) -> AnyResponse:
    """A new secret address for the PBX to call; the old one is dead at once, so a box is ticked first."""
    account = guard.account(domain)
    pbx = _pbx(account, code)
    if doubt := _doubt(account, pbx, "renew"):
        return doubt
    pbxes.renew_token(pbx.id)
    guard.audit("pbx.renewed", pbx.title, account)
    pages.say("telephony_connections.renewed")
    return redirect(_address(account, pbx), 303)


def remove(domain: str, code: str) -> AnyResponse:
    account = guard.account(domain)
    pbx = _pbx(account, code)
    if doubt := _doubt(account, pbx, "remove"):
        return doubt
    pbxes.remove(pbx.id)
    guard.audit("pbx.removed", pbx.title, account, before=connecting.facts(pbx))
    pages.say("telephony_connections.removed")
    return redirect(url_for("admin.telephony_connections", domain=account.domain), 303)


def _doubt(account: Account, pbx: Pbx, what: str) -> Response | None:
    """What is answered while the box beside the button is not ticked."""
    if Form(request.form).flag(SURE):
        return None
    form = Form({})
    form.complain(what, "telephony_connections.not_sure")
    return _page(account, pbx, form, 422)


def _fresh(account: Account, kind: str) -> Pbx:
    try:
        return connecting.new(account, kind)
    except InvalidInput:
        abort(404)


def _pbx(account: Account, code: str) -> Pbx:
    found = connecting.find(account, code)
    if found is None:
        abort(404)
    return found


def _read(known: Pbx, sent: Form) -> Pbx:
    found = connecting.filled(known, sent.values, opens_files=guard.person().is_staff)
    for name, (code, details) in found.problems.items():
        sent.complain(name, code, **details)
    return found.pbx


def _proposed(pbx: Pbx) -> str:
    """Only an Asterisk gets a password of ours; a cloud gives its own."""
    return connecting.proposed_secret() if pbx.kind == pbxes.ASTERISK else ""


def _address(account: Account, pbx: Pbx, *, is_new: bool = False) -> str:
    """After it was saved the page tries it at once, by itself."""
    path = url_for("admin.telephony_connection", domain=account.domain, code=pbx.code)
    return f"{path}?try=1" if is_new else path


def _page(  # noqa: PLR0913 - what a page of a connection may show besides its form
    account: Account, pbx: Pbx, sent: Form, status: int = 200, *,
    tested: Tested | None = None, proposed: str = "", tries: bool = False,
) -> Response:  # fmt: skip
    ctx, rules = guard.context(), configuration.current(account.id).telephony
    kind = kinds.of(pbx.kind)
    secret = (sent.values.get("secret") or proposed) if proposed else ""
    return page(
        "telephony/connection.html", "connection", status,
        account=account, pbx=pbx, form=sent, kind=kind, Shape=Shape, tested=tested, tries=tries,
        value=lambda need: _shown(pbx, need), has=lambda need: bool(_shown(pbx, need)), proposed=secret,
        look=conditions.of_pbx(pbx, ctx.now(), is_fresh=tries) if pbx.id else None, door=kinds.door(ctx, pbx),
        tables=connecting.without_secret(str(pbx.options.get("tables", ""))),
        snippets=snippets.of(ctx, pbx, rules, secret) if pbx.kind == pbxes.ASTERISK else [],
    )  # fmt: skip


def _shown(pbx: Pbx, need: Any) -> Any:
    """What stands in the form; a hidden one is only asked for whether it is there."""
    if need.name.startswith("options."):
        return pbx.options.get(need.name.removeprefix("options."), "")
    return getattr(pbx, need.name)
