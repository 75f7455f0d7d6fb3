"""From the channels of a call to its facts: direction, numbers, who was rung, what became of it (telephony.md
§6 and §7).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from backend.core.telephony.call import Call, Miss, Outcome, Ring, Stage, Talk, Way
from backend.core.telephony.hearing.channels import Channel, Kind
from backend.core.telephony.hearing.tracks import CLIENT, Track, begin
from backend.core.telephony.recordings import distinct

AT_ONCE = timedelta(milliseconds=200)  # events of one deed are not told at one moment
BUSY_CAUSES, BUSY_SIP = frozenset({17}), frozenset({486, 600})
WRONG_CAUSES, WRONG_SIP = frozenset({1, 2, 3, 22, 28}), frozenset({404, 410, 484, 604})
DOWN_CAUSES, FAILED = frozenset({20, 27, 34, 38, 41, 42}), frozenset({"CONGESTION", "CHANUNAVAIL"})
UNREACHABLE = frozenset({"BUSY", *FAILED})
SIP = re.compile(r"\b[3-6]\d\d\b")
STATUS_OF_CAUSE = {17: "BUSY", 3: "CHANUNAVAIL", 20: "CHANUNAVAIL", 19: "NOANSWER", 21: "NOANSWER"}
SECOND = re.compile(r"(\d{9,})(\.\d+)?$")  # «1700000000.12»: a unique id begins with its second
STARTED = "s"  # the extension of a channel that the PBX itself began
OWN_ID = "crm-"  # how channels begin that a click of ours asked for


@dataclass(frozen=True, slots=True)
class Far:
    """How the dialling of the far side ended."""

    status: str
    cause: int
    tech_cause: str


@dataclass(frozen=True, slots=True)
class _Course:
    """Where a call goes: who began it, and the trunk it came or went over."""

    way: Way
    first: Channel
    trunk: Channel | None


def facts(track: Track, pbx_id: int) -> Call:
    """Everything the call tells by now; `outcome` and its like once the last channel is gone."""
    course = _course(track)
    call = _so_far(track, course, pbx_id)
    if not track.is_over:
        return call
    over = max((one.ended_at for one in track.channels.values() if one.ended_at), default=None)
    return ended(call, over, _far(call, course.trunk)) if over else call


def _course(track: Track) -> _Course:
    channels = list(track.channels.values())
    people = [one for one in channels if one.kind not in (Kind.LOCAL, Kind.SERVICE)]
    first, trunks = (people or channels)[0], track.of_kind(Kind.TRUNK)
    way = _way(first, trunks, people)
    return _Course(way, first, _trunk(way, first, trunks))


def _so_far(track: Track, course: _Course, pbx_id: int) -> Call:
    channels, rings = list(track.channels.values()), _rings(track.of_kind(Kind.PHONE))
    linked = frozenset(one for channel in channels for one in channel.linked)
    variables = _variables(channels)
    return Call(
        uniq=f"{pbx_id}:{oldest(linked, track)}",
        pbx_id=pbx_id,
        way=course.way,
        began_at=begin(track),
        stage=_stage(track, rings),
        trunk=course.trunk.who if course.trunk else "",
        client=_client(course),
        did=_did(course, variables.get("FROM_DID", "")),
        operator=course.first.who if course.way in (Way.OUT, Way.INTERNAL) else "",
        rings=rings,
        talks=_talks(track),
        hung_up_by=track.asked,
        recordings=distinct(name for channel in channels for name in channel.recordings),
        request_id=variables.get("CRM_CALL_ID") or _asked_by_us(linked),
        linked=linked,
        variables=variables,
        is_incomplete=track.is_incomplete,
    )


def ended(call: Call, at: datetime, far: Far) -> Call:
    """A call whose last channel is gone."""
    outcome = _outcome(call, far)
    return replace(
        call,
        stage=Stage.ENDED,
        ended_at=at,
        outcome=outcome,
        miss=_miss(call) if outcome is Outcome.MISSED else None,
        dial_status=far.status,
        cause=far.cause,
        tech_cause=far.tech_cause,
        lost_after_transfer=_is_lost(call),
    )


def oldest(linked: Iterable[str], track: Track) -> str:
    """The linked id that the call began with: that of its oldest channel, by when it began or else by the
    second that the id itself names.
    """

    def age(name: str) -> tuple[float, str]:
        channel = track.channels.get(name)
        if channel is not None:
            return channel.began_at.timestamp(), name
        second = SECOND.search(name)
        return (float(second[1]) if second else begin(track).timestamp()), name

    return min(linked, key=age)


def _way(first: Channel, trunks: Sequence[Channel], people: Sequence[Channel]) -> Way:
    if first.kind is Kind.TRUNK:
        return Way.IN
    if first.kind is not Kind.PHONE:
        return Way.UNKNOWN
    if trunks:
        return Way.OUT
    return Way.UNKNOWN if any(one.kind is Kind.OTHER for one in people) else Way.INTERNAL


def _trunk(way: Way, first: Channel, trunks: Sequence[Channel]) -> Channel | None:
    """Of an outbound call the one that answered, else the last: an overflow leaves two."""
    if way is Way.IN:
        return first
    reached = [trunk for trunk in trunks if trunk.status == "ANSWER" or trunk.is_up] or trunks
    return reached[-1] if way is Way.OUT else None


def _client(course: _Course) -> str:
    if course.way is Way.IN:
        return course.first.number
    if course.way is Way.OUT and course.trunk:
        return course.trunk.dialled or course.trunk.asked_for
    exten = course.first.exten
    return exten if course.way is Way.INTERNAL and exten != STARTED else ""


def _did(course: _Course, told: str) -> str:
    own = course.first.exten if course.first.exten != STARTED else ""
    return (told or own) if course.way is Way.IN else ""


def _rings(phones: Sequence[Channel]) -> tuple[Ring, ...]:
    return tuple(
        Ring(phone.who, phone.rung_at, phone.ring_ended_at, _status(phone), phone.cause)
        for phone in sorted((p for p in phones if p.rung_at), key=lambda p: p.rung_at or p.began_at)
        if phone.rung_at
    )


def _status(phone: Channel) -> str:
    """DialStatus, or what it would have been: tables keep the cause alone."""
    if phone.status or not phone.ring_ended_at:
        return phone.status
    return "ANSWER" if phone.is_up else STATUS_OF_CAUSE.get(phone.cause, "CANCEL")


def _talks(track: Track) -> tuple[Talk, ...]:
    over = [(spoken.pair, spoken.began_at, spoken.ended_at) for spoken in track.talks]
    running = [(pair, since, None) for pair, since in track.speaking.items()]
    return tuple(
        Talk(track.channels[pair[0]].who, since, until)
        for pair, since, until in sorted([*over, *running], key=lambda one: (one[1], one[0]))
    )


def _stage(track: Track, rings: Iterable[Ring]) -> Stage:
    if track.speaking:
        return Stage.TALKING
    is_dialling = any(t.rung_at and not t.ring_ended_at for t in track.of_kind(Kind.TRUNK))
    return Stage.RINGING if is_dialling or any(ring.ended_at is None for ring in rings) else Stage.WAITING


def _variables(channels: Iterable[Channel]) -> dict[str, str]:
    """The first channel's word about each counts most."""
    found: dict[str, str] = {}
    for channel in channels:
        found = {**channel.variables, **found}
    return dict(sorted(found.items()))


def _asked_by_us(linked: Iterable[str]) -> str:
    own = sorted(name for name in linked if name.startswith(OWN_ID))
    return own[0].removeprefix(OWN_ID) if own else ""


def _far(call: Call, trunk: Channel | None) -> Far:
    if call.way is Way.OUT and trunk:
        return Far(trunk.status, trunk.cause, trunk.tech_cause)
    last = max(call.rings, key=lambda ring: ring.began_at, default=None)
    own = trunk or None
    return Far(last.status if last else "", own.cause if own else 0, own.tech_cause if own else "")


def _outcome(call: Call, far: Far) -> Outcome | None:
    if call.way is Way.UNKNOWN:
        return None
    if call.way is Way.INTERNAL:
        return Outcome.INTERNAL if len({call.operator, *call.rung}) > 1 else Outcome.UNREACHED
    if call.talks:
        return Outcome.ANSWERED
    return Outcome.MISSED if call.way is Way.IN else _unanswered(far)


def _unanswered(far: Far) -> Outcome:
    """Why the client was not reached; providers that say nothing clear leave it at «no answer»."""
    found = SIP.search(far.tech_cause)
    sip = int(found[0]) if found else 0
    if far.status == "BUSY" or far.cause in BUSY_CAUSES or sip in BUSY_SIP:
        return Outcome.BUSY
    if far.cause in WRONG_CAUSES or sip in WRONG_SIP:
        return Outcome.WRONG_NUMBER
    if far.cause in DOWN_CAUSES and far.status in ("", *FAILED):
        return Outcome.TRUNK_DOWN
    return Outcome.NO_ANSWER


def _miss(call: Call) -> Miss:
    if not call.rings:
        return Miss.NOBODY_RUNG
    if all(ring.status in UNREACHABLE for ring in call.rings):
        return Miss.ALL_BUSY
    return Miss.GAVE_UP if call.hung_up_by == CLIENT else Miss.NOT_ANSWERED


def _is_lost(call: Call) -> bool:
    """They talked, then somebody was rung, and the call ended without another talk."""
    ends = [talk.ended_at for talk in call.talks if talk.ended_at]
    return bool(ends) and any(ring.ended_at and ring.ended_at > max(ends) + AT_ONCE for ring in call.rings)
