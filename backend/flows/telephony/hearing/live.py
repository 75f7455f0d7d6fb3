"""A PBX's calls while they go on: what its events change is stored in one transaction, then shown.

Whoever keeps the connection gives frames to `take` and calls `store` after each piece it has read, and every
second besides: a call is ended a moment after its last channel.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from redis.exceptions import RedisError

from backend.core.errors import AppError, TryLater
from backend.core.telephony import numbers
from backend.core.telephony.call import Call, Stage, Way
from backend.core.telephony.hearing import fold, looking, merging, reading, resync
from backend.core.telephony.hearing.channels import FoldRules
from backend.core.telephony.hearing.fold import Change, Fold
from backend.core.telephony.hearing.reading import FrameLike
from backend.core.telephony.hearing.resync import Listing
from backend.core.telephony.rules import TelephonyRules
from backend.flows.context import Context
from backend.flows.rules import configuration
from backend.flows.telephony.desk import cards
from backend.store import db, events, lanes
from backend.store.inbound import NewEvent
from backend.store.telephony import calls
from backend.store.telephony.calls import Seen
from backend.store.telephony.pbxes import Pbx

log = logging.getLogger(__name__)

CALLS_LANE, RINGING_LANE = "calls", "ringing"
TABLES_LANE = "call_tables"  # worked by table_rounds: what a break hid
ENDED_KIND, RINGING_KIND = "call.ended", "call.ringing"
NOW = timedelta(0)
MOST_KNOWN = 20_000  # ids of channels at once; a PBX that begins calls without end begins anew itself


class Live:
    """The state of one PBX's calls in one process. Nothing of it is lost with the process: open rows are
    there, and what the PBX lists after a new login is put together with them.
    """

    def __init__(self, ctx: Context, pbx: Pbx) -> None:
        self._ctx = ctx
        self._pbx = pbx
        self._rules = TelephonyRules()
        self._version = -1
        self._state = Fold(pbx.id)
        self._changes: list[Change] = []
        self._before: dict[str, tuple[Call, datetime]] = {}
        self._ahead = NOW
        self._look = looking.NOTHING
        self.clock_ahead = NOW
        """What its times are put right by."""
        self.refresh()

    @property
    def wanted(self) -> frozenset[bytes]:
        """Names of the events that matter."""
        return reading.WANTED

    @property
    def open_calls(self) -> int:
        return len(self._state.calls)

    def refresh(self) -> None:
        """The rules as they are now; asked for before each store, and cheap while they stay."""
        version = configuration.number(self._pbx.account_id)
        if version != self._version:
            self._rules = configuration.current(self._pbx.account_id).telephony
            self._state = replace(self._state, rules=FoldRules.of(self._rules, self._pbx.code))
            self._version = version

    def take(self, frames: Iterable[FrameLike], at: datetime) -> int:
        """Fold events as they were heard at `at`; returns how many changes wait to be stored."""
        for frame in frames:
            moment = reading.moment(frame, at, self.clock_ahead)
            if moment is None:
                continue
            self._ahead = moment.at - at
            self._state, changes = fold.advance(self._state, moment)
            self._changes += changes
        if len(self._state.of) > MOST_KNOWN:
            raise TryLater("pbx.overwhelmed")
        return len(self._changes)

    def resync(self, frames: Iterable[FrameLike], *, since: datetime, at: datetime) -> None:
        """The answer to CoreShowChannels, complete at `at`; events have been taken again since `since`. Both
        by our clock.
        """
        now = at + self._ahead
        listing = Listing(tuple(reading.live_channels(frames, now)), now, at, since + self._ahead)
        known = self._uniqs()
        for row in calls.open_calls(self._pbx.id):
            if row.uniq not in known and row.stage != Stage.ENDED:
                self._before.setdefault(row.uniq, (row.call, now))
        self._state, changes = resync.resync(self._state, listing)
        self._changes += changes
        self._look = looking.NOTHING
        self._let_go(now)

    def about_to_look(self) -> None:
        """CoreShowChannels is asked for once more, while all goes well; the answer comes to `compare`."""
        self._look = looking.begun(self._state, self._look)

    def compare(self, frames: Iterable[FrameLike], at: datetime) -> None:
        """What the PBX has, against what was heard: channels that two lists in a row lack are gone."""
        listed = {frame.get("Uniqueid") for frame in frames}
        self._state, changes, self._look = looking.taken(
            self._state, self._look, listed, at + self._ahead, at
        )
        self._changes += changes

    def store(self, at: datetime) -> int:
        """Write what has changed, tell who waits for it, show it; returns how many calls that were. What
        could not be written is written the next time.
        """
        self._state, ended = fold.settled(self._state, at)
        self._changes += ended
        if not self._changes:
            return 0
        self.refresh()
        changes = [self._whole(change) for change in self._changes]
        stored = store_changes(self._ctx, self._pbx, self._rules, changes)
        self._changes.clear()
        over = {u for one in changes if one.kind == fold.ENDED for u in calls.uniqs_of(one.call)}
        self._before = {uniq: known for uniq, known in self._before.items() if uniq not in over}
        return stored

    def _whole(self, change: Change) -> Change:
        """With what an earlier process knew of the call."""
        known = next((self._before[u] for u in calls.uniqs_of(change.call) if u in self._before), None)
        if known is None or not change.call.is_incomplete:
            return change
        return replace(change, call=merging.continued(known[0], change.call, known[1]))

    def _uniqs(self) -> set[str]:
        return {uniq for call in self._state.open_calls() for uniq in calls.uniqs_of(call)}

    def _let_go(self, now: datetime) -> None:
        """Open rows of calls that are not there any more: somebody hung up while nobody listened."""
        live = self._uniqs()
        gone = [known for uniq, (known, _) in self._before.items() if uniq not in live]
        self._changes += [Change(fold.ENDED, merging.closed(call, now)) for call in gone]
        self._before = {uniq: known for uniq, known in self._before.items() if uniq in live}


def store_changes(ctx: Context, pbx: Pbx, rules: TelephonyRules, changes: Sequence[Change]) -> int:
    """Rows and events in one transaction, then the doorbell and the cards. Every kind of PBX comes here."""
    now = ctx.now()
    latest = {change.call.uniq: change for change in changes}
    waits = bool(pbx.options.get("tables"))
    ended = [
        change.call
        for change in latest.values()
        if change.kind == fold.ENDED and not (waits and change.call.is_incomplete)
    ]
    news = [ended_event(pbx, call) for call in ended] + _rung(pbx, rules, changes)
    for name in {event.lane for event in news}:
        lanes.lane_id(pbx.account_id, name)
    with db.atomic():
        calls.save_many(
            pbx.account_id,
            [seen(change.call, rules, pbx.code) for change in latest.values()],
            now,
            awaited=frozenset(latest) - {call.uniq for call in ended},
        )
        events.record_many(now, news)
    awaits_tables = {TABLES_LANE for c in latest.values() if c.kind == fold.ENDED and c.call not in ended}
    _show(ctx, pbx, rules, changes, {event.lane for event in news} | awaits_tables)
    return len(latest)


def seen(call: Call, rules: TelephonyRules, pbx_code: str) -> Seen:
    """A call with what the rules say of its parties."""
    phone = call.last_talker or (call.operator if call.way is not Way.IN else "") or next(iter(call.rung), "")
    line = rules.line(call.trunk, call.did, pbx_code)
    return Seen(
        call,
        client_key=numbers.client(call.client) if call.way is not Way.INTERNAL else "",
        user_id=rules.user(phone, pbx_code),
        line=line.title if line else "",
    )


def ended_event(pbx: Pbx, call: Call, mark: str = "") -> NewEvent:
    """A call ends once; with a `mark` it is looked at once more for the reason that the mark names."""
    body = json.dumps({"uniq": call.uniq})
    key = f"{call.uniq}:ended:{mark}" if mark else f"{call.uniq}:ended"
    return NewEvent(pbx.account_id, None, CALLS_LANE, f"call:{call.uniq}", pbx.kind, ENDED_KIND, key, body)


def _rung(pbx: Pbx, rules: TelephonyRules, changes: Sequence[Change]) -> list[NewEvent]:
    """Phones that ring for a client, each once a call: amoCRM's own notice is made of these."""
    found: dict[str, NewEvent] = {}
    for change in changes:
        call = change.call
        if change.kind != fold.RINGING or call.way is not Way.IN or not (rules.is_on and rules.notice):
            continue
        body = json.dumps({"uniq": call.uniq, "phone": change.phone, "number": numbers.client(call.client)})
        key = f"{call.uniq}:ringing:{change.phone}"
        found[key] = NewEvent(
            pbx.account_id, None, RINGING_LANE, f"call:{call.uniq}", pbx.kind, RINGING_KIND, key, body
        )
    return list(found.values())


def _show(
    ctx: Context, pbx: Pbx, rules: TelephonyRules, changes: Sequence[Change], rung_lanes: Iterable[str]
) -> None:
    """A card that cannot be shown is no reason to lose a call: it is stored already."""
    try:
        for change in changes:
            cards.publish(ctx, pbx.account_id, change, rules, pbx=pbx.code)
        for name in rung_lanes:
            ctx.ring(lanes.lane_id(pbx.account_id, name))
    except (AppError, RedisError) as error:
        log.warning("cards not shown pbx=%s error=%s", pbx.id, error)
