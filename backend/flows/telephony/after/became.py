"""What became of a call in amoCRM, as its row keeps it: read for each decision, added to by each answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.core.crm_values import NewContact
from backend.core.telephony.after.commands import (
    AddMissedTask,
    CallCommand,
    CloseMissedTask,
    FillFields,
    GiveContact,
    LogCall,
    MakeContact,
    MakeIncoming,
    MakeLead,
    NoteCall,
    Notify,
)
from backend.core.telephony.after.facts import CallDecision, CallReason, Written
from backend.core.telephony.rules import Entity
from backend.integrations.amocrm.calls_sent import Outcome

Crm = dict[str, Any]
GREAT = (CallReason.NEW_CLIENT, CallReason.NEW_LEAD, CallReason.INCOMING, CallReason.LOGGED, CallReason.NOTED)
SMALL = (CallReason.LOGGED, CallReason.NOTED, CallReason.SUPPLEMENTED, CallReason.UP_TO_DATE)


def written(crm: Mapping[str, Any] | None) -> Written:
    known = crm or {}
    return Written(
        contact_id=known.get("contact_id"),
        lead_id=known.get("lead_id"),
        incoming=known.get("incoming", ""),
        is_logged=known.get("is_logged", False),
        is_refused=known.get("is_refused", False),
        notes=_places(known.get("notes", ())),
        filled=_places(known.get("filled", ())),
        given=frozenset(known.get("given", ())),
        task_id=known.get("task_id"),
        closed=frozenset(known.get("closed", ())),
        told=frozenset(known.get("told", ())),
    )


def after(crm: Mapping[str, Any] | None, command: CallCommand, outcome: Outcome) -> Crm:  # noqa: C901
    """The same with what this outcome of this command makes true."""
    known: Crm = dict(crm or {})
    match command:
        case MakeContact():
            known |= {"contact_id": outcome.contact_id, "reason": str(CallReason.NEW_CLIENT)}
        case MakeLead():
            is_new = isinstance(command.contact, NewContact)
            known |= {"lead_id": outcome.lead_id, "contact_id": outcome.contact_id}
            known["reason"] = str(CallReason.NEW_CLIENT if is_new else CallReason.NEW_LEAD)
        case MakeIncoming():
            known |= {"incoming": outcome.uid or command.uniq, "incoming_lead_id": outcome.lead_id}
            known["reason"] = str(CallReason.INCOMING)
        case LogCall():
            known |= {"is_logged": True, "note_id": outcome.made_id, "logged_in": _place(outcome)}
        case NoteCall():
            known["notes"] = _added(known.get("notes", ()), _place(outcome))
        case GiveContact():
            known["given"] = _added(known.get("given", ()), command.contact_id)
        case FillFields():
            known["filled"] = _added(known.get("filled", ()), _place(outcome))
        case AddMissedTask():
            known["task_id"] = outcome.made_id
        case CloseMissedTask():
            known["closed"] = _added(known.get("closed", ()), command.task_id)
        case Notify():
            known["told"] = _added(known.get("told", ()), command.code)
    return known


def explained(crm: Mapping[str, Any] | None, decision: CallDecision) -> Crm:
    """With the reason and the rules that spoke. What an earlier decision did stays explained by it: after a
    cut, or when the CRM knew nobody at first, several decisions make one outcome.
    """
    known: Crm = dict(crm or {})
    if known.get("reason") not in GREAT or decision.reason not in SMALL:
        known["reason"] = str(decision.reason)
    why = [[one.rule, one.chosen, dict(one.details)] for one in decision.why]
    spoke = {rule for rule, _, _ in why}
    is_rest = decision.reason in SMALL
    before = [line for line in known.get("why", ()) if is_rest and line[0] not in spoke]
    known["why"] = [*before, *why]
    return known


def _places(given: Any) -> frozenset[tuple[Entity, int]]:
    return frozenset((Entity(entity), int(number)) for entity, number in given)


def _place(outcome: Outcome) -> list[Any]:
    return [outcome.entity.value if outcome.entity else None, outcome.entity_id]


def _added(before: Any, new: Any) -> list[Any]:
    return [*(one for one in before if one != new), new]
