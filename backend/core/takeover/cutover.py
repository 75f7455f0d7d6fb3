"""The switch of one salon as states and the ways between them (§12.5). Nothing here waits or writes: the
machine asks what comes next and when.

Until the first write of the catch-up a failure leads back to the widget before, as if nothing had been; after
it the way back is the rollback, which knows what we wrote.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from backend.core.crm import Lead
from backend.core.takeover.addresses import host

ANNOUNCED_FOR = timedelta(minutes=5)
SILENCE = timedelta(minutes=3)
MOST_NOISE = timedelta(minutes=20)  # one that does not fall silent is not stopped: the switch goes back
CATCH_UP_BACK = timedelta(hours=24)
MOST_CATCH_UP = timedelta(
    minutes=10
)  # what still waits then waits for something else: it is told, not awaited
WATCHED_FOR = timedelta(minutes=60)
LOOK_EVERY = timedelta(minutes=1)
LISTEN_EVERY = timedelta(seconds=5)
PILOT_FOR = timedelta(days=3)
TRIES = 3  # of a step that fails for no known reason
QUIET_HOURS = (21, 9)  # of the salon: nobody books much between them


class State(StrEnum):
    """Where a switch is: the step that is under way, or how it ended."""

    QUEUED = "queued"
    PREFLIGHT = "preflight"
    ANNOUNCED = "announced"
    STOPPING = "stopping"
    DRAINING = "draining"
    LEASING = "leasing"
    CATCHING_UP = "catching_up"
    VERIFYING = "verifying"
    WATCHING = "watching"
    DONE = "done"
    GOING_BACK = "going_back"
    FAILED_BACK = "failed_back"
    ROLLING_BACK = "rolling_back"


WAY = (
    State.QUEUED, State.PREFLIGHT, State.ANNOUNCED, State.STOPPING, State.DRAINING, State.LEASING,
    State.CATCHING_UP, State.VERIFYING, State.WATCHING, State.DONE,
)  # fmt: skip
FORWARD = {**dict(pairwise(WAY)), State.GOING_BACK: State.FAILED_BACK}
OVER = frozenset({State.DONE, State.FAILED_BACK, State.ROLLING_BACK})
UNTOUCHED = frozenset({State.QUEUED, State.PREFLIGHT})  # nothing outside has heard of it
FROZEN = frozenset(WAY[WAY.index(State.ANNOUNCED) : WAY.index(State.WATCHING)]) | {State.GOING_BACK}
BEFORE_LEASE = frozenset(WAY[: WAY.index(State.LEASING)])
LET_GO = frozenset({State.WATCHING, *OVER})  # the next salon of a group may begin


class Wish(StrEnum):
    """What a person asks of a switch that is under way."""

    NONE = ""
    CANCEL = "cancel"
    STOPPED = "stopped"  # the widget was switched off by hand


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the list before the start. `is_needed`: a red one keeps the salon from being switched."""

    code: str
    is_green: bool
    is_needed: bool = True
    details: dict[str, object] = field(default_factory=dict)


def is_ready(checks: Iterable[Check]) -> bool:
    return all(check.is_green for check in checks if check.is_needed)


def may_cancel(state: State) -> bool:
    """Until the salon is ours a person may call it off; afterwards there is the rollback."""
    return state in BEFORE_LEASE


def after_failure(state: State, *, has_written: bool) -> State:
    """Where a step leads that cannot be done."""
    if state in UNTOUCHED:
        return State.FAILED_BACK
    return State.ROLLING_BACK if has_written else State.GOING_BACK


def silent_at(t0: datetime, last_foreign: datetime | None) -> datetime:
    """When the other one has been silent for long enough, if nothing more comes."""
    return max(t0, last_foreign or t0) + SILENCE


def listens_now(now: datetime, listened_at: datetime | None, silent: datetime) -> bool:
    """Every few seconds, and once more at the very end."""
    return listened_at is None or now >= silent or now - listened_at >= LISTEN_EVERY


def is_hopeless(t0: datetime, now: datetime) -> bool:
    """It goes on writing: it was not stopped."""
    return now - t0 > MOST_NOISE


def caught_up(began_at: datetime, now: datetime, left: int) -> bool:
    return left == 0 or now - began_at > MOST_CATCH_UP


def is_left_by_person(lead: Lead, changed_at: datetime, writers: Collection[int]) -> bool:
    """Somebody has worked on the lead after its booking changed last, and it was neither a robot nor the
    other widget: what they left is what they meant.
    """
    is_person = bool(writers) and bool(lead.updated_by) and lead.updated_by not in writers
    return is_person and lead.updated_at is not None and lead.updated_at > changed_at


def is_quiet_hour(hour: int) -> bool:
    since, until = QUIET_HOURS
    return hour >= since or hour < until


def place(state: State) -> int:
    """How many steps of the way are behind; a way back is as long as it went."""
    return WAY.index(state) if state in WAY else len(WAY) - 1


# The list of addresses that a salon tells its news


def strangers(urls: Iterable[str], ours: str) -> tuple[str, ...]:
    return tuple(url for url in urls if url != ours)


def suspects(urls: Collection[str], crm_urls: Iterable[str], ours: str) -> tuple[str, ...]:
    """Addresses that are likely the other widget's: of a host that the account tells its news as well; a
    single stranger is it in any case.
    """
    known = {host(url) for url in crm_urls} - {host(ours)}
    also_there = tuple(url for url in urls if host(url) in known)
    return also_there or (tuple(urls) if len(urls) == 1 else ())


def without(urls: Iterable[str], removed: Collection[str], ours: str) -> list[str]:
    """The list that stays; ours is in it."""
    kept = [url for url in urls if url not in removed]
    return kept if ours in kept else [*kept, ours]


def restored(
    now: Collection[str], written: Collection[str], before: Collection[str], removed: Collection[str]
) -> list[str]:
    """The list as it was, when nobody has touched it since; else what stands there with what we took out."""
    if list(now) == list(written):
        return list(before)
    return [*now, *(url for url in before if url in removed and url not in now)]
