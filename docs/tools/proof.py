"""What proves the product: rows of the scenario catalogue with their tests, and figures with their limits."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bench.report import MUSTS
from docs.tools import words
from docs.tools.markdown import DocsError, code, table

TESTS = Path(__file__).resolve().parents[2] / "tests"
FILE = Path(__file__).with_name("catalogue.yaml")
TEST = re.compile(r"^def test_([A-M]\d+)_", re.MULTILINE)
NO_TEST = "—"


def catalogue() -> str:
    """Every row, also one that has no test yet: a gap has to be seen."""
    known, found = {**rows(), **_document()["ours"]}, tests()
    if unknown := found.keys() - known.keys():
        raise DocsError(f"docs/tools/catalogue.yaml does not know the rows {', '.join(sorted(unknown))}")
    return table(
        ("строка", "что происходит", "где проверяется"),
        ((row, text, ", ".join(map(code, found.get(row, ()))) or NO_TEST) for row, text in known.items()),
    )


def decisions() -> str:
    """Rows that were read otherwise than they are written."""
    return table(("строка", "как решено и почему"), _document()["decisions"].items())


def figures() -> str:
    return table(
        ("показатель", "что измеряется", "должно быть"),
        ((code(name), words.of("figures", name), str(must)) for name, must in MUSTS.items()),
    )


def rows() -> Mapping[str, str]:
    """All rows of the catalogue in their order."""
    found: Mapping[str, str] = _document()["rows"]
    return found


def tests() -> Mapping[str, tuple[str, ...]]:
    """Files with tests of each row, wherever they stand: a test is named after its row."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for row, name in _tests():
        found[row][name] = None
    return {row: tuple(names) for row, names in found.items()}


def _tests() -> Iterator[tuple[str, str]]:
    for path in sorted(TESTS.rglob("test_*.py")):
        for row in TEST.findall(path.read_text(encoding="utf-8")):
            yield row, path.relative_to(TESTS).as_posix()


@cache
def _document() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found
