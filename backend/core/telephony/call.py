"""A call as facts, whoever told them: a PBX's live events, its tables, or a cloud's webhooks.

Words of telephony.md §6: a phone is a device of one of us, a trunk leads to the world; who talked with the
client follows from who heard whom, never from what a PBX calls answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

NOTHING = timedelta(0)


class Way(StrEnum):
    """Direction of a call, seen from the company. `unknown` is shown to people and never sent."""

    IN = "in"
    OUT = "out"
    INTERNAL = "internal"
    UNKNOWN = "unknown"


class Stage(StrEnum):
    """How far a call has come. `waiting`: somebody called, nobody is rung yet."""

    WAITING = "waiting"
    RINGING = "ringing"
    TALKING = "talking"
    ENDED = "ended"


class Outcome(StrEnum):
    """What became of an ended call (telephony.md §7); `unreached`: an internal call that nobody took."""

    ANSWERED = "answered"
    MISSED = "missed"
    BUSY = "busy"
    WRONG_NUMBER = "wrong_number"
    NO_ANSWER = "no_answer"
    TRUNK_DOWN = "trunk_down"
    INTERNAL = "internal"
    UNREACHED = "unreached"


class Miss(StrEnum):
    """Why nobody talked with a client who called."""

    NOBODY_RUNG = "nobody_rung"
    NOT_ANSWERED = "not_answered"
    ALL_BUSY = "all_busy"
    GAVE_UP = "gave_up"


class Source(StrEnum):
    """Who told of a call: a PBX's live events, its tables of events or of a call's parts, a cloud."""

    AMI = "ami"
    CEL = "cel"
    CDR = "cdr"
    CLOUD = "cloud"


@dataclass(frozen=True, slots=True)
class Ring:
    """A phone that was called. `phone` is its endpoint («101»); `status` is Asterisk's DialStatus, "" while
    it rings."""

    phone: str
    began_at: datetime
    ended_at: datetime | None = None
    status: str = ""
    cause: int = 0


@dataclass(frozen=True, slots=True)
class Talk:
    """A phone and the client heard each other; `ended_at` is None while they do."""

    phone: str
    began_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """`uniq` is the one id of the call, for ever: «<pbx id>:<oldest linked id>». `client` and `did` are as
    the PBX gave them. `request_id`: the click that asked for it. `recordings` are names of files, in order.
    `is_incomplete`: taken over in the middle, its beginning is not known.
    """

    uniq: str
    pbx_id: int
    way: Way
    began_at: datetime
    stage: Stage = Stage.WAITING
    trunk: str = ""
    client: str = ""
    did: str = ""
    operator: str = ""
    rings: tuple[Ring, ...] = ()
    talks: tuple[Talk, ...] = ()
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    miss: Miss | None = None
    dial_status: str = ""
    cause: int = 0
    tech_cause: str = ""
    hung_up_by: str = ""
    lost_after_transfer: bool = False
    recordings: tuple[str, ...] = ()
    request_id: str = ""
    linked: frozenset[str] = frozenset()
    variables: Mapping[str, str] = field(default_factory=dict)
    source: Source = Source.AMI
    is_incomplete: bool = False

    @property
    def is_answered(self) -> bool:
        return bool(self.talks)

    @property
    def rung(self) -> tuple[str, ...]:
        """Phones in the order they were first called."""
        return tuple(dict.fromkeys(ring.phone for ring in self.rings))

    @property
    def talked(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(talk.phone for talk in self.talks))

    @property
    def last_talker(self) -> str:
        """The phone of the talk that ended last; "" when nobody talked."""
        running = [talk for talk in self.talks if talk.ended_at is None]
        ended = sorted((t for t in self.talks if t.ended_at), key=lambda t: (t.ended_at, t.began_at))
        last = (running or ended)[-1:]
        return last[0].phone if last else ""

    @property
    def answered_at(self) -> datetime | None:
        return min((talk.began_at for talk in self.talks), default=None)

    @property
    def wait(self) -> timedelta:
        """From the beginning to the first talk, or to the end."""
        until = self.answered_at or self.ended_at
        return until - self.began_at if until else NOTHING

    @property
    def talk(self) -> timedelta:
        """Time in which at least one of us heard the client; overlaps count once."""
        total, reached = NOTHING, None
        for talk in sorted(self.talks, key=lambda talk: talk.began_at):
            end = talk.ended_at or self.ended_at
            if end is None:
                continue
            begin = talk.began_at if reached is None else max(talk.began_at, reached)
            total += max(NOTHING, end - begin)
            reached = end if reached is None else max(reached, end)
        return total


CRM_STATUS = {
    Outcome.ANSWERED: 4, Outcome.MISSED: 6, Outcome.BUSY: 7, Outcome.WRONG_NUMBER: 5, Outcome.NO_ANSWER: 6,
    Outcome.TRUNK_DOWN: 6,
}  # fmt: skip
"""Call result of amoCRM (`call_status`, telephony.md §7); internal calls have none."""
