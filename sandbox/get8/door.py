"""GET8's own web address: where both vendors call it, and its settings for whoever plays the customer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl

from sandbox.get8.crm import Trouble
from sandbox.get8.service import Get8
from sandbox.get8.settings import Plain

Wsgi = Callable[[Plain, Callable[..., Any]], Iterable[bytes]]
Answer = tuple[str, Any]


class Door:
    """A WSGI application around one GET8; `POST /__control/setup` may bring another one."""

    def __init__(self, get8: Get8 | None = None, make: Callable[[Plain], Get8] | None = None) -> None:
        self.get8 = get8
        self.make = make

    def __call__(self, environ: Plain, start: Callable[..., Any]) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        raw: bytes = environ["wsgi.input"].read(length) if length else b""
        try:
            status, told = self._answer(environ["PATH_INFO"].strip("/").split("/"), environ, raw)
        except (KeyError, TypeError, ValueError, Trouble) as error:
            status, told = "400 Bad Request", {"error": f"{type(error).__name__}: {error}"}
        body = json.dumps(told, ensure_ascii=False).encode()
        start(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    def _answer(self, path: list[str], environ: Plain, raw: bytes) -> Answer:
        if path[0] == "__control":
            return "200 OK", self._control("/".join(path[1:]), json.loads(raw) if raw else {})
        if self.get8 is None:
            return "503 Service Unavailable", {}
        if path == ["oauth", "callback"]:
            self.get8.installed(dict(parse_qsl(environ.get("QUERY_STRING", "")))["code"])
        elif path == ["amocrm"]:
            self.get8.hear_amocrm(dict(parse_qsl(raw.decode(), keep_blank_values=True)))
        elif path[0] == "yclients" and len(path) == 2:
            events = json.loads(raw)
            for event in events if isinstance(events, list) else [events]:
                self.get8.hear(int(path[1]), event)
        else:
            return "404 Not Found", {}
        return "200 OK", {}

    def _control(self, verb: str, given: Plain) -> Any:
        """What the customer does on GET8's screens."""
        if verb == "setup" and self.make is not None:
            self.get8 = self.make(given)
            return {}
        get8 = self.get8
        if get8 is None:
            raise ValueError("GET8 is not set up")
        if verb == "knows":
            for row in given["rows"]:
                get8.knows(row["company_id"], row["record"], row["lead_id"])
            return {"links": len(get8.links)}
        verbs: dict[str, Callable[[], Any]] = {
            "connect": lambda: get8.connect(given["company_id"]),
            "disconnect": lambda: get8.disconnect(given["company_id"]),
            "switch": lambda: get8.switch(given["company_id"], given["is_on"]),
            "options": lambda: get8.options.change(given),
            "work": get8.work,
            "state": lambda: state_of(get8),
            "waiting": lambda: {"waiting": get8.waiting, "is_busy": get8.is_busy},
        }
        if verb not in verbs:
            raise ValueError(f"unknown verb {verb}")
        return verbs[verb]() or {}


def state_of(get8: Get8) -> Plain:
    return {
        "style": get8.options.style,
        "links": [[*key, lead_id] for key, lead_id in get8.links.items()],
        "fields": dict(get8.layout.ids),
        "is_on": {str(company_id): is_on for company_id, is_on in get8.is_on.items()},
        "waiting": get8.waiting,
        "journal": get8.journal,
    }
