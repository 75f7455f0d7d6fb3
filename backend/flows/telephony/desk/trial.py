"""A test call, step by step: what has come so far, what is waited for, and where it broke."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from backend.core.telephony.call import Call, Outcome, Way
from backend.store.telephony import calls, dials
from backend.store.telephony.calls import CallFilters, CallRow
from backend.store.telephony.dials import Dial

LIVE_FOR = timedelta(minutes=10)  # a test that was begun earlier is a test no more
MOST = 5


class State(StrEnum):
    DONE = "done"
    NOW = "now"
    BAD = "bad"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Step:
    """`code` names the words; `why` a text that says more, "" when there is nothing to say."""

    code: str
    state: State
    at: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """`dial` of a click, None of a call that came from outside."""

    dial: Dial | None
    row: CallRow | None
    steps: tuple[Step, ...]

    @property
    def is_open(self) -> bool:
        return any(step.state is State.NOW for step in self.steps)


WHY_NOT = {
    outcome.value: f"telephony_test.why.{outcome.value}"
    for outcome in (Outcome.BUSY, Outcome.NO_ANSWER, Outcome.WRONG_NUMBER, Outcome.TRUNK_DOWN)
}
OUT = ("asked", "claimed", "operator", "client", "talk", "crm")
REACHED = {
    dials.WAITING: 1, dials.CLAIMED: 2, dials.RINGING_OPERATOR: 2, dials.RINGING_CLIENT: 3, dials.TALKING: 4,
}  # fmt: skip


def newest(account_id: int, now: datetime) -> list[Trial]:
    """Clicks and calls of the last minutes, newest first."""
    clicks = [d for d in dials.newest(account_id, MOST) if d.status != dials.REFUSED]
    asked = {dial.token: dial for dial in clicks if now - dial.made_at < LIVE_FOR}
    rows = calls.portion(account_id, CallFilters(since=now - LIVE_FOR), limit=MOST)
    by_dial = {row.request_id: row for row in rows if row.request_id in asked}
    found = [(dial.made_at, of_dial(dial, by_dial.get(token))) for token, dial in asked.items()]
    found += [(row.began_at, of_call(row)) for row in rows if row.request_id not in asked]
    return [trial for _, trial in sorted(found, key=lambda pair: pair[0], reverse=True)][:MOST]


def of_dial(dial: Dial, row: CallRow | None) -> Trial:
    return Trial(dial, row, tuple(_of_dial(dial, row)))


def of_call(row: CallRow) -> Trial:
    """A call that somebody has made to try us: heard, rung, answered, over, written."""
    is_over = row.state != calls.OPEN
    steps = (
        Step("heard", State.DONE, row.began_at),
        *(_to_client(row, is_over) if row.way == Way.OUT else _to_us(row, is_over)),
        _reached("ended", row.ended_at, is_over),
        _crm(row),
    )
    return Trial(None, row, _one_now(steps))


def _to_us(row: CallRow, is_over: bool) -> tuple[Step, ...]:
    rung = min((ring.began_at for ring in row.call.rings), default=None)
    return _reached("rung", rung, is_over), _reached("answered", row.answered_at, is_over)


def _to_client(row: CallRow, is_over: bool) -> tuple[Step, ...]:
    """Dialled by hand: no phone of ours rings, and whether the client took up is all there is to wait for."""
    step = _reached("client", row.answered_at, is_over)
    why = WHY_NOT.get(row.outcome or "", "telephony_test.why.no_answer")
    return (replace(step, why=why) if step.state is State.BAD else step,)


def _of_dial(dial: Dial, row: CallRow | None) -> Sequence[Step]:
    call = row.call if row else None
    reached, broken = _place(dial)
    times = (
        dial.made_at,
        dial.claimed_at,
        None,
        _answered_by_operator(call),
        row.answered_at if row else None,
    )
    steps = []
    for number, (code, at) in enumerate(zip(OUT[:-1], times, strict=True)):
        state = State.DONE if number < reached else State.NOW if number == reached else State.LATER
        why = ""
        if number == reached and broken:
            state, why = State.BAD, broken
        steps.append(Step(code, state, at if state is State.DONE else None, why))
    is_written = dial.status == dials.ENDED
    waits = Step("crm", State.NOW if is_written else State.LATER)
    return [*steps, _crm(row) if is_written and row else waits]


def _place(dial: Dial) -> tuple[int, str]:
    """How many steps are done, and the text of what went wrong with the next one."""
    if dial.status == dials.LATE:
        return 1, "telephony_test.why.late"
    if dial.status == dials.FAILED:
        return (
            1 if dial.reason in ("pbx_refused", "pbx_silent") else 2
        ), f"telephony_test.why.{dial.reason or 'lost'}"
    if dial.status == dials.ENDED:
        return (3, f"telephony_test.why.{dial.reason}") if dial.reason else (5, "")
    return REACHED[dial.status], ""


def _answered_by_operator(call: Call | None) -> datetime | None:
    return call.began_at if call is not None and call.client else None


def _reached(code: str, at: datetime | None, is_over: bool) -> Step:
    if at is not None:
        return Step(code, State.DONE, at)
    return Step(code, State.BAD, why=f"telephony_test.missed.{code}") if is_over else Step(code, State.NOW)


def _crm(row: CallRow) -> Step:
    known = {calls.HANDLED: State.DONE, calls.REFUSED: State.BAD, calls.IGNORED: State.BAD}
    state = known.get(row.state, State.LATER if row.state == calls.OPEN else State.NOW)
    why = f"telephony_test.crm.{row.state}" if state is State.BAD else ""
    return Step("crm", state, row.updated_at if state is State.DONE else None, why)


def _one_now(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Of the steps that are still to come only the first is waited for."""
    first = next((n for n, step in enumerate(steps) if step.state is State.NOW), len(steps))
    return tuple(
        Step(step.code, State.LATER) if n > first and step.state is State.NOW else step
        for n, step in enumerate(steps)
    )
