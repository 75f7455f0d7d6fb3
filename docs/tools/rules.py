"""What the product decides and what a customer may set: reasons, troubles, options, lead fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from backend import texts
from backend.core.reasons import Reason
from backend.core.rules.configuration import Branch, Configuration, Direction, FieldName, Route
from backend.core.rules.configuration_changes import render
from backend.core.rules.configuration_schema import FIELD_TYPES
from backend.core.salon import Phase
from backend.flows.rules.lead_fields import TITLES
from docs.tools.markdown import DocsError, code, table

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| (`[^|]+?) \|(?:[^|]*\|){2} ([^|]*) \|$", re.MULTILINE)


def reasons() -> str:
    """Every reason with the sentence a person reads."""
    return table(("причина", "что видит человек"), ((code(r), texts.t(f"reason.{r}")) for r in Reason))


def troubles() -> str:
    """What stops for a person, and what to do about it."""
    advices = sorted(key.removeprefix("todo.") for key in texts.catalogue("ru") if key.startswith("todo."))
    codes = [key for key in advices if "." in key and texts.has(key)]
    return table(
        ("код", "что случилось", "что сделать"),
        ((code(key), texts.t(key), texts.t(f"todo.{key}")) for key in codes),
    )


def options() -> str:
    """Defaults come from the code, meanings from docs/configuration.md: one place for each."""
    meanings = _meanings()
    return table(
        ("настройка", "по умолчанию", "что делает"),
        ((code(path), _shown(value), _meaning(meanings, path)) for path, value in _defaults()),
    )


def option_paths() -> tuple[str, ...]:
    """Where each choice stands in the document: `options.settle.create`."""
    return tuple(path for path, _ in _defaults())


def fields() -> str:
    return table(
        ("имя", "поле в amoCRM", "создаётся как", "подходят также"),
        (
            (
                code(name),
                TITLES[name],
                code(FIELD_TYPES[name][0]),
                ", ".join(map(code, FIELD_TYPES[name][1:])) or "—",
            )
            for name in FieldName
        ),
    )


def _defaults() -> Iterator[tuple[str, Any]]:
    """A document in which everything that may be left out is left out."""
    example = Configuration(
        branches=(Branch(1, "…"),),
        directions=(Direction("…", "…"),),
        routes=(Route(1, "…", 1, {Phase.WAITING: 1}),),
    )
    document: Mapping[str, Any] = render(example)
    for part in ("account", "options", "branches", "directions", "routes"):
        content = document[part]
        yield from _flat(part, content[0] if isinstance(content, list) else content)


def _flat(path: str, content: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in content.items():
        if isinstance(value, dict) and value:
            yield from _flat(f"{path}.{name}", value)
        else:
            yield f"{path}.{name}", value


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return code(str(value).lower())
    if value in ("…", 1):  # what the example had to name
        return "обязательно"
    return "пусто" if value is None or value in ([], {}) else code(str(value))


def _meaning(meanings: Mapping[str, str], path: str) -> str:
    if path not in meanings:
        raise DocsError(f"docs/configuration.md does not explain {path}")
    return meanings[path]


def _meanings() -> dict[str, str]:
    """Section `options`, row `settle`: `create` → options.settle.create."""
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    sections = re.split(r"^## `(\w+)`.*$", text, flags=re.MULTILINE)[1:]
    return {
        ".".join([part, *re.findall(r"`([^`]+)`", head)]): meaning.strip()
        for part, content in zip(sections[::2], sections[1::2], strict=True)
        for head, meaning in ROW.findall(content)
    }
