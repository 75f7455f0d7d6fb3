"""A text that a spreadsheet will not run: what begins like a formula is told to be text."""

from __future__ import annotations

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def harmless(text: str) -> str:
    """An apostrophe before it: Excel, LibreOffice and Google show the rest and compute nothing."""
    plain = text.replace("\0", "")
    return f"'{plain}" if plain.startswith(FORMULA) else plain
