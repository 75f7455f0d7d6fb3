"""What GET8 does, as far as anybody knows, and what covers each of it here: get8.yaml as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from backend.core.rules.configuration import FieldName
from backend.core.rules.sections import ContactFieldName
from docs.tools import proof, rules
from docs.tools.markdown import DocsError, code, table

FILE = Path(__file__).with_name("get8.yaml")
PROBES = frozenset(f"P{number}" for number in range(1, 26))


def functions() -> str:
    return table(
        ("что делает GET8", "чем покрыто", "что известно"),
        (
            (f"{area}: {function['what']}", _covered(function), _known(function))
            for area, function in all_functions()
        ),
    )


def all_functions() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for part in _document():
        for function in part["functions"]:
            yield part["area"], function


def _covered(function: Mapping[str, Any]) -> str:
    if not function["by"]:
        return f"неизвестно: проба {function['probe']}"
    kinds: dict[str, list[str]] = {}
    for item in function["by"]:
        kind, _, name = item.partition(" ")
        kinds.setdefault(kind, []).append(_shown(kind, name))
    return "; ".join(f"{TITLES[kind]} {', '.join(names)}" for kind, names in kinds.items())


def _known(function: Mapping[str, Any]) -> str:
    """Nothing about GET8 is certain before its probe."""
    probe = function.get("probe")
    if probe is not None and probe not in PROBES:
        raise DocsError(f"get8.yaml names an unknown probe {probe}")
    return f"проба {probe}" if probe else "сказал заказчик"


def _shown(kind: str, name: str) -> str:
    if kind not in KINDS:
        raise DocsError(f"get8.yaml names an unknown kind {kind}")
    if not KINDS[kind](name):
        raise DocsError(f"get8.yaml names {kind} {name}, which does not exist")
    return name if kind == "row" else f"«{name}»" if kind == "screen" else code(name)


def _is_option(name: str) -> bool:
    """An option by its own name, or a part of the document."""
    return name in PARTS or any(name in path.split(".") for path in rules.option_paths())


PARTS = frozenset({"texts", "tasks", "card", "products", "alerts"})
TITLES = {
    "row": "строки",
    "field": "поле",
    "contact": "поле контакта",
    "option": "настройка",
    "screen": "экран",
}
KINDS: Mapping[str, Callable[[str], bool]] = {
    "row": lambda name: name in proof.rows(),
    "field": lambda name: name in set(FieldName),
    "contact": lambda name: name in set(ContactFieldName),
    "option": _is_option,
    "screen": bool,
}


@cache
def _document() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found
