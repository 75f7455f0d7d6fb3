"""What proves the product: rows of the scenario catalogue with their tests, and figures with their limits."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from bench.report import MUSTS
from docs.tools import words
from docs.tools.markdown import code, table

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "catalogue"
TEST = re.compile(r"^def test_([A-Z])(\d+)_", re.MULTILINE)


def catalogue() -> str:
    found: dict[tuple[str, int], list[str]] = defaultdict(list)
    for row, name in _tests():
        found[row].append(name)
    return table(
        ("строка", "что происходит", "где проверяется"),
        (
            (f"{letter}{number}", words.of("catalogue", f"{letter}{number}"), _where(names))
            for (letter, number), names in sorted(found.items())
        ),
    )


def figures() -> str:
    return table(
        ("показатель", "что измеряется", "должно быть"),
        ((code(name), words.of("figures", name), str(must)) for name, must in MUSTS.items()),
    )


def _where(names: list[str]) -> str:
    return ", ".join(code(name) for name in dict.fromkeys(names))


def _tests() -> Iterator[tuple[tuple[str, int], str]]:
    for path in sorted(FOLDER.glob("test_*.py")):
        for letter, number in TEST.findall(path.read_text(encoding="utf-8")):
            yield (letter, int(number)), path.name
