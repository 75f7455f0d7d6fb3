"""A look at what a PBX has now and then, while the connection stands: a hangup that got lost leaves a channel
that nobody speaks of any more. One list may be mistaken by a moment, so two in a row must lack it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from backend.core.telephony.hearing import resync
from backend.core.telephony.hearing.channels import Channel
from backend.core.telephony.hearing.fold import Change, Fold, advance
from backend.core.telephony.hearing.moments import Leg, Moment, What


@dataclass(frozen=True, slots=True)
class Look:
    """`asked`: the channels that we believed in when the list was asked for; what began later may be missing
    from it. `missing`: those that the last list lacked, and since when, by the PBX's clock.
    """

    asked: frozenset[str] = frozenset()
    missing: Mapping[str, datetime] = field(default_factory=dict)


NOTHING = Look()


def begun(state: Fold, look: Look) -> Look:
    """The list is asked for now."""
    return replace(look, asked=frozenset(channel.uid for channel in _live(state)))


def taken(
    state: Fold, look: Look, listed: Collection[str], at: datetime, heard_at: datetime
) -> tuple[Fold, tuple[Change, ...], Look]:
    """The list has come, complete at `at`. Channels that it lacks again, and of which nothing was heard in
    between, were gone by the first time; their calls were not heard whole.
    """
    lacking = [one for one in _live(state) if one.uid in look.asked and one.uid not in listed]
    gone = [one for one in lacking if one.uid in look.missing and _last(one) <= look.missing[one.uid]]
    state = resync.unsure(state, {one.uid for one in gone})
    changes: list[Change] = []
    for one in gone:
        leg = Leg(one.uid, one.name)
        state, told = advance(state, Moment(What.GONE, look.missing[one.uid], heard_at, leg))
        changes += told
    left = {one.uid: at for one in lacking if one not in gone}
    return state, tuple(changes), Look(missing=left)


def _live(state: Fold) -> Iterator[Channel]:
    return (
        one for known in state.calls.values() for one in known.track.channels.values() if not one.ended_at
    )


def _last(channel: Channel) -> datetime:
    """When something was heard of it."""
    return max([channel.began_at, *(key[1] for key in channel.told if isinstance(key[1], datetime))])
