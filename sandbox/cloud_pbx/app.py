"""The HTTP interface of the PBX, and `/__control/…` for whoever plays the people on the phones."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from sandbox.cloud_pbx.office import CloudCall, Office, Plain, Refused

Start = Callable[..., Any]
Wsgi = Callable[[Plain, Start], Iterable[bytes]]
CONTROL = "/__control/"
MOST = 500
DEEDS: dict[str, Callable[[CloudCall, Plain], object]] = {
    "ring": lambda call, told: call.ring(*told["extensions"]),
    "dial": lambda call, told: call.dial(told.get("extension")),
    "answer": lambda call, told: call.answer(told.get("extension")),
    "leave": lambda call, told: call.leave(told["extension"]),
    "record": lambda call, told: call.record(float(told.get("seconds", 1))),
    "hang_up": lambda call, told: call.hang_up(told.get("by", "client"), told.get("result", "")),
}


def create_app(office: Office) -> Wsgi:
    def application(environ: Plain, start: Start) -> Iterable[bytes]:
        status, kind, body = _answer(office, environ)
        phrase = HTTPStatus(status).phrase
        start(f"{status} {phrase}", [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]

    return application


def _answer(office: Office, environ: Plain) -> tuple[int, str, bytes]:
    path, method = environ.get("PATH_INFO", "/"), environ["REQUEST_METHOD"]
    try:
        told = _body(environ)
        if path.startswith(CONTROL):
            return _json(200, _control(office, path.removeprefix(CONTROL), told))
        _admit(office, environ)
        if path.startswith("/v1/recordings/"):
            return _sound(office, path.rpartition("/")[2])
        return _json(*_called(office, method, path, told, parse_qs(environ.get("QUERY_STRING", ""))))
    except Refused as refused:
        return _json(refused.status, {"error": refused.error})
    except (KeyError, TypeError, ValueError) as error:
        return _json(422, {"error": "malformed", "what": type(error).__name__})


def _admit(office: Office, environ: Plain) -> None:
    if office.failing:
        office.failing -= 1
        raise Refused(500, "internal")
    given = environ.get("HTTP_AUTHORIZATION", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {office.key}".encode()):
        raise Refused(401, "unauthorized")


def _called(
    office: Office, method: str, path: str, told: Plain, query: dict[str, list[str]]
) -> tuple[int, Plain]:
    match method, path:
        case "GET", "/v1/account":
            return 200, _account(office)
        case "PUT", "/v1/webhook":
            office.webhook = str(told["url"])
            return 200, {"webhook": office.webhook}
        case "POST", "/v1/calls":
            call = office.click(str(told["extension"]), str(told["number"]), str(told.get("request_id", "")))
            return 202, {"call_id": call.id}
        case "GET", "/v1/events":
            asked = {name: values[0] for name, values in query.items()}
            limit = max(1, min(MOST, int(asked.get("limit", MOST))))
            rows, following = office.told(asked.get("since", ""), asked.get("after", ""), limit)
            return 200, {"events": rows, "next": following}
    raise Refused(404, "not_found")


def _account(office: Office) -> Plain:
    return {
        "name": "Облачная АТС",
        "webhook": office.webhook,
        "extensions": [
            {"extension": extension, "title": phone.title, "online": phone.is_online}
            for extension, phone in office.phones.items()
        ],
        "numbers": [{"number": number, "title": title} for number, title in office.numbers.items()],
    }


def _sound(office: Office, name: str) -> tuple[int, str, bytes]:
    data = office.heard(name)
    if data is None:
        raise Refused(404, "not_found")
    return 200, "audio/wav", data


def _control(office: Office, deed: str, told: Plain) -> Plain:
    """POST /__control/arrive {"client", "number"}, /__control/<call id>/<deed> {…}."""
    if deed == "arrive":
        return {"call_id": office.arrive(told["client"], told["number"]).id}
    if deed == "calls":
        return {"calls": [{"id": call.id, "is_over": call.is_over} for call in office.calls.values()]}
    call_id, _, verb = deed.partition("/")
    if call_id not in office.calls or verb not in DEEDS:
        raise Refused(404, "not_found")
    DEEDS[verb](office.calls[call_id], told)
    return {"call_id": call_id}


def _body(environ: Plain) -> Plain:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    raw = environ["wsgi.input"].read(length) if length else b""
    told = json.loads(raw) if raw else {}
    if not isinstance(told, dict):
        raise TypeError("an object is expected")
    return told


def _json(status: int, payload: Plain) -> tuple[int, str, bytes]:
    return status, "application/json; charset=utf-8", json.dumps(payload, ensure_ascii=False).encode()
