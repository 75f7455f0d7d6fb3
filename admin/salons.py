"""Salons of an account: are they heard, may we see what we need, who answers for them; switch, leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, pages, salon_view, saving, trail, zones
from admin.forms import Form
from admin.pages import page
from admin.salon_view import Salon
from backend.core import names
from backend.core.errors import AppError
from backend.core.rules.configuration import Configuration, Mode
from backend.core.salon import StaffMember
from backend.flows.rules import configuration, configuration_edit
from backend.flows.salons import salons
from backend.flows.salons.looks import Told
from backend.store import catalogue
from backend.store.accounts import Account

AT_ONCE = 4  # salons looked at in one request
FORM = ("title", "responsible_id", "timezone")


def add_routes(bp: Blueprint) -> None:
    home, one = "/accounts/<domain>/salons", "/accounts/<domain>/salons/<int:company_id>"
    bp.get(home, endpoint="salons")(show)
    bp.post(f"{home}/check", endpoint="check_salons")(check_all)
    bp.get(one, endpoint="salon")(show_one)
    bp.post(one, endpoint="save_salon")(save)
    bp.post(f"{one}/check", endpoint="check_salon")(check)
    bp.post(f"{one}/hooks", endpoint="salon_hooks")(tell)
    bp.post(f"{one}/mode", endpoint="salon_mode")(switch)
    bp.post(f"{one}/resume", endpoint="resume_salon")(resume)
    bp.get(f"{one}/switch-on", endpoint="salon_switch_on")(before_switch)
    bp.get(f"{one}/leave", endpoint="salon_leave")(before_leave)
    bp.post(f"{one}/leave", endpoint="leave_salon")(leave)


def show(domain: str) -> Response:
    account = guard.account(domain)
    shown = salon_view.all_of(account)
    left = len(salon_view.unseen(shown))
    return page(
        "admin/salons.html", "list",
        account=account, salons=shown, tones=salon_view.TONES,
        users={user.id: user for user in salon_view.users(account)},
        left=left, is_checking=bool(left and "checking" in request.args),
    )  # fmt: skip


def check_all(domain: str) -> AnyResponse:
    """Some at a time: the page goes on by itself, or by the same button."""
    account = guard.account(domain)
    for salon in salon_view.unseen(salon_view.all_of(account))[:AT_ONCE]:
        salons.look(guard.context(), account.id, salon.branch.company_id)
    return redirect(url_for("admin.salons", domain=domain, checking=1), 303)


def show_one(domain: str, company_id: int) -> Response:
    account, salon = _found(domain, company_id)
    return _page(account, salon, Form({}))


def save(domain: str, company_id: int) -> AnyResponse:
    account, salon = _found(domain, company_id)
    form = Form(request.form)
    title, zone = form.text("title"), form.choice("timezone", (*zones.offered(salon.branch.timezone), ""))
    skipped = frozenset(form.numbers("skipped"))

    def change(before: Configuration) -> Configuration:
        return with_branch(
            before, company_id, title=title, timezone=zone or None,
            responsible_id=form.number("responsible_id"), excluded_staff=skipped,
        )  # fmt: skip

    if form.ok and saving.save(form, account, salons.PARTS, change, _fields(account, company_id)):
        if salon.branch.timezone and not zone:
            _to_own_zone(account, company_id)
        return redirect(url_for("admin.salon", domain=domain, company_id=company_id), 303)
    return _page(account, salon, form, 422)


def check(domain: str, company_id: int) -> AnyResponse:
    account, _ = _found(domain, company_id)
    salons.look(guard.context(), account.id, company_id)
    return _back(account, company_id)


def tell(domain: str, company_id: int) -> AnyResponse:
    account, salon = _found(domain, company_id)
    try:
        salons.tell(guard.context(), account.id, company_id)
    except AppError as error:
        pages.say(error.code, "bad", **error.details)
    else:
        before, after = {"news": salon.news}, {"news": str(Told.SETTINGS)}
        guard.audit("salon.hooks_connected", salon.branch.title, account, before=before, after=after)
        pages.say("salons.told")
    return _back(account, company_id)


def resume(domain: str, company_id: int) -> AnyResponse:
    """This salon alone; if nothing was mended, it will stop again and say why."""
    account, salon = _found(domain, company_id)
    salons.resume(guard.context(), account.id, company_id)
    guard.audit("salon.resumed", salon.branch.title, account, before={"stopped": salon.row.paused_code})
    pages.say("salons.resumed", salon=salon.branch.title)
    return _back(account, company_id)


def before_switch(domain: str, company_id: int) -> Response:
    """What will happen once the salon writes; nothing happens yet."""
    account, salon = _found(domain, company_id)
    return page(
        "admin/salon_switch_on.html", "page",
        account=account, salon=salon, base=configuration.number(account.id), form=Form({}),
    )  # fmt: skip


def switch(domain: str, company_id: int) -> AnyResponse:
    account, salon = _found(domain, company_id)
    wanted = Form(request.form).choice("mode", tuple(Mode))
    if wanted is None:
        abort(400)
    try:
        result = configuration_edit.set_mode(
            guard.context(), account, company_id, Mode(wanted), guard.person().login
        )
    except AppError as error:
        pages.say(error.code, "bad", **error.details)
        return _back(account, company_id)
    trail.saved(account, result)
    if result.number is None:
        for problem in result.problems:
            pages.say(problem.code, "bad", **problem.details)
    else:
        pages.say(f"salons.switched.{wanted}", salon=salon.branch.title)
        for problem in result.problems:
            saving.warn(problem)
    return _back(account, company_id)


def before_leave(domain: str, company_id: int) -> Response:
    account, salon = _found(domain, company_id)
    return _leave_page(account, salon, Form({}))


def leave(domain: str, company_id: int) -> AnyResponse:
    account, salon = _found(domain, company_id)
    form = Form(request.form)
    try:
        result = salons.disconnect(
            guard.context(), account, company_id, form.number("base") or 0, guard.person().login
        )
    except AppError as error:
        form.complain(saving.WHOLE, error.code, **error.details)
        return _leave_page(account, salon, form, 422)
    for problem in result.problems:
        form.place(saving.WHOLE, problem)
    if not form.ok:
        return _leave_page(account, salon, form, 422)
    trail.saved(account, result)
    pages.say("salons.left", salon=salon.branch.title)
    return redirect(url_for("admin.salons", domain=domain), 303)


def _to_own_zone(account: Account, company_id: int) -> None:
    try:
        salons.own_zone(guard.context(), account.id, company_id)
    except AppError as error:
        pages.say(error.code, "warn", **error.details)


def with_branch(before: Configuration, company_id: int, **changes: Any) -> Configuration:
    branches = (replace(b, **changes) if b.company_id == company_id else b for b in before.branches)
    return replace(before, branches=tuple(branches))


def columns_of(salon: Salon, staff: Iterable[StaffMember]) -> list[tuple[int, str, bool]]:
    """Columns of the salon's journal (id, name, whether it looks like a waiting list); those that are left
    out and gone from YCLIENTS too, so that they can be let in again.
    """
    known = {one.id: one.name for one in staff}
    gone = {number: f"№ {number}" for number in sorted(salon.branch.excluded_staff - known.keys())}
    return [(number, name, names.is_nobody(name)) for number, name in (known | gone).items()]


def _page(account: Account, salon: Salon, form: Form, status: int = 200) -> Response:
    branch = salon.branch
    skipped = form.numbers("skipped") if form.values else branch.excluded_staff
    return page(
        "admin/salon.html", "salon", status,
        account=account, salon=salon, form=form, base=form.shown("base", configuration.number(account.id)),
        users=salon_view.users(account), choices=salon_view.choices, tones=salon_view.TONES, modes=list(Mode),
        zones=zones.offered(branch.timezone), skipped=skipped,
        staff=columns_of(salon, catalogue.catalogue(salon.row.id).staff),
        hook_url=salons.hook_url(guard.context(), salon.row),
        market=guard.context().settings.yclients_application_id,
    )  # fmt: skip


def _leave_page(account: Account, salon: Salon, form: Form, status: int = 200) -> Response:
    base = form.shown("base", configuration.number(account.id))
    return page("admin/salon_leave.html", "page", status, account=account, salon=salon, form=form, base=base)


def _fields(account: Account, company_id: int) -> Mapping[str, str]:
    """Of two salons with one title the document complains about the second, whichever was renamed."""
    branches = configuration.current(account.id).branches
    place = next(place for place, branch in enumerate(branches) if branch.company_id == company_id)
    titles = {f"branches[{number}].title": "title" for number in range(len(branches))}
    return titles | {f"branches[{place}].{name}": name for name in FORM}


def _found(domain: str, company_id: int) -> tuple[Account, Salon]:
    account = guard.account(domain)
    salon = salon_view.one(account, company_id)
    if salon is None:
        abort(404)
    return account, salon


def _back(account: Account, company_id: int) -> AnyResponse:
    return redirect(url_for("admin.salon", domain=account.domain, company_id=company_id), 303)
