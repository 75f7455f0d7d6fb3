"""Calls that amoCRM refused for want of anybody with the number: the client may have been entered by now."""

from __future__ import annotations

import json
from datetime import timedelta

from backend.flows.context import Context
from backend.flows.telephony.hearing import live
from backend.store import events, lanes
from backend.store.inbound import NewEvent
from backend.store.telephony import call_lists

SOURCE = "known_since"  # of the event by which such a call is asked about anew
KEPT = timedelta(days=30)


def look(ctx: Context) -> int:
    """Orders the calls whose client the CRM has by now, each once for each contact; returns how many."""
    now = ctx.now()
    found = call_lists.refused_but_known(now - KEPT, SOURCE)
    news = [
        NewEvent(
            account_id, None, live.CALLS_LANE, f"call:{uniq}", SOURCE, live.ENDED_KIND,
            f"{uniq}:{contact_id}", json.dumps({"uniq": uniq}),
        )
        for account_id, uniq, contact_id in found
    ]  # fmt: skip
    stored = [event for event, row in zip(news, events.record_many(now, news), strict=True) if row]
    for account_id in {event.account_id for event in stored}:
        ctx.ring(lanes.lane_id(account_id, live.CALLS_LANE))
    return len(stored)
