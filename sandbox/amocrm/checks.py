"""Validation in amoCRM's way: every problem by item and path; one bad item refuses the batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sandbox.amocrm.http import Request, refusal

T = TypeVar("T")
Json = dict[str, Any]
DETAILS = {
    "NotSupportedChoice": "The value you selected is not a valid choice.",
    "FieldNotExpected": "This field was not expected.",
    "FieldMissing": "This field is missing.",
    "NotBlank": "This value should not be blank.",
    "TooManyElements": "This collection should contain 40 elements or less.",
}
NAMES: dict[str, tuple[type, ...]] = {
    "int": (int,), "string": (str,), "bool": (bool,), "array": (list,), "object": (dict,),
    "numeric": (int, float), "time": (int,),
}  # fmt: skip


def is_type(value: Any, name: str) -> bool:
    """`bool` is not an int here, though Python thinks otherwise; `int?` allows null."""
    if value is None:
        return name.endswith("?")
    base = name.removesuffix("?")
    return isinstance(value, NAMES[base]) and (base == "bool" or not isinstance(value, bool))


class Check:
    """The problems of one item."""

    def __init__(self) -> None:
        self.errors: list[Json] = []

    def refuse(self, code: str, path: str, detail: str | None = None) -> None:
        self.errors.append({"code": code, "path": path, "detail": detail or DETAILS[code]})

    def wrong_type(self, path: str, name: str) -> None:
        self.refuse("InvalidType", path, f"This value should be of type {name.removesuffix('?')}.")

    def shape(self, item: Json, allowed: Mapping[str, str], prefix: str = "") -> None:
        """Unknown keys and wrong types."""
        for key, value in item.items():
            if key not in allowed:
                self.refuse("FieldNotExpected", prefix + key)
            elif allowed[key].startswith("time") and isinstance(value, float) and value.is_integer():
                item[key] = int(value)  # a public client sends moments as whole floats, and they pass
            elif not is_type(value, allowed[key]):
                self.wrong_type(prefix + key, allowed[key].replace("time", "int"))

    def choice(self, path: str, value: Any, known: Any) -> None:
        if value is not None and value not in known:
            self.refuse("NotSupportedChoice", path)


def items_of(request: Request, limit: int = 250) -> list[Json]:
    """The array of a write; a single object is refused, as the platform does."""
    data = request.json()
    if not isinstance(data, list):
        raise refusal(400, "Request data must be an array")
    if not data:
        raise refusal(400, "Request data can not be empty")
    if len(data) > limit:
        raise refusal(422, f"Limit {limit} per page")
    if not all(isinstance(item, dict) for item in data):
        raise refusal(400, "Request data must be an array of objects")
    return data


def object_of(request: Request) -> Json:
    data = request.json()
    if not isinstance(data, dict):
        raise refusal(400, "Request data must be an object")
    return data


def prepared(items: list[Json], prepare: Callable[[Json, Check], T]) -> list[T]:
    """Check all items before anything is written."""
    drafts, problems = [], []
    for place, item in enumerate(items):
        check = Check()
        drafts.append(prepare(item, check))
        if check.errors:
            problems.append({"request_id": request_id(item, place), "errors": check.errors})
    if problems:
        raise refusal(400, "Request validation failed", **{"validation-errors": problems})
    return drafts


def request_id(item: Json, place: int) -> str:
    given = item.get("request_id")
    return str(place) if given is None else str(given)
