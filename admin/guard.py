"""Who is asking and may they: sign-in, roles, CSRF, and which account's rows belong to the page."""

from __future__ import annotations

import hmac
import secrets

from flask import abort, current_app, g, redirect, request, session
from werkzeug.wrappers import Response

from backend.core.errors import InvalidInput
from backend.flows import sessions
from backend.flows.context import Context
from backend.store import accounts, events
from backend.store.accounts import Account
from backend.store.inbound import InboundEvent
from backend.store.operators import Operator

OPEN_TO_ALL = ("admin.sign_in", "admin.enter", "admin.language")
AFTER_SIGN_IN = (
    "/admin/",
    "/oauth/amocrm/start",
)  # where a `next` may lead; all else is a trick


def context() -> Context:
    ctx: Context = current_app.extensions["mostik"]
    return ctx


def check() -> Response | None:
    """Before every request of the panel: a form's token first, then the person, then their rights."""
    g.operator = sessions.operator_of(session)
    if request.method == "POST":
        _check_csrf()
    if request.endpoint in OPEN_TO_ALL:
        return None
    if g.operator is None:
        return redirect(f"/admin/sign-in?next={request.path}")
    if request.method == "POST" and not may_act():
        raise InvalidInput("web.forbidden")
    return None


def enter(operator: Operator) -> None:
    """A new session, so that nothing planted in the old one survives."""
    language = session.get("language", "ru")
    session.clear()
    session.update(language=language, **sessions.begun_by(operator))
    session.permanent = True


def leave() -> None:
    language = session.get("language", "ru")
    session.clear()
    session["language"] = language


def operator() -> Operator:
    """The person signed in; every page behind `check` has one."""
    found: Operator = g.operator
    return found


def may_act() -> bool:
    return sessions.may_act(g.operator)


def csrf_token() -> str:
    if "csrf" not in session:
        session["csrf"] = secrets.token_urlsafe(24)
    return str(session["csrf"])


def safe_next(path: str) -> str:
    """A place of ours to go on to; an address elsewhere is not one."""
    is_ours = path.startswith(AFTER_SIGN_IN) and "\\" not in path and not path.startswith("//")
    return path if is_ours and path.isprintable() else "/admin/"


def account(domain: str) -> Account:
    """The account of a page. Whoever works here serves all accounts; a removed one stays readable."""
    found = accounts.by_domain(domain)
    if found is None:
        abort(404)
    return found


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
