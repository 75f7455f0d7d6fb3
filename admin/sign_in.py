"""Signing in and out, the code of the second factor, the first password, and the language switch."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, session
from werkzeug.wrappers import Response as AnyResponse

from admin import guard
from admin.forms import Form
from admin.pages import page
from backend import texts
from backend.flows.people import invitations, second_factor, sessions
from backend.store import operators
from backend.store.operators import Operator


def add_routes(bp: Blueprint) -> None:
    both = ["GET", "POST"]
    bp.get("/sign-in", endpoint="sign_in")(form)
    bp.post("/sign-in", endpoint="enter")(enter)
    bp.route("/sign-in/code", methods=both, endpoint="second_step")(second_step)
    bp.route("/invitation/<token>", methods=both, endpoint="invitation")(invitation)
    bp.post("/sign-out", endpoint="leave")(leave)
    bp.post("/language", endpoint="language")(language)


def form() -> Response:
    return _page(Form({}))


def enter() -> AnyResponse:
    given = Form(request.form)
    login, password = given.text("login"), given.text("password", is_secret=True)
    if not given.ok:
        return _page(given, 422)
    operator = operators.verify(login, password, guard.context().now(), _sender())
    if operator is None:
        given.complain("password", "ui.sign_in.wrong")
        return _page(given, 422)
    onward = guard.safe_next(request.form.get("next", ""))
    if operator.has_second_factor:
        guard.begin(sessions.half_begun_by(operator, guard.context().now()))
        session["next"] = onward
        return redirect("/admin/sign-in/code", 303)
    return _let_in(operator, onward)


def second_step() -> AnyResponse:
    """The code, asked after the password. Whoever comes without one, or too late, begins anew."""
    operator = sessions.half_of(session, guard.context().now())
    if operator is None:
        return redirect("/admin/sign-in", 303)
    if request.method == "GET":
        return page("admin/second_step.html", "form", form=Form({}))
    given = Form(request.form)
    code = given.text("code")
    if given.ok and not second_factor.check(operator, code, guard.context().now(), _sender()):
        given.complain("code", "operators.wrong_code")
    if not given.ok:
        return page("admin/second_step.html", "form", 422, form=given)
    return _let_in(operator, guard.safe_next(str(session.get("next", ""))))


def invitation(token: str) -> AnyResponse:
    """A person sets their own password. Looking at the page uses nothing up: mail programs look, too."""
    operator = invitations.guest(guard.context(), token)
    if operator is None:
        return page("admin/invitation.html", "form", 410, operator=None, form=Form({}))
    given = Form(request.form)
    if request.method == "GET":
        return page("admin/invitation.html", "form", operator=operator, form=given)
    password = new_password(given)
    if not given.ok:
        return page("admin/invitation.html", "form", 422, operator=operator, form=given)
    operators.set_password(operator.id, password)
    _note(operator, "operator.joined")
    fresh = operators.by_id(operator.id)
    assert fresh is not None
    if fresh.has_second_factor:
        return redirect("/admin/sign-in", 303)
    return _let_in(fresh, "/admin/")


def new_password(given: Form) -> str:
    """A password typed twice, long enough to be one."""
    password, again = given.text("new", is_secret=True), given.text("again", is_secret=True)
    if not operators.is_acceptable(password):
        given.complain("new", "operators.short_password", least=operators.MIN_PASSWORD)
    if given.ok and password != again:
        given.complain("again", "operators.passwords_differ")
    return password


def leave() -> AnyResponse:
    guard.leave()
    return redirect(f"/admin/enter/{guard.AGAIN}" if session.get("frame") else "/admin/sign-in", 303)


def language() -> AnyResponse:
    chosen = request.form.get("language", "")
    if chosen in texts.LANGUAGES:
        session["language"] = chosen
    return redirect(guard.safe_next(request.form.get("next", "")), 303)


def _let_in(operator: Operator, onward: str) -> AnyResponse:
    guard.begin(sessions.begun_by(operator))
    _note(operator, "signed_in")
    return redirect(onward, 303)


def _note(operator: Operator, action: str) -> None:
    operators.audit(guard.context().now(), operator=operator.login, address=_sender(), action=action)


def _sender() -> str:
    return request.remote_addr or ""


def _page(given: Form, status: int = 200) -> Response:
    onward = guard.safe_next(request.values.get("next", ""))
    return page("admin/sign_in.html", "form", status, form=given, next=onward)
