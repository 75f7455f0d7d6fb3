"""A case: one booking on its way through a batch."""

from __future__ import annotations

from dataclasses import dataclass

from backend.core.rules.configuration import Mode
from backend.core.sync.commands import Decision
from backend.core.sync.facts import BookingFacts
from backend.flows.sync.readings import Reading


@dataclass(frozen=True, slots=True)
class Case:
    """What was read, what we know, what was decided, and whether the salon lets us write: `fence` is under
    which number, None where nobody else ever wrote.
    """

    reading: Reading
    facts: BookingFacts
    decision: Decision
    mode: Mode
    fence: int | None = None
