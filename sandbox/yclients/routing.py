"""The table of API methods: which path, which rights, which function. Small and quick on purpose."""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.yclients.errors import NOT_FOUND, ApiError
from sandbox.yclients.models import Company, JsonObject, User
from sandbox.yclients.values import whole

if TYPE_CHECKING:
    from sandbox.yclients.state import Yclients

PARTNER, USER = "partner", "user"


@dataclass(slots=True)
class Call:
    """One request on its way to a handler; `company` and `user` are there when the route asks for them."""

    yclients: "Yclients"
    method: str
    path: str
    query: dict[str, list[str]]
    body: Any
    user: User | None = None
    partner: str = ""
    args: dict[str, str] = field(default_factory=dict)
    _company: Company | None = None

    def get(self, name: str, default: str = "") -> str:
        values = self.query.get(name)
        return values[0] if values else default

    def number(self, name: str, default: int) -> int:
        value = self.get(name)
        return int(value) if value.lstrip("-").isdigit() else default

    def flag(self, name: str) -> bool:
        return self.get(name).lower() in ("1", "true")

    def values(self, name: str) -> list[str]:
        return self.query.get(name, []) + self.query.get(name + "[]", [])

    def whole(self, name: str) -> int:
        return whole(self.args[name])

    @property
    def fields(self) -> JsonObject:
        if not isinstance(self.body, dict):
            raise ApiError(400, "Недопустимый формат запроса")
        return self.body

    @property
    def company(self) -> Company:
        if self._company is None:
            raise ApiError(404, NOT_FOUND)
        return self._company

    @company.setter
    def company(self, company: Company) -> None:
        self._company = company


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    payload: Any
    headers: tuple[tuple[str, str], ...] = ()


Handler = Callable[[Call], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    pattern: re.Pattern[str]
    auth: str
    licence: int
    handler: Handler


ROUTES: dict[str, list[Route]] = defaultdict(list)


def route(method: str, path: str, auth: str = USER, licence: int = 0) -> Callable[[Handler], Handler]:
    """`licence` is the status that an expired licence gives; 0 means it is not looked at."""

    def register(handler: Handler) -> Handler:
        pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path.rstrip("/")) + "/?")
        ROUTES[path.split("/")[1]].append(Route(method, pattern, auth, licence, handler))
        return handler

    return register


def find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    segment = path.split("/", 2)[1] if "/" in path else ""
    is_known = False
    for candidate in ROUTES.get(segment, ()):
        match = candidate.pattern.fullmatch(path)
        if match and candidate.method == method:
            return candidate, match.groupdict()
        is_known = is_known or bool(match)
    raise ApiError(405 if is_known else 404, NOT_FOUND)


def ok(data: Any, meta: Any = None, status: int = 200) -> Reply:
    return Reply(status, {"success": True, "data": data, "meta": [] if meta is None else meta})


def nothing() -> Reply:
    return Reply(204, None)
