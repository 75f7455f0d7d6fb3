"""JSON for the amoCRM widget: guarded by its token, readable from the account's own pages only."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, request

from backend.core.errors import InvalidInput
from backend.flows import widget
from backend.store import accounts
from backend.web.guard import context

bp = Blueprint("widget", __name__, url_prefix="/widget")

PREFLIGHT_SECONDS = 600


@bp.route("/state", methods=["GET"], provide_automatic_options=False)  # Flask would answer everybody
def state() -> Response:
    """How the connection is doing, for the widget's settings."""
    found = widget.state(context(), request.headers.get("X-Auth-Token", ""))
    origin = request.headers.get("Origin")
    if origin is not None and _host(origin) != found.domain:
        raise InvalidInput("widget.bad_origin")
    return _allowed(jsonify(found.as_json()), origin)


@bp.route("/state", methods=["OPTIONS"], provide_automatic_options=False)
def preflight() -> Response:
    """The browser asks before it sends the token: only pages of a connected account may go on."""
    origin = request.headers.get("Origin", "")
    account = accounts.by_domain(_host(origin))
    if account is None or account.state == "removed":
        return Response(status=403)
    response = _allowed(Response(status=204), origin)
    response.headers["Access-Control-Allow-Methods"] = "GET"
    response.headers["Access-Control-Allow-Headers"] = "X-Auth-Token"
    response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
    return response


def _allowed(response: Response, origin: str | None) -> Response:
    response.vary.add("Origin")
    response.headers["Cache-Control"] = "no-store"
    if origin:
        response.headers["Access-Control-Allow-Origin"] = origin
    return response


def _host(origin: str) -> str:
    """The host of an https origin; anything else belongs to nobody."""
    parts = urlsplit(origin)
    return (parts.hostname or "") if parts.scheme == "https" and parts.netloc == parts.hostname else ""
