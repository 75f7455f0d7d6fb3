"""What becomes of a call that has ended. Total, and a fixpoint: carried out and decided again, it asks for
nothing.

Which file holds which rule: `skipping` what is left out, `making` new clients, leads and «Неразобранное»,
`people` whose they are, `meaning` what a provider means, `logged` the call in the cards, `filling` fields,
`missed` tasks.
"""

from __future__ import annotations

from dataclasses import replace

from backend.core.crm_values import NewContact
from backend.core.telephony.after import filling, logged, making, meaning, missed, skipping
from backend.core.telephony.after.commands import (
    CallCommand,
    LogCall,
    MakeContact,
    MakeIncoming,
    MakeLead,
    NoteCall,
    Notify,
)
from backend.core.telephony.after.facts import CallDecision, CallFacts, CallReason, Hooked, Why, Written
from backend.core.telephony.call import Outcome
from backend.core.telephony.rules import Entity, TelephonyRules

__all__ = ["CallDecision", "CallFacts", "CallReason", "Hooked", "Why", "Written", "decide"]

TRUNK_DOWN = "telephony.trunk_down"


def decide(facts: CallFacts, rules: TelephonyRules) -> CallDecision:
    call = meaning.understood(facts.call, rules)
    facts = replace(facts, call=call, number=facts.hooked.number or facts.number)
    left_out = skipping.reason(facts, rules)
    if left_out is not None:
        details = (("hook", facts.hooked.skip),) if facts.hooked.skip else ()
        return CallDecision(left_out, why=(Why("skip", str(left_out), details),))
    said = [*(_known if facts.number else _hidden)(facts, rules), *_trunk(facts)]
    commands = tuple(one for one in said if not isinstance(one, Why))
    why = tuple(one for one in said if isinstance(one, Why))
    return CallDecision(_reason(facts, commands), commands, why)


def _known(facts: CallFacts, rules: TelephonyRules) -> list[CallCommand | Why]:
    new = list(making.make(facts, rules))
    made = _made(new)
    is_incoming = any(isinstance(one, MakeIncoming) for one in new)
    rest = (
        making.give(facts, rules),
        () if is_incoming else logged.log(facts, rules, made),
        filling.fill(facts, rules),
        missed.tasks(facts, rules, made),
    )
    return [*new, *(one for part in rest for one in part)]


def _hidden(facts: CallFacts, rules: TelephonyRules) -> list[CallCommand | Why]:
    """Nobody can be found by a number that is not there; a person may still be told to look."""
    return [Why("contact", "hidden"), *missed.tasks(facts, rules, frozenset())]


def _trunk(facts: CallFacts) -> list[CallCommand | Why]:
    if facts.call.outcome is not Outcome.TRUNK_DOWN or TRUNK_DOWN in facts.written.told:
        return []
    return [Notify(facts.call.uniq, TRUNK_DOWN, facts.call.trunk, (("trunk", facts.call.trunk),))]


def _made(new: list[CallCommand | Why]) -> frozenset[Entity]:
    found: set[Entity] = set()
    for one in new:
        if isinstance(one, MakeLead):
            found |= {Entity.LEAD, Entity.CONTACT} if isinstance(one.contact, NewContact) else {Entity.LEAD}
        elif isinstance(one, MakeContact):
            found.add(Entity.CONTACT)
        elif isinstance(one, MakeIncoming):
            found.add(Entity.LEAD)
    return frozenset(found)


def _reason(facts: CallFacts, commands: tuple[CallCommand, ...]) -> CallReason:
    """The greatest thing that happens."""
    if not facts.number:
        return CallReason.HIDDEN
    for kind, reason in (
        (MakeIncoming, CallReason.INCOMING),
        (MakeContact, CallReason.NEW_CLIENT),
        (MakeLead, CallReason.NEW_LEAD),
        (NoteCall, CallReason.NOTED),
        (LogCall, CallReason.LOGGED),
    ):
        found = next((one for one in commands if isinstance(one, kind)), None)
        if isinstance(found, MakeLead) and isinstance(found.contact, NewContact):
            return CallReason.NEW_CLIENT
        if found is not None:
            return reason
    is_nowhere = facts.written.is_refused and not facts.written.notes
    if is_nowhere and not facts.written.is_logged and not facts.written.incoming:
        return CallReason.UNREACHED if facts.call.outcome in making.UNREACHED else CallReason.REFUSED
    return CallReason.SUPPLEMENTED if commands else CallReason.UP_TO_DATE
