"""The language of the salon's texts: `{field}`, `{field|filter:argument}` and `[[a part that may vanish]]`.

There are no loops, no conditions and no way to reach anything but the listed fields, so every text ends, is
bounded, and can be checked before it is ever used. A value is put in once and never read again: braces in a
client's name stay braces. A backslash before a bracket or a brace makes it an ordinary sign.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from backend.core.templates import fields, filters
from backend.core.templates.fields import Field, Kind
from backend.core.templates.filters import Filter, Value

LONGEST_SOURCE = 2_000
LONGEST_VALUE = 2_000
LONGEST_TEXT = 10_000
MOST_FIELDS = 100
LONGEST_NAME = 60  # of what stands between the braces, before it is looked for in vain
NEAR = 0.6

SIGN = re.compile(r"\\[{}\[\]\\]|\[\[|\]\]|[{}]")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\ud800-\udfff]")
MARK = "\x00"  # where a field stood; no text and no value has this sign


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong, where (the number of the sign, from 0), and what its text has blanks for."""

    at: int
    code: str
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """A field with its filters and their arguments."""

    field: Field
    filters: tuple[tuple[Filter, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Shown only when each of its fields says something."""

    pieces: tuple[str | Slot, ...]


@dataclass(frozen=True, slots=True)
class Template:
    pieces: tuple[str | Slot | Part, ...]
    mistakes: tuple[Mistake, ...] = ()


Look = Callable[[str], Value]  # the code of a field → its value


@lru_cache(maxsize=500)
def read(source: str, text: str) -> Template:
    """Total: whatever was written is a template, with every mistake that there is in it."""
    if len(source) > LONGEST_SOURCE:
        return Template((), (Mistake(LONGEST_SOURCE, "templates.too_long", _n(LONGEST_SOURCE)),))
    return _Reader(_clean(source), text).template()


def render(template: Template, look: Look, *, is_one_line: bool = False) -> str:
    """The text with its values. A line that only had fields, all of them empty, is left out."""
    written = "".join(_pieces(template.pieces, look))
    lines = [line.replace(MARK, "") for line in written.split("\n") if not _is_left_empty(line)]
    text = "\n".join(lines).strip()
    text = " ".join(text.split()) if is_one_line else text
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def place(source: str, at: int) -> tuple[int, int]:
    """Line and sign of a position, as a person counts them."""
    before = source[:at]
    return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1


def told(source: str, mistake: Mistake) -> dict[str, str]:
    """What the text of a mistake has blanks for, the place included."""
    line, sign = place(source, mistake.at)
    return {**dict(mistake.details), "line": str(line), "sign": str(sign)}


# Reading


class _Reader:
    """One pass over the signs; what is wrong is noted and passed over."""

    def __init__(self, source: str, text: str) -> None:
        self.source = source
        self.text = text
        self.mistakes: list[Mistake] = []
        self.whole: list[str | Slot | Part] = []
        self.part: list[str | Slot] | None = None
        self.part_at = 0
        self.count = 0

    def template(self) -> Template:
        at = 0
        while sign := SIGN.search(self.source, at):
            self._add(self.source[at : sign.start()])
            at = self._take(sign.group(), sign.start())
        self._add(self.source[at:])
        if self.part is not None:
            self._complain(self.part_at, "templates.part_open")
        if self.count > MOST_FIELDS:
            self._complain(0, "templates.too_many", n=str(MOST_FIELDS))
        if not self.source.strip():
            self._complain(0, "templates.nothing")
        return Template(tuple(self.whole), tuple(sorted(self.mistakes, key=lambda one: one.at)))

    def _take(self, sign: str, at: int) -> int:
        """Does what a sign asks for; returns where to go on."""
        match sign:
            case "{":
                return self._slot(at)
            case "}":
                self._complain(at, "templates.brace_stray")
            case "[[":
                self._open(at)
            case "]]":
                self._close(at)
            case _:
                self._add(sign[1])
        return at + len(sign)

    def _add(self, piece: str | Slot) -> None:
        if piece:
            (self.whole if self.part is None else self.part).append(piece)

    def _open(self, at: int) -> None:
        if self.part is not None:
            self._complain(at, "templates.part_nested")
            return
        self.part, self.part_at = [], at

    def _close(self, at: int) -> None:
        if self.part is None:
            self._complain(at, "templates.part_stray")
            return
        if not any(isinstance(piece, Slot) for piece in self.part):
            self._complain(self.part_at, "templates.part_idle")
        self.whole.append(Part(tuple(self.part)))
        self.part = None

    def _slot(self, at: int) -> int:
        if self.source.startswith("{{", at):
            self._complain(at, "templates.brace_double")
            end = self.source.find("}}", at)
            return end + 2 if end >= 0 else at + 2
        end = self.source.find("}", at)
        body = self.source[at + 1 : end]
        if end < 0 or "\n" in body or "{" in body:
            self._complain(at, "templates.brace_open")
            return at + 1
        self.count += 1
        slot = self._read_slot(body, at)
        if slot:
            self._add(slot)
        return end + 1

    def _read_slot(self, body: str, at: int) -> Slot | None:
        name, *asked = body.split("|")
        field = self._field(name, at)
        kind, found = field.kind if field else Kind.TEXT, []
        place = at + 1 + len(name)
        for part in asked:
            one = self._filter(part, place + 1, kind if field else None)
            place += 1 + len(part)
            if one:
                found.append(one)
                kind = Kind.TEXT
        return Slot(field, tuple(found)) if field else None

    def _field(self, name: str, at: int) -> Field | None:
        known, wanted = fields.by_name(self.text), fields.plain(name[: LONGEST_NAME * 2])
        if not wanted:
            self._complain(at, "templates.field_missing")
        elif wanted in known:
            return known[wanted]
        elif wanted in fields.elsewhere():
            self._complain(at, "templates.field_elsewhere", word=name.strip())
        else:
            self._unknown(at, "templates.field_unknown", name, known)
        return None

    def _filter(self, part: str, at: int, kind: Kind | None) -> tuple[Filter, str] | None:
        name, _, argument = part.partition(":")
        one, argument = filters.BY_NAME.get(fields.plain(name[: LONGEST_NAME * 2])), argument.strip()
        if one is None:
            self._unknown(at, "templates.filter_unknown", name, filters.BY_NAME)
        elif kind is not None and kind not in one.kinds:
            self._complain(at, "templates.filter_unfit", word=name.strip())
        elif not filters.is_fit(one, argument):
            self._complain(at, f"templates.argument_{one.argument or 'none'}", word=name.strip())
        else:
            return one, argument
        return None

    def _unknown(self, at: int, code: str, name: str, known: Mapping[str, object]) -> None:
        shown = name.strip()[:LONGEST_NAME]
        near = get_close_matches(fields.plain(shown), known, n=1, cutoff=NEAR)
        if near:
            self._complain(at, f"{code}_near", word=shown, near=near[0])
        else:
            self._complain(at, code, word=shown)

    def _complain(self, at: int, code: str, **details: str) -> None:
        self.mistakes.append(Mistake(at, code, tuple(details.items())))


def _n(number: int) -> tuple[tuple[str, str], ...]:
    return (("n", str(number)),)


# Writing


def _pieces(pieces: tuple[str | Slot | Part, ...], look: Look) -> Iterator[str]:
    for piece in pieces:
        if isinstance(piece, str):
            yield piece
        elif isinstance(piece, Slot):
            yield MARK + _value(piece, look)
        else:
            yield MARK + ("".join(_pieces(piece.pieces, look)) if _says(piece, look) else "")


def _says(part: Part, look: Look) -> bool:
    return not any(_is_silent(piece, look) for piece in part.pieces if isinstance(piece, Slot))


def _is_silent(slot: Slot, look: Look) -> bool:
    is_given = any(one.code == filters.OTHERWISE for one, _ in slot.filters)
    return not is_given and filters.is_nothing(look(slot.field.code))


def _value(slot: Slot, look: Look) -> str:
    value, kind = look(slot.field.code), slot.field.kind
    for one, argument in slot.filters:
        value, kind = filters.applied(one, argument, value, kind), Kind.TEXT
    text = _clean(filters.shown(value, kind))
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def _is_left_empty(line: str) -> bool:
    return MARK in line and not line.replace(MARK, "").strip()


def _clean(text: str) -> str:
    return CONTROL.sub("", text.replace("\r\n", "\n").replace("\t", " "))
