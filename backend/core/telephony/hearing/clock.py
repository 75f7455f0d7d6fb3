"""How far a PBX's clock is from ours. A few seconds are nobody's business; by more, what it says of times is
put right, for a deadline in working hours is counted from them. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median_low

EXACT = timedelta(0)
NOTED, FORGIVEN = timedelta(seconds=5), timedelta(seconds=3)  # one begins a correction, the other ends it
STEADY = timedelta(seconds=1)  # a correction that changes all the time would move times within a call
PROMPT = timedelta(seconds=1)  # an answer that took longer says too little
SAMPLES = 3


@dataclass(frozen=True, slots=True)
class Clock:
    """`ahead`: what is taken from every time that the PBX writes; negative when it is slow."""

    ahead: timedelta = EXACT
    samples: tuple[timedelta, ...] = ()


def measured(clock: Clock, told: datetime, asked_at: datetime, answered_at: datetime) -> Clock:
    """The PBX dated an answer: it was written somewhere between the question and its arrival. An event would
    say less: it may have lain in a queue for as long as a PBX stood still.
    """
    took = answered_at - asked_at
    if not EXACT <= took <= PROMPT:
        return clock
    samples = (*clock.samples, told - (asked_at + took / 2))[-SAMPLES:]
    middle = median_low(samples)
    if abs(middle) < (FORGIVEN if clock.ahead else NOTED):
        return Clock(EXACT, samples)
    is_steady = bool(clock.ahead) and abs(middle - clock.ahead) < STEADY
    return Clock(clock.ahead if is_steady else middle, samples)
