"""The link between a booking and its lead, and what we have already written through it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

NEXT = ">"  # how the share of a lead for the next visit begins


class Role(StrEnum):
    """What a lead is to a booking. `main`: its own; `satellite`: that of a secondary direction; `additional`:
    that of another booking of the same visit; `next`: what came of it for the next visit. `history`: another
    booking continues the lead, and this one drives nothing any more; `released`: given up, the booking looks
    for another lead.
    """

    MAIN = "main"
    SATELLITE = "satellite"
    ADDITIONAL = "additional"
    NEXT = "next"
    HISTORY = "history"
    RELEASED = "released"


PAST = (Role.HISTORY, Role.RELEASED)


def next_share(direction: str) -> str:
    return f"{NEXT}{direction}"


def role_of(share: str) -> Role:
    if not share:
        return Role.MAIN
    return Role.NEXT if share.startswith(NEXT) else Role.SATELLITE


def key_value(key: str, share: str) -> str:
    """What the key field of a lead holds: unlike for any two leads, so that one can be found again."""
    return f"{key}#{share}" if role_of(share) is Role.SATELLITE else f"{key}{share}"


def booking_of(value: str) -> str:
    """The booking's key in what a lead's key field holds."""
    return value.partition("#")[0].partition(NEXT)[0]


@dataclass(frozen=True, slots=True)
class Link:
    """`applied` holds what was last written (name → text); `stage_id` is the last stage that we set.

    `share` tells the links of one booking apart: "" the main one, else a direction, with `>` before it for
    the next visit. `opened_by_us` tells a lead that we created from one that a person or a robot had made.
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
    share: str = ""

    @property
    def won_from(self) -> datetime | None:
        """Since when the lead may have been won: our change is noted when its answer has come, and an
        automation of the CRM may be quicker than that.
        """
        planned = self.applied.get("won_from")
        return datetime.fromisoformat(planned) if planned else self.stage_at

    @property
    def slot(self) -> str:
        """Which of its booking's links it is, in one word: the key, and the share of a satellite."""
        return f"{self.key}#{self.share}" if self.share else self.key
