"""Commands about calls as plain JSON, for the outbox, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any, get_args

from backend.core.crm_values import FieldValue, NewContact
from backend.core.telephony.after.commands import CallCommand, Logged
from backend.core.telephony.call import Way
from backend.core.telephony.rules import Entity

KINDS: Mapping[str, type[Any]] = {kind.__name__: kind for kind in get_args(CallCommand)}
PEOPLE = ("MakeContact", "MakeLead", "MakeIncoming")  # whose answer, when lost, leaves a person in doubt


def payload(command: CallCommand) -> dict[str, Any]:
    return {"kind": type(command).__name__, **_plain(command)}


def command(data: Mapping[str, Any]) -> CallCommand:
    """What `payload` wrote."""
    values = {name: READ.get(name, _tuples)(value) for name, value in data.items() if name != "kind"}
    made: CallCommand = KINDS[data["kind"]](**values)
    return made


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Enum):
        return value.value
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


def _values(given: Any) -> tuple[FieldValue, ...]:
    return tuple(FieldValue(one["field_id"], _tuples(one["value"])) for one in given)


def _contact(given: Any) -> Any:
    if given is None or isinstance(given, int):
        return given
    known = {name: _tuples(value) for name, value in given.items()}
    return NewContact(**{**known, "fields": _values(given["fields"])})


def _logged(given: Any) -> Logged:
    return Logged(**{**given, "way": Way(given["way"]), "at": datetime.fromisoformat(given["at"])})


READ: Mapping[str, Callable[[Any], Any]] = {
    "contact": _contact, "fields": _values, "logged": _logged, "due": datetime.fromisoformat,
    "entity": lambda given: Entity(given) if given else None,
}  # fmt: skip
