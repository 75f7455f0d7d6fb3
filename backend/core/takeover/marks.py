"""Numbers inside addresses, texts and notes: the shape around them is learned, and what the numbers are is
counted. And tags: which go with every lead of the other integration, which with one salon.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from backend.core.crm import Lead
from backend.core.takeover.recognition import IDS, Kind, Place, Recognition, What
from backend.core.takeover.values import Own

NUMBER = re.compile(r"(?<![\d.,])\d{5,12}(?!\d)")
DIGITS = re.compile(r"\d+")
DAYS = ((re.compile(r"\d{4}-\d\d-\d\d"), "{date}"), (re.compile(r"\d\d\.\d\d\.\d{4}"), "{day}"),
        (re.compile(r"\b\d{1,2}:\d\d(?::\d\d)?\b"), "{time}"))  # fmt: skip
ADDRESS = re.compile(r"https?://[^\s<>\"']+")
SLOT = "{}"
MOVING = tuple(name for _, name in DAYS)  # unlike for every booking, and the number of nothing
END = re.compile(r"[\d,;.\n()]|{day}|{time}")
AROUND = 40  # characters of a line that are looked at before a number
MOST = 200  # shapes of one place that are kept
RARE = 2  # seen so often at most, a shape gives way to others


def shapes(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Each address of the text with its numbers taken out, and each other number with the words around it."""
    if "{" in text:
        return []
    for day, name in DAYS:
        text = day.sub(name, text)
    found = [_emptied(match[0]) for match in ADDRESS.finditer(text)]
    rest = ADDRESS.sub("\n", text)
    found += [_around(rest, match) for match in NUMBER.finditer(rest)]
    return [one for one in found if one[1]]


def _emptied(address: str) -> tuple[str, tuple[str, ...]]:
    address = address.rstrip(".,;)")
    return DIGITS.sub(SLOT, address), tuple(DIGITS.findall(address))


def _around(text: str, match: re.Match[str]) -> tuple[str, tuple[str, ...]]:
    """The words before the number on its line, back to another number; those after it, up to a stop."""
    line = text[max(0, match.start() - AROUND) : match.start()].rpartition("\n")[2]
    before = re.split(r"[\d}]", line)[-1].lstrip(" ,;.)")
    after = text[match.end() :]
    stop = END.search(after)
    after = after[: stop.start()] if stop else after
    return f"{before}{SLOT}{after[:AROUND].rstrip()}", (match[0],)


@dataclass
class Slot:
    """What the numbers in one place of a shape are: in all bookings, and in those of the lead's person.
    `values` keeps two of them, so that a constant number is known as one.
    """

    hits: Counter[str] = field(default_factory=Counter)
    own: Counter[str] = field(default_factory=Counter)
    values: list[str] = field(default_factory=list)


@dataclass
class Shape:
    count: int = 0
    known: int = 0
    slots: list[Slot] = field(default_factory=list)


@dataclass
class Shapes:
    """The shapes of one place; the rare ones give way when there are too many."""

    rows: dict[str, Shape] = field(default_factory=dict)

    def add(self, text: str, whats: Mapping[str, frozenset[str]], own: Own | None) -> None:
        for shape, numbers in dict(shapes(text)).items():
            row = self._row(shape, len(numbers))
            if row is None:
                continue
            row.count += 1
            row.known += own is not None
            for slot, number in zip(row.slots, numbers, strict=True):
                slot.hits.update(whats.get(number, ()))
                slot.own.update(map(str, own.values.get(number, ())) if own else ())
                if number not in slot.values and len(slot.values) < 2:
                    slot.values.append(number)

    def _row(self, shape: str, slots: int) -> Shape | None:
        if shape not in self.rows and len(self.rows) >= MOST:
            self.rows = {name: row for name, row in self.rows.items() if row.count > RARE}
        if shape not in self.rows and len(self.rows) >= MOST:
            return None
        return self.rows.setdefault(shape, Shape(slots=[Slot() for _ in range(slots)]))


@dataclass(frozen=True, slots=True)
class Guess:
    """What a place probably holds: `share` of `count` values agree, `own` of them with a booking of the
    lead's own person (None: too few people are known).
    """

    what: What
    share: float
    count: int
    own: float | None = None
    pattern: str = ""
    shift: int = 0


def guesses(found: Shapes) -> list[Guess]:
    """For each shape its best guess, the most frequent first."""
    rows = (_guess(shape, row) for shape, row in found.rows.items())
    return sorted((one for one in rows if one), key=lambda one: (-one.count, one.pattern))


def _guess(shape: str, row: Shape) -> Guess | None:
    parts, best = shape.split(SLOT), None
    pattern = parts[0]
    for part, slot in zip(parts[1:], row.slots, strict=True):
        what = _what(slot)
        share = slot.hits[what] / row.count if what else 0.0
        own = slot.own[what] / row.known if what and row.known else None
        guess = Guess(what, share, row.count, own) if what else None
        if guess and (best is None or _worth(guess) > _worth(best)):
            best = guess
        is_same = len(slot.values) == 1 and row.count > 1
        pattern += (slot.values[0] if is_same and what is not What.COMPANY_ID else _named(what, share)) + part
    return Guess(best.what, best.share, best.count, best.own, pattern) if best else None


def _named(what: What | None, share: float) -> str:
    return f"{{{what}}}" if what and share >= 0.5 else "{number}"


def _worth(guess: Guess) -> tuple[bool, int]:
    """A number of a record says more than that of its salon."""
    return guess.share >= 0.5, -IDS.index(guess.what) if guess.what in IDS else -len(IDS)


def _what(slot: Slot) -> What | None:
    """What most of the numbers are; when they are several things, what the person's own bookings say."""
    found = [What(name) for name in slot.hits]
    order = list(What)
    return max(found, key=lambda w: (slot.own[w], slot.hits[w], -order.index(w)), default=None)


# Reading with what was learned


@lru_cache(maxsize=500)
def _expression(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", pattern)
    text, seen = "", set()
    for place, part in enumerate(parts):
        if place % 2 == 0:
            text += re.escape(part)
        elif f"{{{part}}}" in MOVING:
            text += r"[\d.:\-]+"
        elif part == "number" or part in seen:
            text += r"\d+"
        else:
            text += rf"(?P<{part}>\d+)"
            seen.add(part)
    return re.compile(rf"{text}(?!\d)")


def read(pattern: str, text: str) -> list[dict[str, str]]:
    """What stands in the places of the template, each time the text has it."""
    return [match.groupdict() for match in _expression(pattern).finditer(text)]


def ids(what: What, lead: Lead, known: Recognition, notes: Iterable[str] = ()) -> tuple[int, ...]:
    """The numbers of this kind that the lead's fields, tags and notes carry, the surest place first."""
    found: list[str] = []
    texts = tuple(notes)
    for place in known.places:
        if place.entity == "leads":
            found += _in_place(what, place, lead, texts)
    return tuple(dict.fromkeys(int(value) for value in found if value.isdigit()))


def _in_place(what: What, place: Place, lead: Lead, notes: Iterable[str]) -> list[str]:
    if place.kind is Kind.FIELD:
        plain = place.what is what
        return [value.partition(".")[0].strip() for value in lead.values(place.field_id)] if plain else []
    if f"{{{what}}}" not in place.pattern:
        return []
    texts: Iterable[str] = {
        Kind.URL: lead.values(place.field_id), Kind.NOTE: notes, Kind.TAG: lead.tags
    }[place.kind]  # fmt: skip
    return [row[what] for text in texts for row in read(place.pattern, text)]


# As plain data


def written(found: Shapes) -> dict[str, Any]:
    return {
        shape: [row.count, row.known, [[slot.hits, slot.own, slot.values] for slot in row.slots]]
        for shape, row in found.rows.items()
    }


def restored(data: Mapping[str, Any]) -> Shapes:
    return Shapes(
        {
            shape: Shape(count, known, [Slot(Counter(h), Counter(o), list(v)) for h, o, v in slots])
            for shape, (count, known, slots) in data.items()
        }
    )
