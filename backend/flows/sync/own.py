"""Our own writes into a salon's journal: their outcome and the news of them, which go the road of a hook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from backend.core.reasons import Reason
from backend.core.salon import DEFAULT_ZONE
from backend.core.sync import journal
from backend.flows.context import Context
from backend.flows.sync import readings
from backend.flows.sync.cases import Case
from backend.integrations import BOOKING_SOURCES
from backend.integrations.http import JsonObject
from backend.store import card_actions, connections, lanes
from backend.store.card_actions import CardAction, Outcome
from backend.store.inbound import CARD, NewEvent

KIND = "yclients.record"


def settle(ctx: Context, action: CardAction, record: JsonObject) -> dict[str, Any]:
    """The record as it stands after the write. It rests for no settle time: a person meant it. The same
    content that a hook brings later is known as ours.
    """
    branch = connections.get(action.account_id, action.company_id)
    assert branch is not None
    source = BOOKING_SOURCES["yclients"]
    booking = source.parse(record, branch.timezone or DEFAULT_ZONE)
    body = source.told(action.company_id, record).body
    news = NewEvent(
        action.account_id, branch.id, lanes.BOOKINGS, booking.key, CARD, KIND, f"card:{action.id}", body
    )
    outcome = Outcome(booking.key, readings.content_hash(booking), dict(journal.booking(booking)))
    card_actions.finish(action.id, outcome, news, ctx.now())
    ctx.ring(lanes.lane_id(action.account_id, lanes.BOOKINGS))
    return outcome.result


def named(account_id: int, cases: Sequence[Case]) -> list[Case]:
    """What our own write brought back asks for nothing, and the journal says why (rows L1, C16)."""
    silent = [case.facts.booking.key for case in cases if _is_silent(case)]
    ours = card_actions.ours(account_id, silent)
    return [_echo(case) if _is_silent(case) and _state(case) in ours else case for case in cases]


def _is_silent(case: Case) -> bool:
    return case.decision.reason is Reason.UP_TO_DATE and case.reading.event.source != CARD


def _state(case: Case) -> tuple[str, str]:
    return case.facts.booking.key, case.reading.content_hash


def _echo(case: Case) -> Case:
    return replace(case, decision=replace(case.decision, reason=Reason.OWN_ECHO))
