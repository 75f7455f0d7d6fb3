"""After a break: what a PBX says is there now, against what we believe. Said in moments, as if they had been
heard, so that one set of rules holds for both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from backend.core.telephony.hearing import tracks
from backend.core.telephony.hearing.channels import Channel, Kind, kind_of
from backend.core.telephony.hearing.fold import Change, Fold, Known, advance
from backend.core.telephony.hearing.moments import Leg, LiveChannel, Moment, What


@dataclass(frozen=True, slots=True)
class Listing:
    """The PBX's answer, complete at `at`; events are taken again from `since` on. Both by the PBX's clock."""

    live: tuple[LiveChannel, ...]
    at: datetime
    heard_at: datetime
    since: datetime


def resync(state: Fold, listing: Listing) -> tuple[Fold, tuple[Change, ...]]:
    """What was heard since the connection is newer than the answer and stays. Calls from before it are
    incomplete: nobody knows what was missed of them.
    """
    known = {c.uid: c for call in state.calls.values() for c in call.track.channels.values()}
    state = _incomplete(state, listing.since)
    changes: list[Change] = []
    for moment in (*_lost(known, listing), *_found(state, known, listing)):
        state, told = advance(state, moment)
        changes += told
    state = _incomplete(state, listing.since, {one.leg.uid for one in listing.live} - known.keys())
    return state, tuple(_as_known(state, change) for change in changes)


def unsure(state: Fold, uids: Collection[str]) -> Fold:
    """Calls with these channels were not heard whole."""
    if not uids:
        return state
    calls = {
        key: _unsure(known) if any(uid in uids for uid in known.track.channels) else known
        for key, known in state.calls.items()
    }
    return replace(state, calls=calls)


def _incomplete(state: Fold, since: datetime, met: Collection[str] = ()) -> Fold:
    """Calls from before, and those with channels that nobody told the beginning of (`met`): how long one is
    there is known to the second, so its beginning says too little.
    """
    calls = {
        key: _unsure(known)
        if tracks.begin(known.track) < since or any(uid in met for uid in known.track.channels)
        else known
        for key, known in state.calls.items()
    }
    return replace(state, calls=calls)


def _unsure(known: Known) -> Known:
    call = known.call and replace(known.call, is_incomplete=True)
    return replace(known, track=replace(known.track, is_incomplete=True), call=call)


def _as_known(state: Fold, change: Change) -> Change:
    """With the call marked as the state has it by now."""
    known = next(state.calls[state.of[one]] for one in change.call.linked if one in state.of)
    return replace(change, call=replace(change.call, is_incomplete=known.track.is_incomplete))


def _lost(known: Mapping[str, Channel], listing: Listing) -> Iterator[Moment]:
    """Channels that we believed in and that are gone."""
    listed = {one.leg.uid for one in listing.live}
    for channel in known.values():
        if not channel.ended_at and channel.uid not in listed and channel.began_at < listing.since:
            yield Moment(What.GONE, listing.at, listing.heard_at, Leg(channel.uid, channel.name))


def _found(state: Fold, known: Mapping[str, Channel], listing: Listing) -> Iterator[Moment]:
    """Channels that are there: who they are, whom they were called by, whom they hear."""
    asked: dict[str, str] = {}
    for one in sorted(listing.live, key=_age):
        asked[one.leg.linked] = asked.get(one.leg.linked) or one.dialled
        channel = known.get(one.leg.uid)
        if channel is None:
            yield from _introduced(state, one, asked[one.leg.linked], listing)
        elif not channel.ended_at and not _is_fresh(channel, listing.since):
            yield Moment(What.SEEN, listing.at, listing.heard_at, one.leg)
            yield from _standing(one, channel, listing)


def _age(one: LiveChannel) -> tuple[bool, datetime, str]:
    """Channels that a call began with first: ages in whole seconds would often mistake the order."""
    return one.leg.uid != one.leg.linked, one.began_at, one.leg.uid


def _introduced(state: Fold, one: LiveChannel, number: str, listing: Listing) -> Iterator[Moment]:
    """A channel nobody told of. It has been called when it is not the one its call began with."""
    yield Moment(What.NEW, one.began_at, listing.heard_at, one.leg)
    is_called = one.leg.uid != one.leg.linked and kind_of(one.leg.name, state.rules) is Kind.TRUNK
    if is_called:
        yield Moment(What.DIAL, one.began_at, listing.heard_at, other=one.leg, dialled=number)
    yield from _standing(one, None, listing)


def _standing(one: LiveChannel, before: Channel | None, listing: Listing) -> Iterator[Moment]:
    """How far the channel is, as the moments that brought it there."""
    at, heard_at = listing.at, listing.heard_at
    if one.state == "Ringing" and not (before and before.is_ringing):
        yield Moment(What.RINGING, at, heard_at, one.leg)
    if one.state == "Up" and not (before and before.is_up):
        yield Moment(What.UP, at, heard_at, one.leg)
    if before and before.bridge and before.bridge != one.bridge:
        yield Moment(What.LEAVE, at, heard_at, one.leg, bridge=before.bridge)
    if one.bridge and not (before and before.bridge == one.bridge):
        yield Moment(What.ENTER, at, heard_at, one.leg, bridge=one.bridge)


def _is_fresh(channel: Channel, since: datetime) -> bool:
    """Whether an event told of it after the break already."""
    return any(isinstance(key[1], datetime) and key[1] >= since for key in channel.told)
