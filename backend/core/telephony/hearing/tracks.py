"""A call while it goes on: its channels and who hears whom; one moment after another, none twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from backend.core.telephony import recordings
from backend.core.telephony.hearing.channels import (
    Channel,
    FoldRules,
    Kind,
    kind_of,
    number_in,
    pair_of,
    parts,
)
from backend.core.telephony.hearing.moments import Leg, Moment, What

CLIENT = "client"  # who hung up, when it was none of us
NEVER = datetime.min.replace(tzinfo=UTC)
RECORDING = "CALLFILENAME"
MOST_CHANNELS, MOST_MOMENTS = 500, 2_000
Pair = tuple[str, str]  # uids of a phone's channel and a trunk's


@dataclass(frozen=True, slots=True)
class Spoken:
    """These two heard each other from `began_at` to `ended_at`."""

    pair: Pair
    began_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Track:
    """`channels` in the order in which they appeared. `asked`: who first wanted to hang up, CLIENT or a
    phone, counted anew with each talk. `is_incomplete`: something of it was not heard.
    """

    channels: Mapping[str, Channel] = field(default_factory=dict)
    talks: tuple[Spoken, ...] = ()
    speaking: Mapping[Pair, datetime] = field(default_factory=dict)
    asked: str = ""
    is_incomplete: bool = False
    heard_at: datetime = NEVER

    @property
    def is_over(self) -> bool:
        return all(channel.ended_at for channel in self.channels.values())

    def of_kind(self, kind: Kind) -> list[Channel]:
        return [channel for channel in self.channels.values() if channel.kind is kind]


def told(track: Track, moment: Moment, rules: FoldRules) -> Track:
    """The call after a moment of it; the same one when this was heard before, or when there is no end to it:
    no call has so many channels, no channel so many moments.
    """
    if _is_endless(track, moment):
        return track
    channels = dict(track.channels)
    unheard_of = [leg.uid for leg in moment.legs if leg.uid not in channels]
    for leg in moment.legs:
        channels[leg.uid] = _touched(channels.get(leg.uid), leg, moment, rules)
    is_cut = bool(unheard_of) and moment.what is not What.NEW
    track = replace(
        track, channels=channels, heard_at=moment.heard_at, is_incomplete=track.is_incomplete or is_cut
    )
    subject = moment.subject
    if subject is None:
        return track
    key = (moment.what, moment.at, moment.bridge, moment.status, moment.other and moment.other.uid)
    channel = channels[subject.uid]
    if key in channel.told:
        return track
    channel = replace(channel, told=channel.told | {key})
    return _happened(track, channel, moment)


def _is_endless(track: Track, moment: Moment) -> bool:
    known = [track.channels.get(leg.uid) for leg in moment.legs]
    is_end = moment.what is What.GONE
    is_long = any(
        len(channel.told) >= MOST_MOMENTS and not (is_end and channel.ended_at is None)
        for channel in known
        if channel
    )
    return is_long or (None in known and len(track.channels) >= MOST_CHANNELS)


def joined(tracks: Iterable[Track]) -> Track:
    """Calls that turned out to be one, the older first."""
    several = sorted(tracks, key=begin)
    first = several[0]
    for track in several[1:]:
        first = replace(
            first,
            channels={**first.channels, **track.channels},
            talks=first.talks + track.talks,
            speaking={**first.speaking, **track.speaking},
            asked=first.asked or track.asked,
            is_incomplete=first.is_incomplete or track.is_incomplete,
        )
    return first


def begin(track: Track) -> datetime:
    return min(channel.began_at for channel in track.channels.values())


def listening(track: Track, at: datetime) -> Track:
    """Talks as the bridges are now: what has begun and what has ended since the last look."""
    together = _together(track.channels.values())
    if together == set(track.speaking):
        return track
    ended = tuple(Spoken(pair, since, at) for pair, since in track.speaking.items() if pair not in together)
    begun = {pair: at for pair in sorted(together) if pair not in track.speaking}
    kept = {pair: since for pair, since in track.speaking.items() if pair in together}
    asked = "" if begun else track.asked
    return replace(track, talks=track.talks + ended, speaking={**kept, **begun}, asked=asked)


def _touched(channel: Channel | None, leg: Leg, moment: Moment, rules: FoldRules) -> Channel:
    if channel is None:
        channel = Channel(
            uid=leg.uid, name=leg.name, kind=kind_of(leg.name, rules), who=parts(leg.name)[1],
            began_at=moment.at, number=leg.number, exten=leg.exten, linked=frozenset({leg.linked or leg.uid}),
        )  # fmt: skip
    recording = leg.variables.get(RECORDING, "")
    is_same = leg.linked in ("", *channel.linked) and channel.name == leg.name
    if is_same and leg.variables.items() <= channel.variables.items():
        return channel
    known = not recording or recordings.stem(recording) in map(recordings.stem, channel.recordings)
    return replace(
        channel,
        name=leg.name,
        linked=channel.linked | ({leg.linked} if leg.linked else set()),
        variables={**channel.variables, **leg.variables},
        recordings=channel.recordings if known else (*channel.recordings, recording),
    )


def _happened(track: Track, channel: Channel, moment: Moment) -> Track:
    change = CHANGES.get(moment.what)
    channel = change(channel, moment) if change else channel
    track = replace(track, channels={**track.channels, channel.uid: channel})
    if moment.what is What.ASKED and not track.asked and not _is_only_rung(channel):
        track = replace(track, asked=CLIENT if channel.kind is Kind.TRUNK else channel.who)
    return listening(track, moment.at) if moment.what in LISTENED else track


def _is_only_rung(channel: Channel) -> bool:
    """A phone that was called and never taken up: that it refuses ends nothing but its own ringing."""
    return channel.kind is Kind.PHONE and channel.rung_at is not None and not channel.is_up


def _dialled(channel: Channel, moment: Moment) -> Channel:
    caller = moment.leg.exten if moment.leg else ""
    number = moment.dialled or number_in(channel.name)
    return replace(
        channel, rung_at=channel.rung_at or moment.at, dialled=number or channel.dialled,
        asked_for=caller or channel.asked_for,
    )  # fmt: skip


def _ringing(channel: Channel, moment: Moment) -> Channel:
    return replace(channel, is_ringing=True, rung_at=channel.rung_at or moment.at)


def _up(channel: Channel, _: Moment) -> Channel:
    return replace(channel, is_up=True)


def _dial_ended(channel: Channel, moment: Moment) -> Channel:
    """Queues say it twice for one channel; that it was answered wins."""
    if channel.status == "ANSWER":
        return channel
    return replace(
        channel, status=moment.status, ring_ended_at=moment.at,
        is_up=channel.is_up or moment.status == "ANSWER",
    )  # fmt: skip


def _entered(channel: Channel, moment: Moment) -> Channel:
    return replace(channel, bridge=moment.bridge, is_up=True)


def _left(channel: Channel, moment: Moment) -> Channel:
    return replace(channel, bridge="") if channel.bridge == moment.bridge else channel


def _gone(channel: Channel, moment: Moment) -> Channel:
    if channel.ended_at:
        return channel
    return replace(
        channel, bridge="", ended_at=moment.at, cause=moment.cause, tech_cause=moment.tech_cause,
        ring_ended_at=channel.ring_ended_at or (moment.at if channel.rung_at else None),
    )  # fmt: skip


CHANGES: Mapping[What, Callable[[Channel, Moment], Channel]] = {
    What.RINGING: _ringing, What.DIAL_RINGING: _ringing, What.UP: _up, What.DIAL: _dialled,
    What.DIAL_END: _dial_ended, What.ENTER: _entered, What.LEAVE: _left, What.GONE: _gone,
}  # fmt: skip
LISTENED = frozenset({What.ENTER, What.LEAVE, What.GONE})


def _together(channels: Iterable[Channel]) -> set[Pair]:
    """Phones and trunks in one bridge; bridges that the halves of a Local channel join count as one."""
    bridges: dict[str, list[Channel]] = {}
    for channel in channels:
        if channel.bridge and not channel.ended_at:
            bridges.setdefault(channel.bridge, []).append(channel)
    return {
        (phone.uid, trunk.uid)
        for members in _connected(bridges)
        for phone in members
        if phone.kind is Kind.PHONE
        for trunk in members
        if trunk.kind is Kind.TRUNK
    }


def _connected(bridges: Mapping[str, list[Channel]]) -> list[list[Channel]]:
    groups = {bridge: {bridge} for bridge in bridges}
    halves: dict[str, str] = {}
    for bridge, members in bridges.items():
        for half in (channel for channel in members if channel.kind is Kind.LOCAL):
            other = halves.setdefault(pair_of(half.name), bridge)
            whole = groups[bridge] | groups[other]
            groups.update(dict.fromkeys(whole, whole))
    unique = {min(group): group for group in groups.values()}
    return [[channel for bridge in sorted(group) for channel in bridges[bridge]] for group in unique.values()]
