"""The way in by a one-time ticket: from the widget, or from a link printed by whoever runs the service."""

from __future__ import annotations

from flask import Blueprint, Response, g, make_response, redirect, request, session
from werkzeug.wrappers import Response as AnyResponse

from admin import guard
from admin.pages import page
from backend.flows.people import sessions, tickets
from backend.flows.people.tickets import Ticket
from backend.store import accounts, operators

FROM_WIDGET, BY_LINK = "amoCRM", "operator link"  # as the trail shows the way somebody came
GONE, NO_CONTENT, UNAUTHORIZED, UNAVAILABLE = 410, 204, 401, 503


def add_routes(bp: Blueprint) -> None:
    bp.get("/enter/<ticket>", endpoint="ticket")(enter)


def enter(ticket: str) -> AnyResponse:
    """Begins a session, once. Whoever only looks at the link, or fetches it ahead, does not spend it."""
    if ticket == guard.AGAIN:
        return _page("ended", UNAUTHORIZED)
    if request.method == "HEAD":
        return _unspent(NO_CONTENT)
    if _is_ahead():
        return _unspent(UNAVAILABLE)
    g.frame = tickets.origin(guard.context(), ticket)
    found = tickets.take(guard.context(), ticket)
    return _admitted(found) if found else _page("over", GONE)


def _admitted(found: Ticket) -> AnyResponse:
    guard.begin({**found.contents, "language": found.language, "frame": found.origin})
    g.person = sessions.person_of(session, guard.context().now())
    if g.person is None:  # switched off, or the account left, while the ticket was on its way
        guard.leave()
        return _page("over", GONE)
    if g.person.operator_id:
        operators.seen(g.person.operator_id, guard.context().now())
    account = accounts.find(g.person.account_id) if g.person.account_id else None
    guard.audit("signed_in", FROM_WIDGET if account else BY_LINK, account)
    response = redirect(found.to, 303)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _page(what: str, status: int) -> Response:
    """What there is to do instead. In a frame a password is of no use: the way leads to a new window."""
    is_framed = bool(g.get("frame") or session.get("frame"))
    return page("admin/enter.html", "message", status, what=what, is_framed=is_framed)


def _unspent(status: int) -> Response:
    response = make_response("", status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _is_ahead() -> bool:
    """A browser that fetches what a person may open next says so."""
    names = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
    return any(word in request.headers.get(name, "") for name in names for word in ("prefetch", "preview"))
