"""Recorded calls: what two real Asterisks sent while 37 kinds of calls were played on them.

Of each call and version: the stream seen with all rights, the same call played again and seen with the
rights an integration asks for, and the rows that the full play left in the CDR and CEL tables.
"""

from __future__ import annotations

import json
import tarfile
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

ARCHIVE = Path(__file__).with_name("recorded.tar.xz")
END = b"\r\n\r\n"


class Name(NamedTuple):
    """`version` of Asterisk is "16" or "22", `rights` of the account "all" or "crm"."""

    version: str
    rights: str
    scenario: str


def names(version: str | None = None, rights: str | None = None) -> tuple[Name, ...]:
    """All recorded streams, in a lasting order; an argument keeps only those of that version or rights."""
    found = (_name(path) for path in sorted(_files()) if path.endswith(".ami"))
    return tuple(n for n in found if version in (None, n.version) and rights in (None, n.rights))


def stream(name: Name) -> bytes:
    """Everything Asterisk sent on that connection, byte for byte: greeting, answer to the login, events."""
    return _files()[f"{name.version}/{name.rights}/{name.scenario}.ami"]


def events(name: Name) -> tuple[bytes, ...]:
    """The events alone, each with the empty line that ends it."""
    blocks = stream(name).split(END)
    return tuple(block + END for block in blocks if block.startswith(b"Event: "))


def tables(name: Name) -> dict[str, list[dict[str, Any]]]:
    """Rows of `cdr` and `cel`. They are of the play seen with all rights; ids of the other one differ."""
    rows: dict[str, list[dict[str, Any]]] = json.loads(
        _files()[f"{name.version}/tables/{name.scenario}.json"]
    )
    return rows


def expected(scenario: str) -> list[dict[str, Any]]:
    """The facts of the calls of a scenario, the same in both versions: see telephony.md §6."""
    facts: list[dict[str, Any]] = _expected()[scenario]
    return facts


def _name(path: str) -> Name:
    version, rights, file = path.split("/")
    return Name(version, rights, file.removesuffix(".ami"))


@cache
def _expected() -> dict[str, list[dict[str, Any]]]:
    facts: dict[str, list[dict[str, Any]]] = json.loads(_files()["expected.json"])
    return facts


@cache
def _files() -> dict[str, bytes]:
    """Six megabytes when unpacked, read once by the process that plays them."""
    with tarfile.open(ARCHIVE) as archive:
        members = [member for member in archive.getmembers() if member.isfile()]
        return {member.name: archive.extractfile(member).read() for member in members}  # type: ignore[union-attr]
