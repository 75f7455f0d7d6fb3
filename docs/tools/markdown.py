"""Markdown tables, and the marked places in documents where they go."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

PLACE = re.compile(r"(<!-- generated:([a-z-]+) -->\n).*?(<!-- /generated -->)", re.DOTALL)
OPENING = re.compile(r"<!-- generated:([a-z-]+) -->")


class DocsError(Exception):
    """Something is undocumented or a mark is wrong; the message is one line for the developer."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(map(_cell, row)) + " |" for row in rows]
    return "\n".join(lines)


def code(text: str) -> str:
    """Inline code, or a dash for nothing."""
    return f"`{text}`" if text else "—"


def filled(text: str, write: Callable[[str], str]) -> str:
    """The document with every marked place written anew."""
    found = PLACE.sub(lambda mark: f"{mark[1]}\n{write(mark[2])}\n\n{mark[3]}", text)
    whole = [name for _, name, _ in PLACE.findall(text)]
    if whole != OPENING.findall(text):
        raise DocsError("a generated place is not closed by <!-- /generated -->")
    return found


def _cell(text: str) -> str:
    """A pipe would end the cell, inside code too."""
    return " ".join(text.replace("|", "\\|").split())
