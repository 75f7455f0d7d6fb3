"""After a change of what a click asks for, the PBX itself says whether it could work: at once in words, and
on the status page as long as it could not. Every look replaces what the one before has found.
"""

from __future__ import annotations

import json
from typing import Any

from backend.core.errors import AppError, InvalidInput
from backend.core.telephony import numbers
from backend.core.telephony.after import asking
from backend.core.telephony.rules import Dialling, TelephonyRules
from backend.flows.context import Context
from backend.flows.rules import configuration
from backend.flows.telephony.exchanges.alone import alone
from backend.flows.telephony.exchanges.kind import Check, Tested
from backend.flows.telephony.exchanges.kind_asterisk import address
from backend.integrations.asterisk import dialplan
from backend.store.telephony import pbxes
from backend.store.telephony.pbxes import Pbx

KEPT = "mostik:originate:{}"  # in Redis, by PBX: a loss of it costs a sentence until the next look
WRONG = ("pbx.context_unknown", "pbx.number_refused", "pbx.phone_unknown")
SAMPLE = "+79990001122"
GOOD, NOBODY, NOTHING = (f"telephony_originate.{name}" for name in ("good", "nobody", "no_number"))


def settings(rules: TelephonyRules) -> tuple[object, ...]:
    """Everything that a click is made of: another value of it is worth a look."""
    return rules.is_on, rules.dialling, rules.people, rules.lines


def run(ctx: Context, account_id: int) -> list[tuple[Pbx, Tested]]:
    """Each Asterisk of the account; never raises for what a PBX does. What is wrong is kept."""
    rules = configuration.current(account_id).telephony
    own = [one for one in pbxes.of_account(account_id) if one.kind == pbxes.ASTERISK and one.is_on]
    found = [(pbx, Tested(_checks(ctx, pbx, rules))) for pbx in own] if rules.dialling.is_on else []
    for pbx in own:
        ctx.redis.delete(KEPT.format(pbx.id))
    for pbx, tested in found:
        if wrong := [{**one.details, "code": one.code} for one in tested.checks if _is_of_rules(one)]:
            ctx.redis.set(KEPT.format(pbx.id), json.dumps(wrong, ensure_ascii=False))
    return found


def wrong(ctx: Context, pbx: Pbx) -> list[dict[str, Any]]:
    """What the last look at this PBX has found, `{"code": …, …}` each; nothing while clicks are off."""
    kept = ctx.redis.get(KEPT.format(pbx.id)) if pbx.is_on else None
    return json.loads(kept) if kept else []


def _is_of_rules(check: Check) -> bool:
    """A PBX that does not answer has a line of its own on the status page."""
    return not check.is_good and check.code in WRONG


def _checks(ctx: Context, pbx: Pbx, rules: TelephonyRules) -> tuple[Check, ...]:
    try:
        number = _number(rules.dialling, rules)
        asked = asking.questions(number, rules, pbx.code)
        with alone(ctx, pbx.account_id):
            findings = dialplan.look(address(pbx), asked)
    except AppError as error:
        return (Check(error.code, is_good=False, details=error.details),)
    if not asked.places:
        return (Check(NOBODY, is_good=False, is_warning=True),)
    wrong = [
        Check(str(one["code"]), is_good=False, details={k: v for k, v in one.items() if k != "code"})
        for one in findings
    ]
    contexts = ", ".join(dict.fromkeys(context for context, _ in asked.places))
    good = Check(GOOD, details={"contexts": contexts, "number": number, "n": len(asked.channels)})
    return tuple(wrong) or (good,)


def _number(dialling: Dialling, rules: TelephonyRules) -> str:
    """A number that may be dialled here, as the PBX gets it."""
    for sample in (SAMPLE, *(f"+{country}9990001122" for country in dialling.countries)):
        try:
            return numbers.to_dial(sample, rules)
        except InvalidInput:
            continue
    raise InvalidInput(NOTHING)
