"""What our writes changed in a salon's leads, and which of it can be taken back when the salon returns to the
widget it came from: only where the value is still the one that we wrote (booking-sync-scenarios.md §12.6).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import assert_never

from backend.core.crm import LOST, Lead
from backend.core.money import Kopecks, to_whole_rubles
from backend.core.sync import leads as shown_in
from backend.core.sync.commands import (
    AddNote,
    AddTask,
    Command,
    CreateLead,
    FieldValue,
    LinkProducts,
    NewContact,
    ReplaceContact,
    UpdateContact,
    UpdateLead,
)

CREATED, NAME, PRICE, STAGE, TAGS = "created", "name", "price", "stage", "tags"
NOTE, TASK, CONTACT, PRODUCTS = "note", "task", "contact", "products"
FIELD = "field:"  # followed by the number of the field
ADDED = (TAGS, NOTE, TASK, CONTACT, PRODUCTS)  # what was put beside the rest, and hurts nobody
TEXT_LENGTH = 256  # of a one-line field: amoCRM keeps no more, and we end it with a mark
TEXTS = ("text", "url", "streetaddress")
NO = ("", "0", "false")
LONGEST_DAY = 25 * 3600
BUDGET = "budget"  # of a lead, in kopecks


@dataclass(frozen=True, slots=True)
class Change:
    """One value of one lead: `what` names it, `before` is what stood there when we decided (None: nobody
    knows), `after` what we wrote. `lead_id` is None until the lead is made.
    """

    key: str
    lead_id: int | None
    what: str
    before: str | None
    after: str
    at: datetime | None = None
    id: int = 0


class Outcome(StrEnum):
    """`UNDO` and `CLOSE` are done; the others say why not: `SAME` stands as before already, `CHANGED` by
    somebody since, `GONE` is the lead, `UNKNOWN` what stood there before, `STAYS` because it was only added,
    `LEFT` to the other widget, `NOT_ASKED` by the person who pressed.
    """

    UNDO = "undo"
    CLOSE = "close"
    SAME = "same"
    CHANGED = "changed"
    GONE = "gone"
    UNKNOWN = "unknown"
    STAYS = "stays"
    LEFT = "left"
    NOT_ASKED = "not_asked"


DONE = (Outcome.UNDO, Outcome.CLOSE)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be taken back: values; stages too, on which robots work; leads of ours to be closed."""

    values: bool = False
    stages: bool = False
    created: bool = False


NOTHING = Wish()


@dataclass(frozen=True, slots=True)
class Known:
    """The leads as they are now, the types of their fields, and the fields that are nobody's business."""

    leads: Mapping[int, Lead]
    types: Mapping[int, str] = field(default_factory=dict)
    hidden: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """A value in the report: what it was before us, what we wrote last, what it is now, and what becomes of
    it.
    """

    key: str
    lead_id: int
    what: str
    before: str | None
    after: str
    now: str
    outcome: Outcome


# What a command changes


def of_command(command: Command, leads: Mapping[int, Lead]) -> tuple[Change, ...]:
    """Its changes, with the values before from the leads as they were when it was decided."""
    key = command.key
    match command:
        case CreateLead():
            return (Change(key, None, CREATED, "", command.name),)
        case UpdateLead():
            return tuple(_updates(command, leads.get(command.lead_id)))
        case AddNote():
            return (Change(key, command.lead_id, NOTE, "", command.text),)
        case AddTask():
            return (Change(key, command.lead_id, TASK, "", command.text),)
        case ReplaceContact():
            new = command.contact.name if isinstance(command.contact, NewContact) else str(command.contact)
            return (Change(key, command.lead_id, CONTACT, str(command.former_id or ""), new),)
        case UpdateContact():
            return (Change(key, None, CONTACT, None, f"№ {command.contact_id}"),)
        case LinkProducts():
            titles = "\n".join(line.title for line in command.lines)
            return (Change(key, command.lead_id, PRODUCTS, "", titles),)
        case _:
            assert_never(command)


def _updates(command: UpdateLead, lead: Lead | None) -> Iterable[Change]:
    written: dict[str, str] = {}
    if command.name is not None:
        written[NAME] = command.name
    if command.price is not None:
        written[PRICE] = str(command.price)
    if command.stage_id is not None:
        pipeline = command.pipeline_id or (lead.pipeline_id if lead else 0)
        written[STAGE] = f"{pipeline}:{command.stage_id}"
    written |= {f"{FIELD}{one.field_id}": shown_in.shown(one.value) for one in command.fields}
    for what, after in written.items():
        before = value(lead, what) if lead else None
        if before != after:
            yield Change(command.key, command.lead_id, what, before, after)
    if command.tags:
        yield Change(command.key, command.lead_id, TAGS, "", ", ".join(command.tags))


def value(lead: Lead, what: str) -> str:
    """What a lead shows there, in the words of a change."""
    if what.startswith(FIELD):
        return "\n".join(lead.values(int(what.removeprefix(FIELD))))
    return {NAME: lead.name, PRICE: str(lead.price), STAGE: f"{lead.pipeline_id}:{lead.stage_id}"}[what]


# What can be taken back


def lines(changes: Sequence[Change], known: Known, wish: Wish) -> tuple[Line, ...]:
    """Oldest first; of each value the first state before us and the last that we wrote. A lead that we made
    is one line: all that we wrote into it is part of it.
    """
    made = {one.lead_id for one in changes if one.what == CREATED}
    groups: dict[tuple[int, str], list[Change]] = {}
    for one in sorted(changes, key=lambda change: change.id):
        if one.lead_id is None or _is_hidden(one.what, known):
            continue
        what = CREATED if one.lead_id in made else one.what
        groups.setdefault((one.lead_id, what), []).append(one)
    return tuple(_line(lead_id, what, own, known, wish) for (lead_id, what), own in groups.items())


def _is_hidden(what: str, known: Known) -> bool:
    return what.startswith(FIELD) and int(what.removeprefix(FIELD)) in known.hidden


def _line(lead_id: int, what: str, own: Sequence[Change], known: Known, wish: Wish) -> Line:
    lead = known.leads.get(lead_id)
    is_there = lead is not None and not lead.is_deleted
    first, last = own[0], own[-1]
    if lead is None or not is_there:
        return Line(first.key, lead_id, what, first.before, last.after, "", Outcome.GONE)
    if what == CREATED:
        return _made(lead, own, wish)
    if what in ADDED:
        after = "\n".join(dict.fromkeys(one.after for one in own))
        return Line(first.key, lead_id, what, first.before, after, after, Outcome.STAYS)
    now = value(lead, what)
    outcome = _outcome(what, first.before, last.after, now, kind(what, known.types), wish)
    return Line(first.key, lead_id, what, first.before, last.after, now, outcome)


def _outcome(  # noqa: PLR0913 - what is compared
    what: str, before: str | None, after: str, now: str, type_: str, wish: Wish
) -> Outcome:
    if before is None:
        return Outcome.UNKNOWN
    if same(now, before, type_):
        return Outcome.SAME
    if not same(now, after, type_):
        return Outcome.CHANGED
    is_asked = wish.stages if what == STAGE else wish.values
    return Outcome.UNDO if is_asked else Outcome.NOT_ASKED


def _made(lead: Lead, own: Sequence[Change], wish: Wish) -> Line:
    """Nobody can delete a lead through the API: it is left to the other widget, or closed when nobody has
    touched its stage.
    """
    created = next(one for one in own if one.what == CREATED)
    stages = [one.after for one in own if one.what == STAGE]
    now = value(lead, STAGE)
    is_touched = bool(stages) and stages[-1] != now
    outcome = Outcome.LEFT
    if wish.created and not lead.is_closed:
        outcome = Outcome.CHANGED if is_touched else Outcome.CLOSE
    return Line(created.key, lead.id, CREATED, "", created.after, lead.name, outcome)


def kind(what: str, types: Mapping[int, str]) -> str:
    """The type of a value, for `same`."""
    if what.startswith(FIELD):
        return types.get(int(what.removeprefix(FIELD)), "")
    return BUDGET if what == PRICE else ""


def same(one: str, other: str, type_: str = "") -> bool:
    """Whether two texts of one value say the same; amoCRM writes some values in its own way."""
    if one == other:
        return True
    match type_:
        case "numeric" | "monetary" | "price":
            return _number(one) == _number(other) is not None
        case "budget":  # amoCRM knows whole rubles only
            return to_whole_rubles(Kopecks(int(one))) == to_whole_rubles(Kopecks(int(other)))
        case "checkbox":
            return (one.lower() in NO) == (other.lower() in NO)
        case "date" | "birthday":
            return _is_one_day(one, other)
        case "multiselect":
            return set(one.split("\n")) == set(other.split("\n"))
        case _ if type_ in TEXTS:
            return _cut(one) == _cut(other)
    return one.strip() == other.strip()


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _is_one_day(one: str, other: str) -> bool:
    """A date is the midnight that begins it, whatever hour was written."""
    if not (one.isdecimal() and other.isdecimal()):
        return False
    first, last = sorted((int(one), int(other)))
    return last - first < LONGEST_DAY


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_LENGTH else text[: TEXT_LENGTH - 1].rstrip() + "…"


# How it is taken back


def command(found: Sequence[Line], lead: Lead, known: Known, tag: str) -> UpdateLead | None:
    """One change of the lead for all of its lines; None when nothing of it is taken back."""
    done = {line.what: line.before or "" for line in found if line.outcome is Outcome.UNDO}
    key = found[0].key
    if any(line.outcome is Outcome.CLOSE for line in found):
        return UpdateLead(key, lead.id, pipeline_id=lead.pipeline_id, stage_id=LOST, tags=(tag,))
    if not done:
        return None
    pipeline, _, stage = done.get(STAGE, "").partition(":")
    return UpdateLead(
        key, lead.id,
        name=done.get(NAME),
        price=Kopecks(int(done[PRICE])) if PRICE in done else None,
        pipeline_id=int(pipeline) if stage else None,
        stage_id=int(stage) if stage else None,
        fields=tuple(
            _field(int(what.removeprefix(FIELD)), text, known)
            for what, text in done.items()
            if what.startswith(FIELD)
        ),
    )  # fmt: skip


def _field(field_id: int, text: str, known: Known) -> FieldValue:
    """A value as it stood there; nothing clears the field."""
    if known.types.get(field_id) == "multiselect" and text:
        return FieldValue(field_id, tuple(text.split("\n")))
    return FieldValue(field_id, text or None)
