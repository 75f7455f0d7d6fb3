"""The link between a booking and its lead, and what we have already written through it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """`main`: the booking drives the lead. `history`: an earlier booking of the same lead; it drives nothing
    any more.
    """

    MAIN = "main"
    HISTORY = "history"


@dataclass(frozen=True, slots=True)
class Link:
    """`applied` holds what was last written (name → text); `stage_id` is the last stage that we set.

    `opened_by_us` tells a lead that we created from one that a person or a robot had made before the booking.
    """

    key: str
    lead_id: int
    role: Role = Role.MAIN
    direction: str = ""
    contact_id: int | None = None
    version: datetime | None = None
    applied: Mapping[str, str] = field(default_factory=dict)
    stage_id: int | None = None
    stage_at: datetime | None = None
    opened_by_us: bool = True
