"""A case: one booking on its way through a batch."""

from __future__ import annotations

from dataclasses import dataclass

from backend.core.booking import BookingFacts
from backend.core.commands import Decision
from backend.core.configuration import Mode
from backend.flows.readings import Reading


@dataclass(frozen=True, slots=True)
class Case:
    """What was read, what we know, what was decided, and whether the salon lets us write."""

    reading: Reading
    facts: BookingFacts
    decision: Decision
    mode: Mode
