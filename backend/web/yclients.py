"""Doors of the YCLIENTS marketplace: an owner's browser that connects us, a server that tells of our end."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend import texts
from backend.flows.people import sessions
from backend.flows.salons import installs
from backend.web import guard

bp = Blueprint("yclients", __name__, url_prefix="/yclients/marketplace")
events = Blueprint("yclients_events", __name__, url_prefix="/yclients/marketplace")


@bp.get("")
def welcome() -> AnyResponse:
    """The redirect of «Подключить». Who comes without a session is told both ways to get one."""
    ctx, args = guard.context(), request.args
    sealed = installs.invite(
        ctx,
        user_data=args.get("user_data", ""),
        sign=args.get("user_data_sign", ""),
        salon_id=args.get("salon_id", ""),
        salon_ids=",".join([*args.getlist("salon_ids"), *args.getlist("salon_ids[]")]),
    )
    onward = url_for("admin.marketplace", invitation=sealed)
    if sessions.person_of(session, ctx.now()) is not None:
        return redirect(onward, 303)
    lang = guard.language()
    page = render_template("web/marketplace.html", lang=lang, onward=onward, t=texts.t)
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response


@events.post("/events")
def heard() -> Response:
    """A wrong token is refused; an event that YCLIENTS does not confirm is heard and stops nothing."""
    installs.heard(guard.context(), guard.body())
    return Response("ok", mimetype="text/plain")
