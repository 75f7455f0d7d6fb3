"""JSON for the amoCRM widget: guarded by its token, readable from the account's own pages only."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from backend import texts
from backend.core.errors import InvalidInput
from backend.flows.actions import acts
from backend.flows.actions.acts import Asked
from backend.flows.widget import pipeline, widget
from backend.flows.widget.widget import Caller, Wish
from backend.web.guard import body, context

bp = Blueprint("widget", __name__, url_prefix="/widget")

PREFLIGHT_SECONDS = 600
LONGEST_STEP = 64 * 1024  # of a pipeline step's body; real ones have a few hundred bytes


def state() -> Response:
    """How the connection is doing, for the widget's settings."""
    return jsonify(widget.state(caller(), language()))


def sign_in() -> Response:
    """The way into the panel: an address that works once."""
    sent = given()
    to, question = str(sent.get("to") or ""), str(sent.get("q") or "")
    wish = Wish(language(), sent.get("framed") is True, to, question)
    return jsonify(url=widget.sign_in(context(), caller(), wish))


def card() -> Response:
    """All that a card shows, in one answer."""
    asked, lead_id = Asked(caller(), language()), request.args.get("lead")
    if lead_id:
        return jsonify(acts.card_of_lead(context(), asked, needed(lead_id)))
    return jsonify(acts.card_of_contact(context(), asked, needed(request.args.get("contact"))))


def recheck() -> Response:
    """Bookings behind the leads of a card or of a list are read and decided again."""
    sent, asking, address = given(), caller(), request.remote_addr or ""
    leads = sent.get("leads")
    if isinstance(leads, list) and leads:
        ids = [needed(lead) for lead in leads]
        return jsonify(widget.check_leads(context(), asking, ids, address, language()))
    contact_id = needed(sent.get("contact"))
    return jsonify(widget.check_contact(context(), asking, contact_id, address, language()))


def step() -> Response:
    """A step of the digital pipeline. Unsigned, so every sender hears the same, at once."""
    sent = request.stream.read(LONGEST_STEP + 1)
    if len(sent) <= LONGEST_STEP:
        pipeline.asked(context(), bytes(sent))
    return Response("ok", mimetype="text/plain")


def preflight(name: str) -> Response:  # noqa: ARG001
    """The browser asks before it sends the token: only pages of a connected account may go on."""
    if not widget.is_connected(context(), request.headers.get("Origin", "")):
        return Response(status=403)
    response = Response(status=204)
    response.headers["Access-Control-Allow-Methods"] = "GET, POST"
    response.headers["Access-Control-Allow-Headers"] = "X-Auth-Token, Content-Type"
    response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
    return response


@bp.after_request
def allow(response: Response) -> Response:
    """A refusal is read by the widget too, so it names the origin as well."""
    response.vary.add("Origin")
    response.headers["Cache-Control"] = "no-store"
    origin = request.headers.get("Origin")
    if origin and widget.is_connected(context(), origin):
        response.headers["Access-Control-Allow-Origin"] = origin
    return response


for path, view, method in (
    ("/state", state, "GET"),
    ("/card", card, "GET"),
    ("/sign-in", sign_in, "POST"),
    ("/recheck", recheck, "POST"),
    ("/pipeline", step, "POST"),
):  # Flask's own answer to OPTIONS would welcome everybody
    bp.add_url_rule(path, view_func=view, methods=[method], provide_automatic_options=False)
bp.add_url_rule("/<name>", view_func=preflight, methods=["OPTIONS"], provide_automatic_options=False)


def language() -> str:
    """The language of the person's amoCRM, as the widget tells it: in the address, or in the body."""
    asked = str(request.args.get("lang") or g.get("given", {}).get("lang", ""))
    return asked if asked in texts.LANGUAGES else texts.LANGUAGES[0]


def caller() -> Caller:
    return widget.caller(context(), request.headers.get("X-Auth-Token", ""), request.headers.get("Origin"))


def given() -> dict[str, Any]:
    try:
        found = json.loads(body() or b"{}")
    except (ValueError, RecursionError) as error:
        raise InvalidInput("widget.malformed") from error
    if not isinstance(found, dict):
        raise InvalidInput("widget.malformed")
    g.given = found
    return found


def needed(value: object) -> int:
    if not value:
        raise InvalidInput("widget.nothing_asked")
    if (number := _number(value)) is None:
        raise InvalidInput("widget.malformed")
    return number


def _number(value: object) -> int | None:
    """An id of the CRM, which its pages hold as a number or as a text."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 19 else None
