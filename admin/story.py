"""A command of the journal as lines a person reads: names instead of numbers, moments of time as such."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from admin.names import Names
from backend.core import money
from backend.core.money import Kopecks

Json = Mapping[str, Any]

# How an outcome is coloured.
TONES = {
    "done": "good",
    "waiting": "warn",
    "rejected": "bad",
    "blocked": "bad",
    "failed": "bad",
    "observed": "warn",
}


@dataclass(frozen=True)
class Line:
    """`label` is a text's code or, of a lead field, its name in the CRM; a `moment` awaits its time zone."""

    label: str
    value: str = ""
    color: str = ""
    moment: datetime | None = None
    is_field: bool = False


def lines(command: Json, names: Names) -> list[Line]:
    """Everything a command changes, in the order a lead's card shows it."""
    return [*_main(command, names), *_fields(command, names), *_person(command), *_words(command)]


def number(subject: str) -> str:
    """The salon's own number of a booking: the last part of its key."""
    return subject.rpartition(":")[2]


def pretty(body: str) -> str:
    """A hook's body as it came, with its JSON indented when it is JSON."""
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except ValueError:
        return body


def _main(command: Json, names: Names) -> Iterator[Line]:
    if command.get("name"):
        yield Line("part.name", command["name"])
    if command.get("price") is not None:
        yield Line("part.price", money.shown(Kopecks(command["price"])))
    if command.get("pipeline_id"):
        yield Line("part.pipeline_id", names.pipeline(command["pipeline_id"]))
    if command.get("stage_id"):
        stage = names.stage(command.get("pipeline_id"), command["stage_id"])
        yield Line("part.stage_id", stage.name, stage.color)
    if command.get("loss_reason_id"):
        yield Line("part.loss_reason_id", names.loss_reason(command["loss_reason_id"]))
    if command.get("responsible_id"):
        yield Line("part.responsible_id", names.user(command["responsible_id"]))
    yield from _contact(command.get("contact"))
    if command.get("tags"):
        yield Line("part.tags", ", ".join(command["tags"]))


def _contact(contact: object) -> Iterator[Line]:
    """The phone stays out: the card in the CRM is the place for it."""
    if isinstance(contact, Mapping):
        yield Line("part.contact_new", str(contact.get("name", "")))
    elif contact:
        yield Line("part.contact", f"№ {contact}")


def _fields(command: Json, names: Names) -> Iterator[Line]:
    for field in command.get("fields") or ():
        label, value = names.field(field["field_id"]), field["value"]
        if isinstance(value, int) and names.is_date(field["field_id"]):
            yield Line(label, moment=datetime.fromtimestamp(value, UTC), is_field=True)
        else:
            shown = ", ".join(value) if isinstance(value, list) else "" if value is None else str(value)
            yield Line(label, shown, is_field=True)


def _person(command: Json) -> Iterator[Line]:
    """How many phones are added, not which: the card in the CRM is the place for them."""
    if command.get("phones"):
        yield Line("part.phones", str(len(command["phones"])))
    if command.get("former_id"):
        yield Line("part.former_id", f"№ {command['former_id']}")
    for line in command.get("lines") or ():
        yield Line("part.product", f"{line['title']} × {line['quantity']}")


def _words(command: Json) -> Iterator[Line]:
    if command.get("due"):
        yield Line("part.due", moment=datetime.fromisoformat(command["due"]))
    if command.get("demotes"):
        yield Line("part.demotes", f"№ {number(command['demotes'])}")
