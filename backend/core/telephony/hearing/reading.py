"""Events of Asterisk's manager as moments of calls (telephony.md §5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from backend.core.telephony.hearing.clock import EXACT
from backend.core.telephony.hearing.moments import Leg, LiveChannel, Moment, What
from backend.core.telephony.hearing.tracks import RECORDING

NONE = frozenset({"", "<unknown>"})
LONGEST, LONGEST_VALUE, MOST_VARIABLES = 200, 500, 50  # what is longer was written to harm
LONGEST_CALL = 30 * 24 * 3600  # seconds
SECONDS = re.compile(r"[0-9]{9,10}", re.ASCII)
HOLDING = "holding_bridge"  # where parked calls wait: being there together is no conversation

EVENTS: Mapping[str, What] = {
    "Newchannel": What.NEW, "Newstate": What.SEEN, "NewCallerid": What.SEEN, "MixMonitorStart": What.SEEN,
    "NewConnectedLine": What.SEEN, "Hold": What.SEEN, "Unhold": What.SEEN, "LocalBridge": What.SEEN,
    "DialBegin": What.DIAL, "DialState": What.SEEN, "DialEnd": What.DIAL_END, "Pickup": What.PICKUP,
    "BridgeEnter": What.ENTER, "BridgeLeave": What.LEAVE, "HangupRequest": What.ASKED,
    "SoftHangupRequest": What.SEEN, "Hangup": What.GONE, "Cdr": What.SUMMED,
}  # fmt: skip

WANTED = frozenset(name.encode() for name in EVENTS)
"""Names of events that a call follows from: everything else may be dropped unread."""

PREFIXES = {"Pickup": "Target", "LocalBridge": "LocalTwo"}


class FrameLike(Protocol):
    """What integrations/asterisk/protocol.py makes of a packet; names are asked for without case."""

    @property
    def name(self) -> str: ...

    def get(self, name: str, default: str = "") -> str: ...

    def all(self, name: str) -> Sequence[str]: ...


def moment(frame: FrameLike, heard_at: datetime, ahead: timedelta = EXACT) -> Moment | None:
    """`ahead`: by how much the clock of the PBX is known to be wrong."""
    what = EVENTS.get(frame.name)
    if what is None:
        return None
    first = _leg(frame, "LocalOne" if frame.name == "LocalBridge" else "")
    second = _leg(frame, PREFIXES.get(frame.name, "Dest"))
    if first is None and second is None:
        return None
    told = time(frame.get("Timestamp"))
    return Moment(
        what=_particular(frame, what),
        at=told - ahead if told else heard_at,
        heard_at=heard_at,
        leg=first,
        other=second,
        bridge=frame.get("BridgeUniqueid")[:LONGEST],
        dialled=dialled(frame.get("DialString"))[:LONGEST],
        status=frame.get("DialStatus")[:LONGEST],
        cause=_number(frame.get("Cause")),
        tech_cause=frame.get("TechCause")[:LONGEST],
    )


def live_channels(frames: Iterable[FrameLike], now: datetime) -> list[LiveChannel]:
    """The items of an answer to CoreShowChannels; `now` by the PBX's clock."""
    found = []
    for frame in frames:
        leg = _leg(frame, "")
        if frame.name != "CoreShowChannel" or leg is None:
            continue
        called = number_of_dial(frame.get("ApplicationData")) if frame.get("Application") == "Dial" else ""
        began = now - _duration(frame.get("Duration"))
        bridge = "" if frame.get("Application").startswith("Park") else frame.get("BridgeId")[:LONGEST]
        found.append(LiveChannel(leg, began, bridge, frame.get("ChannelStateDesc"), called[:LONGEST]))
    return found


def dialled(text: str) -> str:
    """The number in a dial string: «79990001122@msk», «msk/79990001122», «msk/sip:79990001122@10.0.0.5»; ""
    when it names a phone alone.
    """
    _, is_address, address = text.partition("sip:")
    if is_address:
        return address.partition("@")[0]
    before, at, _ = text.partition("@")
    if at:
        return before.rpartition("/")[2]
    _, slash, rest = text.partition("/")
    return rest.partition("/")[0] if slash else ""


def number_of_dial(arguments: str) -> str:
    """The number that Dial's arguments lead out with: «PJSIP/79990001122@msk,60,tT»; the first that there
    is.
    """
    targets = arguments.partition(",")[0].split("&")
    return next((number for target in targets if (number := dialled(target.partition("/")[2]))), "")


def _particular(frame: FrameLike, what: What) -> What:
    if frame.name == "Newstate":
        return {"Ringing": What.RINGING, "Up": What.UP}.get(frame.get("ChannelStateDesc"), What.SEEN)
    if frame.name == "DialState":
        return What.DIAL_RINGING if frame.get("DialStatus") == "RINGING" else What.SEEN
    if frame.name in ("BridgeEnter", "BridgeLeave") and frame.get("BridgeTechnology") == HOLDING:
        return What.SEEN
    return what


def _leg(frame: FrameLike, prefix: str) -> Leg | None:
    uid, name = frame.get(f"{prefix}Uniqueid"), frame.get(f"{prefix}Channel")
    if uid in NONE or name in NONE:
        return None
    recording = frame.get("RecordingFile")[:LONGEST_VALUE]  # of a Cdr, where its mappings name it
    named = {RECORDING: recording} if recording else {}
    return Leg(
        uid=uid[:LONGEST],
        name=name[:LONGEST],
        linked=_known(frame.get(f"{prefix}Linkedid")),
        number=_known(frame.get(f"{prefix}CallerIDNum")),
        exten=_known(frame.get(f"{prefix}Exten")),
        variables=_variables(frame.all(f"{prefix}ChanVariable")) | named,
    )


def _variables(lines: Sequence[str]) -> dict[str, str]:
    pairs = (line.partition("=") for line in lines[:MOST_VARIABLES])
    return {name[:LONGEST]: value[:LONGEST_VALUE] for name, _, value in pairs if value}


def _known(text: str) -> str:
    return "" if text in NONE else text[:LONGEST]


def time(text: str) -> datetime | None:
    """«1700000000.123456»; none without timestampevents = yes, nor for what is no time of our days."""
    seconds, _, micros = text.partition(".")
    if not SECONDS.fullmatch(seconds):
        return None
    whole = datetime.fromtimestamp(int(seconds), UTC)
    return whole + timedelta(microseconds=int(micros.ljust(6, "0")[:6]) if micros.isdecimal() else 0)


def _duration(text: str) -> timedelta:
    """«01:02:03»; older versions tell seconds."""
    total = 0
    for part in text.split(":")[:3]:
        total = total * 60 + _number(part)
    return timedelta(seconds=min(total, LONGEST_CALL))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else 0
