"""Russian purposes of names: words.yaml. What has none is an error, so that nothing new stays unexplained."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from docs.tools.markdown import DocsError

FILE = Path(__file__).with_name("words.yaml")


def of(chapter: str, name: str) -> str:
    return _required(_read()[chapter].get(name), f"{chapter}: {name}")


def of_column(table: str, column: str) -> str:
    """The table's own meaning of the column, or what it means everywhere."""
    columns = _read()["columns"]
    found = columns.get(table, {}).get(column) or columns["any"].get(column)
    return _required(found, f"columns: {table}.{column}")


def _required(found: object, where: str) -> str:
    if not found:
        raise DocsError(f"docs/tools/words.yaml has no entry for {where}")
    return str(found)


@cache
def _read() -> dict[str, Any]:
    words: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return words
