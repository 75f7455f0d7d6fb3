"""Events of a PBX, one by one, become calls and what has changed about them. Pure: the state is a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from backend.core.telephony.call import Call, Way
from backend.core.telephony.hearing import results, tracks
from backend.core.telephony.hearing.channels import FoldRules, Kind
from backend.core.telephony.hearing.moments import Moment, What
from backend.core.telephony.hearing.tracks import Track

GRACE = timedelta(seconds=1)  # after the last channel is gone: what is still on its way
REMEMBERED = timedelta(minutes=1)  # how long a channel that is gone is known as one
TOLD = ("uniq", "way", "stage", "trunk", "client", "operator", "request_id", "linked")
RINGING, TALKING, CHANGED, GONE, ENDED = "ringing", "talking", "changed", "gone", "ended"


@dataclass(frozen=True, slots=True)
class Change:
    """`ringing` and `talking`: this phone does now; of an outbound call the phone is its operator's. `gone`:
    this phone has nothing to do with the call any more, which goes on. `changed`: anything else worth
    keeping; `ended`: nothing of the call is left.
    """

    kind: str
    call: Call
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """A call in the state: its track, its facts as last told, and the phones that were told of."""

    track: Track
    call: Call | None = None
    ringing: frozenset[str] = frozenset()
    talking: frozenset[str] = frozenset()
    shown: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Fold:
    """`calls` by the first id they were met by; `of` leads there from the ids of channels and linked ids.
    `over` are the ids of what has ended, so that a late echo begins no call.
    """

    pbx_id: int
    rules: FoldRules = field(default_factory=FoldRules)
    calls: Mapping[str, Known] = field(default_factory=dict)
    of: Mapping[str, str] = field(default_factory=dict)
    over: Mapping[str, datetime] = field(default_factory=dict)

    def open_calls(self) -> tuple[Call, ...]:
        return tuple(known.call for known in self.calls.values() if known.call)


def advance(state: Fold, moment: Moment) -> tuple[Fold, tuple[Change, ...]]:
    """The state after one more moment, and what it changed."""
    ids = list(dict.fromkeys(one for leg in moment.legs for one in (leg.uid, leg.linked) if one))
    if not ids or any(one in state.over for one in ids) or _is_of_nobody(state, moment):
        return state, ()
    state, key = _place(state, ids, moment.bridge if moment.what is What.ENTER else "")
    known = state.calls[key]
    known = replace(known, track=tracks.told(known.track, moment, state.rules))
    changes: tuple[Change, ...] = ()
    if moment.what not in (What.SEEN, What.SUMMED):
        known, changes = look(known, state.pbx_id)
    return replace(state, calls={**state.calls, key: known}), changes


def settled(state: Fold, now: datetime) -> tuple[Fold, tuple[Change, ...]]:
    """Calls whose last channel has gone a moment ago are ended, each once. `now` by our own clock."""
    ripe = {
        key: known
        for key, known in state.calls.items()
        if known.track.is_over and known.track.heard_at + GRACE <= now
    }
    if not ripe:
        return state, ()
    ended = (
        Change(ENDED, results.facts(known.track, state.pbx_id))
        for known in ripe.values()
        if _has_people(known.track)
    )
    return _without(state, ripe, now), tuple(ended)


def look(known: Known, pbx_id: int) -> tuple[Known, tuple[Change, ...]]:
    """What is to be told about a call as it is now, against what was told of it last."""
    if not _has_people(known.track):
        return known, ()
    call = results.facts(known.track, pbx_id)
    ringing, talking = _ringing(call, known.track), frozenset(t.phone for t in call.talks if not t.ended_at)
    live = {channel.who for channel in known.track.channels.values() if not channel.ended_at}
    gone = frozenset() if known.track.is_over else known.shown - live
    changes = [Change(RINGING, call, phone) for phone in sorted(ringing - known.ringing)]
    changes += [Change(TALKING, call, phone) for phone in sorted(talking - known.talking)]
    changes += [Change(GONE, call, phone) for phone in sorted(gone)]
    if not changes and _differs(known.call, call):
        changes = [Change(CHANGED, call)]
    shown = (known.shown | ringing | talking) - gone
    return Known(known.track, call, ringing, talking, shown), tuple(changes)


def _has_people(track: Track) -> bool:
    """Not of such channels alone that conferences and messages are made of."""
    return any(one.kind not in (Kind.LOCAL, Kind.SERVICE) for one in track.channels.values())


def _ringing(call: Call, track: Track) -> frozenset[str]:
    """Phones that ring now; of a call to the outside its operator, while the client is being called."""
    phones = {
        phone.who
        for phone in track.of_kind(Kind.PHONE)
        if phone.is_ringing and not phone.is_up and not phone.ring_ended_at
    }
    called = [t for t in track.of_kind(Kind.TRUNK) if t.rung_at and not t.ring_ended_at and not t.is_up]
    return frozenset(phones | ({call.operator} if call.way is Way.OUT and called else set()))


def _differs(before: Call | None, now: Call) -> bool:
    """Whether a row of it would say something else; what comes with its end is kept with the end."""
    if before is None:
        return True
    is_left = len(before.talks) != len(now.talks)
    return is_left or any(getattr(before, name) != getattr(now, name) for name in TOLD)


def _without(state: Fold, gone: Mapping[str, Known], now: datetime) -> Fold:
    """These calls are over; their ids are remembered for a while."""
    left = {one: key for one, key in state.of.items() if key not in gone}
    over = {one: at for one, at in state.over.items() if at + REMEMBERED > now}
    return replace(
        state,
        calls={key: known for key, known in state.calls.items() if key not in gone},
        of=left,
        over={**over, **dict.fromkeys(state.of.keys() - left.keys(), now)},
    )


def _is_of_nobody(state: Fold, moment: Moment) -> bool:
    """The summary of a channel that we never heard of: it is gone already, and must not begin a call."""
    if moment.what is not What.SUMMED or moment.leg is None:
        return False
    known = state.calls.get(state.of.get(moment.leg.uid, ""))
    return known is None or moment.leg.uid not in known.track.channels


def _place(state: Fold, ids: Sequence[str], bridge: str) -> tuple[Fold, str]:
    """Where these ids belong: a call that is there, a new one, or several that turn out to be one."""
    found = [state.of[one] for one in ids if one in state.of]
    found += [key for key, known in state.calls.items() if bridge and _is_in(known.track, bridge)]
    keys = list(dict.fromkeys(found)) or [ids[0]]
    key = keys[0]
    if len(keys) > 1:
        state, key = _joined(state, keys)
    elif key not in state.calls:
        state = replace(state, calls={**state.calls, key: Known(Track())})
    new = {one: key for one in ids if state.of.get(one) != key}
    return (replace(state, of={**state.of, **new}) if new else state), key


def _is_in(track: Track, bridge: str) -> bool:
    return any(channel.bridge == bridge for channel in track.channels.values())


def _joined(state: Fold, keys: Iterable[str]) -> tuple[Fold, str]:
    several = sorted(keys, key=lambda key: tracks.begin(state.calls[key].track))
    parts = [state.calls[key] for key in several]
    first, rest = several[0], set(several[1:])
    known = Known(
        track=tracks.joined(part.track for part in parts),
        call=parts[0].call,
        ringing=_all(part.ringing for part in parts),
        talking=_all(part.talking for part in parts),
        shown=_all(part.shown for part in parts),
    )
    calls = {key: one for key, one in state.calls.items() if key not in rest}
    of = {one: first if key in rest else key for one, key in state.of.items()}
    return replace(state, calls={**calls, first: known}, of=of), first


def _all(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*sets)
