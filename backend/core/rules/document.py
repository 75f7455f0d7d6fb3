"""Reads plain data that a person wrote: every value knows its path, every problem is collected.

A reading method answers None after a complaint, so that the reader goes on and finds the next problem.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

LARGEST = 2**53  # the largest whole number that survives a trip through JSON everywhere
LONGEST = 255
HIDDEN = ("Cc", "Cs", "Zl", "Zp")  # line breaks and other signs that nobody sees in a title
SHOWN = 40  # characters of a wrong value worth repeating


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong and where; `code` has a text in texts/, `details` fill its placeholders."""

    path: str
    code: str
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Node:
    """A value of the document, its path, and the list that all nodes of this document complain to."""

    value: object
    path: str
    problems: list[Problem]

    def complain(self, code: str, **details: object) -> None:
        self.problems.append(Problem(self.path, code, {name: str(value) for name, value in details.items()}))

    def child(self, key: object, value: object) -> Node:
        return Node(value, f"{self.path}.{key}" if self.path else str(key), self.problems)

    def table(self, *known: str) -> Table:
        """A mapping with these keys only; what is not a mapping reads as an empty one."""
        if not isinstance(self.value, Mapping):
            self.complain("configuration.not_mapping", value=shown(self.value))
            return Table(self, {}, is_broken=True)
        for key in self.value:
            if key not in known:
                self._unknown_key(str(key), known)
        return Table(self, {key: self.child(key, self.value[key]) for key in known if key in self.value})

    def _unknown_key(self, key: str, known: tuple[str, ...]) -> None:
        near = difflib.get_close_matches(key, known, n=1)
        node = self.child(key, None)
        if near:
            node.complain("configuration.unknown_key_near", key=key, near=near[0])
        else:
            node.complain("configuration.unknown_key", key=key, known=", ".join(known))

    def items(self) -> list[Node]:
        if not isinstance(self.value, list | tuple):
            self.complain("configuration.not_list", value=shown(self.value))
            return []
        return [Node(item, f"{self.path}[{place}]", self.problems) for place, item in enumerate(self.value)]

    def by_number(self) -> dict[int, Node]:
        """A mapping whose keys are ids. JSON turns them into text, so digits in quotes are taken too."""
        if not isinstance(self.value, Mapping):
            self.complain("configuration.not_mapping", value=shown(self.value))
            return {}
        found: dict[int, Node] = {}
        for key, value in self.value.items():
            node = self.child(key, value)
            number = _number(key)
            if number is None:
                node.complain("configuration.not_whole", value=shown(key))
            elif number in found:
                node.complain("configuration.duplicate", value=number, first=found[number].path)
            else:
                found[number] = node
        return found

    def whole(self, least: int = 0, most: int = LARGEST) -> int | None:
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            self.complain("configuration.not_whole", value=shown(self.value))
            return None
        if not least <= self.value <= most:
            self.complain("configuration.out_of_range", value=self.value, least=least, most=most)
            return None
        return self.value

    def id(self) -> int | None:
        return self.whole(least=1)

    def ids(self) -> frozenset[int]:
        return frozenset(number for item in self.items() if (number := item.id()) is not None)

    def text(self) -> str | None:
        if not isinstance(self.value, str):
            self.complain("configuration.not_text", value=shown(self.value))
            return None
        if len(self.value) > LONGEST:
            self.complain("configuration.too_long", most=LONGEST)
            return None
        if any(unicodedata.category(character) in HIDDEN for character in self.value.strip()):
            self.complain("configuration.hidden_character")
            return None
        return self.value.strip()

    def name(self) -> str | None:
        """A text that says something."""
        text = self.text()
        if text == "":
            self.complain("configuration.empty")
        return text or None

    def flag(self) -> bool | None:
        if not isinstance(self.value, bool):
            self.complain("configuration.not_flag", value=shown(self.value))
            return None
        return self.value

    def choice(self, kind: type[E]) -> E | None:
        values = [str(one) for one in kind]
        if not isinstance(self.value, str) or self.value not in values:
            self.complain("configuration.unknown_value", value=shown(self.value), known=", ".join(values))
            return None
        return kind(self.value)


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping of the document. A key that is left out, or null, takes its default."""

    node: Node
    members: Mapping[str, Node]
    is_broken: bool = False  # it was no mapping, and that has been said

    def get(self, key: str, read: Callable[[Node], T | None], default: T) -> T:
        node = self.members.get(key)
        if node is None or node.value is None:
            return default
        value = read(node)
        return default if value is None else value

    def optional(self, key: str, read: Callable[[Node], T | None]) -> T | None:
        node = self.members.get(key)
        return None if node is None or node.value is None else read(node)

    def need(self, key: str, read: Callable[[Node], T | None]) -> T | None:
        node = self.members.get(key)
        if node is None or node.value is None:
            if not self.is_broken:
                self.node.child(key, None).complain("configuration.missing")
            return None
        return read(node)

    def choice(self, key: str, default: E) -> E:
        return self.get(key, lambda node: node.choice(type(default)), default)


def refuse_repeats(nodes: Iterable[tuple[object, Node]]) -> None:
    """Complains about every later node with a key that stood before."""
    first: dict[object, Node] = {}
    for key, node in nodes:
        if key in first:
            text = " / ".join(map(str, key)) if isinstance(key, tuple) else key
            node.complain("configuration.duplicate", value=text, first=first[key].path)
        else:
            first[key] = node


def shown(value: object) -> str:
    text = "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _number(key: object) -> int | None:
    if isinstance(key, bool):
        return None
    if isinstance(key, str) and key.isascii() and key.isdigit() and len(key) <= len(str(LARGEST)):
        key = int(key)
    return key if isinstance(key, int) and 1 <= key <= LARGEST else None
