"""AppError → HTTP: one place decides the status, and whether a person, a widget or a machine is told."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from types import MappingProxyType

from flask import Flask, Response, jsonify, make_response, render_template, request
from redis.exceptions import RedisError
from werkzeug.exceptions import HTTPException

from backend import texts
from backend.core.errors import AppError, InvalidInput, TryLater
from backend.flows.road.inbox import UnknownHook
from backend.web import guard, widget

log = logging.getLogger(__name__)

BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, CONFLICT = 400, 401, 403, 404, 409
TOO_LARGE, TOO_MANY, UNAVAILABLE = 413, 429, 503
STATUSES = {
    "hook.too_large": TOO_LARGE,
    "hook.unknown": NOT_FOUND,
    "cloud_pbx.unsigned": FORBIDDEN,
    "hooks.foreign_branch": FORBIDDEN,
    "hooks.foreign_account": FORBIDDEN,
    "oauth.state_mismatch": FORBIDDEN,
    "oauth.bad_signature": FORBIDDEN,
    "widget.bad_origin": FORBIDDEN,
    "widget.token_invalid": UNAUTHORIZED,
    "widget.token_used": UNAUTHORIZED,
    "widget.unknown_account": UNAUTHORIZED,
    "widget.not_admin": FORBIDDEN,
    "widget.too_often": TOO_MANY,
    "dial.off": FORBIDDEN,
    "dial.no_device": FORBIDDEN,
    "dial.too_often": TOO_MANY,
    "dial.pending": CONFLICT,
    "dial.busy": CONFLICT,
    "card.denied.admins": FORBIDDEN,
    "card.denied.nobody": FORBIDDEN,
    "card.foreign_booking": FORBIDDEN,
    "card.form_reused": CONFLICT,
    "card.no_lead": NOT_FOUND,
    "card.no_contact": NOT_FOUND,
    "card.no_booking": NOT_FOUND,
    "web.csrf": FORBIDDEN,
    "web.forbidden": FORBIDDEN,
    "web.not_found": NOT_FOUND,
    "operators.locked": TOO_MANY,
    "yclients.install_unsigned": FORBIDDEN,
}
HTTP_CODES = {404: "web.not_found", 405: "web.method", 413: "web.too_large"}
MACHINES = ("hooks", "health", "widget", "yclients_events")
DEFAULT_WAIT_SECONDS = 30
NONE: Mapping[str, object] = MappingProxyType({})


def register(app: Flask) -> None:
    app.register_error_handler(UnknownHook, unknown_hook)
    app.register_error_handler(AppError, app_error)
    app.register_error_handler(RedisError, no_memory)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, our_bug)


def unknown_hook(error: Exception) -> Response:  # noqa: ARG001
    """A forged secret learns nothing, not even whether the salon exists."""
    return answer("hook.unknown", NOT_FOUND)


def app_error(error: AppError) -> Response:
    log.info("request refused path=%s code=%s", _route(), error.code)
    response = answer(error.code, status(error), **error.details)
    if isinstance(error, TryLater):
        after = error.after.total_seconds() if error.after else DEFAULT_WAIT_SECONDS
        response.headers["Retry-After"] = str(math.ceil(after))
    return response


def no_memory(error: RedisError) -> Response:
    """Tickets, tokens and limits are kept in Redis: whoever needs one comes back when it does."""
    return app_error(TryLater("web.no_memory", error=type(error).__name__))


def http_error(error: HTTPException) -> Response:
    code = error.code or 500
    response = answer(HTTP_CODES.get(code, "web.broken" if code >= 500 else "web.forbidden"), code)
    if allowed := getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(allowed)
    return response


def our_bug(error: Exception) -> Response:  # noqa: ARG001
    log.exception("request failed path=%s", _route())
    return answer("web.broken", 500)


def status(error: AppError) -> int:
    """What its sender should do next: correct the request, come back later, or fetch a person."""
    if error.code in STATUSES:
        return STATUSES[error.code]
    if isinstance(error, InvalidInput):
        return BAD_REQUEST
    return UNAVAILABLE if isinstance(error, TryLater) else CONFLICT


def answer(code: str, status: int, /, **details: object) -> Response:
    """A page for a person, JSON for the widget, one plain line for a machine."""
    if request.path.startswith("/widget/"):
        message = texts.t(code, widget.language(), **details)
        return make_response(jsonify(code=code, message=message), status)
    if request.blueprint in MACHINES or request.path.startswith("/hooks/"):
        return make_response(Response(f"{code}\n", mimetype="text/plain"), status)
    return message_page(code, status, is_good=False, details=details)


def message_page(
    code: str, status: int = 200, /, *, is_good: bool, details: Mapping[str, object] = NONE
) -> Response:
    """One sentence on a page of its own; what OAuth and every error end with."""
    lang = guard.language()
    text = texts.t(code, lang, **details)
    heading = texts.t("web.title_connected" if is_good else "web.title_problem", lang)
    html = render_template(
        "web/message.html", lang=lang, heading=heading, text=text, is_good=is_good, t=texts.t
    )
    return make_response(html, status)


def _route() -> str:
    """The rule, not the path: a hook's path holds its secret."""
    return request.url_rule.rule if request.url_rule else "-"
