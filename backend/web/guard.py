"""What every request may hold and every answer carries: context, body limit, security headers."""

from __future__ import annotations

from flask import Response, current_app, g, request, session

from backend.core.errors import InvalidInput
from backend.flows.context import Context
from backend.flows.people import sessions

MEBIBYTE = 1024 * 1024

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "media-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
PLAIN = (
    "hooks",
    "health",
    "recordings",
)  # answered to machines by the thousand: nothing to render or to frame


def context() -> Context:
    ctx: Context = current_app.extensions["mostik"]
    return ctx


def body() -> bytes:
    """The request's bytes, at most one mebibyte, whether or not its length was announced."""
    if (request.content_length or 0) > MEBIBYTE:
        raise InvalidInput("hook.too_large", length=request.content_length)
    data = request.stream.read(MEBIBYTE + 1)
    if len(data) > MEBIBYTE:
        raise InvalidInput("hook.too_large", length="unknown")
    return bytes(data)


def is_signed_in() -> bool:
    """Whether the browser is of somebody who may act in the panel. InvalidInput for one who may only look:
    signing in again would not help.
    """
    person = sessions.person_of(session, context().now())
    if person is not None and not sessions.may_act(person):
        raise InvalidInput("web.forbidden")
    return person is not None


def login() -> str:
    """Whose browser it is; "" when nobody's."""
    person = sessions.person_of(session, context().now())
    return person.login if person else ""


def language() -> str:
    return str(session.get("language", "ru"))


def add_security_headers(response: Response) -> Response:
    if request.blueprint in PLAIN:
        return response
    for name, value in {**HEADERS, **_framing()}.items():
        response.headers.setdefault(name, value)
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def _framing() -> dict[str, str]:
    """Nobody frames our pages, but for the amoCRM account from whose page this very session was begun. The
    older header knows no such exception, so there it is left out.
    """
    origin = str(g.get("frame") or session.get("frame", "")) if request.blueprint == "admin" else ""
    policy = CONTENT_SECURITY_POLICY.format(ancestors=origin or "'none'")
    return {"Content-Security-Policy": policy, **({} if origin else {"X-Frame-Options": "DENY"})}
