"""«Мой вход»: an operator's own password and second factor."""

from __future__ import annotations

import segno
from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, pages
from admin.forms import Form
from admin.pages import page
from admin.sign_in import new_password
from backend.flows.people import second_factor, sessions
from backend.store import operators, second_factors
from backend.store.operators import Operator

QUIET_ZONE = 2  # modules of white around the code; the sheet around it is light as well


def add_routes(bp: Blueprint) -> None:
    bp.get("/me", endpoint="me")(guard.staff(show))
    bp.post("/me/password", endpoint="change_password")(guard.staff(change_password))
    bp.route("/me/second-factor", methods=["GET", "POST"], endpoint="second_factor")(guard.staff(factor))


def show() -> Response:
    return _page(_me(), Form({}))


def change_password() -> AnyResponse:
    """The old one is asked: whoever finds a browser left open must not keep others out of it."""
    me, given = _me(), Form(request.form)
    new = new_password(given)
    _ask_password(me, given)
    if not given.ok:
        return _page(me, given, 422)
    operators.set_password(me.id, new)
    guard.audit("me.password")
    guard.begin(sessions.begun_by(_me(me.id)))
    pages.say("me.password_changed")
    return redirect(url_for("admin.me"), 303)


def factor() -> AnyResponse:
    """Switch the second factor on, off, or ask for new recovery codes: each needs a code that fits, and the
    first one, with which a stranger could keep the owner out, the password.
    """
    me = _me()
    if request.method == "GET":
        return _factor(me, Form({}))
    given = Form(request.form)
    code = given.text("code")
    if not me.has_second_factor:
        _ask_password(me, given)
    if not given.ok:
        return _factor(me, given, 422)
    return _change(me, given, code) if me.has_second_factor else _switch_on(me, given, code)


def _ask_password(me: Operator, given: Form) -> None:
    """Under `old`; guesses count like those of the sign-in."""
    old = given.text("old", is_secret=True)
    if given.ok and operators.verify(me.login, old, guard.context().now(), _sender()) is None:
        given.complain("old", "operators.wrong_password")


def _switch_on(me: Operator, given: Form, code: str) -> AnyResponse:
    codes = second_factor.confirm(me, code, guard.context().now(), _sender())
    if codes is None:
        given.complain("code", "operators.wrong_code")
        return _factor(me, given, 422)
    guard.audit("me.factor_on", before={"second_factor": False}, after={"second_factor": True})
    return page("admin/recovery_codes.html", "codes", codes=codes)


def _change(me: Operator, given: Form, code: str) -> AnyResponse:
    if not second_factor.check(me, code, guard.context().now(), _sender()):
        given.complain("code", "operators.wrong_code")
        return _factor(me, given, 422)
    if given.choice("deed", ("codes",)):
        guard.audit("me.recovery")
        return page("admin/recovery_codes.html", "codes", codes=second_factor.new_recovery_codes(me))
    second_factors.remove(me.id)
    guard.audit("me.factor_off", before={"second_factor": True}, after={"second_factor": False})
    pages.say("me.factor_is_off")
    return redirect(url_for("admin.me"), 303)


def _factor(me: Operator, given: Form, status: int = 200) -> Response:
    if me.has_second_factor:
        left = second_factors.recovery_left(me.id)
        return page("admin/second_factor.html", "factor", status, form=given, is_on=True, left=left)
    secret = second_factor.proposed(me)
    picture = segno.make(second_factor.address(me, secret), error="m").svg_data_uri(
        scale=5, border=QUIET_ZONE, light="#fff", dark="#111"
    )
    spelled = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    shown = {"is_on": False, "picture": picture, "spelled": spelled}
    return page("admin/second_factor.html", "factor", status, form=given, **shown)


def _page(me: Operator, given: Form, status: int = 200) -> Response:
    return page("admin/me.html", "me", status, me=me, form=given)


def _me(operator_id: int | None = None) -> Operator:
    found = operators.by_id(operator_id or guard.person().operator_id or 0)
    assert found is not None
    return found


def _sender() -> str:
    return request.remote_addr or ""
