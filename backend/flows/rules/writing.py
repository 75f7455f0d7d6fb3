"""For which salons we write: those that are switched on and that no other widget writes for any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backend.core.rules.configuration import Branch, Configuration, Mode
from backend.store import writers
from backend.store.writers import Writer


@dataclass(frozen=True, slots=True)
class Leave:
    """What we may do for a salon, and under which number; None where nobody else ever wrote."""

    mode: Mode
    fence: int | None = None


def leave(branch: Branch | None, held: Mapping[int, Writer]) -> Leave:
    """While another widget writes for a salon, we only observe it, whatever its mode says."""
    if branch is None:
        return Leave(Mode.OFF)
    writer = held.get(branch.company_id)
    if writer is None:
        return Leave(branch.mode)
    is_held_back = branch.mode is Mode.ACTIVE and not writer.is_ours
    return Leave(Mode.OBSERVE if is_held_back else branch.mode, writer.fence)


def ours(account_id: int, rules: Configuration) -> frozenset[int]:
    """Company ids of the salons that we write for now."""
    held = writers.of_account(account_id)
    return frozenset(b.company_id for b in rules.branches if leave(b, held).mode is Mode.ACTIVE)
