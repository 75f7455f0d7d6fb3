"""A cloud PBX tells of a call in notices; the same notices in any order, however often, make the same call.

So nothing is advanced step by step: all that was told of a call is put in order and read anew, which a call's
dozen notices make cheap.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from backend.core.telephony.call import Call, Miss, Outcome, Ring, Source, Stage, Talk, Way
from backend.core.telephony.hearing.fold import CHANGED, ENDED, GONE, RINGING, TALKING, Change

ANSWER, NOANSWER, CANCEL, BUSY = "ANSWER", "NOANSWER", "CANCEL", "BUSY"


class Tells(StrEnum):
    """What a notice tells. Among those of one moment this order is the natural one."""

    STARTED = "started"
    RINGING = "ringing"  # the phone of one of us
    DIALLING = "dialling"  # after a click: the phone of ours was taken, now the client is called
    ANSWERED = "answered"  # the phone and the client hear each other
    LEFT = "left"  # the phone does not hear the client any more, the call goes on
    RECORDED = "recorded"
    ENDED = "ended"


ORDER = {tells: position for position, tells in enumerate(Tells)}


@dataclass(frozen=True, slots=True)
class Notice:
    """One of them. `id` is the sender's own and repeats when the sender does; `number` is the company's.
    Every notice names the parties, as the first may be lost. `result` and `ended_by` go with `ENDED`.
    """

    id: str
    tells: Tells
    call_id: str
    at: datetime
    way: Way = Way.UNKNOWN
    client: str = ""
    number: str = ""
    phone: str = ""
    request_id: str = ""
    result: str = ""
    ended_by: str = ""
    recording: str = ""


FAILED = {
    "busy": Outcome.BUSY, "wrong_number": Outcome.WRONG_NUMBER, "failed": Outcome.TRUNK_DOWN,
}  # fmt: skip
"""Results of an outbound call; every other one without a talk is `no_answer`."""


def fold(pbx_id: int, told: Iterable[Notice]) -> Call | None:
    """The call of these notices, which are all of one call; None when there are none."""
    notices = _in_order(told)
    if not notices:
        return None
    first, request_id = notices[0], _said(one.request_id for one in notices)
    is_called = _is_called(notices, request_id)
    call = Call(
        uniq=f"{pbx_id}:{first.call_id}", pbx_id=pbx_id, began_at=first.at, source=Source.CLOUD,
        way=_way(notices) if is_called else Way.INTERNAL,
        did=_said(one.number for one in notices), trunk=_said(one.number for one in notices),
        client=_said(one.client for one in notices) if is_called else "",
        request_id=request_id,
        recordings=tuple(dict.fromkeys(one.recording for one in notices if one.recording)),
        is_incomplete=first.tells is not Tells.STARTED,
    )  # fmt: skip
    if call.way is not Way.IN:
        call = replace(call, operator=_said(one.phone for one in notices))
    if call.way is Way.OUT and not request_id:  # dialled by hand: the client's phone rings at once
        call = replace(call, stage=Stage.RINGING)
    for notice in notices:
        call = _heard(call, notice)
    return call


def is_whole(told: Iterable[Notice]) -> bool:
    """Whether what was told of an ended call fits together; else something is still on its way."""
    notices = list(told)
    kinds = {notice.tells for notice in notices}
    was_answered = any(one.tells is Tells.ENDED and one.result == "answered" for one in notices)
    return Tells.STARTED in kinds and (Tells.ANSWERED in kinds or not was_answered)


def changes(before: Call | None, after: Call) -> tuple[Change, ...]:
    """What became different, in the words of the other kind of PBX."""
    if after == before:
        return ()
    if after.stage is Stage.ENDED and (before is None or before.stage is not Stage.ENDED):
        return (Change(ENDED, after),)
    rang, talked = _ringing_now(before), _talking_now(before)
    rings, talks = _ringing_now(after), _talking_now(after)
    found = [Change(RINGING, after, phone) for phone in rings if phone not in rang]
    found += [Change(TALKING, after, phone) for phone in talks if phone not in talked]
    found += [Change(GONE, after, phone) for phone in (*rang, *talked) if phone not in (*rings, *talks)]
    return tuple(found) or (Change(CHANGED, after),)


def _ringing_now(call: Call | None) -> tuple[str, ...]:
    """Of an outbound call it is the phone of who dialled."""
    if call is None or call.stage is not Stage.RINGING:
        return ()
    if call.way is Way.OUT:
        return (call.operator,) if call.operator else ()
    return tuple(dict.fromkeys(ring.phone for ring in call.rings if ring.ended_at is None))


def _talking_now(call: Call | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(talk.phone for talk in call.talks if talk.ended_at is None)) if call else ()


def _is_called(notices: list[Notice], request_id: str) -> bool:
    """After a click the client is called only when the phone of ours was taken: until then the call is ours
    alone.
    """
    return not request_id or any(one.tells in (Tells.DIALLING, Tells.ANSWERED) for one in notices)


def _in_order(told: Iterable[Notice]) -> list[Notice]:
    """Each once. Whatever the sender's clock says, nothing but a recording comes after the end."""
    each = {notice.id: notice for notice in told}
    notices = sorted(each.values(), key=lambda one: (one.at, ORDER[one.tells], one.phone, one.id))
    ends = [one for one in notices if one.tells is Tells.ENDED][:1]
    if not ends:
        return notices
    before = [one for one in notices if one.tells is not Tells.ENDED]
    return [replace(one, at=min(one.at, ends[0].at)) for one in before] + ends


def _heard(call: Call, notice: Notice) -> Call:
    match notice.tells:
        case Tells.RINGING:
            return _ringing(call, notice)
        case Tells.DIALLING:
            return replace(_closed(call, notice.phone, notice.at), stage=Stage.RINGING)
        case Tells.ANSWERED:
            return _answered(call, notice)
        case Tells.LEFT:
            return _left(call, notice)
        case Tells.ENDED:
            return _ended(call, notice)
        case _:
            return call


def _ringing(call: Call, notice: Notice) -> Call:
    if any(ring.phone == notice.phone and ring.ended_at is None for ring in call.rings):
        return call
    stage = call.stage if call.stage is Stage.TALKING else Stage.RINGING
    return replace(call, rings=(*call.rings, Ring(notice.phone, notice.at)), stage=stage)


def _answered(call: Call, notice: Notice) -> Call:
    """The other phones stop; a second word of the same talk changes nothing."""
    if any(talk.phone == notice.phone and talk.ended_at is None for talk in call.talks):
        return call
    call = _closed(call, notice.phone, notice.at)
    rings = tuple(_with_end(ring, notice.at, CANCEL) for ring in call.rings)
    talks = (*call.talks, Talk(notice.phone, notice.at))
    return replace(call, rings=rings, talks=talks, stage=Stage.TALKING)


def _left(call: Call, notice: Notice) -> Call:
    talks = tuple(
        replace(talk, ended_at=notice.at) if talk.phone == notice.phone and talk.ended_at is None else talk
        for talk in call.talks
    )
    is_talking = any(talk.ended_at is None for talk in talks)
    return replace(call, talks=talks, stage=Stage.TALKING if is_talking else Stage.RINGING)


def _closed(call: Call, phone: str, at: datetime) -> Call:
    """This phone was taken; one of which no ringing was told rang all the same, unless it dialled itself."""
    rings = tuple(_with_end(ring, at, ANSWER) if ring.phone == phone else ring for ring in call.rings)
    if all(ring.phone != phone for ring in rings) and call.way is Way.IN:
        rings = (*rings, Ring(phone, at, at, ANSWER))
    return replace(call, rings=rings)


def _ended(call: Call, notice: Notice) -> Call:
    status = BUSY if notice.result == "busy" else CANCEL if notice.ended_by == "client" else NOANSWER
    rings = tuple(_with_end(ring, notice.at, status) for ring in call.rings)
    talks = tuple(talk if talk.ended_at else replace(talk, ended_at=notice.at) for talk in call.talks)
    ended = replace(
        call, rings=rings, talks=talks, stage=Stage.ENDED, ended_at=notice.at,
        dial_status=ANSWER if talks else status, hung_up_by=notice.ended_by,
        lost_after_transfer=_is_lost(rings, talks, notice.at),
    )  # fmt: skip
    return replace(ended, outcome=_outcome(ended, notice), miss=_miss(ended, notice))


def _with_end(ring: Ring, at: datetime, status: str) -> Ring:
    return ring if ring.ended_at else replace(ring, ended_at=at, status=status)


def _is_lost(rings: tuple[Ring, ...], talks: tuple[Talk, ...], ended_at: datetime) -> bool:
    """Talked, passed on, and nobody took it: a phone rang after the last talk was over."""
    if not talks:
        return False
    over = max(talk.ended_at or ended_at for talk in talks)
    return over < ended_at and any(ring.status != ANSWER and (ring.ended_at or over) > over for ring in rings)


def _outcome(call: Call, notice: Notice) -> Outcome | None:
    if call.way is Way.INTERNAL:
        return Outcome.INTERNAL if call.talks else Outcome.UNREACHED
    if call.talks:
        return Outcome.ANSWERED
    return Outcome.MISSED if call.way is Way.IN else FAILED.get(notice.result, Outcome.NO_ANSWER)


def _miss(call: Call, notice: Notice) -> Miss | None:
    if call.outcome is not Outcome.MISSED and (call.way is not Way.IN or call.talks):
        return None
    if not call.rings:
        return Miss.NOBODY_RUNG
    if notice.result == "busy":
        return Miss.ALL_BUSY
    return Miss.GAVE_UP if notice.ended_by == "client" else Miss.NOT_ANSWERED


def _way(notices: list[Notice]) -> Way:
    return next((one.way for one in notices if one.way is not Way.UNKNOWN), Way.UNKNOWN)


def _said(words: Iterable[str]) -> str:
    """What was said first, "" when nobody said anything."""
    return next((word for word in words if word), "")
