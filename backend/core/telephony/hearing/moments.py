"""What a PBX tells of its channels: its live events and the rows of its tables both become these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class What(StrEnum):
    """`dial…` are about the called channel, `other`; all the rest about `leg`. `seen`: only what the channel
    says of itself; `summed`: what is said of it afterwards, which begins nothing.
    """

    NEW = "new"
    SEEN = "seen"
    SUMMED = "summed"
    RINGING = "ringing"
    UP = "up"
    DIAL = "dial"
    DIAL_RINGING = "dial_ringing"
    DIAL_END = "dial_end"
    PICKUP = "pickup"
    ENTER = "enter"
    LEAVE = "leave"
    ASKED = "asked"  # somebody hangs up
    GONE = "gone"


OF_THE_CALLED = frozenset({What.DIAL, What.DIAL_RINGING, What.DIAL_END})


@dataclass(frozen=True, slots=True)
class Leg:
    """A channel as one event names it: `number` is its CallerIDNum, `linked` "" where the event has none."""

    uid: str
    name: str
    linked: str = ""
    number: str = ""
    exten: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moment:
    """`at` is the PBX's own clock where it tells it, `heard_at` ours. `dialled`: the number in a dial string;
    `status`: DialStatus; causes as the PBX wrote them.
    """

    what: What
    at: datetime
    heard_at: datetime
    leg: Leg | None = None
    other: Leg | None = None
    bridge: str = ""
    dialled: str = ""
    status: str = ""
    cause: int = 0
    tech_cause: str = ""

    @property
    def subject(self) -> Leg | None:
        """The channel that it happened to."""
        return self.other if self.what in OF_THE_CALLED else self.leg

    @property
    def legs(self) -> tuple[Leg, ...]:
        return tuple(leg for leg in (self.leg, self.other) if leg is not None)


@dataclass(frozen=True, slots=True)
class LiveChannel:
    """A channel in an answer to «what is there now»: `began_at` is counted back from its duration."""

    leg: Leg
    began_at: datetime
    bridge: str = ""
    state: str = ""
    dialled: str = ""  # by this channel, as its application says
