"""Replay: a person asks again about an event's subject, which is read anew and decided from fresh facts."""

from __future__ import annotations

import json
from collections.abc import Sequence

from backend.core.errors import InvalidInput
from backend.flows.context import Context
from backend.flows.rules import catalogue
from backend.flows.telephony.after import calls
from backend.store import alarms, events, lanes
from backend.store.inbound import NewEvent
from backend.store.journal import Chosen

# What can be read anew from its source; the CRM's own news come again by themselves.
REPLAYABLE = ("yclients.record", catalogue.KIND, "account.prepare", calls.KIND)


def replay(ctx: Context, event_id: int) -> int | None:
    """Asks again about an event's subject: the booking is read anew from its source and decided from fresh
    facts.
    """
    event, now = events.get(event_id), ctx.now()
    if event is None:
        raise InvalidInput("events.unknown", event_id=event_id)
    if event.kind not in REPLAYABLE:
        raise InvalidInput("events.nothing_to_replay", event_id=event_id)
    lane = lanes.get(event.lane_id)[1]
    body = json.dumps({"replay_of": event_id})
    new_id = events.record(
        now, account_id=event.account_id, branch_id=event.branch_id, lane=lane,
        subject=event.subject, source="replay", kind=event.kind, body=body, settle_seconds=0,
        dedup_key=f"replay:{event_id}:{now.isoformat()}",
    )  # fmt: skip
    alarms.resolve(event.account_id, "inbox.gave_up", scope_kind="event", scope_key=str(event_id))
    ctx.ring(event.lane_id)
    return new_id


def replay_many(ctx: Context, account_id: int, chosen: Sequence[Chosen], name: str) -> int:
    """Asks again about many at once; what was asked under this `name` before is not asked twice. Returns how
    many were news.
    """
    names = {event.lane_id: lanes.get(event.lane_id)[1] for event in chosen}
    new = [
        NewEvent(
            account_id, event.branch_id, names[event.lane_id], event.subject, "replay", event.kind,
            f"{name}:{event.subject}", json.dumps({"replay_of": event.id}),
        )
        for event in chosen
        if event.kind in REPLAYABLE
    ]  # fmt: skip
    stored = events.record_many(ctx.now(), new)
    wanted = {str(event.id) for event in chosen}
    for alarm in alarms.open_alarms(account_id):
        if alarm.code == "inbox.gave_up" and alarm.scope_key in wanted:
            alarms.resolve(account_id, alarm.code, scope_kind=alarm.scope_kind, scope_key=alarm.scope_key)
    for lane_id in names:
        ctx.ring(lane_id)
    return sum(event_id is not None for event_id in stored)
