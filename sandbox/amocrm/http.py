"""Requests, replies, refusals and the table of routes of the REST API."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from sandbox.amocrm.control import AmoCrm
    from sandbox.amocrm.models import Account, Grant

HAL = "application/hal+json"
PROBLEM = "application/problem+json"
JSON = "application/json"
HTML = "text/html"
TITLES = {
    400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 422: "Unprocessable Entity", 429: "Too Many Requests",
}  # fmt: skip


@dataclass(slots=True)
class Reply:
    status: int
    body: bytes = b""
    content_type: str = HAL
    headers: list[tuple[str, str]] = field(default_factory=list)
    rows: int = 0
    """Entities written; for the journal."""


@dataclass(slots=True)
class Request:
    crm: AmoCrm
    account: Account
    grant: Grant
    method: str
    path: str
    base: str
    pairs: list[tuple[str, str]]
    body: bytes
    ids: list[int] = field(default_factory=list)
    word: str = ""
    """The last segment of a route that ends in `*`."""

    @property
    def user_id(self) -> int:
        return self.grant.user_id

    @property
    def query(self) -> dict[str, str]:
        return dict(self.pairs)

    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            raise refusal(400, "Invalid request data") from None

    def href(self, path: str) -> str:
        return f"{self.base}/api/v4/{path}"

    def links(self, path: str) -> dict[str, Any]:
        return {"self": {"href": self.href(path)}}


class Refused(Exception):
    """The request is answered with an error."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def hal(body: Any, status: int = 200, rows: int = 0) -> Reply:
    return Reply(status, json.dumps(body, ensure_ascii=False).encode(), HAL, rows=rows)


def no_content() -> Reply:
    return Reply(204, b"", HAL)


def refusal(status: int, detail: str, **more: Any) -> Refused:
    body = {
        "title": TITLES[status],
        "type": f"https://httpstatus.es/{status}",
        "status": status,
        "detail": detail,
    }
    return Refused(Reply(status, json.dumps({**more, **body}, ensure_ascii=False).encode(), PROBLEM))


def page(status: int, title: str) -> Reply:
    """What the gateway says: HTML, and nothing about when to come back."""
    html = (
        f"<html>\r\n<head><title>{status} {title}</title></head>\r\n<body>\r\n"
        f"<center><h1>{status} {title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
    return Reply(status, html.encode(), HTML)


def parse_query(text: str) -> list[tuple[str, str]]:
    return parse_qsl(text, keep_blank_values=True)


def brackets(key: str) -> list[str]:
    """`filter[statuses][0][status_id]` → its steps."""
    head, bracket, rest = key.partition("[")
    if not bracket:
        return [head]
    return [head, *rest.removesuffix("]").split("][")]


Handler = Callable[[Request], Reply]
ROUTES: dict[str, dict[str, Handler]] = {}


def route(method: str, pattern: str) -> Callable[[Handler], Handler]:
    """Register a handler; `#` in the pattern is a number, a `*` in one of the last two places any word."""

    def register(handler: Handler) -> Handler:
        ROUTES.setdefault(pattern, {})[method] = handler
        return handler

    return register


def resolve(request: Request) -> Handler:
    segments = request.path.strip("/").split("/")
    request.ids = [int(segment) for segment in segments if segment.isdigit()]
    shape = ["#" if segment.isdigit() else segment for segment in segments]
    methods = ROUTES.get("/".join(shape))
    if methods is None:
        methods = _by_word(request, segments, shape)
    if methods is None:
        raise refusal(404, f"Cannot {request.method} {request.href(request.path)}")
    if request.method not in methods:
        raise refusal(405, "Method Not Allowed")
    return methods[request.method]


def _by_word(request: Request, segments: list[str], shape: list[str]) -> dict[str, Handler] | None:
    """`widgets/CODE`, or `leads/unsorted/UID/accept`."""
    request.word = segments[-1]
    methods = ROUTES.get("/".join([*shape[:-1], "*"]))
    if methods is None and len(segments) > 1:
        request.word = segments[-2]
        methods = ROUTES.get("/".join([*shape[:-2], "*", shape[-1]]))
    return methods
