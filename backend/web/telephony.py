"""Telephony for machines: the widget's tickets and clicks, and the dialplan that asks whom to ring."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, jsonify, request

from backend.core.errors import InvalidInput
from backend.flows.telephony.desk import routing, seats
from backend.flows.telephony.desk.dialling import Card
from backend.flows.telephony.desk.routing import Query
from backend.web import widget
from backend.web.guard import context

log = logging.getLogger(__name__)

bp = Blueprint("widget_calls", __name__, url_prefix="/widget/calls")
dialplan = Blueprint("dialplan", __name__, url_prefix="/telephony")

CREATED, NOT_FOUND = 201, 404
LONGEST_NUMBER = 64
LONGEST_WORD = 80
ENTITIES = ("lead", "contact", "company", "customer")


def ticket() -> Response:
    """Where the cards of the one who asks come from, for the next half minute."""
    widget.given()
    return jsonify(seats.ticket(context(), widget.caller()))


def dial() -> tuple[Response, int]:
    """The phone of the one who asks rings, then the client's."""
    sent = widget.given()
    asking = widget.caller()
    number, entity = sent.get("number"), sent.get("entity")
    if not isinstance(number, str) or not number or len(number) > LONGEST_NUMBER:
        raise InvalidInput("dial.empty" if not number else "widget.malformed")
    card = Card()
    if entity in ENTITIES and sent.get("id"):
        card = Card(str(entity), widget.needed(sent["id"]))
    return jsonify(seats.dial(context(), asking, number, card, request.remote_addr or "")), CREATED


def preflight(name: str) -> Response:
    return widget.preflight(name)


@dialplan.get("/route/<token>")
def route(token: str) -> Response:
    """Plain text for a dialplan: «101,102», or nothing, which means that the PBX decides."""
    try:
        pbx = routing.pbx_of(token, request.remote_addr or "")
    except InvalidInput:
        return _plain("", NOT_FOUND)
    asked = {name: request.args.get(name, "")[:LONGEST_WORD] for name in ("phone", "did", "trunk")}
    return _plain(routing.answer(context(), pbx, Query(**asked)))


def unanswered(error: Exception) -> Response:  # noqa: ARG001
    """Whatever has happened to us, the client's call goes on."""
    log.exception("route failed")
    return _plain("")


def _plain(text: str, status: int = 200) -> Response:
    return Response(text, status, mimetype="text/plain", headers={"Cache-Control": "no-store"})


for path, view in (("/ticket", ticket), ("/dial", dial)):
    bp.add_url_rule(path, view_func=view, methods=["POST"], provide_automatic_options=False)
bp.add_url_rule("/<name>", view_func=preflight, methods=["OPTIONS"], provide_automatic_options=False)
bp.after_request(widget.allow)
dialplan.register_error_handler(Exception, unanswered)
