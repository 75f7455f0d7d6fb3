"""Signing in and out, and the language switch."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, session
from werkzeug.wrappers import Response as AnyResponse

from admin import guard
from admin.forms import Form
from admin.pages import page
from backend import texts
from backend.flows import sessions
from backend.store import operators


def add_routes(bp: Blueprint) -> None:
    bp.get("/sign-in", endpoint="sign_in")(form)
    bp.post("/sign-in", endpoint="enter")(enter)
    bp.post("/sign-out", endpoint="leave")(leave)
    bp.post("/language", endpoint="language")(language)


def form() -> Response:
    return _page(Form({}))


def enter() -> AnyResponse:
    given = Form(request.form)
    login, password = given.text("login"), given.text("password", is_secret=True)
    if not given.ok:
        return _page(given, 422)
    operator = operators.verify(login, password, guard.context().now(), request.remote_addr or "")
    if operator is None:
        given.complain("password", "ui.sign_in.wrong")
        return _page(given, 422)
    guard.begin(sessions.begun_by(operator))
    return redirect(guard.safe_next(request.form.get("next", "")), 303)


def leave() -> AnyResponse:
    guard.leave()
    return redirect("/admin/sign-in", 303)


def language() -> AnyResponse:
    chosen = request.form.get("language", "")
    if chosen in texts.LANGUAGES:
        session["language"] = chosen
    return redirect(guard.safe_next(request.form.get("next", "")), 303)


def _page(given: Form, status: int = 200) -> Response:
    onward = guard.safe_next(request.values.get("next", ""))
    return page("admin/sign_in.html", "form", status, form=given, next=onward)
