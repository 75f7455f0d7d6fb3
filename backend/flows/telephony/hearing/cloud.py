"""A cloud PBX tells of its calls: each notice is a row first, then all rows of a call are folded into it, and
the call goes the way of every other (live.store_changes).
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from backend.core.errors import InvalidInput, TryLater
from backend.core.reasons import Reason
from backend.core.telephony.call import Call, Stage
from backend.core.telephony.hearing import cloud
from backend.core.telephony.hearing.cloud import Notice
from backend.core.telephony.rules import TelephonyRules
from backend.flows.context import Context
from backend.flows.rules import configuration
from backend.flows.telephony.desk import dialling
from backend.flows.telephony.exchanges.kind_cloud import SOURCE
from backend.flows.telephony.hearing import live
from backend.flows.telephony.recordings import recordings
from backend.flows.work import Work
from backend.integrations.cloud_pbx import notices
from backend.store import events, lanes
from backend.store.events import Closing, InboundEvent
from backend.store.inbound import NewEvent
from backend.store.telephony import calls, dials, pbxes
from backend.store.telephony.pbxes import Pbx

log = logging.getLogger(__name__)

KIND, LANE = "pbx.notice", "pbx"
MOST = 500  # notices of one call that are looked at
PATIENCE = timedelta(seconds=45)  # for what must be on its way: a lost notice comes again after 1, 5, 30 s
PAUSE = timedelta(seconds=2)
SILENT = "3"  # in the words of the other kind: the operator's phone rang for nobody


# What comes


def receive(ctx: Context, token: str, body: bytes, signature: str) -> int | None:
    """Stores a notice before it is answered; the lane to be worked on, None when there is nothing new.
    InvalidInput for a stranger and for a signature that is not the PBX's.
    """
    pbx = pbxes.by_token(token)
    if pbx is None or pbx.kind != pbxes.CLOUD:
        raise InvalidInput("hook.unknown")
    if not notices.is_signed(body, pbx.secret, signature):
        pbxes.note_state(pbx.id, trouble="cloud_pbx.unsigned", details={})
        raise InvalidInput("cloud_pbx.unsigned")
    if not pbx.is_on:
        return None
    now = ctx.now()
    since = pbxes.state(pbx.id).connected_since or now
    pbxes.note_state(pbx.id, seen_at=now, last_event_at=now, connected_since=since, trouble="", details={})
    stored = events.record_many(now, [_event(pbx, body)])
    return lanes.lane_id(pbx.account_id, LANE) if stored[0] else None


def _event(pbx: Pbx, body: bytes) -> NewEvent:
    """What cannot be read is kept and shown: after a refusal it would only come again."""
    text = body.decode("utf-8", "replace").replace("\x00", "\ufffd")  # no database keeps it
    try:
        told = notices.read(body)
    except InvalidInput as error:
        digest = hashlib.sha256(body).hexdigest()
        return NewEvent(
            pbx.account_id, None, LANE, f"pbx:{pbx.id}:{digest[:16]}", SOURCE, KIND, f"{pbx.id}:{digest}",
            text, status="rejected", error=error.code,
        )  # fmt: skip
    return kept(pbx, told, text)


def kept(pbx: Pbx, told: Notice, text: str) -> NewEvent:
    """A notice as a row, however it came; the same one comes to the same row."""
    subject, key = f"pbx:{pbx.id}:{told.call_id}", f"{pbx.id}:{told.id}"
    return NewEvent(pbx.account_id, None, LANE, subject, SOURCE, KIND, key, text)


# What it means


def told(work: Work) -> None:
    """The flow of notices: everything that was told of a call makes the call."""
    rules = configuration.current(work.account_id).telephony
    for subject in dict.fromkeys(event.subject for event in work.open.values()):
        mine = [event for event in work.open.values() if event.subject == subject]
        try:
            _fold(work, subject, mine, rules)
        except TryLater as error:
            work.dispose(error, [event.id for event in mine])
        else:
            work.close([Closing(event.id, "done", Reason.MIRRORED) for event in mine])


def _fold(work: Work, subject: str, fresh: Sequence[InboundEvent], rules: TelephonyRules) -> None:
    pbx = pbxes.by_id(int(subject.split(":")[1]))
    known = events.of_subject(work.account_id, subject, MOST)
    heard = [notices.read(event.body) for event in known if event.error is None or event.is_open]
    after = cloud.fold(pbx.id, heard)
    if after is None or pbx.is_removed:
        return
    is_young = work.ctx.now() - min(event.received_at for event in fresh) < PATIENCE
    if after.stage is Stage.ENDED and not cloud.is_whole(heard) and is_young:
        raise TryLater("cloud_pbx.incomplete", PAUSE)
    row = calls.by_uniq(work.account_id, after.uniq)
    before = row.call if row is not None else None
    if before is not None and after.is_incomplete and not before.is_incomplete:
        after = _more_sound(before, after)  # its own notices were thrown away long ago
    _store(work, pbx, rules, before, after)


def _more_sound(before: Call, after: Call) -> Call:
    return replace(before, recordings=tuple(dict.fromkeys((*before.recordings, *after.recordings))))


def _store(work: Work, pbx: Pbx, rules: TelephonyRules, before: Call | None, after: Call) -> None:
    changes = cloud.changes(before, after)
    if not changes:
        return
    _follow_click(work.ctx, before, after)
    live.store_changes(work.ctx, pbx, rules, changes)
    if after.stage is not Stage.ENDED:
        return
    if rules.is_on:
        recordings.expect(work.ctx, work.account_id, after, rules)
    if before is not None and before.stage is Stage.ENDED and _differs(before, after):
        _decide_again(work, pbx, after)


def _follow_click(ctx: Context, before: Call | None, after: Call) -> None:
    """What the other kind of PBX answers to an order, this one tells in notices."""
    dial = dials.by_token(after.request_id) if after.request_id else None
    if dial is None or dial.pbx_id != after.pbx_id:
        return
    if after.client and not (before and before.client):
        dialling.answered(ctx, dial.id, is_good=True)
    elif after.stage is Stage.ENDED and not after.client:
        dialling.answered(ctx, dial.id, is_good=False, reason=SILENT)


def _differs(before: Call, after: Call) -> bool:
    """Whether a late notice has changed what was decided on."""
    return (before.talks, before.outcome, before.client) != (after.talks, after.outcome, after.client)


def _decide_again(work: Work, pbx: Pbx, call: Call) -> None:
    body = json.dumps({"uniq": call.uniq})
    key = f"{call.uniq}:ended:{hashlib.sha256(repr(call).encode()).hexdigest()[:16]}"
    again = NewEvent(
        work.account_id, None, live.CALLS_LANE, f"call:{call.uniq}", pbx.kind, live.ENDED_KIND, key, body
    )
    calls.reopen(work.account_id, call.uniq, work.ctx.now())
    events.record_many(work.ctx.now(), [again])
    work.ctx.ring(lanes.lane_id(work.account_id, live.CALLS_LANE))
