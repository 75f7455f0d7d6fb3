"""The WSGI application: `/api/v1/…`, `/marketplace/…` and the control interface of the emulator."""

import json
import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from sandbox.faults import ConnectionBroken, Fault, Silence, pause
from sandbox.yclients import (  # noqa: F401 - importing them fills the table of methods
    api_account,
    api_booking,
    api_clients,
    api_history,
    api_hooks,
    api_loyalty,
    api_money,
    api_records,
    control,
    marketplace,
)
from sandbox.yclients.api_catalogue import company_of
from sandbox.yclients.errors import LICENCE, NOT_FOUND, NOT_MANAGER, UNAUTHORISED, ApiError
from sandbox.yclients.models import JsonObject
from sandbox.yclients.routing import USER, Call, Reply, Route, find

if TYPE_CHECKING:
    from sandbox.world import World
    from sandbox.yclients.state import Yclients

Start = Callable[..., Any]
Wsgi = Callable[[dict[str, Any], Start], Iterable[bytes]]
PREFIX, CONTROL, MARKETPLACE = "/api/v1", "/__control", "/marketplace"
BEARER = re.compile(r"Bearer\s+([^,\s]+)(?:\s*,\s*User\s+(\S+))?\s*$")
PHRASES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
OLD_ERRORS = re.compile(r"/company/[^/]+/?")


def create_app(world: "World") -> Wsgi:
    yclients = world.yclients

    def application(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        reply = _answer(yclients, environ)
        body = b"" if reply.payload is None else json.dumps(reply.payload, ensure_ascii=False).encode()
        headers = [("Content-Length", str(len(body))), *reply.headers]
        if body:
            headers.append(("Content-Type", "application/json; charset=utf-8"))
        start(PHRASES[reply.status], headers)
        return [body] if environ["REQUEST_METHOD"] != "HEAD" else []

    return application


def _answer(yclients: "Yclients", environ: dict[str, Any]) -> Reply:
    path = unquote(environ.get("PATH_INFO", "/").encode("latin-1").decode("utf-8", "replace"))
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    body = _body(environ)
    if path.startswith(CONTROL + "/"):
        return control.answer(
            yclients, environ["REQUEST_METHOD"], path[len(CONTROL) + 1 :].strip("/"), query, body
        )
    call = Call(yclients, environ["REQUEST_METHOD"], path, query, body)
    reply = _guarded(yclients, call, environ)
    company_id = call.args.get("company_id", "")
    yclients.gate.note(
        at=yclients.world.clock.now(),
        company_id=int(company_id) if company_id.isdigit() else None,
        method=call.method,
        kind=path.removeprefix(PREFIX).split("/")[1] if "/" in path else "",
        path=path,
        query=environ.get("QUERY_STRING", ""),
        status=reply.status,
        author=call.user.id if call.user else None,
    )
    return reply


def _body(environ: dict[str, Any]) -> Any:
    """None for an empty body, a string for what is not JSON."""
    raw: bytes = (
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if environ.get("CONTENT_LENGTH")
        else b""
    )
    if not raw:
        return None
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode("utf-8", "replace")


def _guarded(yclients: "Yclients", call: Call, environ: dict[str, Any]) -> Reply:
    if not yclients.gate.admits(environ.get("REMOTE_ADDR", "")):
        return _too_many(yclients)
    fault = yclients.gate.faults.take(_scope(call.path), f"{call.method} {call.path}")
    if fault is not None:
        early = _suffer(yclients, fault, environ)
        if early is not None:
            return early
    try:
        with yclients.lock:
            reply = _served(call, environ)
    except ApiError as error:
        reply = _refusal(call, error)
    if fault is not None and fault.kind == "reset_after_commit":
        raise ConnectionBroken
    return reply


def _scope(path: str) -> str | None:
    numbers = re.findall(r"/(\d+)", path)
    return numbers[0] if numbers else None


def _too_many(yclients: "Yclients") -> Reply:
    wait = yclients.switches["retry_after"]
    return Reply(
        429, yclients.switches["limit_body"], (("Retry-After", str(wait)),) if wait is not None else ()
    )


def _suffer(yclients: "Yclients", fault: Fault, environ: dict[str, Any]) -> Reply | None:
    if fault.kind == "timeout":
        raise Silence(fault.seconds)
    if fault.kind == "slow":
        pause(environ, fault.seconds)
    if fault.kind == "429":
        return _too_many(yclients)
    if fault.kind == "success_false":
        return Reply(200, {"success": False, "data": None, "meta": {"message": "Произошла ошибка"}})
    message = {"500": "Internal Server Error", "401": UNAUTHORISED, "403": NOT_MANAGER}.get(fault.kind)
    return _error(int(fault.kind), message) if message else None


def _error(status: int, message: str, errors: dict[str, list[str]] | None = None) -> Reply:
    meta: JsonObject = {"message": message} | ({"errors": errors} if errors else {})
    return Reply(status, {"success": False, "data": None, "meta": meta})


def _refusal(call: Call, error: ApiError) -> Reply:
    """Company methods are documented with a shape of their own."""
    path = call.path.removeprefix(PREFIX)
    if error.status in (401, 404) and (OLD_ERRORS.fullmatch(path) or path.startswith("/companies")):
        body = {
            "errors": {"code": error.status, "message": error.message},
            "meta": {"message": error.message},
        }
        return Reply(error.status, body)
    return _error(error.status, error.message, error.errors)


def _served(call: Call, environ: dict[str, Any]) -> Reply:
    path = call.path
    if path.startswith(PREFIX + "/"):
        path = path[len(PREFIX) :]
    elif not path.startswith(MARKETPLACE + "/"):
        raise ApiError(404, NOT_FOUND)
    found, call.args = find(call.method, path)
    _identify(call, found, environ.get("HTTP_AUTHORIZATION", ""))
    if "company_id" in call.args:
        _enter(call, found)
    return found.handler(call)


def _identify(call: Call, found: Route, header: str) -> None:
    """Any partner token is good while none has been registered."""
    match = BEARER.match(header)
    if match is None:
        raise ApiError(401, UNAUTHORISED)
    store = call.yclients.store
    call.partner = match[1]
    if store.partners and call.partner not in store.partners:
        raise ApiError(401, UNAUTHORISED)
    call.user = store.users.get(match[2] or "")
    if found.auth == USER and call.user is None:
        raise ApiError(401, UNAUTHORISED)


def _enter(call: Call, found: Route) -> None:
    call.company = company_of(call)
    if found.auth == USER and not call.yclients.may_see(call.user, call.company.id):
        raise ApiError(403, NOT_MANAGER)
    if found.licence and not call.company.license_ok:
        raise ApiError(found.licence, LICENCE.format(call.company.id))
