"""The people of this installation: who they are, what they may do, and how they get in. For owners only."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, pages
from admin.forms import Form
from admin.pages import page
from backend.core.errors import InvalidInput
from backend.flows.people import invitations
from backend.store import operators, second_factors
from backend.store.operators import ROLES, Operator


def add_routes(bp: Blueprint) -> None:
    bp.get("/operators", endpoint="operators")(guard.owners(show_all))
    bp.post("/operators", endpoint="invite")(guard.owners(invite))
    bp.get("/operators/<login>", endpoint="operator")(guard.owners(show))
    bp.post("/operators/<login>/<deed>", endpoint="change_operator")(guard.owners(change))


def show_all() -> Response:
    return _list(Form({}))


def invite() -> AnyResponse:
    given = Form(request.form)
    login, role = given.text("login").lower(), given.choice("role", ROLES)
    if role is None:
        given.complain("role", "ui.form.required")
    if given.ok and role is not None:
        try:
            operators.invite(login, role, guard.context().now())
        except InvalidInput as error:
            given.complain("login", error.code, **error.details)
    if not given.ok:
        return _list(given, 422)
    guard.audit("operator.invited", login, after={"role": role})
    pages.say("operators.invited", login=login)
    return redirect(url_for("admin.operator", login=login), 303)


def show(login: str) -> Response:
    return _one(_found(login), Form({}))


def change(login: str, deed: str) -> AnyResponse:
    """One deed at one person. What is refused is told on their page."""
    one, act = _found(login), DEEDS.get(deed)
    if act is None:
        abort(404)
    given = Form(request.form)
    try:
        act(one, given)
    except InvalidInput as error:
        given.complain(deed, error.code, **error.details)
        return _one(one, given, 422)
    return redirect(url_for("admin.operator", login=one.login), 303)


def _role(one: Operator, given: Form) -> None:
    role = given.choice("role", ROLES) or one.role
    if role == one.role:
        return
    operators.set_role(one.id, role)
    guard.audit("operator.role", one.login, before={"role": one.role}, after={"role": role})
    pages.say("operators.role_changed", login=one.login)


def _off(one: Operator, given: Form) -> None:
    del given
    operators.set_active(one.id, is_active=False)
    guard.audit("operator.off", one.login, before={"is_active": one.is_active}, after={"is_active": False})
    pages.say("operators.switched_off", login=one.login)


def _on(one: Operator, given: Form) -> None:
    del given
    operators.set_active(one.id, is_active=True)
    guard.audit("operator.on", one.login, before={"is_active": one.is_active}, after={"is_active": True})
    pages.say("operators.switched_on", login=one.login)


def _end_sessions(one: Operator, given: Form) -> None:
    del given
    operators.end_sessions(one.id)
    guard.audit("operator.sessions_ended", one.login)
    pages.say("operators.sessions_ended", login=one.login)


def _reset_factor(one: Operator, given: Form) -> None:
    del given
    second_factors.remove(one.id)
    before = {"second_factor": one.has_second_factor}
    guard.audit("operator.factor_reset", one.login, before=before, after={"second_factor": False})
    pages.say("operators.factor_reset", login=one.login)


def _new_link(one: Operator, given: Form) -> None:
    """The password is gone until the person sets a new one by the link."""
    del given
    invitations.renew(guard.context(), one)
    guard.audit("operator.link", one.login)
    pages.say("operators.link_made", login=one.login)


DEEDS: dict[str, Callable[[Operator, Form], None]] = {
    "role": _role,
    "off": _off,
    "on": _on,
    "end-sessions": _end_sessions,
    "reset-factor": _reset_factor,
    "link": _new_link,
}


def _found(login: str) -> Operator:
    one = operators.by_login(login)
    if one is None:
        abort(404)
    return one


def _list(given: Form, status: int = 200) -> Response:
    people = operators.all_operators()
    return page("admin/operators.html", "people", status, people=people, roles=ROLES, form=given)


def _one(one: Operator, given: Form, status: int = 200) -> Response:
    is_open = one.is_active and not one.has_password
    link = invitations.link(guard.context(), one) if is_open else ""
    return page(
        "admin/operator.html", "operator", status,
        one=one, link=link, lives=invitations.LIVES, roles=ROLES, form=given,
    )  # fmt: skip
