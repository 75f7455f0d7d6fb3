"""Leads that the rules of now would lead elsewhere: a category was mapped after its bookings came (row B9).
They are found and shown first; a person says whether their bookings are decided again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from backend.core.reasons import Reason
from backend.core.rules.configuration import Direction
from backend.core.sync import redirecting, sharing
from backend.core.sync.booking import decide
from backend.core.sync.commands import UpdateLead
from backend.core.sync.facts import BookingFacts
from backend.core.sync.links import Role
from backend.flows.context import Context
from backend.flows.rules import configuration
from backend.flows.sync import facts, told
from backend.store import bulk, connections, events, lanes, links, long_works, past_bookings
from backend.store.events import NewEvent
from backend.store.long_works import LongWork

LOOK, MOVE = "misplaced", "reroute"  # kinds of long work
LOOK_BACK = timedelta(days=30)
PORTION = 1_000
SOURCE, UNREAD = "rerouting", "{}"


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A booking and what would become of its lead; no place: it stays and a person gets a task."""

    facts: BookingFacts
    old: Direction | None
    new: Direction | None
    reason: Reason
    pipeline_id: int | None
    stage_id: int | None


def count(ctx: Context, account_id: int) -> int:
    return past_bookings.count(account_id, ctx.now() - LOOK_BACK)


def go_on(ctx: Context, account_id: int, params: Mapping[str, Any]) -> tuple[dict[str, Any], int, bool]:
    """A portion of bookings more: what is known then, how many were looked at, and whether that was all."""
    place = params.get("cursor")
    after = (int(place[0]), int(place[1])) if place else None
    rows = past_bookings.portion(account_id, ctx.now() - LOOK_BACK, after, PORTION)
    keys = [*params.get("keys", ()), *_found(account_id, [row.key for row in rows])]
    looked = int(params.get("looked", 0)) + len(rows)
    cursor = [rows[-1].starts_at, rows[-1].id] if rows else place
    return {**params, "cursor": cursor, "looked": looked, "keys": keys}, looked, len(rows) < PORTION


def _found(account_id: int, keys: Sequence[str]) -> list[str]:
    rules = configuration.load(account_id).configuration
    linked = links.by_keys(account_id, keys)
    known = told.many(account_id, [key for key in keys if key in linked])
    return [
        booking.key
        for booking in known
        if linked[booking.key].role is Role.MAIN
        and redirecting.is_needed(booking, linked[booking.key], rules)
    ]


def look(ctx: Context, account_id: int, keys: Sequence[str]) -> list[Misplaced]:
    """What would become of each, by the rules of this moment; those that are right by now are left out."""
    rules = configuration.load(account_id)
    known = facts.gather(account_id, told.many(account_id, keys), ctx.now(), rules)
    found = []
    for one in known:
        link = one.link
        if link is None or not redirecting.is_needed(one.booking, link, rules.configuration):
            continue
        decision = decide(replace(one, seen=None), rules)
        moves = [c for c in decision.commands if isinstance(c, UpdateLead) and c.pipeline_id and not c.share]
        place = moves[0] if moves else None
        found.append(
            Misplaced(
                one, rules.configuration.direction(link.direction),
                sharing.shares(one.booking, rules.configuration).main, decision.reason,
                place.pipeline_id if place else None, place.stage_id if place else None,
            )
        )  # fmt: skip
    return found


def decide_again(ctx: Context, account_id: int, work: LongWork) -> int:
    """Their bookings go the usual road once more, read anew from the salon; asked twice, they go once."""
    branches = {str(row.company_id): row for row in connections.of_account(account_id)}
    wanted = [key for key in work.params["keys"] if key.split(":")[1] in branches]
    for chunk in bulk.chunks(wanted):
        new = [
            NewEvent(
                account_id, branches[key.split(":")[1]].id, lanes.BOOKINGS, key, SOURCE, "yclients.record",
                f"{work.id}:{key}", UNREAD,
            )
            for key in chunk
        ]  # fmt: skip
        events.record_many(ctx.now(), new)
    ctx.ring(lanes.lane_id(account_id, lanes.BOOKINGS))
    return len(wanted)


def newest(account_id: int) -> LongWork | None:
    """The search that is under way or was the last one."""
    return next((work for work in long_works.page(account_id, 200) if work.kind == LOOK), None)
