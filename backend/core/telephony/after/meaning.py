"""What a call that nobody answered meant, in an account's own words: providers are sloppy, and many send one
cause for everything (telephony.md §7).
"""

from __future__ import annotations

from dataclasses import replace

from backend.core.telephony.call import CRM_STATUS, Call, Outcome, Way
from backend.core.telephony.rules import Result, ResultRule, TelephonyRules

OUTCOMES = {Result.WRONG_NUMBER: Outcome.WRONG_NUMBER, Result.BUSY: Outcome.BUSY}
STATUSES = {Result.LEFT_MESSAGE: 1, Result.CALL_BACK: 2, Result.NOT_IN_PLACE: 3}


def understood(call: Call, rules: TelephonyRules) -> Call:
    """The same call with the outcome that the rules give it; understood again it stays so."""
    rule = _rule(call, rules)
    return replace(call, outcome=OUTCOMES.get(rule.result, Outcome.NO_ANSWER)) if rule else call


def crm_status(call: Call, rules: TelephonyRules) -> int | None:
    """`call_status` of amoCRM."""
    rule, meant = _rule(call, rules), understood(call, rules)
    if rule and rule.result in STATUSES:
        return STATUSES[rule.result]
    return CRM_STATUS.get(meant.outcome) if meant.outcome else None


def _rule(call: Call, rules: TelephonyRules) -> ResultRule | None:
    """Only of what is left to be understood: who called us was missed, and who talked has talked."""
    if call.way is not Way.OUT or call.is_answered or call.outcome is None:
        return None
    return next((rule for rule in rules.results if _fits(rule, call)), None)


def _fits(rule: ResultRule, call: Call) -> bool:
    return rule.dial_status in ("", call.dial_status) and rule.cause in (None, call.cause)
