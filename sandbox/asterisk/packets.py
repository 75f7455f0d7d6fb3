"""Packets of the manager protocol as this stand-in writes and reads them."""

from __future__ import annotations

from collections.abc import Iterable

BREAK, END = b"\r\n", b"\r\n\r\n"

Pairs = list[tuple[str, str]]


def read(block: bytes) -> Pairs:
    """Header and value of every line, in order; names as they were written."""
    lines = (line.partition(":") for line in block.decode("utf-8", "replace").split("\r\n"))
    return [(name, value.removeprefix(" ")) for name, found, value in lines if found]


def write(pairs: Iterable[tuple[str, str]]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in pairs).encode() + BREAK


def value(pairs: Iterable[tuple[str, str]], name: str) -> str:
    """Of the first header of that name, without case; "" when there is none."""
    wanted = name.lower()
    return next((text for found, text in pairs if found.lower() == wanted), "")


def values(pairs: Iterable[tuple[str, str]], name: str) -> list[str]:
    wanted = name.lower()
    return [text for found, text in pairs if found.lower() == wanted]
