"""What every kind of PBX is to the rest of us: how it is connected, tested and asked to dial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from backend.flows.context import Context
from backend.store.telephony.pbxes import Pbx


class Shape(StrEnum):
    """How a value is asked for."""

    TEXT = "text"
    PORT = "port"
    ADDRESS = "address"  # http(s)://…
    FLAG = "flag"
    HIDDEN = "hidden"  # never shown again; left empty, the stored one stays
    LONG = "long"  # several lines


class Hears(StrEnum):
    """How the PBX's news reach us."""

    LISTENER = "listener"  # we hold a connection to it
    WEBHOOKS = "webhooks"  # it calls an address of ours


@dataclass(frozen=True, slots=True)
class Need:
    """A value that a connection of this kind has. `name` is the attribute of `Pbx`, or «options.<name>»; its
    words are `telephony_kinds.need.<name>` and `…_hint`.
    """

    name: str
    shape: Shape = Shape.TEXT
    is_required: bool = True
    default: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was tried. `code` is a text; a bad one says what to do. A check that is only a warning
    is bad without stopping anything.
    """

    code: str
    is_good: bool = True
    is_warning: bool = False
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tested:
    """What came of «Проверить подключение», in the order it was tried."""

    checks: tuple[Check, ...]
    version: str = ""

    @property
    def is_good(self) -> bool:
        return all(check.is_good or check.is_warning for check in self.checks)


class Kind(Protocol):
    """`name` is `Pbx.kind`."""

    @property
    def name(self) -> str: ...
    @property
    def needs(self) -> tuple[Need, ...]: ...
    @property
    def hears(self) -> Hears: ...

    def test(self, ctx: Context, pbx: Pbx) -> Tested:
        """Tries the connection as given (it need not be saved); never raises for what the PBX does."""
        ...

    def wake(self, ctx: Context, pbx: Pbx, dial_id: int) -> None:
        """A command row is there to be claimed: tells whoever dials through this PBX."""
        ...

    def door(self, ctx: Context, pbx: Pbx) -> str:
        """The address to be entered at the PBX, "" when it needs none of ours."""
        ...
