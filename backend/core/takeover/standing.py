"""Where a salon stands on its way from another widget, and the one thing to do next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from backend.core.takeover.gate import Gate, Lack

NOT_COMPARED = Gate()


class Stage(StrEnum):
    """`idle`: it does not move anywhere; the others in the order of the way."""

    IDLE = "idle"
    PROBES = "probes"
    MATCHING = "matching"
    SHADOW = "shadow"
    SWITCH = "switch"
    OURS = "ours"
    ACCEPTED = "accepted"


WAY = (Stage.PROBES, Stage.MATCHING, Stage.SHADOW, Stage.SWITCH, Stage.OURS, Stage.ACCEPTED)


class Next(StrEnum):
    """What a person does now, or (`reading`, `measuring`, `pairing`, `wait`) what goes on by itself."""

    BEGIN = "begin"
    DISCOVER = "discover"
    READING = "reading"
    MEASURE = "measure"
    MEASURING = "measuring"
    CONFIRM = "confirm"
    PAIR = "pair"
    PAIRING = "pairing"
    REVIEW = "review"
    ADOPT = "adopt"
    OBSERVE = "observe"
    DECIDE = "decide"
    WAIT = "wait"
    SWITCH = "switch"
    FOLLOW = "follow"
    RETURN = "return"
    COUNT = "count"
    LOOK = "look"
    ACCEPT = "accept"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Preparation:
    """What is done once for all salons: the reading, the profile, the pairs."""

    is_read: bool = False
    is_reading: bool = False
    is_measured: bool = False
    is_measuring: bool = False
    is_confirmed: bool = False
    is_paired: bool = False
    is_pairing: bool = False


NOT_PREPARED = Preparation()


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one salon. `red`: counters that are red after the switch, None before they were taken;
    `is_switching`, `is_returning`: a machine is at work.
    """

    done: Preparation = NOT_PREPARED
    is_moving: bool = False
    is_ours: bool = False
    is_switching: bool = False
    is_returning: bool = False
    to_review: int = 0
    to_adopt: int = 0
    gate: Gate = NOT_COMPARED
    red: int | None = None
    is_accepted: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    stage: Stage
    next: Next

    @property
    def place(self) -> int:
        """How many stages are behind."""
        return WAY.index(self.stage) if self.stage in WAY else 0


def of(facts: Facts) -> Standing:
    """A machine at work comes before everything; otherwise the first thing that is not done yet."""
    if not facts.is_moving:
        return Standing(Stage.IDLE, Next.BEGIN)
    if facts.is_returning:
        return Standing(Stage.SWITCH, Next.RETURN)
    if facts.is_switching:
        return Standing(Stage.SWITCH, Next.FOLLOW)
    if facts.is_ours:
        return _ours(facts)
    step = _preparing(facts.done) or _pairing(facts) or _comparing(facts.gate)
    return step or Standing(Stage.SWITCH, Next.SWITCH)


def _ours(facts: Facts) -> Standing:
    if facts.is_accepted:
        return Standing(Stage.ACCEPTED, Next.NOTHING)
    if facts.red is None:
        return Standing(Stage.OURS, Next.COUNT)
    return Standing(Stage.OURS, Next.LOOK if facts.red else Next.ACCEPT)


def _preparing(done: Preparation) -> Standing | None:
    steps = (
        (done.is_reading, Next.READING),
        (not done.is_read, Next.DISCOVER),
        (done.is_measuring, Next.MEASURING),
        (not done.is_measured, Next.MEASURE),
        (not done.is_confirmed and not done.is_paired, Next.CONFIRM),
    )
    return next((Standing(Stage.PROBES, step) for applies, step in steps if applies), None)


def _pairing(facts: Facts) -> Standing | None:
    """Pairs that wait for a person hold nothing up once the comparison goes on: they may take weeks."""
    is_compared = Lack.NOT_BEGUN not in facts.gate.reasons
    steps = (
        (facts.done.is_pairing, Next.PAIRING),
        (not facts.done.is_paired, Next.PAIR),
        (facts.to_review and not is_compared, Next.REVIEW),
        (facts.to_adopt, Next.ADOPT),
    )
    return next((Standing(Stage.MATCHING, step) for applies, step in steps if applies), None)


def _comparing(gate: Gate) -> Standing | None:
    if gate.is_open:
        return None
    if Lack.NOT_BEGUN in gate.reasons:
        return Standing(Stage.SHADOW, Next.OBSERVE)
    is_asked = {Lack.UNDECIDED, Lack.REJECTED} & set(gate.reasons)
    return Standing(Stage.SHADOW, Next.DECIDE if is_asked else Next.WAIT)
