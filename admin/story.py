"""A command of the journal as lines a person reads: names instead of numbers, moments of time as such."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from admin.names import Names
from backend.core import money
from backend.core.money import Kopecks

Json = Mapping[str, Any]

NOTHING: Json = MappingProxyType({})

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
    """`label` is a text's code or, of a lead field, its name in the CRM; a `moment` awaits its time zone.
    `was` is the value before, when the decision knew of it and it was another one.
    """

    label: str
    value: str = ""
    color: str = ""
    moment: datetime | None = None
    is_field: bool = False
    was: str = ""


def lines(command: Json, names: Names, facts: Json = NOTHING) -> list[Line]:
    """Everything a command changes, as a lead's card orders it; `facts` are those of its decision."""
    main = _main(command, names, _before(command, facts))
    return [*main, *_fields(command, names), *_person(command), *_words(command)]


def _before(command: Json, facts: Json) -> Json:
    """The lead as the decision saw it."""
    known = [facts.get("lead") or {}, *(facts.get("candidates") or ())]
    return next((lead for lead in known if lead.get("id") == command.get("lead_id", 0)), NOTHING)


def number(subject: str) -> str:
    """The salon's own number of a booking: the last part of its key."""
    return subject.rpartition(":")[2]


def pretty(body: str) -> str:
    """A hook's body as it came, with its JSON indented when it is JSON."""
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except ValueError:
        return body


def _main(command: Json, names: Names, was: Json) -> Iterator[Line]:
    if command.get("name"):
        yield _changed("part.name", command["name"], was.get("name", ""))
    if command.get("price") is not None:
        before = money.shown(Kopecks(was["price"])) if "price" in was else ""
        yield _changed("part.price", money.shown(Kopecks(command["price"])), before)
    if command.get("pipeline_id"):
        before = names.pipeline(was["pipeline_id"]) if was else ""
        yield _changed("part.pipeline_id", names.pipeline(command["pipeline_id"]), before)
    if command.get("stage_id"):
        stage = names.stage(command.get("pipeline_id") or was.get("pipeline_id"), command["stage_id"])
        before = names.stage(was["pipeline_id"], was["stage_id"]).name if was else ""
        yield _changed("part.stage_id", stage.name, before, stage.color)
    if command.get("loss_reason_id"):
        yield Line("part.loss_reason_id", names.loss_reason(command["loss_reason_id"]))
    if command.get("responsible_id"):
        yield Line("part.responsible_id", names.user(command["responsible_id"]))
    yield from _contact(command.get("contact"))
    if command.get("tags"):
        yield Line("part.tags", ", ".join(command["tags"]))


def _changed(label: str, value: str, before: str, color: str = "") -> Line:
    return Line(label, value, color, was="" if before == value else before)


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
