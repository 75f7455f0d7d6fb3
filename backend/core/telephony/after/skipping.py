"""Calls that are shown in the panel and never written into the CRM, each with its reason."""

from __future__ import annotations

from backend.core.telephony import lists, numbers
from backend.core.telephony.after.facts import CallFacts, CallReason
from backend.core.telephony.call import Stage, Way
from backend.core.telephony.rules import TelephonyRules


def reason(facts: CallFacts, rules: TelephonyRules) -> CallReason | None:
    """None: the call is worth writing down."""
    call = facts.call
    if not rules.is_on:
        return CallReason.OFF
    if call.stage is not Stage.ENDED or call.ended_at is None:
        return CallReason.GOING_ON
    if call.way is Way.INTERNAL:
        return CallReason.INTERNAL
    if call.way is Way.UNKNOWN:
        return CallReason.UNKNOWN_WAY
    if facts.hooked.skip:
        return CallReason.HOOK_SKIPPED
    if is_own(facts.number, rules):
        return CallReason.OWN_NUMBER
    return CallReason.EXCLUDED if lists.leaves_out(call, rules, facts.pbx) else None


def is_own(number: str, rules: TelephonyRules) -> bool:
    """A number of the company itself: said so, or that of a line."""
    own = {*rules.own_numbers, *(numbers.client(line.did) for line in rules.lines if line.did)}
    return bool(number) and number in own
