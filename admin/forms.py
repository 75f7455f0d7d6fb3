"""Reads a form and collects every problem at once, each under the name of its field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from backend.core.rules.document import Problem

LONGEST = 500
TAKEN = "ui.form.taken"


@dataclass
class Form:
    """`problems` maps a field to the code of its text, `details` to what the text has blanks for; `values` is
    what to show again.
    """

    values: Mapping[str, str]
    problems: dict[str, str] = field(default_factory=dict)
    details: dict[str, Mapping[str, object]] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.problems

    def text(self, name: str, *, is_required: bool = True, is_secret: bool = False) -> str:
        value = self.values.get(name, "")
        value = value if is_secret else value.strip()
        if is_required and not value:
            self.complain(name, "ui.form.required")
        if len(value) > LONGEST:
            self.complain(name, "ui.form.too_long")
        return value[:LONGEST]

    def choice(self, name: str, known: tuple[str, ...]) -> str | None:
        """One of the known values, or None for «any»."""
        value = self.values.get(name, "")
        return value if value in known else None

    def number(self, name: str) -> int | None:
        """A number of ours; None when it is not there or is none."""
        return _number(self.values.get(name, ""))

    def numbers(self, name: str) -> list[int]:
        """Every number given under this name; what is none is passed over."""
        given = self.values.getlist(name) if hasattr(self.values, "getlist") else [self.values.get(name, "")]
        return [number for value in given if (number := _number(value)) is not None]

    def whole(self, name: str, least: int, most: int) -> int:
        """What a person typed; one that is no whole number or out of bounds is complained of, and `least`."""
        number = self.number(name)
        if number is None or not least <= number <= most:
            self.complain(name, "ui.form.whole", least=least, most=most)
            return least
        return number

    def flag(self, name: str) -> bool:
        return bool(self.values.get(name))

    def shown(self, name: str, otherwise: object = None) -> str:
        """What was typed, or, in a form that nobody has sent yet, what there is to begin with."""
        if name in self.values:
            return self.values[name]
        return "" if otherwise is None else str(otherwise)

    def complain(self, name: str, code: str, /, **details: object) -> None:
        if name not in self.problems:
            self.problems[name] = code
            self.details[name] = details

    def place(self, name: str, problem: Problem) -> None:
        """A problem of the document, told at the field it came from; its paths tell nothing here."""
        code = TAKEN if problem.code == "configuration.duplicate" else problem.code
        self.complain(name, code, **problem.details)


def _number(value: str) -> int | None:
    value = value.strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None
