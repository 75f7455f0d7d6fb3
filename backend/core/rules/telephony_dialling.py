"""What a click-to-call is made of, as a part of the document; formats of numbers; working hours."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields
from datetime import time
from functools import partial

from backend.core.errors import InvalidInput
from backend.core.rules.document import Node, shown
from backend.core.telephony import numbers, originating
from backend.core.telephony.rules import Dialling, Hours, Line, NumberFormat, Person

USUAL = Dialling()
MOST = 200
PBX = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)
COUNTRY = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)
SHORT = re.compile(r"[0-9]{1,6}", re.ASCII)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
SAMPLE = "+79990001122"
SAMPLE_PERSON = Person(1, "101")


def dialling(node: Node) -> Dialling:
    table = node.table(*(f.name for f in fields(Dialling)))
    found = Dialling(
        is_on=table.get("is_on", Node.flag, USUAL.is_on),
        context=table.get("context", context, USUAL.context),
        channel=table.get("channel", Node.name, USUAL.channel),
        caller_id=table.get("caller_id", Node.name, USUAL.caller_id),
        timeout=table.get("timeout", _timeout, USUAL.timeout),
        variables=table.get("variables", variables, {}),
        formats=table.get("formats", formats, ()),
        per_minute=table.get("per_minute", lambda node: node.whole(1, 60), USUAL.per_minute),
        per_hour=table.get("per_hour", lambda node: node.whole(1, 1_000), USUAL.per_hour),
        countries=table.get(
            "countries", partial(texts, code(COUNTRY, "telephony.bad_country")), USUAL.countries
        ),
        short_numbers=table.get("short_numbers", partial(texts, code(SHORT, "telephony.bad_short")), ()),
    )
    _try(node, rules=found)
    return found


def checked(node: Node, person: Person) -> Person:
    """Complains of what a click of this person would ask of the PBX and the PBX must not be sent."""
    if person.extension:
        _try(node, person)
    return person


def checked_line(node: Node, line: Line) -> Line:
    """The same of a click through this line."""
    _try(node, line=line)
    return line


def _try(
    node: Node, person: Person = SAMPLE_PERSON, line: Line | None = None, rules: Dialling = USUAL
) -> None:
    try:
        originating.order("sample", SAMPLE, person, line, rules)
    except InvalidInput as error:
        part = str(error.details["part"])
        node.child(part, None).complain(f"telephony.bad_{part}")


def own_timeout(node: Node) -> int | None:
    """Of a person or a line; 0: as long as everybody's."""
    return 0 if node.value == 0 else _timeout(node)


def _timeout(node: Node) -> int | None:
    return node.whole(originating.SHORTEST, originating.LONGEST)


def variables(node: Node) -> dict[str, str]:
    table = node.table(*(str(key) for key in node.value)) if isinstance(node.value, dict) else node.table()
    if len(table.members) > MOST:
        node.complain("configuration.too_many_items", most=MOST)
    found = {name: digits(child) for name, child in table.members.items()}
    return {name: value for name, value in found.items() if value is not None}


def formats(node: Node) -> tuple[NumberFormat, ...]:
    items = node.items()
    if len(items) > MOST:
        node.complain("configuration.too_many_items", most=MOST)
    return tuple(_format(item) for item in items[:MOST])


def _format(node: Node) -> NumberFormat:
    table = node.table("pattern", "result")
    pattern = table.need("pattern", digits) or ""
    result = table.need("result", Node.name) or ""
    if pattern and not numbers.is_pattern(pattern):
        node.child("pattern", None).complain("telephony.bad_pattern", value=pattern)
    if result and not numbers.is_result(result):
        node.child("result", None).complain("telephony.bad_result", value=result)
    return NumberFormat(pattern, result)


def hours(node: Node) -> Hours:
    """«mon: 10:00-21:00»; a day that is left out is free."""
    table = node.table(*DAYS)
    found = {place: table.optional(day, _hours) for place, day in enumerate(DAYS)}
    return Hours({place: pair for place, pair in found.items() if pair})


def _hours(node: Node) -> tuple[time, time] | None:
    text = node.name()
    found = HOURS.fullmatch(text) if text else None
    if found:
        begin, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
        if begin < end:
            return begin, end
    if text:
        node.complain("telephony.bad_hours", value=text)
    return None


# Small values


def texts(read: Callable[[Node], str | None], node: Node, *, most: int = MOST) -> tuple[str, ...]:
    items = node.items()
    if len(items) > most:
        node.complain("configuration.too_many_items", most=most)
    return tuple(dict.fromkeys(text for item in items[:most] if (text := read(item))))


def digits(node: Node) -> str | None:
    """A number or a short text: nobody writes quotes around 101."""
    is_whole = isinstance(node.value, int) and not isinstance(node.value, bool)
    return str(node.value) if is_whole else node.name()


def code(pattern: re.Pattern[str], complaint: str) -> Callable[[Node], str | None]:
    """A reader of texts that look so and no other way."""

    def read(node: Node) -> str | None:
        text = digits(node)
        if text is not None and not pattern.fullmatch(text):
            node.complain(complaint, value=text[:40])
            return None
        return text

    return read


def one_of(*known: str) -> Callable[[Node], str | None]:
    """A reader of these words and no others."""

    def read(node: Node) -> str | None:
        text = node.name()
        if text is None or text in known:
            return text
        node.complain("configuration.unknown_value", value=shown(text), known=", ".join(known))
        return None

    return read


def maybe(read: Callable[[Node], str | None]) -> Callable[[Node], str | None]:
    """The same, where nothing may stand as well."""
    return lambda node: "" if node.value == "" else read(node)


extension = code(originating.EXTENSION, "telephony.bad_extension")
context = maybe(code(originating.CONTEXT, "telephony.bad_context"))
pbx = maybe(code(PBX, "telephony.bad_pbx"))
