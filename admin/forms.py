"""Reads a form and collects every problem at once, each under the name of its field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

LONGEST = 500


@dataclass
class Form:
    """`problems` maps a field to the code of its text; `values` is what to show again."""

    values: Mapping[str, str]
    problems: dict[str, str] = field(default_factory=dict)

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
        value = self.values.get(name, "").strip()
        return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None

    def complain(self, name: str, code: str) -> None:
        self.problems.setdefault(name, code)
