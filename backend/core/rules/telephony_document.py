"""Telephony as a section of the configuration's document, read: docs/configuration.md says what each key is.

Whatever is dialled or rung because of a document is checked here once, when it is saved, and once more by
core/telephony where it is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields, replace
from enum import StrEnum
from functools import partial
from typing import TypeVar

from backend.core.crm import CLOSED_STAGES
from backend.core.rules import telephony_dialling, telephony_results
from backend.core.rules.document import Node, Table, refuse_repeats
from backend.core.rules.sections_document import template
from backend.core.rules.telephony_dialling import code, extension, maybe, one_of, pbx, texts
from backend.core.telephony import lists, numbers
from backend.core.telephony.rules import (
    Entity,
    FieldRule,
    Hook,
    Line,
    LogAs,
    Missed,
    MissedTo,
    Person,
    Recordings,
    RingTo,
    TelephonyRules,
)
from backend.core.templates import fields as fields_of_texts

STANDARD = TelephonyRules()
FLAGS = tuple(f.name for f in fields(TelephonyRules) if isinstance(getattr(STANDARD, f.name), bool))
LISTS = ("white", "black")
PARTS = (
    "people", "lines", "hours", "missed", "dialling", "fields", "recordings", "hooks", "formats", "results",
)  # fmt: skip
KEYS = (
    *FLAGS, *LISTS, *PARTS, "first_responsible", "pipeline", "stage", "log", "ring", "own_numbers",
)  # fmt: skip
LINE_KEYS = (
    "trunk", "did", "pbx", "title", "pipeline", "stage", "default_user", "missed_user", "incoming", "tags",
    "fields", "context", "channel", "caller_id", "timeout", "variables",
)  # fmt: skip
MOST = 1_000  # people, lines
MOST_TAGS = 10
MOST_RULES = 50
TRUNK = re.compile(r"[^\s/@;,|]{1,80}")
DID = re.compile(r"\+?[0-9]{1,20}", re.ASCII)
HOOK = re.compile(r"[A-Za-z0-9_.-]{1,80}", re.ASCII)
PLACES = frozenset({"year", "month", "day", "name", "uniq"})
PLACE = re.compile(r"\{([a-z]*)\}")
SOURCES = ("folder", "http", "sftp")
DAY_MINUTES, TEN_YEARS = 1_440, 3_650

T = TypeVar("T")
S = TypeVar("S", bound=StrEnum)
CALL_TEXT = partial(template, fields_of_texts.CALL)


def read(node: Node) -> TelephonyRules:
    table = node.table(*KEYS)
    flags = {name: table.get(name, Node.flag, getattr(STANDARD, name)) for name in FLAGS}
    pipeline, stage = _place(table)
    return TelephonyRules(
        **flags,
        people=table.get("people", _people, ()),
        lines=table.get("lines", _lines, ()),
        first_responsible_id=table.optional("first_responsible", Node.id),
        pipeline_id=pipeline,
        stage_id=stage,
        log=table.choice("log", LogAs.CALL),
        ring=table.get("ring", partial(_steps, RingTo), STANDARD.ring),
        hours=table.get("hours", telephony_dialling.hours, STANDARD.hours),
        missed=table.get("missed", _missed, STANDARD.missed),
        white=table.get("white", _entries, ()),
        black=table.get("black", _entries, ()),
        own_numbers=table.get("own_numbers", _own_numbers, ()),
        formats=table.get("formats", telephony_dialling.formats, ()),
        dialling=table.get("dialling", telephony_dialling.dialling, STANDARD.dialling),
        fields=table.get("fields", _fields, ()),
        recordings=table.get("recordings", _recordings, STANDARD.recordings),
        hooks=table.get("hooks", _hooks, ()),
        results=table.get("results", telephony_results.results, ()),
    )


def _many(read_one: Callable[[Node], T], most: int, node: Node) -> list[tuple[Node, T]]:
    items = node.items()
    if len(items) > most:
        node.complain("configuration.too_many_items", most=most)
    return [(item, read_one(item)) for item in items[:most]]


# People and lines


def _people(node: Node) -> tuple[Person, ...]:
    found = _many(_person, MOST, node)
    refuse_repeats(
        ((one.pbx, phone), item.child("extension", None))
        for item, one in found
        for phone in one.endpoints
        if phone
    )
    return tuple(one for _, one in found)


def _person(node: Node) -> Person:
    table = node.table(*(f.name for f in fields(Person) if f.name != "user_id"), "user")
    return telephony_dialling.checked(
        node,
        Person(
            table.need("user", Node.id) or 0,
            table.need("extension", extension) or "",
            table.get("phones", partial(texts, extension), ()),
            table.get("pbx", pbx, ""),
            table.get("channel", Node.text, ""),
            table.get("caller_id", Node.text, ""),
            table.get("context", telephony_dialling.context, ""),
            table.get("opens_cards", Node.flag, False),
            table.get("timeout", telephony_dialling.own_timeout, 0),
            table.get("variables", telephony_dialling.variables, {}),
        ),
    )


def _lines(node: Node) -> tuple[Line, ...]:
    found = _many(_line, MOST, node)
    refuse_repeats(((one.pbx, one.trunk, one.did), item.child("trunk", None)) for item, one in found)
    return tuple(one for _, one in found)


def _line(node: Node) -> Line:
    table = node.table(*LINE_KEYS)
    pipeline, stage = _place(table)
    line = Line(
        table.need("trunk", code(TRUNK, "telephony.bad_trunk")) or "",
        table.get("did", maybe(code(DID, "telephony.bad_did")), ""),
        table.get("pbx", pbx, ""),
        table.get("title", Node.text, ""),
        pipeline,
        stage,
        table.optional("default_user", Node.id),
        table.optional("missed_user", Node.id),
        table.optional("incoming", Node.flag),
        table.get("tags", partial(texts, Node.name, most=MOST_TAGS), ()),
        table.get("fields", _added, {}),
        table.get("context", telephony_dialling.context, ""),
        table.get("channel", Node.text, ""),
        table.get("caller_id", Node.text, ""),
        table.get("timeout", telephony_dialling.own_timeout, 0),
        table.get("variables", telephony_dialling.variables, {}),
    )
    return telephony_dialling.checked_line(node, line)


def _place(table: Table) -> tuple[int | None, int | None]:
    """Where leads begin: never in a closed stage, and a stage is one of a pipeline."""
    pipeline, stage = table.optional("pipeline", Node.id), table.optional("stage", _open_stage)
    if stage is not None and pipeline is None and "stage" in table.members:
        table.members["stage"].complain("telephony.stage_alone")
    return pipeline, stage


def _open_stage(node: Node) -> int | None:
    stage = node.id()
    if stage in CLOSED_STAGES:
        node.complain("configuration.entry_stage_closed", value=stage)
        return None
    return stage


def _added(node: Node) -> dict[int, str]:
    found = {field_id: CALL_TEXT(child) for field_id, child in node.by_number().items()}
    return {field_id: text for field_id, text in found.items() if text}


# Rules


def _steps(kind: type[S], node: Node) -> tuple[S, ...]:
    """Each step once, in the order in which they stand."""
    items = node.items()
    found = [item.choice(kind) for item in items]
    refuse_repeats((step, item) for step, item in zip(found, items, strict=True) if step)
    return tuple(dict.fromkeys(step for step in found if step))


def _missed(node: Node) -> Missed:
    usual = STANDARD.missed
    table = node.table(*(f.name for f in fields(Missed)))
    flags = {
        f: table.get(f, Node.flag, getattr(usual, f)) for f in ("is_on", "counts_lost", "hidden", "closes")
    }
    return replace(
        Missed(**flags),
        text=table.get("text", CALL_TEXT, ""),
        minutes=table.get("minutes", lambda node: node.whole(1, 7 * DAY_MINUTES), usual.minutes),
        to=table.get("to", partial(_steps, MissedTo), usual.to),
    )


def _entries(node: Node) -> tuple[str, ...]:
    return texts(_entry, node)


def _entry(node: Node) -> str | None:
    text = telephony_dialling.digits(node)
    if text is not None and not lists.is_entry(text):
        node.complain("telephony.bad_entry", value=text)
        return None
    return text


def _own_numbers(node: Node) -> tuple[str, ...]:
    return texts(_own_number, node)


def _own_number(node: Node) -> str | None:
    text = telephony_dialling.digits(node)
    if text is None:
        return None
    number = numbers.client(text)
    if not number:
        node.complain("telephony.bad_number", value=text)
    return number or None


def _fields(node: Node) -> tuple[FieldRule, ...]:
    return tuple(one for _, one in _many(_field, MOST_RULES, node))


def _field(node: Node) -> FieldRule:
    table = node.table("entity", "field", "template", "only_empty")
    return FieldRule(
        table.get("entity", _filled, Entity.LEAD),
        table.need("field", Node.id) or 0,
        table.need("template", CALL_TEXT) or "",
        table.get("only_empty", Node.flag, False),
    )


def _filled(node: Node) -> Entity | None:
    """Fields of companies are not read."""
    found = one_of(Entity.LEAD, Entity.CONTACT)(node)
    return Entity(found) if found else None


def _recordings(node: Node) -> Recordings:
    usual = STANDARD.recordings
    table = node.table(*(f.name for f in fields(Recordings)))
    return Recordings(
        table.get("is_on", Node.flag, usual.is_on),
        table.get("source", one_of(*SOURCES), usual.source),
        table.get("path", _path, usual.path),
        table.get("mp3", Node.flag, usual.mp3),
        table.get("keep_days", lambda node: node.whole(1, TEN_YEARS), usual.keep_days),
    )


def _path(node: Node) -> str | None:
    """Below the folder of recordings, whatever a call is called."""
    text = node.name()
    if text is None:
        return None
    unknown = [name for name in PLACE.findall(text) if name not in PLACES]
    rest = PLACE.sub("", text)
    if unknown or "{" in rest or "}" in rest:
        node.complain("telephony.bad_place", known=", ".join(f"{{{name}}}" for name in sorted(PLACES)))
    elif text.startswith(("/", "\\")) or ".." in text or "\\" in text:
        node.complain("telephony.path_outside")
    else:
        return text
    return None


def _hooks(node: Node) -> tuple[Hook, ...]:
    found = _many(_hook, MOST_RULES, node)
    refuse_repeats((one.name, item.child("name", None)) for item, one in found)
    return tuple(one for _, one in found)


def _hook(node: Node) -> Hook:
    table = node.table("name", "is_on", "milliseconds")
    return Hook(
        table.need("name", code(HOOK, "telephony.bad_hook")) or "",
        table.get("is_on", Node.flag, False),
        table.get("milliseconds", lambda node: node.whole(10, 5_000), 200),
    )
