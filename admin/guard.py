"""Who is asking and may they: sign-in, roles, CSRF, and which account's rows belong to the page.

A view without a wrapper is a page of one account: operators open all of them, an account's administrator
their own. `staff` and `owners` close a view to everybody else.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any

from flask import abort, current_app, g, redirect, request, session
from werkzeug.wrappers import Response

from backend.core.errors import InvalidInput
from backend.flows.context import Context
from backend.flows.people import sessions
from backend.flows.people.sessions import Person
from backend.flows.vendors import patience
from backend.store import accounts, events, operators
from backend.store.accounts import Account
from backend.store.inbound import InboundEvent

View = Callable[..., Any]

AGAIN = "again"  # in place of a ticket: the page that sends back to the widget

OPEN_TO_ALL = (
    "admin.sign_in",
    "admin.enter",
    "admin.second_step",
    "admin.invitation",
    "admin.language",
    "admin.ticket",
    "admin.help",
    "admin.help_page",
    "admin.help_image",
)
OPEN_TO_VIEWERS = ("admin.leave", "admin.me", "admin.change_password", "admin.second_factor")
AFTER_SIGN_IN = (
    "/admin/",
    "/oauth/amocrm/start",
    "/yclients/marketplace",
)  # where a `next` may lead; all else is a trick


def context() -> Context:
    """Of this request: what it asks of vendors comes to an end before its browser gives up."""
    if "ctx" not in g:
        g.ctx = replace(current_app.extensions["mostik"], patience=patience.begun())
    ctx: Context = g.ctx
    return ctx


def check() -> Response | None:
    """Before every request of the panel: a form's token first, then the person, then their rights."""
    g.person = sessions.person_of(session, context().now())
    if request.method == "POST":
        _check_csrf()
    if request.endpoint in OPEN_TO_ALL:
        return None
    if g.person is None:
        return redirect(
            f"/admin/enter/{AGAIN}" if session.get("frame") else f"/admin/sign-in?next={request.path}"
        )
    if request.method == "POST" and not may_act() and request.endpoint not in OPEN_TO_VIEWERS:
        raise InvalidInput("web.forbidden")
    return None


def staff(view: View) -> View:
    """For people of this installation; to an account's administrator the page does not exist."""
    return _only(view, lambda one: one.is_staff)


def owners(view: View) -> View:
    """For owners; whoever else works here is told that it is not theirs."""

    @wraps(view)
    def guarded(**values: Any) -> Any:
        if not person().is_owner:
            raise InvalidInput("web.forbidden")
        return view(**values)

    return staff(guarded)


def _only(view: View, belongs: Callable[[Person], bool]) -> View:
    @wraps(view)
    def guarded(**values: Any) -> Any:
        if not belongs(person()):
            abort(404)
        return view(**values)

    return guarded


def begin(contents: Mapping[str, object]) -> None:
    """A new session, so that nothing planted in the old one survives."""
    language = contents.get("language") or session.get("language", "ru")
    session.clear()
    session.update({**contents, "language": language})
    session.permanent = True


def leave() -> None:
    """The place of a frame stays: the page that follows must be readable there."""
    kept = {name: session[name] for name in ("language", "frame") if name in session}
    session.clear()
    session.update(kept)


def person() -> Person:
    """Who is signed in; every page behind `check` has somebody."""
    found: Person = g.person
    return found


def may_act() -> bool:
    return sessions.may_act(g.get("person"))


def audit(
    action: str, subject: str = "", account: Account | None = None, *, before: Any = None, after: Any = None
) -> None:
    """A line of the trail: the person signed in did this, from this address."""
    operators.audit(
        context().now(), operator=person().login, address=request.remote_addr or "", action=action,
        subject=subject, account_id=account.id if account else None, before=before, after=after,
    )  # fmt: skip


def csrf_token() -> str:
    if "csrf" not in session:
        session["csrf"] = secrets.token_urlsafe(24)
    return str(session["csrf"])


def safe_next(path: str) -> str:
    """A place of ours to go on to; an address elsewhere is not one."""
    is_ours = path.startswith(AFTER_SIGN_IN) and "\\" not in path and not path.startswith("//")
    return path if is_ours and path.isprintable() else "/admin/"


def account(domain: str) -> Account:
    """The account of a page; a stranger's does not exist. A removed one stays readable."""
    found = accounts.by_domain(domain)
    if found is None or not person().sees(found.id):
        abort(404)
    return found


def own_account() -> Account:
    """The account of an administrator who came through the widget."""
    return accounts.by_id(person().account_id or 0)


def event_of(owner: Account, event_id: int) -> InboundEvent:
    """An event of this account; another account's number is as good as none."""
    found = events.get(event_id)
    if found is None or found.account_id != owner.id:
        abort(404)
    return found


def _check_csrf() -> None:
    given = request.headers.get("X-CSRF-Token") or request.form.get("csrf", "")
    expected = session.get("csrf", "")
    if not expected or not hmac.compare_digest(str(expected).encode(), given.encode()):
        raise InvalidInput("web.csrf")
