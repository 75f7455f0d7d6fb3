"""Connecting salons: give access by login or by a key, see which salons it opens and what it lacks, tick."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, redirect, request, url_for
from htmx_flask import request as htmx_request
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, pages, salon_view, saving, trail
from admin.forms import Form
from admin.pages import page
from backend.core import rights
from backend.core.errors import AppError, InvalidInput
from backend.flows.rules import configuration
from backend.flows.salons import access as access_flow
from backend.flows.salons import installs, looks, salons
from backend.flows.salons.access import Access, Asker
from backend.flows.salons.looks import Look
from backend.flows.widget import spoken
from backend.store import accounts
from backend.store.accounts import Account

WAYS = ("login", "token")
AT_ONCE = 5  # rights read, and salons connected, in one request
FEW = 5  # of so many new salons all are ticked to begin with
# Which field a refusal is told at; the rest belongs to the form as a whole.
FIELDS = {
    "yclients.sign_in_refused": "password", "yclients.second_factor": "login",
    "yclients.token_malformed": "token", "yclients.token_refused": "token",
}  # fmt: skip


@dataclass(frozen=True)
class Tally:
    """What the portions so far came to; `reason` is why the last silent salon is silent."""

    done: int
    renewed: int
    silent: int
    reason: str


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/salons/connect"
    bp.get(home, endpoint="salon_access")(ask)
    bp.post(home, endpoint="give_access")(give)
    bp.get(f"{home}/<access_id>", endpoint="salon_choice")(choose)
    bp.post(f"{home}/<access_id>", endpoint="connect_salons")(connect)
    bp.get("/marketplace/<invitation>", endpoint="marketplace")(welcome)


def welcome(invitation: str) -> AnyResponse:
    """From YCLIENTS, after the sign-in: to which amoCRM account do these salons belong?"""
    _may_act()
    found = installs.invitation(guard.context(), invitation)
    person = guard.person()
    mine = [
        account
        for account in accounts.all_accounts()
        if account.state != "removed" and person.sees(account.id)
    ]
    if len(mine) == 1:
        return redirect(url_for("admin.salon_access", domain=mine[0].domain, invitation=invitation), 303)
    return page("admin/salon_welcome.html", "page", mine=mine, invitation=invitation, invited=found)


def ask(domain: str) -> Response:
    """`salon` is one whose key is to be replaced, `invitation` what an owner brought from YCLIENTS."""
    _may_act()
    return _ask_page(guard.account(domain), Form(request.args))


def give(domain: str) -> AnyResponse:
    account, form = guard.account(domain), Form(request.form)
    way = form.choice("way", WAYS) or WAYS[0]
    found = _access(account, form, way)
    if found is None:
        return _ask_page(account, form, 422)
    guard.audit("salon.access_given", way, account, after={"salons": len(found.companies)})
    wanted = form.number("salon") or None
    return redirect(url_for("admin.salon_choice", domain=domain, access_id=found.id, salon=wanted), 303)


def choose(domain: str, access_id: str) -> AnyResponse:
    """The salons at once; their rights some at a time, by themselves or by a button."""
    account = guard.account(domain)
    try:
        found = access_flow.get(guard.context(), _asker(account), access_id)
    except InvalidInput as error:
        return _again(account, error)
    is_part = bool(htmx_request.htmx)
    if is_part or "look" in request.args:
        for company_id in _unseen(found)[:AT_ONCE]:
            salons.look_ahead(guard.context(), found, company_id)
    return _choice_page(account, found, Form(request.args), is_part=is_part)


def connect(domain: str, access_id: str) -> AnyResponse:
    account, form = guard.account(domain), Form(request.form)
    try:
        found = access_flow.get(guard.context(), _asker(account), access_id)
    except InvalidInput as error:
        return _again(account, error)
    ids = _ticked(account, found, form)
    done, renewed, silent = (form.number(name) or 0 for name in ("done", "renewed", "silent"))
    before = Tally(done, renewed, silent, form.text("reason", is_required=False))
    tally = _connected(account, found, form, ids[:AT_ONCE], before)
    if tally is None:
        return _choice_page(account, found, form, 422)
    if rest := ids[AT_ONCE:]:
        return redirect(_going_on(account, found, form, rest, tally), 303)
    access_flow.forget(guard.context(), found)
    _report(tally)
    return redirect(url_for("admin.salons", domain=domain), 303)


def _connected(account: Account, found: Access, form: Form, ids: list[int], before: Tally) -> Tally | None:
    """One portion; None when nothing of it was written."""
    wish = salons.Wish(
        frozenset(ids), form.number("base") or 0, guard.person().login, with_hooks=form.flag("hooks")
    )
    new = len(set(ids) - _connected_ids(account))
    try:
        done = salons.connect(guard.context(), account, found, wish)
    except AppError as error:
        form.complain(saving.WHOLE, error.code, **error.details)
        return None
    if done.result.number is None:
        for problem in done.result.problems:
            form.place(saving.WHOLE, problem)
        return None
    trail.saved(account, done.result, "salon.connected")
    for problem in done.result.problems:
        saving.warn(problem)
    reason = next((error.code for error in done.silent.values()), before.reason)
    renewed = before.renewed + len(ids) - new
    return Tally(before.done + new, renewed, before.silent + len(done.silent), reason)


def _going_on(account: Account, found: Access, form: Form, rest: list[int], tally: Tally) -> str:
    """All that are new need no list: hundreds of numbers would not fit into an address."""
    is_all = form.flag("all")
    return url_for(
        "admin.salon_choice", domain=account.domain, access_id=found.id, all=1 if is_all else None,
        rest=None if is_all else rest, done=tally.done, renewed=tally.renewed,
        hooks=form.values.get("hooks") or None, silent=tally.silent or None, reason=tally.reason or None,
    )  # fmt: skip


def _report(tally: Tally) -> None:
    if tally.done:
        pages.say("salons.connected", n=tally.done)
    if tally.renewed:
        pages.say("salons.renewed", n=tally.renewed)
    if tally.silent:
        reason = spoken.trouble(pages.language(), tally.reason)
        pages.say("salons.silent", "warn", n=tally.silent, reason=reason)


def _access(account: Account, form: Form, way: str) -> Access | None:
    ctx, asker = guard.context(), _asker(account, form.values.get("invitation", ""))
    names = ("login", "password") if way == "login" else ("token",)
    given = [form.text(name, is_secret=name != "login") for name in names]
    if not form.ok:
        return None
    try:
        if way == "login":
            return access_flow.by_login(ctx, asker, given[0], given[1])
        return access_flow.by_token(ctx, asker, given[0])
    except AppError as error:
        field = FIELDS.get(error.code, saving.WHOLE)
        form.complain(field if field in names else saving.WHOLE, error.code, **error.details)
        return None


def _asker(account: Account, invitation: str = "") -> Asker:
    """Somebody else with the same name is another one: their role and account are part of it."""
    person = guard.person()
    invited = installs.invitation(guard.context(), invitation).salons if invitation else ()
    name = f"{person.role}:{person.operator_id or person.account_id}:{person.login}"
    return Asker(account.id, name, invited)


def _ticked(account: Account, found: Access, form: Form) -> list[int]:
    """«Подключить все новые» needs no ticks."""
    if form.flag("all"):
        known = _connected_ids(account)
        return [company.id for company in found.companies if company.id not in known]
    wanted = set(form.numbers("salon"))
    return [company.id for company in found.companies if company.id in wanted]


def _ask_page(account: Account, form: Form, status: int = 200) -> Response:
    salon = salon_view.one(account, form.number("salon") or 0)
    invitation = form.values.get("invitation", "")
    invited = installs.invitation(guard.context(), invitation) if invitation else None
    return page(
        "admin/salon_access.html", "page", status,
        account=account, form=form, salon=salon, invitation=invitation, invited=invited,
        way=form.choice("way", WAYS) or WAYS[0],
    )  # fmt: skip


def _choice_page(
    account: Account, found: Access, form: Form, status: int = 200, *, is_part: bool = False
) -> Response:
    known, seen = _connected_ids(account), _looks(found)
    rest = _ticked(account, found, form) if form.flag("all") else form.numbers("rest")
    flags = dict.fromkeys(flag for look in seen.values() for flag in look.flags)
    is_first = not (rest or form.values.get("base"))
    return page(
        "admin/salon_choice.html", "rights", status,
        account=account, access=found, form=form, known=known, rest=rest, is_part=is_part,
        ticked=_first_ticks(found, form, known), looks=seen, left=len(found.companies) - len(seen),
        wanting=rights.lacks(flags),
        base=configuration.number(account.id), with_hooks=is_first or form.flag("hooks"),
    )  # fmt: skip


def _first_ticks(found: Access, form: Form, known: frozenset[int]) -> set[int]:
    """What was ticked; else what the person came for; else the new salons, when they are few."""
    if asked := form.numbers("salon"):
        return set(asked)
    if found.invited or form.values.get("base"):
        return set(found.invited)
    new = {company.id for company in found.companies} - known
    return new if len(new) <= FEW else set()


def _looks(found: Access) -> dict[int, Look]:
    ids = [company.id for company in found.companies]
    seen = looks.of(guard.context(), found.account_id, ids)
    return {number: look for number, look in seen.items() if look.at >= found.given_at}


def _unseen(found: Access) -> list[int]:
    seen = _looks(found)
    return [company.id for company in found.companies if company.id not in seen]


def _connected_ids(account: Account) -> frozenset[int]:
    return frozenset(branch.company_id for branch in configuration.current(account.id).branches)


def _again(account: Account, error: InvalidInput) -> AnyResponse:
    pages.say(error.code, "warn")
    return redirect(url_for("admin.salon_access", domain=account.domain), 303)


def _may_act() -> None:
    if not guard.may_act():
        raise InvalidInput("web.forbidden")
